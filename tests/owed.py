"""A family with a session that somebody is owed a message about; arranged through storage."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.domain.availability import Kind
from scheduler.domain.booking import Duty, Place, Session
from scheduler.domain.notices import Notice, Rule
from scheduler.domain.people import Person
from scheduler.domain.times import Interval
from scheduler.services import Services
from scheduler.storage import bookings, consent, join_links, kinds, notices, sessions
from scheduler.storage.database import Transaction
from scheduler.storage.tables import audit_entries
from tests.builders import Family, add_family, add_release

MINUTES = 20
KIND = "kind-check-in"


@dataclass(frozen=True)
class World:
    """A family whose mother has a place in a session that the family's clinician hosts."""

    family: Family
    session: Session
    release_id: str

    @property
    def mother(self) -> Person:
        """Who is owed the message."""
        return self.family.mother


async def add_world(
    services: Services,
    *,
    ahead: timedelta = timedelta(days=1),
    surname: str = "Rivera",
    education_only: bool = False,
) -> World:
    """Keep a family with a release, and a session of theirs that starts so far ahead."""
    family = await add_family(services, surname)
    release = await add_release(services, family.client, family.mother)
    starts_at = services.now() + ahead
    session = Session(
        id=services.new_id(),
        kind_id=KIND,
        host_id=family.clinician.id,
        interval=Interval.lasting(starts_at, minutes=MINUTES),
        room_name=services.new_secret(),
    )
    jti = services.new_secret()

    def work(tx: Transaction) -> None:
        if surname == "Rivera":
            kinds.add(tx, Kind(KIND, "Check-in", MINUTES, 5, 5, 60, 60, 15, education_only=education_only))
        sessions.add(tx, session)
        bookings.add_places(
            tx,
            [
                Place(session.id, family.clinician.id, Duty.HOST),
                Place(session.id, family.mother.id, Duty.MEMBER, family.client.id),
            ],
        )
        join_links.open_for(
            tx, session_id=session.id, person_id=family.mother.id, jti=jti, now=services.now()
        )

    await services.database.write(work)
    return World(family, session, release.id)


async def owe(
    services: Services,
    world: World,
    rule: Rule,
    *,
    person: Person | None = None,
    sequence: int | None = 0,
    due_at: datetime | None = None,
    detail: str | None = None,
) -> str:
    """Queue a notice about the world's session, to the mother unless said otherwise; return its id."""
    notice_id = services.new_id()
    owed_to = person or world.mother
    moment = due_at or services.now()

    def work(tx: Transaction) -> None:
        notices.queue(
            tx,
            notice_id=notice_id,
            person_id=owed_to.id,
            session_id=world.session.id,
            rule=rule,
            sequence=sequence,
            due_at=moment,
            detail=detail,
        )

    await services.database.write(work)
    return notice_id


async def notices_of(services: Services, world: World) -> dict[str, Notice]:
    """Return the notices of the world's session by id."""
    found = await services.database.read(lambda tx: notices.of_session(tx, world.session.id))
    return {notice.id: notice for notice in found}


async def change_places(services: Services, world: World, place: Place) -> None:
    """Keep another state of a place."""
    await services.database.write(lambda tx: bookings.change_places(tx, [place]))


async def revoke_release(services: Services, world: World) -> None:
    """Revoke the release that names the mother."""
    now = services.now()
    await services.database.write(lambda tx: consent.revoke(tx, world.release_id, revoked_at=now))


async def entries(services: Services) -> list[dict[str, object]]:
    """Return what every entry of the log says, in order."""

    def work(tx: Transaction) -> list[dict[str, object]]:
        rows = tx.execute(select(audit_entries.c.leaf).order_by(audit_entries.c.seq))
        return [json.loads(leaf) for leaf in rows.scalars()]

    return await services.database.read(work)
