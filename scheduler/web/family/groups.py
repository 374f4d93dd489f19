"""A group of the program, as a family sees it: take places, wait for them, or go off the list.

Whoever presses takes part, and so does everybody of the family whom they tick beside.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import groups, waitlist
from scheduler.domain.errors import ElsewhereThen, GroupFull, Invalid
from scheduler.web import forms, pages
from scheduler.web.family import choosing
from scheduler.web.pages import actor_of, services_of

DONE_WORDS = {
    "waiting": "You are on the waitlist.",
    "left": "You are not on the waitlist any more.",
}
FULL_WORDS = "The last place was just taken. Nothing was booked for you."
TOO_FEW_WORDS = (
    "There are not enough places left for all of you. Nothing was booked. You can choose fewer people,"
    " or wait until there is room for all of you."
)
ELSEWHERE_WORDS = "You have another session at that time. Nothing was booked for you."
SOMEBODY_ELSEWHERE_WORDS = (
    "You, or somebody you chose, have another session at that time. Nothing was booked."
)


@dataclass(frozen=True, slots=True)
class _Refused:
    """What was refused, with the words for it and the ids of those who were ticked."""

    refusal: GroupFull | ElsewhereThen | Invalid
    words: str
    ticked: tuple[str, ...]


async def show_group(request: Request) -> Response:
    """Show a group: when it is, and whether there is room."""
    return await _page(request)


async def take(request: Request) -> Response:
    """Take places; where there are too few, offer the waitlist and other times."""
    typed, session_id = await forms.typed(request), _session_id(request)
    ticked, instead_of = choosing.members_of(typed), typed.get("instead_of", "")
    everybody = _with_own(request, ticked)
    try:
        await groups.take_places(
            services_of(request), actor_of(request), session_id, everybody, instead_of=instead_of
        )
    except GroupFull as full:
        return await _page(request, _Refused(full, TOO_FEW_WORDS if ticked else FULL_WORDS, ticked))
    except ElsewhereThen as elsewhere:
        words = SOMEBODY_ELSEWHERE_WORDS if ticked else ELSEWHERE_WORDS
        return await _page(request, _Refused(elsewhere, words, ticked))
    except Invalid as invalid:
        return await _page(request, _Refused(invalid, "", ticked))
    return choosing.go(request, "family.session", {"done": "booked"}, session_id=session_id)


async def wait(request: Request) -> Response:
    """Go on the waitlist."""
    session_id, ticked = _session_id(request), choosing.members_of(await forms.typed(request))
    try:
        await groups.join_waitlist(
            services_of(request), actor_of(request), session_id, _with_own(request, ticked)
        )
    except Invalid as invalid:
        return await _page(request, _Refused(invalid, "", ticked))
    return choosing.go(request, "family.group", {"done": "waiting"}, session_id=session_id)


async def leave(request: Request) -> Response:
    """Go off the waitlist, or decline what is offered."""
    session_id = _session_id(request)
    await waitlist.leave_waitlist(services_of(request), actor_of(request), session_id)
    return choosing.go(request, "family.group", {"done": "left"}, session_id=session_id)


def _with_own(request: Request, ticked: tuple[str, ...]) -> tuple[str, ...]:
    """Return everybody who is to have a place; nobody where the reader is to have what is theirs alone."""
    return (actor_of(request).person_id or "", *ticked) if ticked else ()


async def _page(request: Request, refused: _Refused | None = None) -> Response:
    detail = await groups.see_group(services_of(request), actor_of(request), _session_id(request))
    refusal = refused.refusal if refused else None
    return pages.show(
        request,
        "family/group.html",
        status=200 if refusal is None else refusal.status,
        detail=detail,
        done=DONE_WORDS.get(request.query_params.get("done", ""), ""),
        refused=refused.words if refused else "",
        is_short=isinstance(refusal, GroupFull),
        errors=refusal.errors if isinstance(refusal, Invalid) else {},
        chosen=refused.ticked if refused else (),
        zone=choosing.zone_of(request),
    )


def _session_id(request: Request) -> str:
    return str(request.path_params["session_id"])
