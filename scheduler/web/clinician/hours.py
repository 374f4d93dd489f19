"""A clinician's own hours: the week, days off, extra hours. Plain forms, one for each.

The week's form has two or more blocks for every day, in fields like ``monday_starts_1`` and
``monday_ends_1``; an empty block is left out, and 00:00 as an end is the midnight that ends the day.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import availability
from scheduler.domain.availability import (
    Block,
    WeeklyHours,
    check_length,
    clashing,
    spoken_days_off,
    spoken_extra,
)
from scheduler.domain.errors import Invalid
from scheduler.domain.times import DAY_MINUTES, WEEKDAYS, day_of, minutes_of, wall_text
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of

LEAST_BLOCKS = 2
MOST_BLOCKS = 6
NUMBERS = range(1, MOST_BLOCKS + 1)
TIME_WORDS = "Please enter a time like 09:00, in steps of five minutes."
OVERLAP_WORDS = "This overlaps other hours of the same day."
WEEK_LABELS = {
    f"{day.lower()}_{end}_{number}": f"{day}, hours {number}, {word}"
    for day in WEEKDAYS
    for number in NUMBERS
    for end, word in (("starts", "from"), ("ends", "to"))
}
DONE_WORDS = {
    "week": "Your weekly hours are saved.",
    "off": "Your days off are saved.",
    "extra": "Your extra hours are saved.",
    "removed": "It is taken away.",
}


def _minutes(text: object) -> int:
    try:
        return minutes_of(str(text))
    except ValueError as wrong:
        raise ValueError(TIME_WORDS) from wrong


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError as wrong:
        raise ValueError("Please choose a day.") from wrong


Day = Annotated[date, BeforeValidator(_day)]
Minutes = Annotated[int, BeforeValidator(_minutes)]


class DaysOffForm(forms.Form):
    """Days off, both ends included; the last may be left out for a single day."""

    first_date: Day
    last_date: Day | None = None


class ExtraHoursForm(forms.Form):
    """A block of one date."""

    date: Day
    starts: Minutes
    ends: Minutes


class RemoveForm(forms.Form):
    """Which days off or extra hours are taken away."""

    rule_id: str


async def show_hours(request: Request) -> Response:
    """Show the hours with their forms."""
    return await _page(request)


async def save_week(request: Request) -> Response:
    """Replace the weekly hours."""
    try:
        weekly = weekly_of(await forms.typed(request))
    except Invalid as invalid:
        return await _page(request, invalid)
    await availability.set_weekly_hours(services_of(request), actor_of(request), weekly)
    return _done(request, "week")


async def add_days_off(request: Request) -> Response:
    """Add days off."""
    typed = await forms.typed(request)
    try:
        form = forms.check(typed, DaysOffForm)
        await availability.add_days_off(
            services_of(request),
            actor_of(request),
            first_date=form.first_date,
            last_date=form.last_date or form.first_date,
        )
    except Invalid as invalid:
        return await _page(request, Invalid(invalid.errors, typed=typed))
    return _done(request, "off")


async def add_extra(request: Request) -> Response:
    """Add extra hours."""
    typed = await forms.typed(request)
    try:
        form = forms.check(typed, ExtraHoursForm)
        await availability.add_extra_hours(
            services_of(request),
            actor_of(request),
            day=form.date,
            starts=form.starts,
            ends=form.ends or DAY_MINUTES,
        )
    except Invalid as invalid:
        return await _page(request, Invalid(invalid.errors, typed=typed))
    return _done(request, "extra")


async def remove(request: Request) -> Response:
    """Take days off or extra hours away."""
    form = await forms.read(request, RemoveForm)
    await availability.remove_hours(services_of(request), actor_of(request), form.rule_id)
    return _done(request, "removed")


def weekly_of(typed: Mapping[str, str]) -> list[WeeklyHours]:
    """Return the blocks of the week's form.

    Raises:
        Invalid: a time is malformed, one end is missing, a block is none, or two of a day overlap.
    """
    errors: dict[str, str] = {}
    blocks = [
        WeeklyHours(weekday, *block)
        for weekday, day in enumerate(WEEKDAYS)
        for block in _blocks(typed, day.lower(), errors)
    ]
    if errors:
        raise Invalid(errors, typed=typed)
    return blocks


def _blocks(typed: Mapping[str, str], day: str, errors: dict[str, str]) -> list[Block]:
    """Return the blocks of one day; where one is wrong or overlaps another, ``errors`` says so."""
    rows = {number: _block(typed, day, number, errors) for number in NUMBERS}
    blocks = [(number, block) for number, block in rows.items() if block is not None]
    for place in clashing([block for _, block in blocks]):
        errors[f"{day}_starts_{blocks[place][0]}"] = OVERLAP_WORDS
    return [block for _, block in blocks]


def _block(typed: Mapping[str, str], day: str, number: int, errors: dict[str, str]) -> Block | None:
    """Return one block, or None where it is empty or wrong; then ``errors`` says what."""
    names = f"{day}_starts_{number}", f"{day}_ends_{number}"
    texts = [typed.get(name, "").strip() for name in names]
    if not any(texts):
        return None
    starts, ends = (_time(name, text, errors) for name, text in zip(names, texts, strict=True))
    if starts is None or ends is None:
        return None
    try:
        check_length(starts, ends or DAY_MINUTES)
    except Invalid as invalid:
        errors[names[1]] = invalid.errors["ends"]
        return None
    return starts, ends or DAY_MINUTES


def _time(name: str, text: str, errors: dict[str, str]) -> int | None:
    try:
        return minutes_of(text)
    except ValueError:
        errors[name] = TIME_WORDS if text else forms.MISSING
        return None


async def _page(request: Request, invalid: Invalid | None = None) -> Response:
    seen = await availability.see_hours(services_of(request), actor_of(request))
    typed = _filled(seen.hours.weekly) | (invalid.typed if invalid else {})
    today = day_of(services_of(request).now(), seen.hours.zone)
    return pages.show(
        request,
        "clinician/hours.html",
        status=invalid.status if invalid else 200,
        seen=seen,
        days_off=[(spoken_days_off(off, today=today), off.id) for off in seen.hours.days_off],
        extra=[(spoken_extra(extra, today=today), extra.id) for extra in seen.hours.extra],
        weekdays=[(day, day.lower(), _block_count(typed, day.lower())) for day in WEEKDAYS],
        week_labels=WEEK_LABELS,
        typed=typed,
        errors=invalid.errors if invalid else {},
        done=DONE_WORDS.get(request.query_params.get("done", ""), ""),
    )


def _filled(weekly: Sequence[WeeklyHours]) -> dict[str, str]:
    """Return the fields of the week's form as the hours are."""
    fields: dict[str, str] = {}
    for weekday, day in enumerate(WEEKDAYS):
        blocks = [block for block in weekly if block.weekday == weekday]
        for number, block in enumerate(blocks, start=1):
            fields[f"{day.lower()}_starts_{number}"] = wall_text(block.starts)
            fields[f"{day.lower()}_ends_{number}"] = wall_text(block.ends % DAY_MINUTES)
    return fields


def _block_count(typed: Mapping[str, str], day: str) -> int:
    """Return how many blocks to show for a day: always an empty one more than there are, at least two."""
    names = {number: (f"{day}_starts_{number}", f"{day}_ends_{number}") for number in NUMBERS}
    filled = [number for number, ends in names.items() if any(typed.get(name) for name in ends)]
    return min(max(LEAST_BLOCKS, max(filled, default=0) + 1), MOST_BLOCKS)


def _done(request: Request, what: str) -> RedirectResponse:
    return RedirectResponse(f"{request.app.url_path_for('clinician.hours')}?done={what}", status_code=303)
