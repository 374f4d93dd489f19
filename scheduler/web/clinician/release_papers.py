"""Recording a release that was signed on paper, with its scan, and looking at the scan."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import release_papers, releases
from scheduler.actions.release_papers import Paper
from scheduler.domain.errors import Invalid
from scheduler.web import forms, pages, release_form
from scheduler.web.clinician.releases import done
from scheduler.web.pages import actor_of, services_of
from scheduler.web.release_form import AskedForm, Day, WordingForm, Words

CHOOSE_AGAIN_WORDS = "Please choose the scan once more; a browser does not keep it."


class PaperForm(WordingForm):
    """What is on the paper, beside the words: the client's name, and who signed it when."""

    client_name: Words = ""
    signature: Words = ""
    signed_on: Day = None


async def show_paper(request: Request) -> Response:
    """Show the form."""
    return await _page(request, forms.check(dict(request.query_params), AskedForm))


async def record(request: Request) -> Response:
    """Keep what was signed on paper; it waits for somebody else to approve it."""
    typed, data = await forms.typed_with_file(request, "scan")
    client_id = str(request.path_params["client_id"])
    try:
        form = forms.check(typed, PaperForm)
        paper = Paper(form.wording, form.client_name, form.signature, form.signed_on, data)
        await release_papers.record_paper(services_of(request), actor_of(request), client_id, paper)
    except Invalid as invalid:
        errors = dict(invalid.errors)
        if data:
            errors.setdefault("scan", CHOOSE_AGAIN_WORDS)
        return await _page(request, AskedForm(language=typed.get("language", "")), errors, typed)
    return done(request, client_id, "recorded")


async def show_scan(request: Request) -> Response:
    """Hand the scan over as a file; its name says nothing."""
    release_id = str(request.path_params["release_id"])
    scan = await release_papers.fetch_scan(services_of(request), actor_of(request), release_id)
    headers = {"Content-Disposition": f'attachment; filename="document.{scan.kind.ending}"'}
    return Response(scan.data, media_type=scan.kind.media_type, headers=headers)


async def _page(
    request: Request,
    asked: AskedForm,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    begun = await releases.see_form(
        services_of(request),
        actor_of(request),
        str(request.path_params["client_id"]),
        person_id=asked.person_id,
        like=asked.again,
        language=asked.language,
    )
    return pages.show(
        request,
        "clinician/release_paper.html",
        status=422 if errors else 200,
        form=begun,
        typed=typed or release_form.begin_paper(begun, asked),
        errors=errors or {},
        scopes=release_form.scopes(begun),
    )
