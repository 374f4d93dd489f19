"""The page of a clinician's hours: what it shows, and what comes of each of its forms.

A form that would leave booked sessions outside comes back as a list of them, with everything that was typed
in hidden fields: it can be sent again as it is (``despite`` names the sessions that were shown), or taken
back to the page (``back``).
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import availability
from scheduler.actions.availability import DAYS_SHOWN, HoursSeen
from scheduler.domain.errors import Invalid, WouldStrand
from scheduler.domain.hours_changes import spoken_days_off, spoken_extra, spoken_travel
from scheduler.domain.times import DAY_MINUTES, WEEKDAYS, day_of, is_in_reach, wall_text
from scheduler.web import forms, pages
from scheduler.web.clinician.hours_picture import drawn
from scheduler.web.pages import actor_of, services_of
from scheduler.web.zones import zone_options

LEAST_BLOCKS = 2
MOST_BLOCKS = 6
NUMBERS = range(1, MOST_BLOCKS + 1)
DAY_LABELS = {day.lower(): day for day in WEEKDAYS} | {"only": "This day"}
BLOCK_LABELS = {
    f"{name}_{end}_{number}": f"{day}, hours {number}, {word}"
    for name, day in DAY_LABELS.items()
    for number in NUMBERS
    for end, word in (("starts", "from"), ("ends", "to"))
}
ROUTES = {
    "week": "clinician.hours.week",
    "off": "clinician.hours.off",
    "only": "clinician.hours.only",
    "extra": "clinician.hours.extra",
    "travel": "clinician.hours.travel",
    "limits": "clinician.hours.limits",
    "kinds": "clinician.hours.kinds",
    "removed": "clinician.hours.remove",
}
DONE_WORDS = {
    "week": "Your weekly hours are saved.",
    "off": "Your days off are saved.",
    "only": "The hours of that day are saved.",
    "extra": "Your extra hours are saved.",
    "travel": "Your days elsewhere are saved.",
    "limits": "Your limits are saved.",
    "kinds": "What you offer is saved.",
    "removed": "It is taken away.",
}

Change = Callable[[Mapping[str, str], set[str]], Awaitable[None]]


async def change(request: Request, section: str, made: Change) -> Response:
    """Make the change of one form, and return to the page; or show what keeps it from being made."""
    typed = await forms.typed(request)
    despite = set(typed.pop("despite", "").split())
    if typed.pop("back", ""):
        return await show(request, typed=typed, section=section)
    try:
        await made(typed, despite)
    except Invalid as invalid:
        return await show(request, Invalid(invalid.errors, typed=typed), section=section)
    except WouldStrand as refusal:
        return _stranded(request, refusal, section, typed)
    return RedirectResponse(f"{request.app.url_path_for('clinician.hours')}?done={section}", status_code=303)


async def show(
    request: Request,
    invalid: Invalid | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    section: str = "",
) -> Response:
    """Show the page, with the form of ``section`` open and what was typed in it."""
    services, asked = services_of(request), request.query_params
    seen = await availability.see_hours(services, actor_of(request), since=_since(asked.get("week", "")))
    today = day_of(services.now(), seen.hours.zone)
    typed = _filled(seen, section) | dict(invalid.typed if invalid else typed or {})
    return pages.show(
        request,
        "clinician/hours.html",
        status=invalid.status if invalid else 200,
        seen=seen,
        section=section,
        picture=drawn(seen.week, today=today),
        **_neighbours(seen, today),
        **_ahead(seen, today),
        days_apart=len({one.date for one in seen.hours.extra}),
        weekly_words=_weekly_words(seen),
        weekdays=[(day, day.lower(), _block_count(typed, day.lower())) for day in WEEKDAYS],
        only_count=_block_count(typed, "only"),
        block_labels=BLOCK_LABELS,
        zones=zone_options(),
        typed=typed,
        errors=invalid.errors if invalid else {},
        done=DONE_WORDS.get(asked.get("done", ""), ""),
    )


def _stranded(request: Request, refusal: WouldStrand, section: str, typed: Mapping[str, str]) -> Response:
    return pages.show(
        request,
        "clinician/hours_stranded.html",
        status=refusal.status,
        sessions=refusal.sessions,
        section=section,
        action=request.app.url_path_for(ROUTES[section]),
        typed=typed,
    )


def _since(text: str) -> date | None:
    """Return the first day that the address asks for; None where it names none with which one can reckon."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if is_in_reach(day) else None


def _neighbours(seen: HoursSeen, today: date) -> dict[str, date | None]:
    """Return the first days of the seven before and after those shown, None before today."""
    first = seen.week[0].day
    step = timedelta(days=DAYS_SHOWN)
    return {"earlier": max(first - step, today) if first > today else None, "later": first + step}


def _ahead(seen: HoursSeen, today: date) -> dict[str, list[tuple[str, str]]]:
    """Return days off, single days and travel in words, each with its id."""
    own = seen.hours
    return {
        "days_off": [(spoken_days_off(off, today=today), off.id) for off in own.days_off],
        "only": [(spoken_extra(one, today=today), one.id) for one in own.extra if one.instead],
        "extra": [(spoken_extra(one, today=today), one.id) for one in own.extra if not one.instead],
        "travels": [(spoken_travel(one, today=today), one.id) for one in own.travels],
    }


def _weekly_words(seen: HoursSeen) -> str:
    """Return how long the weekly hours are: "35 hours", "2 hours 30 minutes"."""
    hours, minutes = divmod(sum(block.ends - block.starts for block in seen.hours.weekly), 60)
    words = f"{hours} hour" if hours == 1 else f"{hours} hours"
    return f"{words} {minutes} minutes" if minutes else words


def _filled(seen: HoursSeen, section: str) -> dict[str, str]:
    """Return the fields of the forms as the hours are; boxes of the form that was typed in are its own."""
    fields = {} if section == "kinds" else {f"offers_{kind_id}": "yes" for kind_id in seen.offered}
    for name, number in seen.hours.limits.asked():
        fields[name] = str(number // 60 if name == "least_notice" else number)
    for weekday, day in enumerate(WEEKDAYS):
        blocks = [block for block in seen.hours.weekly if block.weekday == weekday]
        for number, block in enumerate(blocks, start=1):
            fields[f"{day.lower()}_starts_{number}"] = wall_text(block.starts)
            fields[f"{day.lower()}_ends_{number}"] = wall_text(block.ends % DAY_MINUTES)
    return fields


def _block_count(typed: Mapping[str, str], day: str) -> int:
    """Return how many blocks to show for a day: always an empty one more than there are, at least two."""
    names = {number: (f"{day}_starts_{number}", f"{day}_ends_{number}") for number in NUMBERS}
    filled = [number for number, ends in names.items() if any(typed.get(name) for name in ends)]
    return min(max(LEAST_BLOCKS, max(filled, default=0) + 1), MOST_BLOCKS)
