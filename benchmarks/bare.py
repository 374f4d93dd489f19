"""The bare page that the slot page is measured against: one Starlette route, one Jinja2 template, no data.

The template has the very bytes of our page, but for the slots, which it writes in a loop from a list that
stands ready. ``HEARTH_BARE_FOLDER`` holds both.
"""

import json
import os
from pathlib import Path

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

FOLDER = "HEARTH_BARE_FOLDER"


def app() -> Starlette:
    """Return the bare application."""
    folder = Path(os.environ[FOLDER])
    days = json.loads((folder / "days.json").read_text())
    template = Environment(autoescape=True).from_string((folder / "page.html").read_text())

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(template.render(days=days))

    return Starlette(routes=[Route("/", page), Route("/healthz", page)])
