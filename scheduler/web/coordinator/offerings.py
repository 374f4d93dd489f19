"""Weekly times of a step: when it is held, by whom, for how many, and on which dates it is not."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import offerings
from scheduler.actions.offerings import OfferingSeen, OfferingWish
from scheduler.domain.errors import Invalid
from scheduler.domain.program import MOST_SEATS, Offering
from scheduler.domain.rooms import room_for
from scheduler.domain.times import (
    DAY_MINUTES,
    WEEKDAYS,
    day_of,
    minutes_of,
    spoken_date,
    wall_text,
)
from scheduler.domain.zones import zone_names
from scheduler.web import forms, pages
from scheduler.web.coordinator.programs import done, done_words, weekly_words
from scheduler.web.days import Day
from scheduler.web.pages import actor_of, services_of
from scheduler.web.zones import Zone

TIME_WORDS = "Please enter a time like 17:30, in steps of five minutes."
SEATS_WORDS = f"Please enter a number from 1 to {MOST_SEATS}."
ROOM_WORDS = (
    "The built-in video room takes {members} family members at once. For more, a room of another kind is"
    " needed; the README says which."
)
USUAL_SEATS = "12"


def _weekday(text: object) -> int:
    if text not in [str(number) for number in range(7)]:
        raise ValueError("Please choose a day of the week.")
    return int(str(text))


def _minutes(text: object) -> int:
    try:
        minutes = minutes_of(str(text))
    except ValueError as wrong:
        raise ValueError(TIME_WORDS) from wrong
    if minutes == DAY_MINUTES:
        raise ValueError(TIME_WORDS)
    return minutes


class OfferingForm(forms.Form):
    """A weekly time; co-hosts stand in fields of their own, one for each person."""

    weekday: Annotated[int, BeforeValidator(_weekday)]
    starts: Annotated[int, BeforeValidator(_minutes)]
    zone: Zone
    host_id: str
    capacity: Annotated[int, Field(ge=1, le=MOST_SEATS, json_schema_extra={"words": SEATS_WORDS})]
    first_date: Day
    last_date: Day | None = None
    is_beyond_limits: Literal["", "yes"] = ""


class DayForm(forms.Form):
    """One date."""

    day: Day


async def show_new(request: Request) -> Response:
    """Show the form for a new weekly time of a step."""
    return await _page(request)


async def add(request: Request) -> Response:
    """Add a weekly time and lay its sessions."""
    typed, step_id = await forms.typed(request), request.path_params["step_id"]
    try:
        made = await offerings.add_offering(services_of(request), actor_of(request), step_id, wish_of(typed))
    except Invalid as invalid:
        return await _page(request, Invalid(invalid.errors, typed=typed))
    return done(request, "coordinator.offering", "saved", offering_id=made.id)


async def show_offering(request: Request) -> Response:
    """Show a weekly time with its coming sessions, to be changed."""
    return await _page(request)


async def change(request: Request) -> Response:
    """Change a weekly time."""
    typed, offering_id = await forms.typed(request), request.path_params["offering_id"]
    try:
        await offerings.change_offering(services_of(request), actor_of(request), offering_id, wish_of(typed))
    except Invalid as invalid:
        return await _page(request, Invalid(invalid.errors, typed=typed))
    return done(request, "coordinator.offering", "saved", offering_id=offering_id)


async def skip(request: Request) -> Response:
    """Keep that it is not held on one date."""
    return await _skip(request, held=False)


async def hold(request: Request) -> Response:
    """Keep that it is held on one date after all."""
    return await _skip(request, held=True)


async def end(request: Request) -> Response:
    """End a weekly time."""
    offering_id = request.path_params["offering_id"]
    step = await offerings.end_offering(services_of(request), actor_of(request), offering_id)
    return done(request, "coordinator.program", "ended", program_id=step.program_id)


def wish_of(typed: dict[str, str]) -> OfferingWish:
    """Return what the form says.

    Raises:
        Invalid: a field is missing or malformed.
    """
    form = forms.check(typed, OfferingForm)
    helpers = tuple(name.removeprefix("co_hosts_") for name in typed if name.startswith("co_hosts_"))
    said = form.model_dump() | {"is_beyond_limits": form.is_beyond_limits == "yes"}
    return OfferingWish(**said, co_host_ids=helpers)


async def _skip(request: Request, *, held: bool) -> Response:
    typed, offering_id = await forms.typed(request), request.path_params["offering_id"]
    try:
        form = forms.check(typed, DayForm)
        await offerings.skip_date(services_of(request), actor_of(request), offering_id, form.day, held=held)
    except Invalid as invalid:
        return await _page(request, Invalid(invalid.errors, typed=typed))
    return done(request, "coordinator.offering", "saved", offering_id=offering_id)


async def _page(request: Request, invalid: Invalid | None = None) -> Response:
    seen = await _seen(request)
    names = {person.id: person.name for person in seen.hosts}
    typed = _filled(request, seen.offering) | (invalid.typed if invalid else {})
    if invalid and "host_id" in invalid.typed:  # what was ticked, and nothing that was taken off again
        typed = invalid.typed
    room = room_for(len(seen.offering.host_ids)) if seen.offering else room_for(1)
    return pages.show(
        request,
        "coordinator/offering.html",
        status=invalid.status if invalid else 200,
        seen=seen,
        words=weekly_words(seen.offering, names) if seen.offering else "",
        names=names,
        skipped=_skipped(seen.offering),
        hosts=list(names.items()),
        room_for=room,
        room_words=ROOM_WORDS.format(members=room),
        weekdays=[(str(number), f"Every {day}") for number, day in enumerate(WEEKDAYS)],
        zones=sorted(zone_names()),
        typed=typed,
        errors=invalid.errors if invalid else {},
        done=done_words(request),
    )


async def _seen(request: Request) -> OfferingSeen:
    services, actor, ids = services_of(request), actor_of(request), request.path_params
    if "offering_id" in ids:
        return await offerings.see_offering(services, actor, ids["offering_id"])
    return await offerings.prepare_offering(services, actor, ids["step_id"])


def _skipped(offering: Offering | None) -> list[tuple[str, str]]:
    """Return the dates on which it is not held, for the form and in words."""
    days = sorted(offering.exceptions) if offering else []
    return [(day.isoformat(), spoken_date(day)) for day in days]


def _filled(request: Request, offering: Offering | None) -> dict[str, str]:
    """Return the fields of the form as an offering is, or as a new one usually is."""
    if offering is None:
        actor = actor_of(request)
        today = day_of(services_of(request).now(), actor.zone)
        return {"zone": actor.zone, "capacity": USUAL_SEATS, "first_date": today.isoformat()}
    fields = {
        "weekday": str(offering.weekday),
        "starts": wall_text(offering.starts),
        "zone": offering.zone,
        "host_id": offering.host_id,
        "capacity": str(offering.capacity),
        "first_date": offering.first_date.isoformat(),
        "last_date": offering.last_date.isoformat() if offering.last_date else "",
        "is_beyond_limits": "yes" if offering.is_beyond_limits else "",
    }
    return fields | {f"co_hosts_{person_id}": "yes" for person_id in offering.co_host_ids}
