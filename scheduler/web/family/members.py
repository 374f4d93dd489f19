"""Who of a family takes part in one of its sessions."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import members
from scheduler.domain.errors import Invalid, MemberElsewhere
from scheduler.web import forms, pages
from scheduler.web.family import choosing
from scheduler.web.pages import actor_of, services_of

ELSEWHERE_WORDS = "Somebody you chose is not free then. Please choose others, or move the session first."


async def show_members(request: Request) -> Response:
    """Show who takes part, and who else may be invited."""
    return await _page(request)


async def change_members(request: Request) -> Response:
    """Keep who takes part."""
    session_id = str(request.path_params["session_id"])
    chosen = choosing.members_of(await forms.typed(request))
    try:
        await members.change_members(services_of(request), actor_of(request), session_id, chosen)
    except (Invalid, MemberElsewhere) as refusal:
        return await _page(request, refusal, chosen)
    return choosing.go(request, "family.session", {"done": "members"}, session_id=session_id)


async def _page(
    request: Request, refusal: Invalid | MemberElsewhere | None = None, typed: tuple[str, ...] = ()
) -> Response:
    session_id = str(request.path_params["session_id"])
    found = await members.see_members(services_of(request), actor_of(request), session_id)
    errors = refusal.errors if isinstance(refusal, Invalid) else {}
    if isinstance(refusal, MemberElsewhere):
        errors = {"members": ELSEWHERE_WORDS}
    return pages.show(
        request,
        "family/members.html",
        status=refusal.status if refusal else 200,
        members=found,
        zone=choosing.zone_of(request),
        chosen=typed if refusal else found.chosen,
        errors=errors,
    )
