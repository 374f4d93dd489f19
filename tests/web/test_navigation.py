"""The links on top of each page lead where the role may go."""

import pytest

from scheduler.domain.people import FAMILY, STAFF, Actor, Role
from scheduler.web import navigation
from scheduler.web.audiences import OPEN, ROLES
from scheduler.web.routes import PAGES

SIGNED_IN = sorted(FAMILY | STAFF)
OPENED = {page.path: page.audience for page in PAGES if page.method == "GET"}


def signed_in(role: Role) -> Actor:
    return Actor(person_id="id00001", role=role)


@pytest.mark.parametrize("role", [Role.ANONYMOUS, *SIGNED_IN])
def test_every_link_leads_to_a_page_that_the_role_may_open(role: Role) -> None:
    actor = signed_in(role) if role in SIGNED_IN else None
    links = navigation.site_nav(actor, "/")

    assert links
    for link in links:
        audience = OPENED[link.href]
        assert audience in OPEN or role in ROLES[audience], link.href


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/family", "Sessions"),
        ("/family/sessions/x", "Sessions"),
        ("/family/book", "Book"),
        ("/familyx", None),
    ],
)
def test_the_link_of_the_page_beneath_which_one_is_is_current(path: str, current: str | None) -> None:
    links = navigation.site_nav(signed_in(Role.FAMILY_MEMBER), path)

    assert [link.label for link in links if link.current] == ([current] if current else [])


@pytest.mark.parametrize(
    ("role", "path", "current"),
    [
        (Role.CLINICIAN, "/clinician/calendars", "Hours"),
        (Role.CLINICIAN, "/inquiries/x", "Today"),
        (Role.CLINICIAN, "/paths/x/y/z", "Today"),
        (Role.COORDINATOR, "/inquiries/x", "Coordination"),
        (Role.COORDINATOR, "/paths/x", "Families"),
        (Role.SUPERVISOR, "/paths/x", "Families"),
    ],
)
def test_a_page_of_several_roles_lies_beneath_a_link_that_the_reader_has(
    role: Role, path: str, current: str
) -> None:
    links = navigation.site_nav(signed_in(role), path)

    assert [link.label for link in links if link.current] == [current]


@pytest.mark.parametrize("role", SIGNED_IN)
def test_the_mark_leads_to_the_first_page_of_the_role(role: Role) -> None:
    actor = signed_in(role)

    assert navigation.home_of(actor) == navigation.site_nav(actor, "/")[0].href
    assert navigation.home_of(None) == "/"
