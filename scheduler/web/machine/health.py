"""Pages for machines: alive, ready, and figures for Prometheus."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from scheduler.actions import metrics, schema
from scheduler.domain.errors import NotFound
from scheduler.web.machine.callers import has_token, is_loopback
from scheduler.web.pages import services_of

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def show_alive(request: Request) -> Response:
    """Answer that this process runs; asks nothing else."""
    return PlainTextResponse("ok\n")


async def show_ready(request: Request) -> Response:
    """Answer whether requests can be served: database, schema at head, audit log writable; else 503."""
    found = await schema.readiness(services_of(request))
    parts = {"database": found.database, "schema": found.schema, "audit": found.audit}
    headers = {} if found.is_ready else {"Retry-After": "10"}
    return JSONResponse(parts, status_code=200 if found.is_ready else 503, headers=headers)


async def show_metrics(request: Request) -> Response:
    """Answer this machine, and whoever has the token, with figures; nobody's data is among them."""
    services = services_of(request)
    if not (is_loopback(request) or has_token(request, services.settings.metrics_token)):
        raise NotFound("metrics")
    return PlainTextResponse(await metrics.figures(services), media_type=METRICS_TYPE)
