"""Where to go after signing in or stepping up: the page that was wanted, if it is one of ours, else home."""

from urllib.parse import quote, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse

from scheduler.domain.people import Actor, Proof, Role
from scheduler.web.navigation import home_of

LONGEST = 200


def wanted(request: Request) -> str:
    """Return the local path in the address's ``next``, "" where there is none."""
    return local_path(request.query_params.get("next", ""))


def local_path(text: str) -> str:
    """Return ``text`` if it is nothing but a path of this site, else "" (CWE-601, open redirect)."""
    parts = urlsplit(text)
    is_plain = text.isprintable() and "\\" not in text and len(text) <= LONGEST
    is_local = text.startswith("/") and not text.startswith("//") and not (parts.scheme or parts.netloc)
    return text if is_plain and is_local else ""


def go_on(next_path: str, role: Role) -> RedirectResponse:
    """Return 303 to the wanted path, or to the role's first page."""
    home = home_of(Actor(person_id="", role=role, proof=Proof.NONE))
    return RedirectResponse(local_path(next_path) or home, status_code=303)


def with_next(path: str, next_path: str) -> str:
    """Return ``path`` with the wanted path as its ``next``."""
    return f"{path}?next={quote(next_path, safe='/')}" if next_path else path
