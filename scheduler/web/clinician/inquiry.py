"""A first conversation as its host and the coordinators see it: whom to call, and how it went."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import inquiry_care, inquiry_plans
from scheduler.actions.inquiry_plans import Replan
from scheduler.domain.booking import LONGEST_REASON
from scheduler.domain.errors import Invalid, SlotTaken, TooSoon
from scheduler.domain.times import iso, spoken_near_span
from scheduler.web import forms, pages
from scheduler.web.days import Moment
from scheduler.web.pages import actor_of, services_of

SAME_WORDS = "That is how it is now. Please choose another time, or somebody else."
TAKEN_WORDS = "Nobody you chose is free then. Please choose another time, or somebody else."
REASON_WORDS = forms.TOO_LONG.format(most=LONGEST_REASON)


class CancelForm(forms.Form):
    """Calling it off; the words may be left out."""

    reason: str = Field(default="", max_length=LONGEST_REASON, json_schema_extra={"words": REASON_WORDS})


class PlanForm(forms.Form):
    """Another time or another host, and how it was when that was chosen."""

    starts_at: Moment
    host_id: str = ""
    seen_at: Moment
    seen_host_id: str


async def show_inquiry(request: Request) -> Response:
    """Show who it is, how and when it is safe to reach them, and what they would like to talk about."""
    return await _page(request)


async def mark_reached(request: Request) -> Response:
    """Keep that the conversation took place."""
    await inquiry_care.mark_reached(services_of(request), actor_of(request), _session_id(request))
    return _back(request)


async def mark_missed(request: Request) -> Response:
    """Keep that nobody was reached."""
    await inquiry_care.mark_missed(services_of(request), actor_of(request), _session_id(request))
    return _back(request)


async def cancel(request: Request) -> Response:
    """Call the conversation off."""
    try:
        form = await forms.read(request, CancelForm)
    except Invalid as invalid:
        return await _page(request, invalid)
    await inquiry_care.cancel(
        services_of(request), actor_of(request), _session_id(request), reason=form.reason
    )
    return _back(request)


async def show_plan(request: Request) -> Response:
    """Show at what other times, and with whom, the conversation could be."""
    return await _plan_page(request)


async def plan(request: Request) -> Response:
    """Give the conversation another time or another host."""
    typed = await forms.typed(request)
    try:
        form = forms.check(typed, PlanForm)
        wanted = Replan(form.starts_at, form.host_id, form.seen_at, form.seen_host_id)
        if (form.starts_at, form.host_id) == (form.seen_at, form.seen_host_id):
            raise Invalid({"starts_at": SAME_WORDS})
        await inquiry_plans.replan(services_of(request), actor_of(request), _session_id(request), wanted)
    except Invalid as invalid:
        return await _plan_page(request, Invalid(invalid.errors, typed=typed))
    except (SlotTaken, TooSoon) as gone:
        return await _plan_page(request, Invalid({"starts_at": TAKEN_WORDS}, typed=typed), status=gone.status)
    return _back(request)


async def _plan_page(request: Request, invalid: Invalid | None = None, *, status: int = 422) -> Response:
    options = await inquiry_plans.show_options(services_of(request), actor_of(request), _session_id(request))
    session, zone = options.inquiry.session, actor_of(request).zone
    now = services_of(request).now()
    times = [(iso(one.starts_at), spoken_near_span(one, zone, now=now)) for one in options.times]
    as_it_is = (iso(session.starts_at), f"As it is: {spoken_near_span(session.interval, zone, now=now)}")
    return pages.show(
        request,
        "clinician/inquiry_plan.html",
        status=status if invalid else 200,
        inquiry=options.inquiry,
        times=[as_it_is, *(one for one in times if one[0] != as_it_is[0])],
        hosts=[("", "Whoever is free"), *((one.id, one.name) for one in options.hosts)],
        typed=invalid.typed if invalid else {"starts_at": as_it_is[0]},
        errors=invalid.errors if invalid else {},
    )


async def _page(request: Request, invalid: Invalid | None = None) -> Response:
    inquiry, host_name = await inquiry_care.show_inquiry(
        services_of(request), actor_of(request), _session_id(request)
    )
    return pages.show(
        request,
        "clinician/inquiry.html",
        status=invalid.status if invalid else 200,
        inquiry=inquiry,
        host_name=host_name,
        typed=invalid.typed if invalid else {},
        errors=invalid.errors if invalid else {},
        longest=LONGEST_REASON,
    )


def _session_id(request: Request) -> str:
    return str(request.path_params["session_id"])


def _back(request: Request) -> Response:
    return pages.go(request, "inquiry", session_id=_session_id(request))
