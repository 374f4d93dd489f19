"""Acts about one person at the same moment, on PostgreSQL: the later one sees what the earlier one did."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Executable, delete, select, update

from scheduler.actions import admissions, rooms
from scheduler.domain.errors import Denied, PresenceMoved, RoomShut
from scheduler.domain.people import Proof
from scheduler.domain.rooms import PresenceStatus
from scheduler.services import Services
from scheduler.storage import join_links
from scheduler.storage import rooms as kept_rooms
from scheduler.storage.database import Transaction
from scheduler.storage.tables import join_links as link_rows
from scheduler.storage.tables import places, presences
from tests.engines import postgresql_url
from tests.joining import Meeting, add_meeting, entries
from tests.races import Act, one_close_after_the_other


@pytest.fixture
def database_url() -> Iterator[str]:
    """PostgreSQL alone: SQLite has one writer, so that there is nothing to race."""
    with postgresql_url() as url:
        yield url


@dataclass(frozen=True)
class Door:
    """An open room with the mother waiting before it."""

    services: Services
    meeting: Meeting

    def presses(self, act: str) -> Act:
        """Return the therapist's pressing of a button about the mother, or of the whole room."""
        actor, session_id = self.meeting.family.clinician_actor, self.meeting.session.id
        if act == "end":
            return lambda services: rooms.end_room(services, actor, session_id)
        mother = self.meeting.family.mother.id
        about_her = {"admit": admissions.admit, "turn_away": admissions.turn_away}[act]
        return lambda services: about_her(services, actor, session_id, mother)

    async def status(self) -> str:
        """Return where the mother stands."""
        chosen = select(presences.c.status)
        return await self.services.database.read(lambda tx: tx.execute(chosen).scalar_one())


@pytest.fixture
async def door(services: Services) -> Door:
    """A therapist with an open room, and the mother in the waiting room."""
    meeting = await add_meeting(services)
    await rooms.open_room(services, meeting.family.clinician_actor, meeting.session.id)
    key, now = {"session_id": meeting.session.id, "person_id": meeting.family.mother.id}, services.now()
    await services.database.write(
        lambda tx: kept_rooms.arrive(
            tx, **key, status=PresenceStatus.WAITING, proof=Proof.EMAIL_CODE, now=now
        )
    )
    return Door(services, meeting)


@pytest.mark.parametrize(
    ("acts", "refusal", "stands", "noted"),
    [
        (("admit", "turn_away"), PresenceMoved, "admitted", ["person.admitted"]),
        (("turn_away", "admit"), PresenceMoved, "turned_away", ["person.turned_away"]),
        (("end", "admit"), RoomShut, "waiting", []),
        (("admit", "end"), None, "left", ["person.admitted", "person.left"]),
        (("admit", "admit"), None, "admitted", ["person.admitted"]),
    ],
)
async def test_of_two_acts_about_one_person_the_later_is_judged_by_the_earlier(
    door: Door, acts: tuple[str, str], refusal: type[Exception] | None, stands: str, noted: list[str]
) -> None:
    services = door.services
    done, refused = await one_close_after_the_other(services, *(door.presses(act) for act in acts))

    assert done is None
    assert refused is None if refusal is None else isinstance(refused, refusal)
    assert await door.status() == stands
    events = ("person.admitted", "person.turned_away", "person.left")
    assert [row.event for row in await entries(services, *events)] == noted


async def test_whoever_stops_being_the_host_at_that_moment_admits_nobody(
    services: Services, door: Door
) -> None:
    session_id = door.meeting.session.id
    as_member = update(places).where(places.c.duty == "host").values(duty="member")

    async def hand_over(held: Services) -> None:
        def work(tx: Transaction) -> None:
            kept_rooms.lock(tx, session_id)
            tx.execute(as_member)

        await held.database.write(work)

    _, refused = await one_close_after_the_other(services, hand_over, door.presses("admit"))

    assert isinstance(refused, Denied)
    assert await door.status() == "waiting"


NO_LINK_YET = delete(link_rows)
KEY_DROPPED = update(link_rows).values(jti_sealed=b"sealed under a key that is gone")


@pytest.mark.parametrize("before", [NO_LINK_YET, KEY_DROPPED])
async def test_of_two_mails_that_open_a_link_at_once_both_carry_the_same(
    services: Services, door: Door, before: Executable
) -> None:
    key = {"session_id": door.meeting.session.id, "person_id": door.meeting.family.mother.id}
    await services.database.write(lambda tx: tx.execute(before))

    def asks_with(jti: str) -> Act:
        return lambda asked: asked.database.write(
            lambda tx: join_links.readable_jti(tx, **key, jti=jti, now=services.now())
        )

    found = await one_close_after_the_other(services, asks_with("first" * 8), asks_with("second" * 8))

    assert found == ["first" * 8] * 2
