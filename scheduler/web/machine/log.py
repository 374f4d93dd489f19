"""The log's newest checkpoint, for witnesses: programs elsewhere that keep it (C2SP tlog-checkpoint)."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from scheduler.actions import audit_check
from scheduler.domain.errors import NotFound
from scheduler.web.machine.callers import has_token
from scheduler.web.pages import services_of


async def show_checkpoint(request: Request) -> Response:
    """Answer with the newest signed checkpoint, for who holds the witness's token."""
    services = services_of(request)
    if not has_token(request, services.settings.witness_token):
        raise NotFound("checkpoint")
    return PlainTextResponse(await audit_check.newest_checkpoint(services))
