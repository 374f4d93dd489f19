"""The form of a release: what clients write, what staff prepare or copy from paper."""

from datetime import date
from typing import Annotated

from pydantic import Field

from scheduler.actions.release_drafts import Wording
from scheduler.actions.releases import Form as Begun
from scheduler.domain.consent import Scope
from scheduler.domain.release_texts import LANGUAGES
from scheduler.web import forms

LONGEST = 600
SCOPE_WORDS = {
    Scope.ATTENDANCE: "Attendance only",
    Scope.SCHEDULING: "Planning only",
    Scope.TREATMENT: "What matters of the treatment",
}
_DAY_WORDS = {"words": "Please write the day as year, month, day: 2027-11-03."}

Words = Annotated[
    str, Field(max_length=LONGEST, json_schema_extra={"words": forms.TOO_LONG.format(most=LONGEST)})
]
Day = Annotated[date | None, Field(json_schema_extra=_DAY_WORDS)]


class WordingForm(forms.Form):
    """The elements of 42 CFR 2.31(a) that are written; what is missing is said by the domain."""

    person_id: str = ""
    scope: Annotated[Scope | None, Field(json_schema_extra={"words": "Please choose what may be told."})] = (
        None
    )
    own_words: Words = ""
    discloser: Words = ""
    purpose: Words = ""
    revocation_text: Words = ""
    expires_on: Day = None
    expiry_event: Words = ""
    language: str = ""
    renews: str = ""

    @property
    def wording(self) -> Wording:
        """Return what was typed."""
        return Wording(
            person_id=self.person_id,
            scope=self.scope,
            own_words=self.own_words,
            discloser=self.discloser,
            purpose=self.purpose,
            revocation_text=self.revocation_text,
            last_day=self.expires_on,
            expiry_event=self.expiry_event,
            language=self.language if self.language in LANGUAGES else "",
            renews_id=self.renews,
        )


class AskedForm(forms.Form):
    """What a form for a release is to begin with, as its address says."""

    person_id: str = ""
    language: str = ""
    renews: str = ""
    again: str = ""


def begin(begun: Begun, asked: AskedForm) -> dict[str, str]:
    """Return the fields as the form begins with them."""
    wording = begun.begins
    return {
        "person_id": wording.person_id,
        "scope": wording.scope or "",
        "own_words": wording.own_words,
        "discloser": wording.discloser,
        "purpose": wording.purpose,
        "revocation_text": wording.revocation_text,
        "expires_on": wording.last_day.isoformat() if wording.last_day else "",
        "expiry_event": wording.expiry_event,
        "language": begun.text.language,
        "renews": asked.renews,
    }


def begin_paper(begun: Begun, asked: AskedForm) -> dict[str, str]:
    """Return the fields as the form for paper begins: empty, so that each line is read off it."""
    return begin(begun, asked) | {"expires_on": ""} if asked.again else {"person_id": asked.person_id}


def scopes(begun: Begun) -> list[tuple[str, str, str]]:
    """Return the choices of what may be told, each with its words in the text's language."""
    return [(choice, SCOPE_WORDS[choice], begun.text.scopes[choice]) for choice in Scope]
