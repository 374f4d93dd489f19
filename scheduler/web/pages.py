"""Showing a page: templates, redirects, and the one place where a refusal becomes a status and a page."""

import hashlib
import logging
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from scheduler import __version__
from scheduler.domain.errors import Invalid, NotSignedIn, Refusal, SlotTaken, TooManyRequests, Unavailable
from scheduler.domain.people import Actor
from scheduler.services import Services
from scheduler.web import words

HERE = Path(__file__).parent.parent
STATIC = HERE / "static"

log = logging.getLogger("hearth.web")


class Templates(Environment):
    """Jinja's environment, where all templates have the same globals and share one plain dictionary of them.

    Jinja layers a ``ChainMap`` on them for each template and walks through it at every import of a macro.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the globals of a template."""
        return self.globals if d is None else super().make_globals(d)


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Return the templates with their filters; built once."""
    environment = Templates(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,  # a plain dictionary, without the order of use that Jinja keeps else
    )
    environment.globals.update(version=__version__)
    environment.filters["static"] = static  # Jinja works out a filter of a constant when it compiles
    words.register(environment)
    return environment


@lru_cache(maxsize=256)
def static(path: str) -> str:
    """Return the address of a static file with its content's hash, so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?{digest}"


def services_of(request: HTTPConnection) -> Services:
    """Return the services of the app that this request came to."""
    services: Services = request.app.state.services
    return services


def actor_of(request: HTTPConnection) -> Actor:
    """Return who is asking, as found by ``signed_in``."""
    actor: Actor = request.state.actor
    return actor


def show(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page; ``context`` names what the template reads. The actor and settings are always there."""
    return HTMLResponse(_rendered(request, template, context), status_code=status)


def go(request: Request, name: str, **parameters: Any) -> RedirectResponse:
    """Return 303 See Other to the route called ``name`` (RFC 9110, section 15.4.4)."""
    return RedirectResponse(request.app.url_path_for(name, **parameters), status_code=303)


def _rendered(request: Request, template: str, context: Mapping[str, Any]) -> str:
    services = services_of(request)
    return (
        templates()
        .get_template(template)
        .render(
            request=request,
            actor=request.state.actor if hasattr(request.state, "actor") else None,
            path=request.scope["path"],
            settings=services.settings,
            now=services.now(),
            url_for=request.app.url_path_for,
            **context,
        )
    )


async def refuse(request: Request, refusal: Exception) -> Response:
    """Return the page of a refusal, or JSON where the caller asked for it."""
    assert isinstance(refusal, Refusal)
    headers = {}
    if isinstance(refusal, TooManyRequests | Unavailable):
        headers["Retry-After"] = str(refusal.retry_after)
    if isinstance(refusal, Unavailable):
        log.error("unavailable: %s", refusal)
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"refused": refusal.page}, status_code=refusal.status, headers=headers)
    page = _refusal_page(request, refusal)
    page.headers.update(headers)
    return page


def _refusal_page(request: Request, refusal: Refusal) -> Response:
    if isinstance(refusal, NotSignedIn):
        return show(
            request, "refusals/not_signed_in.html", status=401, next_path=_path_to_come_back_to(request)
        )
    context: dict[str, Any] = {"refusal": refusal}
    if isinstance(refusal, Invalid):
        context["errors"] = refusal.errors
    if isinstance(refusal, SlotTaken):
        context["nearest"] = refusal.nearest
    return show(request, f"refusals/{refusal.page}.html", status=refusal.status, **context)


def _path_to_come_back_to(request: Request) -> str:
    return request.url.path if request.method == "GET" else ""


async def nothing_here(request: Request, fault: Exception) -> Response:
    """Return the page for what Starlette refuses by itself: no such address, or none with that method."""
    assert isinstance(fault, HTTPException)
    page = show(request, "refusals/not_found.html", status=fault.status_code)
    page.headers.update(fault.headers or {})
    return page
