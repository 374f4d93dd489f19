"""A client's releases for the care team: the list, preparing one, approving, revoking and ending."""

from datetime import date
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import release_ends, release_papers, releases
from scheduler.actions.release_ends import Told
from scheduler.domain.errors import Invalid
from scheduler.domain.release_texts import LANGUAGES
from scheduler.domain.times import day_of
from scheduler.web import forms, pages, release_form
from scheduler.web.pages import actor_of, services_of
from scheduler.web.release_form import AskedForm, WordingForm, Words

REVOKE = "clinician/release_revoke.html"
DONE_WORDS = {
    "prepared": "It is written down. The client can sign it on their own page.",
    "recorded": "It is recorded, and waits for somebody else of the care team to approve it.",
    "approved": "It is approved, and in force.",
    "returned": "It is sent back.",
    "revoked": "It is revoked. Nothing more is told by it.",
    "ended": "It has ended. Nothing more is told by it.",
}


class ReasonForm(forms.Form):
    """Why paper is sent back."""

    reason: Words = ""


class RevokeForm(forms.Form):
    """What the client said, and on which day."""

    reason: Words = ""
    told_on: Annotated[date, Field(json_schema_extra={"words": "Please give the day."})]


async def show_releases(request: Request) -> Response:
    """Show all releases of a client."""
    client_id = str(request.path_params["client_id"])
    found = await releases.list_releases(services_of(request), actor_of(request), client_id)
    done = DONE_WORDS.get(request.query_params.get("done", ""), "")
    return pages.show(request, "clinician/releases.html", found=found, done=done)


async def show_new(request: Request) -> Response:
    """Show the form for one that the client is to sign."""
    return await _form_page(request, forms.check(dict(request.query_params), AskedForm))


async def prepare(request: Request) -> Response:
    """Write down one that the client is to sign."""
    typed, client_id = await forms.typed(request), str(request.path_params["client_id"])
    try:
        form = forms.check(typed, WordingForm)
        await releases.write_release(services_of(request), actor_of(request), client_id, form.wording)
    except Invalid as invalid:
        asked = AskedForm(language=typed.get("language", ""), renews=typed.get("renews", ""))
        return await _form_page(request, asked, invalid, typed)
    return done(request, client_id, "prepared")


async def show_release(request: Request) -> Response:
    """Show one release, with what can be done about it."""
    return await _page(request)


async def approve(request: Request) -> Response:
    """Put a release on paper in force, as the second person."""
    release_id = request.path_params["release_id"]
    approved = await release_papers.approve_paper(services_of(request), actor_of(request), release_id)
    return done(request, approved.client_id, "approved")


async def send_back(request: Request) -> Response:
    """Send a release on paper back, with a reason."""
    typed, release_id = await forms.typed(request), request.path_params["release_id"]
    try:
        form = forms.check(typed, ReasonForm)
        sent = await release_papers.send_back(
            services_of(request), actor_of(request), release_id, reason=form.reason
        )
    except Invalid as invalid:
        return await _page(request, invalid, typed)
    return done(request, sent.client_id, "returned")


async def show_revoke(request: Request) -> Response:
    """Ask what the client said."""
    return await _page(request, template=REVOKE)


async def revoke(request: Request) -> Response:
    """Revoke a release on the client's word."""
    typed, release_id = await forms.typed(request), request.path_params["release_id"]
    try:
        form = forms.check(typed, RevokeForm)
        told = Told(form.told_on, form.reason)
        revoked = await release_ends.revoke_release(services_of(request), actor_of(request), release_id, told)
    except Invalid as invalid:
        return await _page(request, invalid, typed, template=REVOKE)
    return done(request, revoked.client_id, "revoked")


async def end(request: Request) -> Response:
    """Keep that the event has happened with which a release ends."""
    release_id = request.path_params["release_id"]
    ended = await release_ends.end_by_event(services_of(request), actor_of(request), release_id)
    return done(request, ended.client_id, "ended")


def done(request: Request, client_id: str, what: str) -> RedirectResponse:
    """Return the way back to a client's releases, where words say what was done."""
    path = request.app.url_path_for("releases", client_id=client_id)
    return RedirectResponse(f"{path}?done={what}", status_code=303)


async def _page(
    request: Request,
    invalid: Invalid | None = None,
    typed: dict[str, str] | None = None,
    *,
    template: str = "clinician/release.html",
) -> Response:
    services, actor = services_of(request), actor_of(request)
    seen = await releases.see_release(services, actor, str(request.path_params["release_id"]))
    today = day_of(services.now(), actor.zone).isoformat()
    return pages.show(
        request,
        template,
        status=invalid.status if invalid else 200,
        seen=seen,
        typed=typed or {"told_on": today},
        errors=invalid.errors if invalid else {},
        is_second=actor.person_id != seen.release.recorded_by,
        today=today,
    )


async def _form_page(
    request: Request,
    asked: AskedForm,
    invalid: Invalid | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    begun = await releases.see_form(
        services_of(request),
        actor_of(request),
        str(request.path_params["client_id"]),
        person_id=asked.person_id,
        like=asked.renews,
        language=asked.language,
    )
    return pages.show(
        request,
        "clinician/release_new.html",
        status=invalid.status if invalid else 200,
        form=begun,
        typed=typed or release_form.begin(begun, asked),
        errors=invalid.errors if invalid else {},
        scopes=release_form.scopes(begun),
        languages=LANGUAGES,
    )
