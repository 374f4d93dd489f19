"""Choosing a time, as booking and moving share it: the list of slots, zones, and what a refusal offers."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse

from scheduler.actions.slot_page import SlotPage
from scheduler.domain.errors import ElsewhereThen, Invalid, MemberElsewhere, SlotTaken
from scheduler.domain.offers import Offer
from scheduler.domain.slots import FreeTimes
from scheduler.domain.times import (
    Interval,
    is_in_reach,
    iso,
    parse_iso,
    spoken_clock,
    spoken_date,
    spoken_start,
)
from scheduler.domain.zones import is_zone
from scheduler.web import forms
from scheduler.web.days import Moment
from scheduler.web.pages import actor_of, templates

TAKEN_WORDS = "That time is not free any more. Please choose another."
MEMBER_PREFIX = "with-"
MEMBER_ELSEWHERE_WORDS = "Somebody you chose is not free then. Please choose another time."
ELSEWHERE_WORDS = "You have another session at that time. Please choose another."


class TimeForm(forms.Form):
    """A time from the list: its start as ``2026-11-03T22:00Z``, with which ``duty`` (empty: anybody), and
    the zone in which it was read.
    """

    starts_at: Moment
    duty: str = ""
    zone: str = ""


def members_of(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of the people who are ticked in a form, or named in an address."""
    ticked = {name for name, value in values.items() if name.startswith(MEMBER_PREFIX) and value}
    return tuple(sorted(name.removeprefix(MEMBER_PREFIX) for name in ticked))


def carried(person_ids: Iterable[str]) -> dict[str, str]:
    """Return the fields by which people who are ticked are carried from one form to the next."""
    return {MEMBER_PREFIX + person_id: "yes" for person_id in person_ids}


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
    """Return the day written ``2026-11-03``, or None where it is none, or none with which one can reckon."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if is_in_reach(day) else None


def interval_of(text: str, minutes: int) -> Interval | None:
    """Return the interval that starts at a moment of the address, None where it is none."""
    try:
        return Interval.lasting(parse_iso(text), minutes=minutes)
    except (OverflowError, ValueError):
        return None


def day_list(page: SlotPage, path: str = "") -> list[dict[str, object]]:
    """Return the days of a page as ``slot_list`` in components/times.html wants them.

    Slots are buttons of the form around them or, with ``path``, links to it.
    """
    offer = page.offer if page.offer.tells_duties else None
    return [
        {
            "heading": spoken_date(day.day),
            "slots": day.times,
            "drawn": _drawn_day(day.times, offer, page.zone, path),
        }
        for day in page.days
    ]


@lru_cache(maxsize=1_024)
def _drawn_day(times: FreeTimes, offer: Offer | None, zone: str, path: str) -> Markup:
    """Return the slots of a day as HTML, with the duties where ``offer`` tells them apart.

    Remembered: all families of a care team see the same, mostly.
    """
    slots = [
        _drawn(slot.interval.starts_at, zone, offer.hint(slot.clinician_ids) if offer else "", path)
        for slot in times
    ]
    return Markup("").join(slots)


@lru_cache(maxsize=16_384)
def _drawn(starts_at: datetime, zone: str, hint: str, path: str) -> Markup:
    """Return one slot as HTML. Remembered: most of a day stays as it is when somebody books."""
    clock = spoken_clock(starts_at, zone)
    start = spoken_start(starts_at, zone)
    slot = {
        "words": clock,
        "label": f"{start}, with your {hint}" if hint else start,
        "name": "starts_at",
        "value": iso(starts_at),
        "note": hint,
        "href": f"{path}?{urlencode({'starts_at': iso(starts_at), 'zone': zone})}" if path else "",
    }
    drawn: Markup = templates().get_template("components/times.html").module.slot_item(slot)  # type: ignore[attr-defined]
    return drawn


def errors_of(refusal: Invalid | SlotTaken) -> dict[str, str]:
    """Return the words beside each field."""
    if isinstance(refusal, Invalid):
        return refusal.errors
    if isinstance(refusal, MemberElsewhere):
        return {"starts_at": MEMBER_ELSEWHERE_WORDS}
    return {"starts_at": ELSEWHERE_WORDS if isinstance(refusal, ElsewhereThen) else TAKEN_WORDS}


def nearest_options(refusal: Invalid | SlotTaken, zone: str) -> list[tuple[str, str]]:
    """Return the nearest free times as options of ``radios``, none where the refusal knows none."""
    if not isinstance(refusal, SlotTaken):
        return []
    return [(iso(interval.starts_at), spoken_start(interval.starts_at, zone)) for interval in refusal.nearest]
