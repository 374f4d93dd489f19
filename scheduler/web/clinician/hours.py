"""A clinician's own hours: the page, and the form of the week.

The week's form has two or more blocks for every day, in fields like ``monday_starts_1`` and
``monday_ends_1``; an empty block is left out, and 00:00 as an end is the midnight that ends the day.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import availability
from scheduler.domain.availability import Block, WeeklyHours, clashing
from scheduler.domain.errors import Invalid
from scheduler.domain.hours_changes import check_length
from scheduler.domain.times import DAY_MINUTES, WEEKDAYS, minutes_of
from scheduler.web import forms
from scheduler.web.clinician import hours_page
from scheduler.web.pages import actor_of, services_of

TIME_WORDS = "Please enter a time like 09:00, in steps of five minutes."
OVERLAP_WORDS = "This overlaps other hours of the same day."


async def show_hours(request: Request) -> Response:
    """Show the hours with their forms."""
    return await hours_page.show(request)


async def save_week(request: Request) -> Response:
    """Replace the weekly hours."""

    async def change(typed: Mapping[str, str], despite: set[str]) -> None:
        await availability.set_weekly_hours(
            services_of(request), actor_of(request), weekly_of(typed), despite=despite
        )

    return await hours_page.change(request, "week", change)


def weekly_of(typed: Mapping[str, str]) -> list[WeeklyHours]:
    """Return the blocks of the week's form.

    Raises:
        Invalid: a time is malformed, one end is missing, a block is none, or two of a day overlap.
    """
    errors: dict[str, str] = {}
    blocks = [
        WeeklyHours(weekday, *block)
        for weekday, day in enumerate(WEEKDAYS)
        for block in blocks_of(typed, day.lower(), errors)
    ]
    if errors:
        raise Invalid(errors)
    return blocks


def blocks_of(typed: Mapping[str, str], day: str, errors: dict[str, str]) -> list[Block]:
    """Return the blocks of one day; where one is wrong or overlaps another, ``errors`` says so."""
    rows = {number: _block(typed, day, number, errors) for number in hours_page.NUMBERS}
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
