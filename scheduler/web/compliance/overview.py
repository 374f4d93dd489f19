"""How the log stands: whole or not, how fresh, and who read what in the last four weeks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import audit, audit_check
from scheduler.actions.audit import LogState
from scheduler.domain import times
from scheduler.domain.audit import Outcome
from scheduler.web import pages
from scheduler.web.pages import actor_of, services_of

DAYS = 28
STALE_AFTER = timedelta(minutes=5)
TALLEST = 120  # of the picture's units
STEP = 32
WIDTH = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """The reads of one day: how many, how many of them were refused, and the bar's place in the picture."""

    day: date
    words: str
    total: int
    refused: int
    x: int
    height: int
    refused_height: int


async def show_overview(request: Request) -> Response:
    """Show how the log stands."""
    services, actor = services_of(request), actor_of(request)
    state = await audit.overview(services, actor)
    now = services.now()
    return pages.show(
        request,
        "compliance/overview.html",
        state=state,
        is_stale=is_stale(state, now),
        bars=bars(state.reads, actor.zone, now),
        vkey=services.signer.vkey,
    )


async def check(request: Request) -> Response:
    """Check the whole log now."""
    await audit_check.check_log(services_of(request), actor_of(request))
    return pages.go(request, "compliance")


def is_stale(state: LogState, now: datetime) -> bool:
    """Tell whether entries have waited too long for a checkpoint."""
    return state.waiting_since is not None and now - state.waiting_since > STALE_AFTER


def bars(reads: Sequence[tuple[datetime, Outcome]], zone: str, now: datetime) -> list[Bar]:
    """Return a bar for each of the last 28 days in the reader's zone, the oldest first."""
    today = times.day_of(now, zone)
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    total, refused = dict.fromkeys(days, 0), dict.fromkeys(days, 0)
    for at, outcome in reads:
        day = times.day_of(at, zone)
        if day in total:
            total[day] += 1
            refused[day] += outcome is not Outcome.SUCCESS
    most = max(total.values(), default=0) or 1
    return [
        Bar(
            day,
            times.spoken_date(day),
            total[day],
            refused[day],
            x=place * STEP + 3,
            height=_height(total[day], most),
            refused_height=_height(refused[day], most),
        )
        for place, day in enumerate(days)
    ]


def _height(count: int, most: int) -> int:
    return 0 if count == 0 else max(3, TALLEST * count // most)
