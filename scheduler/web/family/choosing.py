"""Choosing a time, as booking and moving share it: the list of slots, zones, and what a refusal offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlencode

from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import RedirectResponse

from scheduler.actions.slots import SlotPage
from scheduler.domain.errors import ElsewhereThen, Invalid, SlotTaken
from scheduler.domain.slots import Slot
from scheduler.domain.times import (
    Interval,
    iso,
    parse_iso,
    spoken_clock,
    spoken_date,
    spoken_start,
)
from scheduler.domain.zones import COMMON_ZONES, is_zone, spoken_zone, zone_names
from scheduler.web import forms
from scheduler.web.pages import actor_of

CHOOSE_WORDS = "Please choose one of the times on the list."
TAKEN_WORDS = "Someone else has just taken that time. Please choose another."
ELSEWHERE_WORDS = "You have another session at that time. Please choose another."


def _moment(text: object) -> datetime:
    try:
        return parse_iso(str(text))
    except ValueError as wrong:
        raise ValueError(CHOOSE_WORDS) from wrong


class TimeForm(forms.Form):
    """A time from the list: its start as ``2026-11-03T22:00Z``, with which ``duty`` (empty: anybody), and
    the zone in which it was read.
    """

    starts_at: Annotated[datetime, BeforeValidator(_moment)]
    duty: str = ""
    zone: str = ""


def go(request: Request, name: str, query: Mapping[str, str], **parameters: str) -> RedirectResponse:
    """Return 303 See Other to the route called ``name`` with those parts of the query that say something."""
    path = request.app.url_path_for(name, **parameters)
    said = urlencode({key: value for key, value in query.items() if value})
    return RedirectResponse(f"{path}?{said}" if said else path, status_code=303)


def zone_of(request: Request, name: str | None = None) -> str:
    """Return the zone asked for, by default in the address's ``zone``; else the reader's own."""
    wanted = request.query_params.get("zone", "") if name is None else name
    return wanted if is_zone(wanted) else actor_of(request).zone


def date_of(text: str) -> date | None:
    """Return the day written ``2026-11-03``, or None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(maxsize=1)
def zone_options() -> tuple[tuple[str, str], ...]:
    """Return every zone with its words, the common ones first."""
    others = sorted(zone_names() - set(COMMON_ZONES))
    return (*COMMON_ZONES.items(), *((name, f"{spoken_zone(name)} ({name})") for name in others))


@dataclass(frozen=True, slots=True)
class Links:
    """Makes slots links to ``path``, read in ``zone``, instead of buttons of the form around them."""

    path: str
    zone: str

    def to(self, starts_at: datetime) -> str:
        """Return the address that chooses this time."""
        return f"{self.path}?{urlencode({'starts_at': iso(starts_at), 'zone': self.zone})}"


def interval_of(text: str, minutes: int) -> Interval | None:
    """Return the interval that starts at a moment of the address, None where it is none."""
    try:
        return Interval.lasting(parse_iso(text), minutes=minutes)
    except (OverflowError, ValueError):
        return None


def day_list(page: SlotPage, links: Links | None = None) -> list[dict[str, object]]:
    """Return the days of a page as ``slot_list`` in components/times.html wants them."""
    return [
        {
            "heading": spoken_date(day.day),
            "slots": [_slot(page, slot, spoken_date(day.day), links) for slot in day.slots],
        }
        for day in page.days
    ]


def errors_of(refusal: Invalid | SlotTaken) -> dict[str, str]:
    """Return the words beside each field."""
    if isinstance(refusal, Invalid):
        return refusal.errors
    return {"starts_at": ELSEWHERE_WORDS if isinstance(refusal, ElsewhereThen) else TAKEN_WORDS}


def nearest_options(refusal: Invalid | SlotTaken, zone: str) -> list[tuple[str, str]]:
    """Return the nearest free times as options of ``radios``, none where the refusal knows none."""
    if not isinstance(refusal, SlotTaken):
        return []
    return [(iso(interval.starts_at), spoken_start(interval.starts_at, zone)) for interval in refusal.nearest]


def _slot(page: SlotPage, slot: Slot, day: str, links: Links | None) -> dict[str, str]:
    starts_at, hint = slot.interval.starts_at, page.hint(slot)
    clock = spoken_clock(starts_at, page.zone)
    return {
        "words": clock,
        "label": f"{day}, {clock}, with your {hint}" if hint else f"{day}, {clock}",
        "name": "starts_at",
        "value": iso(starts_at),
        "note": hint,
        "href": links.to(starts_at) if links else "",
    }
