"""Sign-ins as rows: found by their token, with everything that an actor needs."""

from datetime import timedelta

from scheduler.domain.people import Proof, Role
from scheduler.domain.sign_ins import LASTS, SignIn
from scheduler.services import Services
from scheduler.storage import sign_ins, tables
from scheduler.storage.database import Transaction
from tests import builders
from tests.conftest import Clock
from tests.joining import add_meeting

TOKEN = "a-random-token-of-one-browser-01"


async def keep(services: Services, person_id: str, *, token: str = TOKEN) -> SignIn:
    """Keep a sign-in that begins now."""
    now = services.now()
    made = SignIn(services.new_id(), person_id, Proof.PASSKEY, "Firefox", now, now, now + LASTS)
    await services.database.write(lambda tx: sign_ins.add(tx, made, token=token))
    return made


async def test_a_sign_in_is_found_by_its_token_alone(services: Services) -> None:
    person = await builders.add_person(services, "Kim Park", Role.COORDINATOR, zone="America/New_York")
    kept = await keep(services, person.id)

    found = await services.database.read(lambda tx: sign_ins.find(tx, TOKEN))
    unknown = await services.database.read(lambda tx: sign_ins.find(tx, TOKEN.upper()))

    assert found is not None
    assert (found.sign_in, found.role, found.zone) == (kept, Role.COORDINATOR, "America/New_York")
    assert (found.client_ids, found.is_hosting, unknown) == (frozenset(), False, None)


async def test_the_token_itself_is_not_kept(services: Services) -> None:
    person = await builders.add_person(services, "Kim Park", Role.COORDINATOR)
    await keep(services, person.id)

    row = await services.database.read(lambda tx: tx.execute(tables.sign_ins.select()).one())

    assert TOKEN not in str(row)
    assert TOKEN.encode() not in row.token_hash


async def test_a_host_is_known_while_the_room_is_open(services: Services, clock: Clock) -> None:
    meeting = await add_meeting(services)
    await keep(services, meeting.family.clinician.id)

    def room(status: str) -> dict[str, object]:
        row = {"session_id": meeting.session.id, "status": status}
        return {**row, "opened_by": meeting.family.clinician.id, "opened_at": clock()}

    def is_hosting(tx: Transaction) -> bool:
        found = sign_ins.find(tx, TOKEN)
        return found is not None and found.is_hosting

    assert not await services.database.read(is_hosting)
    await services.database.write(lambda tx: tx.execute(tables.rooms.insert(), room("open")))
    assert await services.database.read(is_hosting)
    await services.database.write(lambda tx: tx.execute(tables.rooms.update(), {"status": "ended"}))
    assert not await services.database.read(is_hosting)


async def test_being_seen_never_moves_back(services: Services, clock: Clock) -> None:
    person = await builders.add_person(services, "Kim Park", Role.COORDINATOR)
    kept = await keep(services, person.id)

    def seen_twice(tx: Transaction) -> None:
        sign_ins.see(tx, kept.id, seen_at=clock() + timedelta(minutes=5))
        sign_ins.see(tx, kept.id, seen_at=clock() + timedelta(minutes=2))

    await services.database.write(seen_twice)

    [now_kept] = await services.database.read(lambda tx: sign_ins.of_person(tx, person.id, now=clock()))
    assert now_kept.seen_at == clock() + timedelta(minutes=5)


async def test_of_all_sign_ins_only_those_that_count_are_listed(services: Services, clock: Clock) -> None:
    person = await builders.add_person(services, "Kim Park", Role.COORDINATOR)
    await keep(services, person.id, token="an-older-one")
    clock.move(hours=11)
    ended = await keep(services, person.id, token="an-ended-one")
    await services.database.write(
        lambda tx: sign_ins.end(tx, ended.id, person_id=person.id, ended_at=clock())
    )
    clock.move(hours=2)
    newest = await keep(services, person.id)

    listed = await services.database.read(lambda tx: sign_ins.of_person(tx, person.id, now=clock()))

    assert [one.id for one in listed] == [newest.id]
