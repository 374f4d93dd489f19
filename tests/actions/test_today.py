"""A clinician's day: what it shows, and what it costs the database."""

from datetime import timedelta

from sqlalchemy import event

from scheduler.actions.today import Today, show_today
from scheduler.domain.people import Proof
from scheduler.domain.rooms import PresenceStatus
from scheduler.services import Services
from scheduler.storage import rooms
from scheduler.storage.database import Transaction
from tests.joining import Meeting, add_meeting, entries


async def add_week(services: Services, meeting: Meeting, *surnames: str) -> list[Meeting]:
    """Keep more check-ins of the same therapist, one later today and one on each of the next days."""
    return [
        await add_meeting(
            services,
            surname=surname,
            starts_in=timedelta(days=number, hours=2),
            clinician=meeting.family.clinician,
        )
        for number, surname in enumerate(surnames)
    ]


async def reading(services: Services, meeting: Meeting) -> tuple[Today, int]:
    """Return the day, and how many statements read it."""
    selects: list[str] = []

    def counting(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            selects.append(statement)

    def listen(tx: Transaction) -> None:
        event.listen(tx.connection.engine, "before_cursor_execute", counting)

    def unlisten(tx: Transaction) -> None:
        event.remove(tx.connection.engine, "before_cursor_execute", counting)

    await services.database.write(listen)
    today = await show_today(services, meeting.family.clinician_actor)
    await services.database.write(unlisten)
    return today, len(selects)


async def test_a_full_week_is_read_by_as_many_statements_as_a_single_session(services: Services) -> None:
    meeting = await add_meeting(services)
    _, alone = await reading(services, meeting)
    await add_week(services, meeting, "Baker", "Cole", "Diaz", "Eze", "Frank")

    today, full = await reading(services, meeting)

    assert (len(today.later), len(today.ahead)) == (1, 4)
    assert full == alone


async def test_a_line_counts_who_is_expected_and_who_is_here(services: Services) -> None:
    meeting = await add_meeting(services)
    (later,) = await add_week(services, meeting, "Baker")
    before, _ = await reading(services, meeting)
    key = {"session_id": later.session.id, "person_id": later.family.mother.id}
    now, waiting = services.now(), PresenceStatus.WAITING
    await services.database.write(
        lambda tx: rooms.arrive(tx, **key, status=waiting, proof=Proof.EMAIL_CODE, now=now)
    )

    after, _ = await reading(services, meeting)

    assert [(one.kind_name, one.expected, one.here) for one in before.later] == [("Check-in", 1, 0)]
    assert [(one.expected, one.here) for one in after.later] == [(1, 1)]


async def test_each_client_of_the_week_is_an_entry_of_the_reading(services: Services) -> None:
    meeting = await add_meeting(services)
    others = await add_week(services, meeting, "Baker", "Cole")

    await show_today(services, meeting.family.clinician_actor)

    clients = {one.family.client.id for one in (meeting, *others)}
    assert {row.client_id for row in await entries(services, "session.read")} == clients
