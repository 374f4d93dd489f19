"""A family's path for staff: what each person has done, credit corrected with a reason, the level of care."""

from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import paths
from scheduler.domain.credits import LONGEST_REASON
from scheduler.domain.errors import Invalid
from scheduler.domain.people import CareLevel
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of

LEVELS = (
    (CareLevel.PHP, "PHP (days)"),
    (CareLevel.IOP, "IOP (some hours a week)"),
    (CareLevel.OUTPATIENT, "Outpatient"),
    (CareLevel.ALUMNI, "Alumni"),
)
DONE_WORDS = {
    "given": "The credit is given.",
    "taken": "The credit is taken away.",
    "moved": "The level of care is changed. Everything that was done stays done.",
}


class CreditForm(forms.Form):
    """Why a credit is given or taken away."""

    reason: Annotated[
        str,
        Field(
            max_length=LONGEST_REASON,
            json_schema_extra={"words": forms.TOO_LONG.format(most=LONGEST_REASON)},
        ),
    ]


class LevelForm(forms.Form):
    """The level of care."""

    level: Annotated[CareLevel, Field(json_schema_extra={"words": "Please choose a level of care."})]


async def show_path(request: Request) -> Response:
    """Show a family's path."""
    return await _path(request)


async def change_level(request: Request) -> Response:
    """Move the client to another level of care."""
    try:
        form = await forms.read(request, LevelForm)
    except Invalid as invalid:
        return await _path(request, invalid)
    client_id = request.path_params["client_id"]
    await paths.change_care_level(services_of(request), actor_of(request), client_id, form.level)
    return _done(request, "moved")


async def show_credit(request: Request) -> Response:
    """Ask why one person's credit for a step is to be given or taken away."""
    return await _credit(request)


async def give(request: Request) -> Response:
    """Give the credit."""
    return await _correct(request, is_given=True)


async def take(request: Request) -> Response:
    """Take the credit away."""
    return await _correct(request, is_given=False)


async def _correct(request: Request, *, is_given: bool) -> Response:
    try:
        form = await forms.read(request, CreditForm)
    except Invalid as invalid:
        return await _credit(request, invalid)
    services, actor = services_of(request), actor_of(request)
    await paths.correct_credit(services, actor, **request.path_params, is_given=is_given, reason=form.reason)
    return _done(request, "given" if is_given else "taken")


async def _path(request: Request, invalid: Invalid | None = None) -> Response:
    seen = await paths.see_path(services_of(request), actor_of(request), request.path_params["client_id"])
    return pages.show(
        request,
        "clinician/path.html",
        status=invalid.status if invalid else 200,
        seen=seen,
        levels=LEVELS,
        errors=invalid.errors if invalid else {},
        done=DONE_WORDS.get(request.query_params.get("done", ""), ""),
    )


async def _credit(request: Request, invalid: Invalid | None = None) -> Response:
    seen = await paths.see_credit(services_of(request), actor_of(request), **request.path_params)
    return pages.show(
        request,
        "clinician/credit.html",
        status=invalid.status if invalid else 200,
        seen=seen,
        typed=invalid.typed if invalid else {},
        errors=invalid.errors if invalid else {},
    )


def _done(request: Request, what: str) -> RedirectResponse:
    path = request.app.url_path_for("path", client_id=request.path_params["client_id"])
    return RedirectResponse(f"{path}?done={what}", status_code=303)
