"""A first conversation as its host and the coordinators see it: whom to call, and how it went."""

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import inquiry_care
from scheduler.domain.booking import LONGEST_REASON
from scheduler.domain.errors import Invalid
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of

REASON_WORDS = forms.TOO_LONG.format(most=LONGEST_REASON)


class CancelForm(forms.Form):
    """Calling it off; the words may be left out."""

    reason: str = Field(default="", max_length=LONGEST_REASON, json_schema_extra={"words": REASON_WORDS})


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
