"""Release texts: what a client is shown and signs, filled in from the release, and its hash.

A text has a version and a language, and is never edited once it was used: a new one gets a new version.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from scheduler.domain.consent import Release, Scope

LANGUAGES: Mapping[str, str] = {"en": "English", "es": "Español"}


@dataclass(frozen=True, slots=True)
class ReleaseText:
    """One version in one language. ``form`` is the whole text with a place for each element.

    ``discloser``, ``purpose`` and ``revocation_text`` are what a form begins with. ``until_day`` holds places
    for day, month and year, ``until_event`` one for the event, ``until_both`` for the two of them.
    """

    version: str
    language: str
    form: str
    scopes: Mapping[Scope, str]
    months: tuple[str, ...]
    until_day: str
    until_event: str
    until_both: str
    discloser: str
    purpose: str
    revocation_text: str

    def scope_words(self, choice: Scope | None, own: str) -> str:
        """Return what may be told: the words of the choice, then the client's own; "" without a choice."""
        return "" if choice is None else f"{self.scopes[choice]} {own.strip()}".strip()

    def shown(self, release: Release, zone: str) -> "Shown":
        """Return the text as the client reads it; ``zone`` (IANA) is where its last day is counted."""
        text = self.form.format(
            client_name=release.client_name,
            recipient_name=release.recipient_name,
            discloser=release.discloser,
            scope=release.scope,
            purpose=release.purpose,
            revocation_text=release.revocation_text,
            expiry=self.expiry_words(release, zone),
        )
        return Shown(text.strip())

    def expiry_words(self, release: Release, zone: str) -> str:
        """Return when it ends, in words."""
        last_day = release.last_day(zone)
        event = self.until_event.format(event=release.expiry_event)
        if last_day is None:
            return event
        day = self.day_words(last_day)
        return self.until_both.format(day=day, event=event) if release.expiry_event else day

    def day_words(self, day: date) -> str:
        """Return a day in the text's language, with its year."""
        return self.until_day.format(day=day.day, month=self.months[day.month - 1], year=day.year)


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as it was shown; paragraphs are parted by empty lines."""

    text: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of its UTF-8 bytes, in hexadecimal."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Return its paragraphs; the first is its heading."""
        return tuple(" ".join(part.split()) for part in self.text.split("\n\n"))
