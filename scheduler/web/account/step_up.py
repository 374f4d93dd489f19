"""Stepping up: whoever is signed in shows once more that it is them; good for five minutes.

Staff use a passkey; family members and clients a code (``step_up_code``).
"""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import passkeys
from scheduler.domain.errors import Invalid
from scheduler.domain.people import Proof
from scheduler.web import forms, pages, ways_back
from scheduler.web.pages import actor_of, services_of
from scheduler.web.visitor import sign_in


class DemoForm(forms.Form):
    """In the demo, where nobody has a passkey: only where to go on."""

    next: str = ""


async def show_step_up(request: Request) -> Response:
    """Show how to prove oneself anew."""
    return _page(request)


async def ask_step_up(request: Request) -> Response:
    """Return what a browser needs to prove its person anew, as JSON."""
    services, mark = services_of(request), services_of(request).new_secret()
    options = await passkeys.ask_to_step_up(services, actor_of(request), browser_token=mark)
    return sign_in.asked(options, mark, services.settings)


async def answer_step_up(request: Request) -> Response:
    """Take the fresh proof, and go on to what was wanted."""
    form = await forms.read(request, sign_in.AnswerForm)
    tried = await passkeys.step_up(
        services_of(request), actor_of(request), answer=sign_in.answer_of(request, form)
    )
    if tried.refused:
        return _page(request, Invalid({"form": sign_in.PASSKEY_WORDS}, typed={"next": form.next}))
    return ways_back.go_on(form.next, actor_of(request).role)


async def step_up_in_demo(request: Request) -> Response:
    """Step up at once, in the demo."""
    form = await forms.read(request, DemoForm)
    await passkeys.step_up_in_demo(services_of(request), actor_of(request))
    return ways_back.go_on(form.next, actor_of(request).role)


def _page(request: Request, invalid: Invalid | None = None) -> Response:
    typed = invalid.typed if invalid else {}
    settings = services_of(request).settings
    return pages.show(
        request,
        "account/step_up.html",
        status=invalid.status if invalid else 200,
        errors=invalid.errors if invalid else {},
        next_path=ways_back.local_path(typed.get("next", "")) or ways_back.wanted(request),
        has_demo_door=settings.is_demo and actor_of(request).proof is Proof.DEMO,
    )
