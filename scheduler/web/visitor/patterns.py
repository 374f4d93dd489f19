"""Every component in every state on one page, and every page of refusal; with ``HEARTH_DEBUG`` only."""

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from scheduler.domain import errors
from scheduler.domain.times import Interval, moment_of, spoken_clock, spoken_day, tick_of
from scheduler.web import pages

ZONE = "America/Los_Angeles"
ERRORS = {
    "email": "This does not look like a mail address. It needs an @ and a dot.",
    "code": "This code is not right. Please look at the newest mail.",
    "topic": "Please say it in 500 letters or fewer.",
    "zone": "Please choose a time zone from the list.",
    "read": "Please tick this box to go on.",
    "who": "Please choose who is coming.",
    "day": "Please choose a day that is still to come.",
    "from_time": "Please choose a time in steps of five minutes.",
}
TYPED = {"email": "ana.example", "code": "1234", "zone": "UTC", "day": "2026-11-03", "from_time": "14:03"}

PLAIN_REFUSALS = (
    errors.CrossOrigin,
    errors.Denied,
    errors.KeptOut,
    errors.LinkUnusable,
    errors.NoLonger,
    errors.NotFound,
    errors.NotNow,
    errors.NotSignedIn,
    errors.StepUpNeeded,
    errors.Taken,
    errors.TooLarge,
    errors.TooManyRequests,
    errors.TooSlow,
    errors.Unavailable,
    errors.Unreadable,
)


async def show_patterns(request: Request) -> Response:
    """Show the page of components."""
    now = pages.services_of(request).now()
    next_tick = tick_of(now + timedelta(minutes=12))
    interval = Interval.of_ticks(next_tick, next_tick + 4)
    return pages.show(
        request,
        "visitor/patterns.html",
        zone=ZONE,
        interval=interval,
        later=Interval.of_ticks(next_tick + 2000, next_tick + 2015),
        days=_days(interval),
        errors=ERRORS,
        typed=TYPED,
        refusals=[*(refusal.page for refusal in PLAIN_REFUSALS), "invalid", "not_yet", "unexpected"],
    )


async def show_refusal(request: Request) -> Response:
    """Show one page of refusal, with its status."""
    now = pages.services_of(request).now()
    samples: dict[str, errors.Refusal] = {refusal.page: refusal() for refusal in PLAIN_REFUSALS}
    samples["invalid"] = errors.Invalid(ERRORS)
    samples["not_yet"] = errors.NotYet(now + timedelta(hours=3), zone=ZONE)
    name = request.path_params["page"]
    if name == "unexpected":
        return pages.show(request, "refusals/unexpected.html", status=500)
    raise samples.get(name, errors.NotFound())


def _days(interval: Interval) -> list[dict[str, object]]:
    first = tick_of(interval.starts_at)
    return [_day(first + after, slots=slots) for after, slots in ((288, 5), (576, 3), (864, 0))]


def _day(first: int, *, slots: int) -> dict[str, object]:
    heading = spoken_day(moment_of(first), ZONE)
    return {
        "heading": heading,
        "slots": [_slot(heading, first + 5 * number, number) for number in range(slots)],
    }


def _slot(heading: str, tick: int, number: int) -> dict[str, object]:
    words = spoken_clock(moment_of(tick), ZONE)
    slot: dict[str, object] = {
        "words": words,
        "label": f"{words}, {heading}, with a clinician",
        "name": "slot",
        "value": str(tick),
        "chosen": number == 2,
    }
    return slot | ({"note": "with psychiatry"} if number == 1 else {})
