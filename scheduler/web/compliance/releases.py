"""A release as the privacy officer finds it from an entry of the log: without names."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import release_ends
from scheduler.actions.release_ends import Told
from scheduler.domain.errors import Invalid
from scheduler.domain.times import day_of
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of
from scheduler.web.release_form import Words


class RevokeForm(forms.Form):
    """Why it is revoked."""

    reason: Words = ""


async def show_release(request: Request) -> Response:
    """Show a release."""
    return await _page(request)


async def revoke(request: Request) -> Response:
    """Revoke it."""
    services, actor = services_of(request), actor_of(request)
    typed, release_id = await forms.typed(request), str(request.path_params["release_id"])
    try:
        form = forms.check(typed, RevokeForm)
        told = Told(day_of(services.now(), actor.zone), form.reason)
        await release_ends.revoke_release(services, actor, release_id, told)
    except Invalid as invalid:
        return await _page(request, invalid, typed)
    return pages.go(request, "compliance.release", release_id=release_id)


async def _page(
    request: Request, invalid: Invalid | None = None, typed: dict[str, str] | None = None
) -> Response:
    release_id = str(request.path_params["release_id"])
    seen = await release_ends.see_bare(services_of(request), actor_of(request), release_id)
    return pages.show(
        request,
        "compliance/release.html",
        status=invalid.status if invalid else 200,
        seen=seen,
        typed=typed or {},
        errors=invalid.errors if invalid else {},
    )
