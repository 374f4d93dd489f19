"""A family member's first page: what comes next, what else is ahead, the program, and what was."""

from starlette.requests import Request
from starlette.responses import Response

from scheduler.actions import certificates, handouts, sessions
from scheduler.domain.join_links import OPENS_BEFORE
from scheduler.web import pages
from scheduler.web.handouts import handout
from scheduler.web.pages import actor_of, services_of


async def show_home(request: Request) -> Response:
    """Show the family member's sessions."""
    mine = await sessions.my_sessions(services_of(request), actor_of(request))
    return pages.show(request, "family/home.html", mine=mine, opens_before=OPENS_BEFORE)


async def show_program(request: Request) -> Response:
    """Show the family's program and how far it has come."""
    courses = await sessions.my_program(services_of(request), actor_of(request))
    return pages.show(request, "family/program.html", courses=courses)


async def show_certificate(request: Request) -> Response:
    """Give the family member the certificate of a program that they have done."""
    program_id = request.query_params.get("program_id", "")
    made = await certificates.my_certificate(services_of(request), actor_of(request), program_id)
    headers = {"Content-Disposition": 'attachment; filename="certificate.pdf"'}
    return Response(made, media_type="application/pdf", headers=headers)


async def show_step(request: Request) -> Response:
    """Show one step of the program with its handout, for reading and for paper."""
    step_id = request.path_params["step_id"]
    mine = await handouts.my_handout(services_of(request), actor_of(request), step_id)
    return pages.show(request, "family/step.html", mine=mine, handout=handout(mine.step.handout))
