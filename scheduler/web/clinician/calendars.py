"""A clinician's outside calendars: add one by its address, see how old its copy is, refresh it, remove it."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import outside_calendars
from scheduler.domain.errors import Invalid
from scheduler.domain.outside_calendars import LONGEST_ADDRESS
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of
from scheduler.web.rate_limits import RateLimits

LONGEST_LABEL = 60
LABEL_WORDS = forms.TOO_LONG.format(most=LONGEST_LABEL)
DONE_WORDS = {
    "added": "Your calendar is added. When it is busy, families cannot book you.",
    "again": "We looked less than a minute ago. Please wait a minute before you look again.",
    "refreshed": "We have looked just now.",
    "removed": "The calendar is removed, and its busy times with it.",
}


class AddForm(forms.Form):
    """The address of a calendar, and what the clinician calls it."""

    address: str
    label: str = Field("", max_length=LONGEST_LABEL, json_schema_extra={"words": LABEL_WORDS})


class CalendarForm(forms.Form):
    """Which of the calendars is meant."""

    calendar_id: str


async def show_calendars(request: Request) -> Response:
    """Show the calendars with what is known of each."""
    return await _page(request)


async def add(request: Request) -> Response:
    """Read a calendar and keep its busy times."""
    typed = await forms.typed(request)
    limits: RateLimits = request.state.rate_limits
    try:
        form = forms.check(typed, AddForm)
        limits.require_fetch(actor_of(request))
        await outside_calendars.add_calendar(
            services_of(request), actor_of(request), address=form.address, label=form.label
        )
    except Invalid as invalid:
        return await _page(request, Invalid(invalid.errors, typed=typed))
    return _done(request, "added")


async def refresh(request: Request) -> Response:
    """Look at a calendar now."""
    form = await forms.read(request, CalendarForm)
    has_looked = await outside_calendars.refresh_calendar(
        services_of(request), actor_of(request), form.calendar_id
    )
    return _done(request, "refreshed" if has_looked else "again")


async def remove(request: Request) -> Response:
    """Forget a calendar."""
    form = await forms.read(request, CalendarForm)
    await outside_calendars.remove_calendar(services_of(request), actor_of(request), form.calendar_id)
    return _done(request, "removed")


async def _page(request: Request, invalid: Invalid | None = None) -> Response:
    seen = await outside_calendars.see_calendars(services_of(request), actor_of(request))
    return pages.show(
        request,
        "clinician/calendars.html",
        status=invalid.status if invalid else 200,
        seen=seen,
        longest_address=LONGEST_ADDRESS,
        longest_label=LONGEST_LABEL,
        typed=invalid.typed if invalid else {},
        errors=invalid.errors if invalid else {},
        done=DONE_WORDS.get(request.query_params.get("done", ""), ""),
    )


def _done(request: Request, what: str) -> RedirectResponse:
    path = request.app.url_path_for("clinician.calendars")
    return RedirectResponse(f"{path}?done={what}", status_code=303)
