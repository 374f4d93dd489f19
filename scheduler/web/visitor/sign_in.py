"""Signing in: family members by a code sent to their mail, people of staff by a passkey; and signing out.

Nothing on these pages tells whether an address is known.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import passkeys, sign_in, sign_in_codes
from scheduler.domain.errors import Invalid
from scheduler.settings import Settings
from scheduler.web import forms, pages, signed_in, ways_back
from scheduler.web.browsers import browser_of
from scheduler.web.pages import actor_of, services_of

SIGN_IN = "visitor/sign_in.html"
SIGN_IN_CODE = "visitor/sign_in_code.html"

LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less its brackets
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_NOT_A_DIGIT = re.compile(r"\D")

CODE_WORDS = "The code has 8 digits. Please look again at the mail."
PASSKEY_WORDS = "That did not work. Nothing was changed. Please try once more."


def _email(text: str) -> str:
    if len(text) > LONGEST_EMAIL or not text.isprintable() or not _EMAIL.fullmatch(text):
        raise ValueError("Please write your e-mail address, like name@example.org.")
    return text


def _code(text: str) -> str:
    if len(text) != 8 or not text.isascii():
        raise ValueError(CODE_WORDS)
    return text


def _digits(typed: object) -> object:
    return _NOT_A_DIGIT.sub("", typed) if isinstance(typed, str) else typed


Email = Annotated[str, AfterValidator(_email)]
Code = Annotated[str, BeforeValidator(_digits), AfterValidator(_code)]


class AskForm(forms.Form):
    """To which address the code goes."""

    email: Email
    next: str = ""


class CodeForm(forms.Form):
    """The code from the mail."""

    code: Code
    remember: bool = False
    next: str = ""


class AnswerForm(forms.Form):
    """What a passkey answered: JSON."""

    credential: str = ""
    label: str = ""
    next: str = ""


async def show_sign_in(request: Request) -> Response:
    """Show both ways to sign in."""
    return _page(request, SIGN_IN)


async def ask_for_code(request: Request) -> Response:
    """Send a code where the address is known, and go on to the next page in any case."""
    services = services_of(request)
    try:
        form = await forms.read(request, AskForm)
    except Invalid as invalid:
        return _page(request, SIGN_IN, invalid)
    request.state.rate_limits.require_code(sign_in_codes.address_key(services, form.email))
    token = services.new_secret()
    await sign_in_codes.ask_for_code(services, actor_of(request), email=form.email, browser_token=token)
    next_page = ways_back.with_next("/sign-in/code", ways_back.local_path(form.next))
    return signed_in.mark_asked(RedirectResponse(next_page, status_code=303), token, services.settings)


async def show_code(request: Request) -> Response:
    """Show the field for the code, to the browser that asked for one."""
    if not signed_in.asked_token(request):
        return pages.go(request, "sign_in")
    return _page(request, SIGN_IN_CODE)


async def enter_code(request: Request) -> Response:
    """Try the code; when it is right, go on to what was wanted."""
    try:
        form = await forms.read(request, CodeForm)
    except Invalid as invalid:
        return _page(request, SIGN_IN_CODE, invalid)
    tried = await sign_in_codes.enter_code(
        services_of(request),
        actor_of(request),
        browser_token=signed_in.asked_token(request),
        code=form.code,
        browser=browser_of(request),
        is_remembered=form.remember,
    )
    if tried.begun is not None:
        return welcome(request, tried.begun, form.next)
    if tried.outcome == "wrong":
        typed = {"next": form.next} | ({"remember": "yes"} if form.remember else {})
        wrong = Invalid({"code": wrong_words(tried.tries_left)}, typed=typed)
        return _page(request, SIGN_IN_CODE, wrong)
    return pages.show(request, "visitor/sign_in_over.html", status=410, outcome=tried.outcome)


async def ask_passkey(request: Request) -> Response:
    """Return what a browser needs to sign in by passkey, as JSON."""
    services = services_of(request)
    token = services.new_secret()
    options = await passkeys.ask_to_sign_in(services, actor_of(request), browser_token=token)
    return asked(options, token, services.settings)


async def answer_passkey(request: Request) -> Response:
    """Sign in by what the passkey answered."""
    form = await forms.read(request, AnswerForm)
    tried = await passkeys.sign_in_by_passkey(
        services_of(request), actor_of(request), answer=answer_of(request, form)
    )
    if tried.begun is None:
        return _page(request, SIGN_IN, Invalid({"form": PASSKEY_WORDS}, typed={"next": form.next}))
    return welcome(request, tried.begun, form.next)


async def sign_out(request: Request) -> Response:
    """End this browser's sign-in and go to the first page."""
    services = services_of(request)
    await sign_in.sign_out(services, actor_of(request))
    return signed_in.end(pages.go(request, "home"), services.settings)


def welcome(request: Request, begun: sign_in.Begun, next_path: str) -> Response:
    """Return the way into the house for a browser that has just been signed in."""
    response = ways_back.go_on(next_path, begun.role)
    return signed_in.begin(response, begun, services_of(request).settings)


def asked(options: str, token: str, settings: Settings) -> Response:
    """Return a passkey's options, to the browser marked with ``token``."""
    return signed_in.mark_asked(Response(options, media_type="application/json"), token, settings)


def answer_of(request: Request, form: AnswerForm) -> passkeys.Answer:
    """Return a passkey's answer with the browser that gave it."""
    return passkeys.Answer(
        text=form.credential,
        browser_token=signed_in.asked_token(request),
        browser=browser_of(request),
        label=form.label,
    )


def wrong_words(tries_left: int) -> str:
    """Return what stands beside a code that is wrong."""
    tries = "one more try" if tries_left == 1 else f"{tries_left} more tries"
    return f"This is not the code. Please look again at the newest mail. You have {tries}."


def _page(request: Request, template: str, invalid: Invalid | None = None) -> Response:
    typed = invalid.typed if invalid else {}
    return pages.show(
        request,
        template,
        status=invalid.status if invalid else 200,
        errors=invalid.errors if invalid else {},
        typed=typed,
        next_path=ways_back.local_path(typed.get("next", "")) or ways_back.wanted(request),
    )
