"""Steps of a program: written, put in order and ended by coordinators, with the handout as it will look."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import steps
from scheduler.actions.steps import StepSeen, StepWish
from scheduler.domain.errors import Invalid
from scheduler.domain.program import (
    LONGEST,
    LONGEST_GOALS,
    LONGEST_HANDOUT,
    LONGEST_TITLE,
    SHORTEST,
    Step,
)
from scheduler.domain.times import TICK_MINUTES
from scheduler.web import forms, pages
from scheduler.web.coordinator.programs import done, program_page
from scheduler.web.handouts import handout
from scheduler.web.pages import actor_of, services_of

LENGTHS = [str(minutes) for minutes in range(SHORTEST, LONGEST + 1, TICK_MINUTES)]
USUAL_LENGTH = "60"


def _minutes(text: object) -> int:
    if text not in LENGTHS:
        raise ValueError("Please choose one of the lengths.")
    return int(str(text))


def _least_minutes(text: object) -> int | None:
    typed = str(text or "").strip()
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(LONGEST))):
        raise ValueError("Please write the minutes as a number.")
    return int(typed) if typed else None


def _lines(text: object) -> str:
    return str(text).replace("\r\n", "\n")  # as browsers end the lines of a text field


class StepForm(forms.Form):
    """A step as it is written; what it needs stands in fields of its own, one for each earlier step."""

    title: Annotated[
        str, Field(max_length=LONGEST_TITLE, json_schema_extra={"words": "Please use a shorter title."})
    ]
    minutes: Annotated[int, BeforeValidator(_minutes)]
    least_minutes: Annotated[int | None, BeforeValidator(_least_minutes)] = None
    held: Annotated[
        Literal["group", "family"], Field(json_schema_extra={"words": "Please choose one of the two."})
    ]
    release: Annotated[
        Literal["education", "needed"], Field(json_schema_extra={"words": "Please choose one of the two."})
    ]
    goals: Annotated[
        str,
        BeforeValidator(_lines),
        Field(
            max_length=LONGEST_GOALS,
            json_schema_extra={"words": forms.TOO_LONG.format(most=LONGEST_GOALS)},
        ),
    ] = ""
    handout: Annotated[
        str,
        BeforeValidator(_lines),
        Field(
            max_length=LONGEST_HANDOUT,
            json_schema_extra={"words": forms.TOO_LONG.format(most=LONGEST_HANDOUT)},
        ),
    ] = ""


async def show_new(request: Request) -> Response:
    """Show the form for a new step."""
    return await _page(request)


async def add(request: Request) -> Response:
    """Add a step at the end of the program, or show its handout as it will look."""
    typed = await forms.typed(request)
    if typed.get("act") == "preview":
        return await _page(request, typed=typed)
    program_id = request.path_params["program_id"]
    try:
        await steps.add_step(services_of(request), actor_of(request), program_id, wish_of(typed))
    except Invalid as invalid:
        return await _page(request, Invalid(invalid.errors, typed=typed))
    return done(request, "coordinator.program", "step", program_id=program_id)


async def show_step(request: Request) -> Response:
    """Show a step, to be changed."""
    return await _page(request)


async def change(request: Request) -> Response:
    """Change a step, or show its handout as it will look."""
    typed = await forms.typed(request)
    if typed.get("act") == "preview":
        return await _page(request, typed=typed)
    step_id = request.path_params["step_id"]
    try:
        step = await steps.change_step(services_of(request), actor_of(request), step_id, wish_of(typed))
    except Invalid as invalid:
        return await _page(request, Invalid(invalid.errors, typed=typed))
    return done(request, "coordinator.program", "step", program_id=step.program_id)


async def shift(request: Request) -> Response:
    """Put a step one place further up or down."""
    typed, step_id = await forms.typed(request), request.path_params["step_id"]
    services, actor = services_of(request), actor_of(request)
    try:
        step = await steps.shift_step(services, actor, step_id, up=typed.get("to") == "up")
    except Invalid as invalid:
        seen = await steps.see_step(services, actor, step_id)
        return await program_page(
            request, seen.program.id, Invalid(invalid.errors, typed={"name": seen.program.name})
        )
    return done(request, "coordinator.program", "order", program_id=step.program_id)


async def end(request: Request) -> Response:
    """End a step with its weekly times."""
    step = await steps.end_step(services_of(request), actor_of(request), request.path_params["step_id"])
    return done(request, "coordinator.program", "ended", program_id=step.program_id)


def wish_of(typed: dict[str, str]) -> StepWish:
    """Return what the form says.

    Raises:
        Invalid: a field is missing or malformed.
    """
    form = forms.check(typed, StepForm)
    return StepWish(
        title=form.title,
        minutes=form.minutes,
        is_group=form.held == "group",
        education_only=form.release == "education",
        goals=form.goals,
        handout=form.handout,
        least_minutes=form.least_minutes,
        needs=tuple(name.removeprefix("needs_") for name in typed if name.startswith("needs_")),
    )


async def _page(
    request: Request, invalid: Invalid | None = None, *, typed: dict[str, str] | None = None
) -> Response:
    seen = await _seen(request)
    shown = typed if typed is not None else invalid.typed if invalid else _filled(seen.step)
    return pages.show(
        request,
        "coordinator/step.html",
        status=invalid.status if invalid else 200,
        seen=seen,
        lengths=[(length, f"{length} minutes") for length in LENGTHS],
        typed=shown,
        preview=handout(shown.get("handout", "")) if typed is not None else None,
        errors=invalid.errors if invalid else {},
    )


async def _seen(request: Request) -> StepSeen:
    services, actor, ids = services_of(request), actor_of(request), request.path_params
    if "step_id" in ids:
        return await steps.see_step(services, actor, ids["step_id"])
    return await steps.prepare_step(services, actor, ids["program_id"])


def _filled(step: Step | None) -> dict[str, str]:
    """Return the fields of the form as a step is, or as a new one usually is."""
    if step is None:
        return {"minutes": USUAL_LENGTH, "held": "group", "release": "education"}
    fields = {
        "title": step.title,
        "minutes": str(step.minutes),
        "least_minutes": "" if step.least_minutes is None else str(step.least_minutes),
        "held": "group" if step.is_group else "family",
        "release": "education" if step.education_only else "needed",
        "goals": step.goals,
        "handout": step.handout,
    }
    return fields | {f"needs_{needed}": "yes" for needed in step.needs}
