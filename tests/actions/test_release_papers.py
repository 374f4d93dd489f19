"""Releases on paper: all nine elements and a scan, two persons, sent back, and who sees the scan."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from scheduler.actions.release_papers import Paper, approve_paper, fetch_scan, record_paper, send_back
from scheduler.actions.releases import see_release
from scheduler.domain.audit import Event
from scheduler.domain.consent import BESIDE, Element, State
from scheduler.domain.errors import Denied, Invalid, NoLonger, NotFound
from scheduler.domain.scans import LARGEST_BYTES, Kind, Scan
from scheduler.services import Services
from scheduler.storage.tables import release_scans
from tests.log import events
from tests.release_house import PDF, House, add_house, is_released, recorded, state


@pytest.fixture
async def house(services: Services) -> House:
    """A family without a release."""
    return await add_house(services)


def without(paper: Paper, element: Element) -> Paper:
    """Return a paper on which one of the nine elements is missing."""
    in_words = {
        Element.DISCLOSER: {"discloser": ""},
        Element.SCOPE: {"scope": None},
        Element.RECIPIENT_NAME: {"person_id": ""},
        Element.PURPOSE: {"purpose": " "},
        Element.REVOCATION_TEXT: {"revocation_text": ""},
        Element.EXPIRY: {"last_day": None, "expiry_event": ""},
    }
    if element in in_words:
        return replace(paper, wording=replace(paper.wording, **in_words[element]))  # type: ignore[arg-type]
    beside = {Element.CLIENT_NAME: "client_name", Element.SIGNATURE: "signature"}
    if element in beside:
        return replace(paper, **{beside[element]: ""})  # type: ignore[arg-type]
    return replace(paper, signed_on=None)


@pytest.mark.parametrize("element", list(Element))
async def test_paper_without_one_of_the_nine_elements_is_refused_beside_its_field(
    services: Services, house: House, element: Element
) -> None:
    paper = without(house.paper, element)

    with pytest.raises(Invalid) as refused:
        await record_paper(services, house.therapist, house.family.client.id, paper)

    assert refused.value.errors == dict([BESIDE[element]])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"client_name": "Jules Baker"}, "client_name"),
        ({"signed_on": date(2026, 11, 9)}, "signed_on"),
        ({"scan": b""}, "scan"),
        ({"scan": b"MZ a program, called scan.pdf"}, "scan"),
        ({"scan": PDF.ljust(LARGEST_BYTES + 1)}, "scan"),
    ],
)
async def test_what_cannot_be_right_on_paper_is_refused_beside_its_field(
    services: Services, house: House, changes: dict[str, object], field: str
) -> None:
    paper = replace(house.paper, **changes)  # type: ignore[arg-type]

    with pytest.raises(Invalid) as refused:
        await record_paper(services, house.therapist, house.family.client.id, paper)

    assert set(refused.value.errors) == {field}


async def test_paper_is_in_force_when_a_second_person_has_approved_it(
    services: Services, house: House
) -> None:
    release = await recorded(services, house)
    assert await state(services, release.id) is State.TO_APPROVE
    assert not await is_released(services, house)

    for _ in range(2):
        await approve_paper(services, house.second, release.id)

    assert await is_released(services, house)
    log = await events(services)
    assert [log.count(event) for event in (Event.RELEASE_CREATED, Event.RELEASE_SIGNED)] == [1, 1]


async def test_nobody_approves_or_sends_back_what_they_recorded(services: Services, house: House) -> None:
    release = await recorded(services, house)

    with pytest.raises(Denied):
        await approve_paper(services, house.therapist, release.id)
    with pytest.raises(Denied):
        await send_back(services, house.therapist, release.id, reason="The date is missing")
    assert await state(services, release.id) is State.TO_APPROVE


async def test_nobody_but_the_care_team_records_or_approves(services: Services, house: House) -> None:
    release, neighbours = await recorded(services, house), await add_house(services, "Baker")

    for who in (house.client, house.family.mother_actor):
        with pytest.raises(Denied):
            await approve_paper(services, who, release.id)
        with pytest.raises(Denied):
            await record_paper(services, who, house.family.client.id, house.paper)
    with pytest.raises(NotFound):
        await approve_paper(services, neighbours.second, release.id)
    with pytest.raises(NotFound):
        await record_paper(services, neighbours.second, house.family.client.id, house.paper)
    assert await state(services, release.id) is State.TO_APPROVE


async def test_paper_that_is_sent_back_tells_why_and_is_recorded_anew(
    services: Services, house: House
) -> None:
    release = await recorded(services, house)
    with pytest.raises(Invalid):
        await send_back(services, house.second, release.id, reason=" ")

    for _ in range(2):
        await send_back(services, house.second, release.id, reason="The name is another")

    seen = await see_release(services, house.therapist, release.id)
    assert (seen.state, seen.reason) == (State.SENT_BACK, "The name is another")
    assert (await events(services)).count(Event.RELEASE_SENT_BACK) == 1
    with pytest.raises(NoLonger):
        await approve_paper(services, house.second, release.id)
    again = await recorded(services, house)
    assert again.id != release.id


async def test_the_same_paper_recorded_twice_is_one(services: Services, house: House) -> None:
    first, again = await recorded(services, house), await recorded(services, house)

    assert first.id == again.id
    assert (await events(services)).count(Event.RELEASE_CREATED) == 1


async def test_the_scan_is_kept_sealed_and_shown_to_the_care_team_alone(
    services: Services, house: House
) -> None:
    release, neighbours = await recorded(services, house), await add_house(services, "Baker")

    scan = await fetch_scan(services, house.second, release.id)

    assert scan == Scan(Kind.PDF, PDF)
    assert (await events(services))[-1] is Event.CLIENT_READ
    row = await services.database.read(lambda tx: tx.execute(select(release_scans)).one())
    assert b"Rosa" not in row.scan_sealed
    for who in (house.client, house.family.mother_actor):
        with pytest.raises(Denied):
            await fetch_scan(services, who, release.id)
    with pytest.raises(NotFound):
        await fetch_scan(services, neighbours.therapist, release.id)
