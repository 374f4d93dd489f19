"""The rows of the coordinator's lists, read from what is kept as it is now; however many, by few statements.

Names are those that the reader may know: of families of other care teams there is a row without any.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.actions.laying import Unlaid, unlaid
from scheduler.actions.naming import family_of, may_name
from scheduler.domain.availability import Hours
from scheduler.domain.booking import Place, Session, hosts_of
from scheduler.domain.households import Family
from scheduler.domain.lists import (
    CohortRow,
    FamilyRow,
    HoldRow,
    HostlessRow,
    Listing,
    Row,
    WaitRow,
    join_names,
)
from scheduler.domain.people import Actor, Person
from scheduler.domain.permissions import Subject, Task, allows
from scheduler.domain.times import day_of
from scheduler.domain.waitlist import Wait
from scheduler.storage import (
    bookings,
    cohorts,
    holds,
    hours,
    households,
    inquiries,
    kinds,
    lists,
    offerings,
    people,
    sessions,
)
from scheduler.storage import waitlist as waits
from scheduler.storage.database import Transaction
from scheduler.storage.holds import Held

A_DAY = timedelta(days=1)
People = Mapping[str, Person]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks for a list, when (aware UTC), and for how many weeks the program is laid ahead."""

    actor: Actor
    now: datetime
    weeks: int

    def knows(self, client_id: str) -> bool:
        """Tell whether the names of a client's family may be read."""
        return allows(self.actor, Task.CONTACT_READ, Subject(assigned=client_id in self.actor.client_ids))


@dataclass(frozen=True, slots=True)
class Hostless:
    """A session not over yet, that the ``missing`` should hold and cannot; with its families' seats.

    ``hosts`` are those who still can.
    """

    session: Session
    family: tuple[Place, ...]
    missing: tuple[Person, ...]
    hosts: tuple[Person, ...]


def families(tx: Transaction, asker: Asker) -> Sequence[Row]:
    """Return the families of the reader's care teams, by the client's name."""
    found = [one for one in households.all_assigned(tx, asker.actor) if asker.knows(one.client_id)]
    known = people.get_many(tx, {person_id for one in found for person_id in one.people})
    next_at = lists.next_of(tx, [one.client_id for one in found], now=asker.now)
    made = [_family(one, known, next_at.get(one.client_id)) for one in found]
    return sorted(made, key=lambda one: (one.client.casefold(), one.client_id))


def coming_cohorts(tx: Transaction, asker: Asker) -> Sequence[Row]:
    """Return every coming group, soonest first."""
    found = cohorts.ahead(tx, now=asker.now)
    seats = bookings.host_places_of_many(tx, [session.id for session, _, _ in found])
    known = people.get_many(tx, {one for session, _, _ in found for one in hosts_of(seats[session.id])})
    titles = kinds.names_of(tx, [session.kind_id for session, _, _ in found])
    waiting = Counter(wait.session_id for wait in waits.ahead(tx, now=asker.now))
    return [
        CohortRow(
            session.id,
            session.interval,
            titles[session.kind_id],
            tuple(known[one].name for one in hosts_of(seats[session.id])),
            session.capacity,
            taken,
            waiting[session.id],
            session.offering_id if goes_on else None,
        )
        for session, taken, goes_on in found
    ]


def waitlists(tx: Transaction, asker: Asker) -> Sequence[Row]:
    """Return who waits for a coming group, the soonest group first, and in order."""
    asked = waits.ahead(tx, now=asker.now)
    groups = sessions.get_many(tx, [one.session_id for one in asked])
    found = [
        one for one in asked if groups[one.session_id].is_ahead(asker.now)
    ]  # or it was called off just now
    weekly = {one.id for one in offerings.live(tx)} if found else set()
    titles = kinds.names_of(tx, [one.kind_id for one in groups.values()])
    told = {person_id for one in found if asker.knows(one.client_id) for person_id in one.people}
    known = people.get_many(tx, told)
    before: Counter[str] = Counter()
    rows: list[Row] = []
    for wait in found:
        before[wait.session_id] += 1
        session = groups[wait.session_id]
        offering_id = session.offering_id if session.offering_id in weekly else None
        who = tuple(known[one].name for one in wait.people) if asker.knows(wait.client_id) else ()
        rows.append(_wait(wait, session, titles[session.kind_id], before[session.id], who, offering_id))
    return rows


def live_holds(tx: Transaction, asker: Asker) -> Sequence[Row]:
    """Return every time that is set aside, what lapses soonest first."""
    found = holds.live(tx, now=asker.now)
    told = {one.hold.person_id for one in found if asker.knows(one.client_id)}
    known = people.get_many(tx, told.union(*(one.hold.clinician_ids for one in found)))
    titles = kinds.names_of(tx, [one.hold.kind_id for one in found])
    return [_hold(one, titles[one.hold.kind_id], known, is_known=asker.knows(one.client_id)) for one in found]


def hostless(tx: Transaction, asker: Asker) -> Sequence[Row]:
    """Return the sessions that somebody who should hold them cannot, and those not created; soonest first."""
    found = missed(tx, now=asker.now)
    named = [[seat for seat in one.family if may_name(asker.actor, seat)] for one in found]
    known = people.get_many(tx, {seat.person_id for seats in named for seat in seats})
    titles = kinds.names_of(tx, [one.session.kind_id for one in found])
    apart = inquiries.among(tx, [one.session.id for one in found])
    rows = [
        _hostless(one, titles[one.session.kind_id], seats, known, is_inquiry=one.session.id in apart)
        for one, seats in zip(found, named, strict=True)
    ]
    rows += [_unlaid(one) for one in unlaid(tx, weeks=asker.weeks, now=asker.now)]
    return sorted(rows, key=lambda one: (one.interval.starts_at, one.title))


READERS: Mapping[Listing, Callable[[Transaction, Asker], Sequence[Row]]] = {
    Listing.FAMILIES: families,
    Listing.COHORTS: coming_cohorts,
    Listing.WAITLISTS: waitlists,
    Listing.HOLDS: live_holds,
    Listing.HOSTLESS: hostless,
}


def missed(tx: Transaction, *, now: datetime) -> list[Hostless]:
    """Return the sessions not over yet without somebody who should hold them, soonest first."""
    since = now.date() - A_DAY  # whatever the zone, no day that is not over yet is before it
    found = lists.hosts_missed(tx, since=since, now=now)
    if not found:
        return []
    seats = bookings.places_of_many(tx, [one.id for one in found])
    hosts = people.get_many(tx, {one for session in found for one in hosts_of(seats[session.id])})
    every = hours.of_all(tx, {one.id: one.zone for one in hosts.values()}, since=since) if hosts else []
    own = {one.clinician_id: one for one in every}
    made = [_missed(one, seats[one.id], hosts, own) for one in found]
    return [one for one in made if one.missing or not one.hosts]


def _missed(session: Session, seats: Sequence[Place], known: People, own: Mapping[str, Hours]) -> Hostless:
    hosts = [known[person_id] for person_id in hosts_of(seats)]
    missing = [one for one in hosts if one.ended_at or own[one.id].is_away_for(session.interval)]
    there = [one for one in hosts if one not in missing]
    return Hostless(session, tuple(family_of(seats)), tuple(missing), tuple(there))


def _family(family: Family, known: People, next_at: datetime | None) -> FamilyRow:
    return FamilyRow(
        family.client_id,
        known[family.client_id].name,
        tuple((known[one.person_id].name, one.relation) for one in family.relatives),
        tuple(known[one.person_id].name for one in family.relatives if one.is_guardian),
        bool(family.apart),
        next_at,
    )


def _wait(
    wait: Wait, session: Session, step: str, place: int, who: tuple[str, ...], offering_id: str | None
) -> WaitRow:
    return WaitRow(
        wait.id,
        session.id,
        session.interval,
        step,
        place,
        wait.seats,
        wait.asked_at,
        wait.offered_until,
        offering_id,
        wait.client_id if who else None,
        who,
    )


def _hold(held: Held, kind: str, known: People, *, is_known: bool) -> HoldRow:
    hold = held.hold
    return HoldRow(
        hold.id,
        hold.interval,
        hold.expires_at,
        kind,
        tuple(known[one].name for one in hold.clinician_ids),
        held.is_proposed,
        held.client_id if is_known else None,
        known[hold.person_id].name if is_known else "",
    )


def _hostless(
    one: Hostless, title: str, named: Sequence[Place], known: People, *, is_inquiry: bool
) -> HostlessRow:
    away = next(iter(one.missing), None)
    return HostlessRow(
        one.session.id,
        one.session.interval,
        title,
        _why(one.missing),
        tuple(host.name for host in one.hosts),
        len({seat.client_id for seat in one.family}),
        tuple(known[seat.person_id].name for seat in named),
        tuple(sorted({seat.client_id for seat in named if seat.client_id is not None})),
        away.id if away else None,
        day_of(one.session.starts_at, away.zone).isoformat() if away else "",
        is_inquiry=is_inquiry,
    )


def _unlaid(one: Unlaid) -> HostlessRow:
    why = "not created yet: " + "; ".join(f"{name} {cannot}" for name, cannot in one.who)
    return HostlessRow(None, one.interval, one.title, why, offering_id=one.offering_id)


def _why(missing: Sequence[Person]) -> str:
    left = [one.name for one in missing if one.ended_at is not None]
    away = [one.name for one in missing if one.ended_at is None]
    words = [
        f"{join_names(left)} {'work' if len(left) > 1 else 'works'} here no more" if left else "",
        f"{join_names(away)} {'are' if len(away) > 1 else 'is'} away that day" if away else "",
    ]
    return "; ".join(filter(None, words)) or "nobody holds it"
