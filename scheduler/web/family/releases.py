"""A client's own releases: reading, writing, signing and revoking them. For clients alone."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import release_ends, releases
from scheduler.domain.errors import Invalid, StepUpNeeded
from scheduler.domain.permissions import stepped_up
from scheduler.domain.release_texts import LANGUAGES
from scheduler.web import forms, pages, release_form
from scheduler.web.pages import actor_of, services_of
from scheduler.web.release_form import AskedForm, WordingForm

DONE_WORDS = {
    "signed": "Your release is signed and in force.",
    "revoked": "Your release is revoked. Nothing more is told by it.",
}
STEP_UP_WORDS = "Please show once more that it is you, and then sign. Nothing is signed yet."


class SignForm(forms.Form):
    """The typed name, and the hash of the text above it."""

    signature: str = ""
    read: str = ""


async def show_releases(request: Request) -> Response:
    """Show all of one's releases."""
    actor = actor_of(request)
    found = await releases.list_releases(services_of(request), actor, actor.person_id or "")
    done = DONE_WORDS.get(request.query_params.get("done", ""), "")
    return pages.show(request, "family/releases.html", found=found, done=done)


async def show_new(request: Request) -> Response:
    """Show the form for a new release, or for one that takes another's place."""
    asked = forms.check(dict(request.query_params), AskedForm)
    return await _form_page(request, asked)


async def write(request: Request) -> Response:
    """Write a release down, and go on to sign it."""
    typed, actor = await forms.typed(request), actor_of(request)
    try:
        form = forms.check(typed, WordingForm)
        made = await releases.write_release(services_of(request), actor, actor.person_id or "", form.wording)
    except Invalid as invalid:
        asked = AskedForm(language=typed.get("language", ""), renews=typed.get("renews", ""))
        return await _form_page(request, asked, invalid, typed)
    return pages.go(request, "family.release", release_id=made.id)


async def show_release(request: Request) -> Response:
    """Show one release with its text; one that waits for it can be signed there."""
    return await _page(request)


async def sign(request: Request) -> Response:
    """Sign a release."""
    typed = await forms.typed(request)
    try:
        form = forms.check(typed, SignForm)
        await releases.sign_release(
            services_of(request),
            actor_of(request),
            request.path_params["release_id"],
            signature=form.signature,
            read_sha256=form.read,
        )
    except Invalid as invalid:
        return await _page(request, typed, invalid.errors, invalid.status)
    except StepUpNeeded as needed:
        return await _page(request, typed, {"form": STEP_UP_WORDS}, needed.status)
    return _done(request, "signed")


async def show_revoke(request: Request) -> Response:
    """Say what revoking does, and ask."""
    seen = await _seen(request)
    return pages.show(request, "family/release_revoke.html", seen=seen)


async def revoke(request: Request) -> Response:
    """Revoke a release."""
    release_id = request.path_params["release_id"]
    await release_ends.revoke_release(services_of(request), actor_of(request), release_id)
    return _done(request, "revoked")


async def _seen(request: Request) -> releases.ReleaseSeen:
    release_id = request.path_params["release_id"]
    return await releases.see_release(services_of(request), actor_of(request), release_id)


async def _page(
    request: Request,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    return pages.show(
        request,
        "family/release.html",
        status=status,
        seen=await _seen(request),
        typed=typed or {},
        errors=errors or {},
        has_stepped_up=stepped_up(actor_of(request), services_of(request).now()),
    )


async def _form_page(
    request: Request,
    asked: AskedForm,
    invalid: Invalid | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    actor = actor_of(request)
    begun = await releases.see_form(
        services_of(request),
        actor,
        actor.person_id or "",
        person_id=asked.person_id,
        like=asked.renews,
        language=asked.language,
    )
    return pages.show(
        request,
        "family/release_new.html",
        status=invalid.status if invalid else 200,
        form=begun,
        typed=typed or release_form.begin(begun, asked),
        errors=invalid.errors if invalid else {},
        scopes=release_form.scopes(begun),
        languages=LANGUAGES,
    )


def _done(request: Request, done: str) -> Response:
    path = request.app.url_path_for("family.releases")
    return RedirectResponse(f"{path}?done={done}", status_code=303)
