"""Drafts of releases: what is typed, and the release that it makes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.domain.consent import Release, Scope, end_of
from scheduler.domain.errors import NotFound
from scheduler.domain.people import Person
from scheduler.domain.release_texts import ReleaseText
from scheduler.gateways import release_texts


@dataclass(frozen=True, slots=True)
class Wording:
    """What is typed into a release. ``own_words`` follow those of the ``scope``; each text may be empty.

    ``last_day`` is a local day of the client's; ``renews_id`` is the release whose place it is to take.
    """

    person_id: str = ""
    scope: Scope | None = None
    own_words: str = ""
    discloser: str = ""
    purpose: str = ""
    revocation_text: str = ""
    last_day: date | None = None
    expiry_event: str = ""
    language: str = ""
    renews_id: str = ""


def drafted(
    release_id: str, client: Person, named: Iterable[Person], wording: Wording, now: datetime
) -> Release:
    """Return a release with the words that were typed; elements may be missing.

    Raises:
        Invalid: its last day is no day to come.
        NotFound: it names somebody of another family.
    """
    names = {one.id: one.name for one in named}
    if wording.person_id and wording.person_id not in names:
        raise NotFound("family member")
    text = release_texts.newest(wording.language or client.language)
    return Release(
        id=release_id,
        client_id=client.id,
        person_id=wording.person_id,
        client_name=client.name,
        recipient_name=names.get(wording.person_id, ""),
        discloser=_line(wording.discloser),
        scope=text.scope_words(wording.scope, _line(wording.own_words)),
        purpose=_line(wording.purpose),
        revocation_text=_line(wording.revocation_text),
        expires_at=end_of(wording.last_day, client.zone, now=now),
        expiry_event=_line(wording.expiry_event),
        scope_choice=wording.scope,
        text_version=text.version,
        language=text.language,
        created_at=now,
        renews_id=wording.renews_id or None,
    )


def like(release: Release, text: ReleaseText) -> Wording:
    """Return what a form begins with that is to say the same as a release, but for its end."""
    fixed = text.scopes[release.scope_choice] if release.scope_choice else ""
    return Wording(
        person_id=release.person_id,
        scope=release.scope_choice,
        own_words=release.scope.removeprefix(fixed).strip(),
        discloser=release.discloser,
        purpose=release.purpose,
        revocation_text=release.revocation_text,
        expiry_event=release.expiry_event,
        language=text.language,
    )


def words_of(release: Release) -> dict[str, object]:
    """Return what a release says, as the log keeps it sealed and as two are compared."""
    return {
        "person": release.person_id,
        "scope_choice": release.scope_choice,
        "scope": release.scope,
        "discloser": release.discloser,
        "purpose": release.purpose,
        "revocation_text": release.revocation_text,
        "expires_at": release.expires_at.isoformat() if release.expires_at else None,
        "expiry_event": release.expiry_event,
        "text": release.text_version,
        "language": release.language,
    }


def _line(words: str) -> str:
    """Return words without line breaks, which could pass for a paragraph of the text."""
    return " ".join(words.split())
