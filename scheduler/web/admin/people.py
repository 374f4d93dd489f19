"""The administrator's page: the people of staff, and how the installation stands; no client, no family."""

from typing import Annotated

from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import people
from scheduler.domain.errors import Invalid, Taken
from scheduler.domain.people import STAFF, Role
from scheduler.domain.zones import zone_names
from scheduler.web import forms, pages
from scheduler.web.pages import actor_of, services_of
from scheduler.web.visitor.sign_in import Email
from scheduler.web.zones import Zone

LONGEST_NAME = 120
ROLES = {
    Role.CLINICIAN: "Clinician",
    Role.COORDINATOR: "Coordinator",
    Role.SUPERVISOR: "Clinical supervisor",
    Role.PRIVACY_OFFICER: "Privacy officer",
    Role.ADMINISTRATOR: "Administrator",
}
TAKEN_WORDS = "Somebody has this e-mail address already."
OWN_ACCOUNT_WORDS = "You cannot close your own account. Please ask another administrator."


def _staff_role(text: str) -> Role:
    if text not in STAFF:
        raise ValueError("Please choose one of the roles.")
    return Role(text)


class StaffForm(forms.Form):
    """A person of staff to be added."""

    name: Annotated[
        str, Field(max_length=LONGEST_NAME, json_schema_extra={"words": "Please use a shorter name."})
    ]
    email: Email
    role: Annotated[str, AfterValidator(_staff_role)]
    zone: Zone
    duty: Annotated[
        str, Field(max_length=LONGEST_NAME, json_schema_extra={"words": "Please use fewer words."})
    ] = ""


async def show_admin(request: Request) -> Response:
    """Show the people of staff and the state of the installation."""
    return await _overview(request)


async def show_new(request: Request) -> Response:
    """Show the form for a new person of staff."""
    await people.prepare_to_add(services_of(request), actor_of(request))
    return _new(request)


async def add(request: Request) -> Response:
    """Add a person of staff and show their one-time link, this once."""
    try:
        form = await forms.read(request, StaffForm)
    except Invalid as invalid:
        return _new(request, invalid)
    wish = people.NewStaff(form.name, form.email, Role(form.role), form.zone, form.duty)
    try:
        link = await people.add_staff(services_of(request), actor_of(request), wish)
    except Taken:
        typed = {name: str(value) for name, value in form.model_dump().items()}
        return _new(request, Invalid({"email": TAKEN_WORDS}, typed=typed), status=409)
    return pages.show(request, "admin/link.html", status=201, link=link)


async def renew(request: Request) -> Response:
    """Show a fresh one-time link for a person of staff, this once."""
    person_id = request.path_params["person_id"]
    link = await people.renew_enrolment(services_of(request), actor_of(request), person_id)
    return pages.show(request, "admin/link.html", status=201, link=link)


async def show_end(request: Request) -> Response:
    """Ask whether the account of a person of staff is really to be closed."""
    person_id = request.path_params["person_id"]
    member = await people.staff_member(services_of(request), actor_of(request), person_id)
    return pages.show(request, "admin/end.html", member=member)


async def end(request: Request) -> Response:
    """Close the account of a person of staff."""
    try:
        await people.end_staff(services_of(request), actor_of(request), request.path_params["person_id"])
    except Taken:
        return await _overview(request, Invalid({"form": OWN_ACCOUNT_WORDS}), status=409)
    return pages.go(request, "admin")


async def _overview(request: Request, invalid: Invalid | None = None, *, status: int = 200) -> Response:
    overview = await people.overview(services_of(request), actor_of(request))
    errors = invalid.errors if invalid else {}
    return pages.show(
        request, "admin/people.html", status=status, errors=errors, overview=overview, roles=ROLES
    )


def _new(request: Request, invalid: Invalid | None = None, *, status: int = 422) -> Response:
    return pages.show(
        request,
        "admin/new.html",
        status=status if invalid else 200,
        errors=invalid.errors if invalid else {},
        typed=invalid.typed if invalid else {},
        roles=ROLES,
        zones=sorted(zone_names()),
    )
