"""One's own account: the browsers one is signed in on, and, for people of staff, their passkeys."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import passkeys, people, sign_in
from scheduler.domain.errors import Invalid, NotFound, Taken
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of
from scheduler.web.visitor import sign_in as doors

LAST_PASSKEY_WORDS = "This is your only passkey. Add another one first, so that you can still get in."


async def show_account(request: Request) -> Response:
    """Show where one is signed in."""
    return await _page(request)


async def end_sign_in(request: Request) -> Response:
    """End one of one's own sign-ins."""
    await sign_in.end_sign_in(services_of(request), actor_of(request), request.path_params["sign_in_id"])
    return pages.go(request, "account")


async def end_other_sign_ins(request: Request) -> Response:
    """End all of one's own sign-ins but this one."""
    await sign_in.end_other_sign_ins(services_of(request), actor_of(request))
    return pages.go(request, "account")


async def ask_to_add(request: Request) -> Response:
    """Return what a browser needs to make one more passkey, as JSON."""
    services, mark = services_of(request), services_of(request).new_secret()
    options = await passkeys.ask_to_add(services, actor_of(request), browser_token=mark)
    return doors.asked(options, mark, services.settings)


async def add_passkey(request: Request) -> Response:
    """Keep one more passkey."""
    form = await forms.read(request, doors.AnswerForm)
    tried = await passkeys.add_passkey(
        services_of(request), actor_of(request), answer=doors.answer_of(request, form)
    )
    if tried.refused:
        return await _page(request, Invalid({"form": doors.PASSKEY_WORDS}))
    return pages.go(request, "account")


async def remove_passkey(request: Request) -> Response:
    """Forget one of one's own passkeys."""
    try:
        credential_id = bytes.fromhex(request.path_params["credential_id"])
    except ValueError as garbled:
        raise NotFound("passkey") from garbled
    try:
        await passkeys.remove_passkey(services_of(request), actor_of(request), credential_id)
    except Taken:
        return await _page(request, Invalid({"form": LAST_PASSKEY_WORDS}), status=409)
    return pages.go(request, "account")


async def _page(request: Request, invalid: Invalid | None = None, *, status: int = 200) -> Response:
    account = await people.own_account(services_of(request), actor_of(request))
    return pages.show(
        request,
        "account/account.html",
        status=invalid.status if invalid and status == 200 else status,
        errors=invalid.errors if invalid else {},
        account=account,
    )
