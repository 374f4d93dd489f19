"""The privacy officer's pages, without JavaScript, on both engines."""

import io
import re
import zipfile

import httpx2
import pytest

from scheduler.actions import audit_check, audit_export
from scheduler.domain.audit import Entity, Event, Outcome, Trail
from scheduler.domain.bundle_check import check
from scheduler.domain.people import SYSTEM, Actor, Person, Proof, Role, Source
from scheduler.services import Services
from scheduler.storage import audit
from scheduler.storage.database import Transaction
from scheduler.storage.signer import verify_signature
from scheduler.web.compliance.overview import bars
from tests import builders
from tests.conftest import Clock
from tests.log import events
from tests.signing_in import sign_in

CLINICIAN = Actor("clinician12345", Role.CLINICIAN, Proof.PASSKEY, source=Source("192.0.2.7", "r1"))


@pytest.fixture
async def officer(services: Services, browser: httpx2.AsyncClient) -> Person:
    """A privacy officer, signed in and just stepped up."""
    pia = await builders.add_person(services, "Pia Olsen", Role.PRIVACY_OFFICER)
    await sign_in(services, browser, pia, has_stepped_up=True)
    return pia


@pytest.fixture
async def tired(services: Services, browser: httpx2.AsyncClient) -> Person:
    """A privacy officer, signed in without a fresh proof."""
    pia = await builders.add_person(services, "Pia Olsen", Role.PRIVACY_OFFICER)
    await sign_in(services, browser, pia)
    return pia


async def add_entries(services: Services, count: int = 3) -> None:
    trail = Trail(CLINICIAN, services.now(), bytes(16))

    def work(tx: Transaction) -> None:
        for number in range(count):
            denied = number == 1
            audit.append(
                tx,
                trail,
                Event.CLIENT_READ,
                client_id="client98765",
                outcome=Outcome.DENIED if denied else Outcome.SUCCESS,
                reason="Denied" if denied else None,
                entities=(Entity("session", "session4321"),),
                detail="a <sealed> note",
            )

    await services.database.write(work)


async def test_the_overview_says_that_the_log_was_not_checked_and_then_that_it_is_whole(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    await add_entries(services)
    assert "Not checked yet." in (await browser.get("/compliance")).text
    checked = await browser.post("/compliance/check")
    assert (checked.status_code, checked.headers["location"]) == (303, "/compliance")
    page = (await browser.get("/compliance")).text
    assert "Whole." in page
    assert "4 entries" in page
    assert services.signer.vkey in page


async def test_the_overview_says_that_the_log_is_not_whole(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    trail = services.trail(SYSTEM)
    await services.database.write(
        lambda tx: audit.append(tx, trail, Event.AUDIT_VERIFIED, outcome=Outcome.FAILURE, reason="LogBroken")
    )
    page = (await browser.get("/compliance")).text
    assert "The log is not whole." in page
    assert 'href="/compliance/audit/1"' in page


async def test_the_overview_says_that_entries_wait_for_a_checkpoint(
    services: Services, browser: httpx2.AsyncClient, officer: Person, clock: Clock
) -> None:
    await add_entries(services)
    await audit_check.write_checkpoint(services)
    await add_entries(services)
    clock.move(minutes=6)
    assert "Entries are waiting to be signed." in (await browser.get("/compliance")).text


async def test_reads_are_pictured_by_day_with_those_that_were_refused(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    await add_entries(services, 4)
    page = (await browser.get("/compliance")).text
    assert "4 in all, 1 refused" in page
    assert "Monday 2 November: 1 read refused." in page
    assert "since=2026-11-02&amp;until=2026-11-02" in page


def test_a_read_belongs_to_its_day_in_the_readers_zone(clock: Clock) -> None:
    late = clock().replace(hour=23)
    there = bars([(late, Outcome.SUCCESS)], "Asia/Tokyo", late)
    assert (there[-1].words, there[-1].total) == ("Tuesday 3 November", 1)
    assert sum(bar.total for bar in there[:-1]) == 0
    assert bars([], "UTC", late)[0].height == 0


async def test_a_search_needs_a_fresh_proof(browser: httpx2.AsyncClient, tired: Person) -> None:
    for path in ("/compliance/audit", "/compliance/audit/1"):
        page = await browser.get(path)
        assert page.status_code == 403
        assert f"/step-up?next={path}" in page.text


async def test_entries_are_shown_newest_first_with_who_and_about_whom(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    await add_entries(services)
    page = (await browser.get("/compliance/audit")).text
    numbers = re.findall(r"/compliance/audit/(\d+)", page)
    assert numbers == ["3", "2", "1"]
    assert "/compliance/audit?actor=clinician12345" in page
    assert "/compliance/audit?client=client98765" in page
    assert (await events(services))[-1] is Event.AUDIT_SEARCHED


async def test_a_search_shows_only_what_was_asked_for(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    await add_entries(services)
    for asked, numbers in (
        ({"outcome": "denied"}, ["2"]),
        ({"event": "audit.searched"}, ["4"]),
        ({"client": "client98765", "since": "2026-11-02", "until": "2026-11-02"}, ["3", "2", "1"]),
        ({"client": "client98765", "since": "2026-11-03"}, []),
        ({"client": "client98765", "until": "2026-11-01"}, []),
        ({"actor": "clinician12345", "before": "3"}, ["2", "1"]),
    ):
        page = (await browser.get("/compliance/audit", params=asked)).text
        assert re.findall(r"/compliance/audit/(\d+)", page) == numbers, asked
    assert "No entry fits" in (await browser.get("/compliance/audit", params={"client": "nobody"})).text


async def test_a_long_search_goes_on_at_older_entries(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    await add_entries(services, 60)
    page = (await browser.get("/compliance/audit", params={"client": "client98765"})).text
    assert 'href="/compliance/audit?client=client98765&amp;before=11"' in page
    older = (await browser.get("/compliance/audit?client=client98765&before=11")).text
    assert re.findall(r"/compliance/audit/(\d+)", older) == [str(number) for number in range(10, 0, -1)]
    assert "Older entries" not in older


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "yesterday"},
        {"until": "0001-01-01"},
        {"since": "0001-01-01"},
        {"since": "9999-12-31"},
        {"event": "nothing.happened"},
        {"actor": "<script>"},
        {"client": "x" * 65},
        {"outcome": "perhaps"},
    ],
)
async def test_a_search_for_nonsense_says_so_beside_the_field(
    services: Services, browser: httpx2.AsyncClient, officer: Person, asked: dict[str, str]
) -> None:
    page = await browser.get("/compliance/audit", params=asked)
    assert page.status_code == 422
    (name,) = asked
    assert f'id="f-{name}-error"' in page.text
    assert "<script>" not in page.text
    assert ("Please give a day" in page.text) == (name in ("since", "until"))
    assert await events(services) == []


async def test_an_end_before_the_start_is_told_beside_the_last_day_and_nothing_typed_is_lost(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    asked = {"since": "2026-11-03", "until": "2026-11-02", "purpose": "yearly review"}
    for page in (
        await browser.get("/compliance/audit", params=asked),
        await browser.post("/compliance/exports", data=asked),
    ):
        assert page.status_code == 422
        assert re.findall(r'id="f-(\w+)-error"', page.text) == ["until"]
        assert "The last day comes before the first." in page.text
        assert 'value="2026-11-03"' in page.text
        assert 'value="2026-11-02"' in page.text
    assert "yearly review</textarea>" in page.text
    assert await events(services) == []


async def test_an_entry_shows_what_it_says_what_was_sealed_and_its_proof(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    await add_entries(services)
    assert "No checkpoint covers this entry yet." in (await browser.get("/compliance/audit/2")).text
    await audit_check.write_checkpoint(services)
    page = (await browser.get("/compliance/audit/2")).text
    assert "denied, Denied" in page
    assert "a &lt;sealed&gt; note" in page
    assert "signed just now with 4 entries" in page
    assert services.signer.name in page


@pytest.mark.parametrize("seq", ["99", "0", "9" * 30])
async def test_an_entry_that_is_not_there_is_not_found(
    browser: httpx2.AsyncClient, officer: Person, seq: str
) -> None:
    assert (await browser.get(f"/compliance/audit/{seq}")).status_code == 404


async def test_an_export_is_asked_for_watched_and_fetched(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    await add_entries(services)
    asked = await browser.post(
        "/compliance/exports", data={"purpose": "yearly review", "client": "client98765"}
    )
    assert asked.status_code == 303
    waiting = await browser.get(asked.headers["location"])
    assert "It is being made" in waiting.text
    assert waiting.headers["refresh"] == "3"
    assert "waiting" in (await browser.get("/compliance/exports")).text
    await audit_export.make_exports(services)
    ready = await browser.get(asked.headers["location"])
    assert "Ready: 3 entries." in ready.text
    assert "about client client98765" in ready.text
    assert "refresh" not in ready.headers
    file = await browser.get(asked.headers["location"] + "/file")
    assert file.headers["content-type"] == "application/zip"
    assert file.headers["cache-control"] == "no-store"
    assert check(memoryview(file.content), verify_signature, pinned=services.signer.vkey).count == 3
    assert "entries.jsonl" in zipfile.ZipFile(io.BytesIO(file.content)).namelist()


async def test_an_export_without_a_purpose_is_not_made_and_nothing_typed_is_lost(
    services: Services, browser: httpx2.AsyncClient, officer: Person
) -> None:
    page = await browser.post("/compliance/exports", data={"client": "client98765", "purpose": " "})
    assert page.status_code == 422
    assert 'id="f-purpose-error"' in page.text
    assert "What is it for? Please fill this in.</a>" in page.text
    assert 'value="client98765"' in page.text
    assert await events(services) == []


async def test_an_export_without_a_fresh_proof_keeps_what_was_typed(
    browser: httpx2.AsyncClient, tired: Person
) -> None:
    page = await browser.post("/compliance/exports", data={"purpose": "yearly review"})
    assert page.status_code == 403
    assert "yearly review</textarea>" in page.text
    assert "/step-up?next=/compliance/exports" in page.text


async def test_an_export_that_is_not_ready_cannot_be_fetched_and_an_unknown_one_is_not_found(
    browser: httpx2.AsyncClient, officer: Person
) -> None:
    asked = await browser.post("/compliance/exports", data={"purpose": "yearly review"})
    assert (await browser.get(asked.headers["location"] + "/file")).status_code == 410
    assert (await browser.get("/compliance/exports/unknown")).status_code == 404
    assert (await browser.get("/compliance/exports/unknown/file")).status_code == 404


async def test_an_export_that_failed_or_was_deleted_says_so(
    services: Services, browser: httpx2.AsyncClient, officer: Person, clock: Clock
) -> None:
    asked = await browser.post("/compliance/exports", data={"purpose": "yearly review"})
    await audit_export.make_exports(services)
    clock.move(hours=25)
    await audit_export.forget_old_exports(services)
    await sign_in(services, browser, officer, has_stepped_up=True)
    assert "was deleted after a day" in (await browser.get(asked.headers["location"])).text
    assert "deleted after a day" in (await browser.get("/compliance/exports")).text
    services.settings.exports_dir.rmdir()
    services.settings.exports_dir.write_text("a file where a folder should be")
    asked = await browser.post("/compliance/exports", data={"purpose": "yearly review"})
    with pytest.raises(OSError, match="exists"):
        await audit_export.make_exports(services)
    assert "could not be made" in (await browser.get(asked.headers["location"])).text
    assert "failed" in (await browser.get("/compliance/exports")).text
