"""The form that asks for entries, on the log and for an export; days are whole days in the reader's zone."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated
from urllib.parse import urlencode

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from scheduler.domain import times
from scheduler.domain.audit import Event, Outcome
from scheduler.domain.audit_filter import Filter
from scheduler.web import forms
from scheduler.web.words import event_words

NO_DAY = "Please give a day, as 2026-11-03."
NO_ID = "An id has letters, digits and underscores only."
NAMES = ("since", "until", "event", "actor", "client", "outcome")

EVENT_CHOICES = sorted(((str(event), event_words(event)) for event in Event), key=lambda pair: pair[1])
OUTCOME_CHOICES = (("success", "done"), ("denied", "denied"), ("failure", "failed"))


def _event(text: str) -> str:
    if text not in {str(event) for event in Event}:
        raise ValueError("Please choose one of the list.")
    return text


def _outcome(text: str) -> str:
    if text not in {str(outcome) for outcome in Outcome}:
        raise ValueError("Please choose one of the list.")
    return text


def _id(text: str) -> str:
    if not re.fullmatch(r"\w{1,64}", text, re.ASCII):
        raise ValueError(NO_ID)
    return text


def _sane(day: date) -> date:
    if not times.is_in_reach(day):
        raise ValueError(f"Please give a day in the years {times.FIRST_YEAR} to {times.LAST_YEAR}.")
    return day


Day = Annotated[
    Annotated[date, AfterValidator(_sane)] | None,
    Field(json_schema_extra={"words": NO_DAY}),
]
Id = Annotated[str, AfterValidator(_id)]


class FilterForm(forms.Form):
    """What is asked for; all of it may be left out."""

    since: Day = None
    until: Day = None
    event: Annotated[str, AfterValidator(_event)] | None = None
    actor: Id | None = None
    client: Id | None = None
    outcome: Annotated[str, AfterValidator(_outcome)] | None = None
    before: Annotated[int, Field(ge=1, le=2**53)] | None = None

    @field_validator("until")
    @classmethod
    def _in_order(cls, until: date | None, info: ValidationInfo) -> date | None:
        since = info.data.get("since")
        if since is not None and until is not None and until < since:
            raise ValueError("The last day comes before the first.")
        return until

    def wanted(self, zone: str) -> Filter:
        """Return the filter; the last day belongs to it."""
        return Filter(
            since=None if self.since is None else times.instant_of(self.since, 0, zone),
            until=None if self.until is None else times.instant_of(self.until + timedelta(days=1), 0, zone),
            event=None if self.event is None else Event(self.event),  # type: ignore[call-arg]
            actor_id=self.actor,
            client_id=self.client,
            outcome=None if self.outcome is None else Outcome(self.outcome),
        )


def query(typed: Mapping[str, str], **more: str | int) -> str:
    """Return the asked-for terms as the query of an address, "" when there are none."""
    terms = {name: typed[name] for name in NAMES if typed.get(name)}
    return "?" + urlencode(terms | more) if terms or more else ""


def words(wanted: Filter, zone: str) -> list[str]:
    """Return what is asked for in words, a phrase each."""
    last = None if wanted.until is None else wanted.until - timedelta(seconds=1)
    phrases = (
        ("from", None if wanted.since is None else _day(times.day_of(wanted.since, zone))),
        ("to", None if last is None else _day(times.day_of(last, zone))),
        ("only:", None if wanted.event is None else event_words(wanted.event)),
        ("by", wanted.actor_id),
        ("about client", wanted.client_id),
        ("outcome:", None if wanted.outcome is None else dict(OUTCOME_CHOICES)[wanted.outcome]),
    )
    return [f"{what} {value}" for what, value in phrases if value is not None] or ["everything"]


def _day(day: date) -> str:
    return f"{times.spoken_date(day)} {day.year}"
