"""Programs, as their coordinators see them: the list, one with its steps and sessions, its families."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from scheduler.actions import enrolling, programs
from scheduler.actions.programs import ProgramSeen
from scheduler.domain.errors import Invalid
from scheduler.domain.program import LONGEST_TITLE, Offering
from scheduler.domain.times import WEEKDAYS, spoken_wall
from scheduler.domain.zones import spoken_zone
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of

SHOWN = timedelta(weeks=2)  # further ahead, each weekly time shows its own
DONE_WORDS = {
    "added": "The program is there. Now add its first step.",
    "ended": "It is ended. What families have done stays theirs.",
    "enrolled": "The family takes part now.",
    "order": "The order is saved.",
    "renamed": "The new name is saved.",
    "saved": "Saved.",
    "step": "The step is saved.",
    "withdrawn": "The family takes part no more. Places they have booked stay theirs.",
}


class ProgramForm(forms.Form):
    """A program's name."""

    name: Annotated[
        str, Field(max_length=LONGEST_TITLE, json_schema_extra={"words": "Please use a shorter name."})
    ]


class FamilyForm(forms.Form):
    """Which family is meant, by its client."""

    client_id: Annotated[str, Field(json_schema_extra={"words": "Please choose a family."})]


async def show_programs(request: Request) -> Response:
    """Show the list of programs with the form for a new one."""
    return await _list(request)


async def add(request: Request) -> Response:
    """Add a program and go to it."""
    try:
        form = await forms.read(request, ProgramForm)
    except Invalid as invalid:
        return await _list(request, invalid)
    made = await programs.add_program(services_of(request), actor_of(request), form.name)
    return done(request, "coordinator.program", "added", program_id=made.id)


async def show_program(request: Request) -> Response:
    """Show a program with its steps, weekly times and coming sessions."""
    return await program_page(request, request.path_params["program_id"])


async def rename(request: Request) -> Response:
    """Give a program another name."""
    program_id = request.path_params["program_id"]
    try:
        form = await forms.read(request, ProgramForm)
    except Invalid as invalid:
        return await program_page(request, program_id, invalid)
    await programs.rename_program(services_of(request), actor_of(request), program_id, form.name)
    return done(request, "coordinator.program", "renamed", program_id=program_id)


async def end(request: Request) -> Response:
    """End a program."""
    await programs.end_program(services_of(request), actor_of(request), request.path_params["program_id"])
    return done(request, "coordinator.programs", "ended")


async def show_families(request: Request) -> Response:
    """Show which families take part."""
    return await _families(request)


async def enrol(request: Request) -> Response:
    """Let a family begin the program."""
    program_id = request.path_params["program_id"]
    try:
        form = await forms.read(request, FamilyForm)
    except Invalid as invalid:
        return await _families(request, invalid)
    await enrolling.enrol_family(services_of(request), actor_of(request), program_id, form.client_id)
    return done(request, "coordinator.enrolled", "enrolled", program_id=program_id)


async def withdraw(request: Request) -> Response:
    """Let a family take part no more."""
    program_id, form = request.path_params["program_id"], await forms.read(request, FamilyForm)
    await enrolling.withdraw_family(services_of(request), actor_of(request), program_id, form.client_id)
    return done(request, "coordinator.enrolled", "withdrawn", program_id=program_id)


async def program_page(request: Request, program_id: str, invalid: Invalid | None = None) -> Response:
    """Return the page of a program, with what is wrong where something is."""
    seen = await programs.see_program(services_of(request), actor_of(request), program_id)
    return pages.show(
        request,
        "coordinator/program.html",
        status=invalid.status if invalid else 200,
        seen=seen,
        coming=[one for one in seen.cohorts if one.session.starts_at < services_of(request).now() + SHOWN],
        live=[step for step in seen.steps if step.ended_at is None],
        ended=[step for step in seen.steps if step.ended_at is not None],
        titles={step.id: step.title for step in seen.steps},
        weekly=_weekly_by_step(seen),
        typed=invalid.typed if invalid else {"name": seen.program.name},
        errors=invalid.errors if invalid else {},
        done=done_words(request),
    )


def weekly_words(offering: Offering, names: Mapping[str, str]) -> str:
    """Return when and with whom: "Mondays at 5:30 pm, Pacific time, with Maya Okafor, 12 places"."""
    time = f"{WEEKDAYS[offering.weekday]}s at {spoken_wall(offering.starts)}, {spoken_zone(offering.zone)}"
    hosts = " and ".join(names.get(person_id, "") for person_id in offering.host_ids)
    return f"{time}, with {hosts}, {offering.capacity} {'place' if offering.capacity == 1 else 'places'}"


def done(request: Request, name: str, what: str, **parameters: str) -> RedirectResponse:
    """Return to a page that says what was done."""
    path = request.app.url_path_for(name, **parameters)
    return RedirectResponse(f"{path}?done={what}", status_code=303)


def done_words(request: Request) -> str:
    """Return the words for what was just done, empty where nothing was."""
    return DONE_WORDS.get(request.query_params.get("done", ""), "")


def _weekly_by_step(seen: ProgramSeen) -> dict[str, list[tuple[Offering, str]]]:
    found: dict[str, list[tuple[Offering, str]]] = {step.id: [] for step in seen.steps}
    for offering in seen.offerings:
        found[offering.step_id].append((offering, weekly_words(offering, seen.names)))
    return found


async def _list(request: Request, invalid: Invalid | None = None) -> Response:
    return pages.show(
        request,
        "coordinator/programs.html",
        status=invalid.status if invalid else 200,
        programs=await programs.list_programs(services_of(request), actor_of(request)),
        typed=invalid.typed if invalid else {},
        errors=invalid.errors if invalid else {},
        done=done_words(request),
    )


async def _families(request: Request, invalid: Invalid | None = None) -> Response:
    program_id = request.path_params["program_id"]
    return pages.show(
        request,
        "coordinator/enrolled.html",
        status=invalid.status if invalid else 200,
        seen=await enrolling.see_families(services_of(request), actor_of(request), program_id),
        errors=invalid.errors if invalid else {},
        done=done_words(request),
    )
