"""Every page about something, as every role: one's own opens; somebody else's looks like nothing at all.

A page that told "not yours" from "not there" would confirm that somebody is a client (42 CFR 2.13(c)). So for
every address with an id in it, each role asks for somebody else's and for one that nobody has, and everything
that can be told from the two answers must be the same.
"""

import re
from dataclasses import dataclass

import httpx2
import pytest
from sqlalchemy import func, select
from starlette.applications import Starlette

from scheduler.actions.proposals import Asking, propose
from scheduler.domain.audit import Outcome
from scheduler.domain.passkeys import Passkey
from scheduler.domain.people import FAMILY, STAFF, Person, Role
from scheduler.domain.program import Program, Step
from scheduler.services import Services
from scheduler.storage import consent, kinds, passkeys, programs
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_entries
from scheduler.web.audiences import ROLES, Audience
from scheduler.web.routes import pages
from scheduler.web.routes.page import Page
from tests import builders
from tests.conftest import new_browser
from tests.joining import Meeting, add_meeting
from tests.scheduling import CHECK_IN, STEP, TUESDAY_NINE, open_hours
from tests.signing_in import sign_in
from tests.told import told

ROLES_THAT_SIGN_IN = sorted(FAMILY | STAFF)
MISSING = {
    "client_id": "nobodyisnamedthis000",
    "credential_id": "00ff",
    "hold_id": "nobodyisnamedthis000",
    "person_id": "nobodyisnamedthis000",
    "proposal_id": "nobodyisnamedthis000",
    "release_id": "nobodyisnamedthis000",
    "session_id": "nobodyisnamedthis000",
    "sign_in_id": "nobodyisnamedthis000",
    "step_id": "nobodyisnamedthis000",
}
COMMON = {  # what everybody of an audience shares, so that it is never somebody else's
    Audience.COMPLIANCE: frozenset({"export_id", "release_id", "seq"}),
    Audience.COORDINATOR: frozenset({"offering_id", "program_id", "step_id"}),
}
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Town:
    """Two families with a therapist each, and somebody of every role who belongs to the first."""

    own: Meeting
    others: Meeting
    people: dict[Role, Person]
    foreign: dict[str, str]


@pytest.fixture
async def town(services: Services, app: Starlette) -> Town:
    """The town, with a session, a hold, a passkey and a sign-in of the others."""
    own = await add_meeting(services)
    therapist = await builders.add_person(services, "Sam Field", Role.CLINICIAN, duty="family therapist")
    others = await add_meeting(services, surname="Nguyen", clinician=therapist)
    await open_hours(services, own.family.clinician)
    people = {
        Role.CLIENT: own.family.client,
        Role.FAMILY_MEMBER: own.family.mother,
        Role.CLINICIAN: own.family.clinician,
    }
    for role in STAFF - {Role.CLINICIAN}:
        people[role] = await builders.add_person(services, f"Robin {role}", role)
    return Town(own, others, people, await _belongings(services, app, others))


async def _belongings(services: Services, app: Starlette, others: Meeting) -> dict[str, str]:
    """Return ids of what belongs to the other family and their therapist."""
    therapist = others.family.clinician
    key = Passkey(b"the others' key", therapist.id, b"", 0, "", services.now())
    await services.database.write(lambda tx: passkeys.add(tx, key))
    await open_hours(services, therapist)
    await services.database.write(lambda tx: kinds.offer(tx, CHECK_IN.id, therapist.id))
    step = Step("their-step", "their-program", 1, "Welcome", 60, is_group=True, education_only=True)
    await services.database.write(lambda tx: _begin(tx, step, others, services))
    async with new_browser(app) as browser:
        made = await sign_in(services, browser, others.family.mother)
        wish = {"kind_id": CHECK_IN.id, "starts_at": TUESDAY_NINE.isoformat(), "zone": "UTC"}
        held = await browser.post("/family/book/hold", data=wish)
    assert held.status_code == 303
    asking = Asking(CHECK_IN.id, (TUESDAY_NINE + STEP,), (others.family.client.id,))
    proposal = await propose(services, others.family.mother_actor, asking)
    assert others.release is not None
    return {
        "client_id": others.family.client.id,
        "credential_id": key.credential_id.hex(),
        "hold_id": held.headers["location"].partition("?")[0].rpartition("/")[2],
        "person_id": others.family.mother.id,
        "proposal_id": proposal.id,
        "release_id": others.release.id,
        "session_id": others.session.id,
        "sign_in_id": made.id,
        "step_id": step.id,
    }


def _begin(tx: Transaction, step: Step, others: Meeting, services: Services) -> None:
    programs.add(tx, Program(step.program_id, "Family program"), [step])
    programs.enrol(tx, step.program_id, others.family.client.id, enrolled_at=services.now())


def parameters(page: Page) -> set[str]:
    return set(_PARAMETER.findall(page.path))


def own_parameters(page: Page) -> set[str]:
    """Return the parameters that name something of one person or family."""
    return parameters(page) - COMMON.get(page.audience, frozenset())


def address(page: Page, ids: dict[str, str]) -> str:
    return _PARAMETER.sub(lambda found: ids[found[1]], page.path)


def pages_about_something(services: Services, role: Role) -> list[Page]:
    """Return the pages with an id in their address whose audience holds the role."""
    return [
        page
        for page in pages(services.settings)
        if page.audience in ROLES and role in ROLES[page.audience] and own_parameters(page)
    ]


def fields(town: Town) -> dict[str, str]:
    """Return every field that any of these forms asks for, filled in well."""
    return {
        "other_id": town.others.family.client.id,
        "person_id": town.others.family.mother.id,
        "starts_at": TUESDAY_NINE.isoformat(),
        "works-nobodyisnamedthis000": "yes",
        "zone": "America/Los_Angeles",
        "kind_id": CHECK_IN.id,
        "page": "",
        "reason": "They were there",
        "level": "iop",
    }


async def ask(browser: httpx2.AsyncClient, page: Page, ids: dict[str, str], town: Town) -> httpx2.Response:
    """Return the answer; of an address that only leads to another, the answer there."""
    if page.method == "GET":
        return await browser.get(address(page, ids), follow_redirects=True)
    return await browser.post(address(page, ids), data=fields(town))


@pytest.fixture(params=ROLES_THAT_SIGN_IN)
def role(request: pytest.FixtureRequest) -> Role:
    """Each role in turn."""
    chosen: Role = request.param
    return chosen


def test_every_parameter_of_every_closed_page_is_tried(services: Services) -> None:
    closed = [page for page in pages(services.settings) if page.audience in ROLES]
    assert {name for page in closed for name in own_parameters(page)} <= set(MISSING)


async def test_somebody_elses_looks_like_one_that_is_not_there(
    services: Services, browser: httpx2.AsyncClient, town: Town, role: Role
) -> None:
    await sign_in(services, browser, town.people[role], has_stepped_up=True)

    different, opened = [], []
    for page in pages_about_something(services, role):
        foreign = await ask(browser, page, town.foreign, town)
        missing = await ask(browser, page, MISSING, town)
        if told(foreign) != told(missing):
            different.append(f"{page.method} {page.path}: {foreign.status_code} {missing.status_code}")
        if foreign.status_code < 400:
            opened.append(f"{page.method} {page.path}: {foreign.status_code}")

    assert different == []
    assert opened == []


async def test_every_look_at_somebody_elses_is_logged(
    services: Services, browser: httpx2.AsyncClient, town: Town, role: Role
) -> None:
    await sign_in(services, browser, town.people[role], has_stepped_up=True)
    denied = select(func.count()).select_from(audit_entries).where(audit_entries.c.outcome == Outcome.DENIED)

    unlogged = []
    for page in pages_about_something(services, role):
        before = await services.database.read(lambda tx: tx.execute(denied).scalar_one())
        response = await ask(browser, page, town.foreign, town)
        after = await services.database.read(lambda tx: tx.execute(denied).scalar_one())
        if response.status_code in (403, 404, 410) and after != before + 1:
            unlogged.append(f"{page.method} {page.path}: {response.status_code}, {after - before} entries")

    assert unlogged == []


async def test_ones_own_opens(services: Services, app: Starlette, town: Town) -> None:
    own = {"session_id": town.own.session.id}
    expected = {
        Role.FAMILY_MEMBER: ["/family/sessions/{session_id}", "/family/sessions/{session_id}/move"],
        Role.CLINICIAN: ["/clinician/sessions/{session_id}", "/clinician/sessions/{session_id}/roster"],
    }
    for role, paths in expected.items():
        async with new_browser(app) as browser:
            await sign_in(services, browser, town.people[role])
            answers = [
                (await browser.get(_PARAMETER.sub(own["session_id"], path))).status_code for path in paths
            ]
        assert answers == [200] * len(paths)


async def test_without_a_release_a_family_member_is_told_nothing_more(
    services: Services, app: Starlette, town: Town
) -> None:
    """Their own session looks to a member whose release was revoked as it does where nothing is there."""
    assert town.own.release is not None
    release_id, now = town.own.release.id, services.now()
    await services.database.write(lambda tx: consent.revoke(tx, release_id, revoked_at=now))
    async with new_browser(app) as browser:
        await sign_in(services, browser, town.people[Role.FAMILY_MEMBER])
        session = await browser.get(f"/family/sessions/{town.own.session.id}/move")

    assert session.status_code in (403, 404, 410)
