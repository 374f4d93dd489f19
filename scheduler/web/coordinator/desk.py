"""The coordinator's desk: the sessions of the coming week and who works when."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import coverage
from scheduler.domain.times import spoken_date
from scheduler.web import pages
from scheduler.web.coordinator.lists import TITLES
from scheduler.web.pages import actor_of, services_of


async def show_desk(request: Request) -> Response:
    """Show the coming week."""
    desk = await coverage.show_desk(services_of(request), actor_of(request))
    days = [
        [(spoken_date(day.day), day) for day in week.days if day.open_times or day.booked]
        for week in desk.covered
    ]
    weeks = list(zip(desk.covered, days, strict=True))
    return pages.show(request, "coordinator/desk.html", desk=desk, weeks=weeks, titles=TITLES)
