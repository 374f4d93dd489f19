"""Exports of the log: ask for one, watch it being made, fetch it."""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from scheduler.actions import audit_export
from scheduler.domain.errors import Invalid, StepUpNeeded
from scheduler.domain.permissions import stepped_up
from scheduler.web import forms, pages
from scheduler.web.compliance import filter_form
from scheduler.web.compliance.filter_form import EVENT_CHOICES, OUTCOME_CHOICES, FilterForm
from scheduler.web.pages import actor_of, services_of

LONGEST_PURPOSE = 1000
LOOK_AGAIN = "3"  # seconds; a header, because a page that moves on by itself is a trap for screen readers
STEP_UP_WORDS = "Please show once more that it is you, and then ask again. Your words are still here."


class ExportForm(FilterForm):
    """Which entries, and what for."""

    purpose: Annotated[
        str, Field(max_length=LONGEST_PURPOSE, json_schema_extra={"words": "Please use fewer words."})
    ]


async def show_exports(request: Request) -> Response:
    """Show the form for an export and the exports there are."""
    return await _page(request, dict(request.query_params))


async def ask_for_export(request: Request) -> Response:
    """Queue an export, and go to the page on which it can be watched."""
    services, actor = services_of(request), actor_of(request)
    try:
        form = await forms.read(request, ExportForm)
        wanted = form.wanted(actor.zone)
        export_id = await audit_export.request_export(services, actor, wanted, purpose=form.purpose)
    except Invalid as invalid:
        return await _page(request, invalid.typed, errors=invalid.errors, status=422)
    except StepUpNeeded as needed:
        typed = await forms.typed(request)
        return await _page(request, typed, errors={"form": STEP_UP_WORDS}, status=needed.status)
    return pages.go(request, "compliance.export", export_id=export_id)


async def show_export(request: Request) -> Response:
    """Show how far an export is; the browser looks again by itself until it is ready."""
    actor = actor_of(request)
    export = await audit_export.find_export(services_of(request), actor, request.path_params["export_id"])
    words = filter_form.words(export.wanted, actor.zone)
    page = pages.show(request, "compliance/export.html", export=export, wanted=words)
    if export.status in ("queued", "running"):
        page.headers["Refresh"] = LOOK_AGAIN
    return page


async def fetch_export(request: Request) -> Response:
    """Hand over the file of an export."""
    export_id = request.path_params["export_id"]
    path = await audit_export.fetch_export(services_of(request), actor_of(request), export_id)
    return FileResponse(path, media_type="application/zip", filename=f"audit-log-{export_id}.zip")


async def _page(
    request: Request, typed: dict[str, str], *, errors: dict[str, str] | None = None, status: int = 200
) -> Response:
    services, actor = services_of(request), actor_of(request)
    found = await audit_export.list_exports(services, actor)
    return pages.show(
        request,
        "compliance/exports.html",
        status=status,
        typed=typed,
        errors=errors or {},
        exports=[(export, filter_form.words(export.wanted, actor.zone)) for export in found],
        has_stepped_up=stepped_up(actor, services.now()),
        events=EVENT_CHOICES,
        outcomes=OUTCOME_CHOICES,
    )
