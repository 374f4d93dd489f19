"""Stepping up by a code from the mail: family members and clients, without JavaScript."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import step_up_codes
from scheduler.domain.codes import Outcome
from scheduler.domain.errors import Invalid
from scheduler.web import forms, pages, signed_in, ways_back
from scheduler.web.account.step_up import DemoForm
from scheduler.web.pages import actor_of, services_of
from scheduler.web.visitor.sign_in import Code, wrong_words


class CodeForm(forms.Form):
    """The code from the mail, and where to go on."""

    code: Code
    next: str = ""


async def ask_for_code(request: Request) -> Response:
    """Send a code to whoever is signed in, and go on to the page for it."""
    services, form = services_of(request), await forms.read(request, DemoForm)
    token = services.new_secret()
    await step_up_codes.ask_for_code(services, actor_of(request), browser_token=token)
    path = ways_back.with_next("/step-up/code", ways_back.local_path(form.next))
    return signed_in.mark_asked(RedirectResponse(path, status_code=303), token, services.settings)


async def show_code(request: Request) -> Response:
    """Show the field for the code."""
    return _page(request)


async def enter_code(request: Request) -> Response:
    """Try the code; when it is right, go on to what was wanted."""
    services, actor = services_of(request), actor_of(request)
    try:
        form = await forms.read(request, CodeForm)
    except Invalid as invalid:
        return _page(request, invalid)
    tried = await step_up_codes.enter_code(
        services, actor, browser_token=signed_in.asked_token(request), code=form.code
    )
    if tried.outcome is Outcome.RIGHT:
        return ways_back.go_on(form.next, actor.role)
    if tried.outcome is Outcome.WRONG:
        return _page(request, Invalid({"code": wrong_words(tried.tries_left)}, typed={"next": form.next}))
    next_path = ways_back.local_path(form.next)
    return pages.show(
        request, "account/step_up_over.html", status=410, outcome=tried.outcome, next_path=next_path
    )


def _page(request: Request, invalid: Invalid | None = None) -> Response:
    typed = invalid.typed if invalid else {}
    return pages.show(
        request,
        "account/step_up_code.html",
        status=invalid.status if invalid else 200,
        errors=invalid.errors if invalid else {},
        typed=typed,
        next_path=ways_back.local_path(typed.get("next", "")) or ways_back.wanted(request),
    )
