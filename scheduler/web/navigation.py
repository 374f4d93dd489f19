"""The links at the top of each page, by role, and where the mark leads; account and way out stand apart."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from scheduler.domain.people import Actor, Role


@dataclass(frozen=True, slots=True)
class NavLink:
    """One link: the words, the path, and whether the reader is there now."""

    label: str
    href: str
    current: bool


Links = tuple[tuple[str, str], ...]

_VISITOR: Links = (("Join", "/join"), ("Sign in", "/sign-in"))
_FAMILY: Links = (("Sessions", "/family"), ("Book", "/family/book"), ("Program", "/family/program"))
_CLIENT: Links = (*_FAMILY, ("Releases", "/family/releases"))
_CLINICIAN: Links = (("Today", "/clinician"), ("Hours", "/clinician/hours"))
_COORDINATOR: Links = (
    ("Coordination", "/coordinator"),
    ("Families", "/coordinator/families"),
    ("Program", "/coordinator/programs"),
)

_LINKS: Mapping[Role, Links] = MappingProxyType(
    {
        Role.FAMILY_MEMBER: _FAMILY,
        Role.CLIENT: _CLIENT,
        Role.CLINICIAN: _CLINICIAN,
        Role.SUPERVISOR: (*_CLINICIAN, *_COORDINATOR),
        Role.COORDINATOR: _COORDINATOR,
        Role.PRIVACY_OFFICER: (
            ("Overview", "/compliance"),
            ("Log", "/compliance/audit"),
            ("Exports", "/compliance/exports"),
        ),
        Role.ADMINISTRATOR: (("People", "/admin"),),
    }
)


# Pages that lie beneath another link than their address tells: of these links, the first that the role has.
_ELSEWHERE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "/clinician/calendars": ("/clinician/hours",),
        "/inquiries": ("/coordinator", "/clinician"),
        "/paths": ("/coordinator/families", "/clinician"),
    }
)


def site_nav(actor: Actor | None, path: str) -> list[NavLink]:
    """Return the links of the role; at most one is current: the longest that ``path`` lies beneath."""
    links = _links(actor)
    hrefs = [href for _, href in links]
    elsewhere = next((found for start, found in _ELSEWHERE.items() if _is_beneath(path, start)), ())
    beneath = [href for href in elsewhere if href in hrefs][:1] or [
        href for href in hrefs if _is_beneath(path, href)
    ]
    current = max(beneath, key=len, default=None)
    return [NavLink(label, href, href == current) for label, href in links]


def _is_beneath(path: str, start: str) -> bool:
    return path == start or path.startswith(start + "/")


def home_of(actor: Actor | None) -> str:
    """Return the path of the actor's first page; ``/`` for those who are not signed in."""
    return _links(actor)[0][1] if actor is not None and actor.person_id is not None else "/"


def _links(actor: Actor | None) -> Links:
    if actor is None or actor.person_id is None:
        return _VISITOR
    return _LINKS.get(actor.role, _VISITOR)
