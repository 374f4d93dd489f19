"""The one-time link with which a person of staff makes their first passkey; only making it uses it up."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import passkeys
from scheduler.domain.errors import Invalid
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of
from scheduler.web.visitor import sign_in


async def show_enrol(request: Request) -> Response:
    """Show how to make a passkey, or that the link is over."""
    token = request.path_params["token"]
    is_open = await passkeys.is_enrolment_open(services_of(request), token)
    return _page(request, token) if is_open else pages.show(request, "visitor/enrol_over.html", status=410)


async def ask_enrol(request: Request) -> Response:
    """Return what a browser needs to make the first passkey, as JSON."""
    services, mark = services_of(request), services_of(request).new_secret()
    options = await passkeys.ask_to_enrol(
        services, actor_of(request), token=request.path_params["token"], browser_token=mark
    )
    return sign_in.asked(options, mark, services.settings)


async def answer_enrol(request: Request) -> Response:
    """Keep the passkey, use the link up, and sign the browser in."""
    token = request.path_params["token"]
    form = await forms.read(request, sign_in.AnswerForm)
    tried = await passkeys.enrol(
        services_of(request), actor_of(request), token=token, answer=sign_in.answer_of(request, form)
    )
    if tried.refused == "link_is_over":
        return pages.show(request, "visitor/enrol_over.html", status=410)
    if tried.begun is None:
        return _page(request, token, Invalid({"form": sign_in.PASSKEY_WORDS}, typed={"label": form.label}))
    return sign_in.welcome(request, tried.begun, "")


def _page(request: Request, token: str, invalid: Invalid | None = None) -> Response:
    return pages.show(
        request,
        "visitor/enrol.html",
        status=invalid.status if invalid else 200,
        errors=invalid.errors if invalid else {},
        typed=invalid.typed if invalid else {},
        token=token,
    )
