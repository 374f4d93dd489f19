"""One session of a family member's: looking, moving, cancelling."""

from collections.abc import Mapping

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import booking, cancelling, sessions
from scheduler.domain.booking import LONGEST_REASON, Status
from scheduler.domain.errors import Invalid, SlotTaken
from scheduler.domain.join_links import CLOSES_AFTER, OPENS_BEFORE
from scheduler.web import forms, pages
from scheduler.web.family import choosing
from scheduler.web.family.choosing import TimeForm
from scheduler.web.pages import actor_of, services_of

REASON_WORDS = forms.TOO_LONG.format(most=LONGEST_REASON)
DONE_WORDS = {
    "booked": "Your session is booked.",
    "cancelled": "Your session is cancelled.",
    "left": "You gave up your place.",
    "members": "It is saved who takes part.",
    "moved": "Your session has moved.",
}


class CancelForm(forms.Form):
    """Giving up one's own place or, with ``scope`` "all", calling the session off for everybody."""

    scope: str = ""
    reason: str = Field(default="", max_length=LONGEST_REASON, json_schema_extra={"words": REASON_WORDS})


class MoveForm(TimeForm):
    """Moving a session to another time."""

    reason: str = Field(default="", max_length=LONGEST_REASON, json_schema_extra={"words": REASON_WORDS})


async def show_session(request: Request) -> Response:
    """Show a session in detail."""
    detail = await sessions.see_session(services_of(request), actor_of(request), _session_id(request))
    return pages.show(
        request,
        "family/session.html",
        detail=detail,
        zone=choosing.zone_of(request),
        done=DONE_WORDS.get(request.query_params.get("done", ""), ""),
        opens_before=OPENS_BEFORE,
        closes_after=CLOSES_AFTER,
    )


async def show_move(request: Request) -> Response:
    """Show the times to which a session can move or, once one is chosen, ask whether it shall."""
    asked, zone = request.query_params, choosing.zone_of(request)
    move = await sessions.see_move(
        services_of(request),
        actor_of(request),
        _session_id(request),
        zone=zone,
        since=choosing.date_of(asked.get("since", "")),
    )
    wanted = choosing.interval_of(asked.get("starts_at", ""), move.page.offer.kind.minutes)
    if wanted is not None:
        return pages.show(request, "family/move_confirm.html", move=move, wanted=wanted, zone=zone)
    days = choosing.day_list(move.page, request.url.path)
    return pages.show(request, "family/move.html", move=move, days=days, zone=zone)


async def move(request: Request) -> Response:
    """Move the session."""
    typed, session_id = await forms.typed(request), _session_id(request)
    try:
        form = forms.check(typed, MoveForm)
        await booking.move_session(
            services_of(request),
            actor_of(request),
            session_id,
            starts_at=form.starts_at,
            reason=form.reason,
        )
    except (Invalid, SlotTaken) as refusal:
        return _ask_again(request, typed, refusal)
    return choosing.go(request, "family.session", {"done": "moved", "zone": form.zone}, session_id=session_id)


async def show_cancel(request: Request) -> Response:
    """Ask whether the session shall be called off."""
    return await _cancel_page(request)


async def cancel(request: Request) -> Response:
    """Call the session off."""
    try:
        form = await forms.read(request, CancelForm)
    except Invalid as invalid:
        return await _cancel_page(request, invalid)
    session_id = _session_id(request)
    cancel = cancelling.cancel_session if form.scope == "all" else cancelling.give_up_place
    session = await cancel(services_of(request), actor_of(request), session_id, reason=form.reason)
    done = "cancelled" if session.status is Status.CANCELLED else "left"
    return choosing.go(request, "family.session", {"done": done}, session_id=session_id)


async def _cancel_page(request: Request, invalid: Invalid | None = None) -> Response:
    services = services_of(request)
    detail = await sessions.see_session(services, actor_of(request), _session_id(request))
    detail.seen.session.cancelled(now=services.now())
    return pages.show(
        request,
        "family/cancel.html",
        status=invalid.status if invalid else 200,
        detail=detail,
        zone=choosing.zone_of(request),
        typed=invalid.typed if invalid else {},
        errors=invalid.errors if invalid else {},
    )


def _session_id(request: Request) -> str:
    return str(request.path_params["session_id"])


def _ask_again(request: Request, typed: Mapping[str, str], refusal: Invalid | SlotTaken) -> Response:
    zone = choosing.zone_of(request, typed.get("zone", ""))
    return pages.show(
        request,
        "family/move_again.html",
        status=refusal.status,
        session_id=_session_id(request),
        typed=typed,
        errors=choosing.errors_of(refusal),
        nearest=choosing.nearest_options(refusal, zone),
        zone=zone,
    )
