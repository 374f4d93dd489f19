"""Coverage: what a coordinator's desk shows, who works when and which sessions come.

Sessions of every family are counted and placed in time; their people are named only where the client is
assigned to whoever asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.actions.laying import Unlaid, unlaid
from scheduler.actions.lists import counts
from scheduler.actions.naming import family_of, may_name, note_named
from scheduler.actions.perform import perform
from scheduler.domain.audit import Event
from scheduler.domain.availability import Hours
from scheduler.domain.booking import Place, Session, hosts_of
from scheduler.domain.limits import Limits
from scheduler.domain.lists import Listing
from scheduler.domain.people import Actor, Person, Role
from scheduler.domain.permissions import Task, require
from scheduler.domain.times import Interval, moment_of
from scheduler.services import Services
from scheduler.storage import bookings, hours, inquiries, kinds, people, sessions
from scheduler.storage.database import Transaction

DAYS = 7


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A session to come. ``who`` names its family members, empty where they are not the reader's to know.

    ``is_inquiry`` says that it is a first conversation, with nobody's family.
    """

    session: Session
    kind_name: str
    host_names: tuple[str, ...]
    who: tuple[str, ...]
    families: int
    is_inquiry: bool = False


@dataclass(frozen=True, slots=True)
class DayCovered:
    """A clinician's open times of one local day, in the ``zone`` they are in, and its count of sessions."""

    day: date
    zone: str
    open_times: tuple[Interval, ...]
    booked: int


@dataclass(frozen=True, slots=True)
class Covered:
    """One clinician's week, in their own ``zone`` but for days of travel; ``kinds`` are those they offer."""

    name: str
    duty: str
    zone: str
    days: tuple[DayCovered, ...]
    limits: Limits
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the coordinator's page shows of the seven days from today on.

    ``unlaid`` are sessions of the program, in all the weeks for which they are created, that could not be;
    ``counts`` say how many lines each of the desk's lists has.
    """

    coming: tuple[DeskSession, ...]
    covered: tuple[Covered, ...]
    unlaid: tuple[Unlaid, ...]
    counts: Mapping[Listing, int]


async def show_desk(services: Services, actor: Actor) -> Desk:
    """Return the seven days from today on; each client whose people are named is an entry of its own.

    Raises:
        Denied: the actor does not coordinate.
    """
    trail, weeks = services.trail(actor), services.settings.offering_weeks

    def work(tx: Transaction) -> Desk:
        require(actor, Task.HOURS_OTHERS)
        clinicians = [one for one in people.staff(tx) if one.role in (Role.CLINICIAN, Role.SUPERVISOR)]
        found = sessions.between(tx, trail.at - timedelta(days=1), trail.at + timedelta(days=DAYS + 1))
        coming = [one for one in found if one.is_on(trail.at)]
        places = bookings.places_of_many(tx, [one.id for one in found])
        shown = _coming(tx, actor, coming, places)
        covered = _covered(tx, clinicians, found, places, trail.at)
        note_named(tx, trail, [one.session for one in shown if one.who], places)
        missing = unlaid(tx, weeks=weeks, now=trail.at)
        return Desk(shown, covered, missing, counts(tx, actor, trail, unlaid=len(missing)))

    return await perform(services, actor, Event.SESSION_READ, work)


def _coming(
    tx: Transaction, actor: Actor, coming: Sequence[Session], places: Mapping[str, Sequence[Place]]
) -> tuple[DeskSession, ...]:
    named = {
        session.id: [seat for seat in family_of(places[session.id]) if may_name(actor, seat)]
        for session in coming
    }
    hosts = {session.id: hosts_of(places[session.id]) for session in coming}
    told = {seat.person_id for seats in named.values() for seat in seats}
    known = people.get_many(tx, told.union(*hosts.values()))
    apart = inquiries.among(tx, [one.id for one in coming])
    kind_names = {kind_id: kinds.get(tx, kind_id).name for kind_id in {one.kind_id for one in coming}}
    return tuple(
        DeskSession(
            session=one,
            kind_name=kind_names[one.kind_id],
            host_names=tuple(known[person_id].name for person_id in hosts[one.id]),
            who=tuple(known[seat.person_id].name for seat in named[one.id]),
            families=len({seat.client_id for seat in family_of(places[one.id])}),
            is_inquiry=one.id in apart,
        )
        for one in coming
    )


def _covered(
    tx: Transaction,
    clinicians: Sequence[Person],
    found: Sequence[Session],
    places: Mapping[str, Sequence[Place]],
    now: datetime,
) -> tuple[Covered, ...]:
    zones = {one.id: one.zone for one in clinicians}
    every = hours.of_all(tx, zones, since=now.date() - timedelta(days=1))
    weeks, offered = [], kinds.names_offered(tx)
    for person, own in zip(clinicians, every, strict=True):
        hosted = [own.day_at(one.starts_at) for one in found if person.id in hosts_of(places[one.id])]
        if hosted or own.weekly or own.extra:
            names = tuple(offered.get(person.id, ()))
            days = _week(own, hosted, now)
            weeks.append(Covered(person.name, person.duty, own.zone, days, own.limits, names))
    return tuple(weeks)


def _week(own: Hours, hosted: Sequence[date], now: datetime) -> tuple[DayCovered, ...]:
    today = own.day_at(now)
    days = [today + timedelta(days=number) for number in range(DAYS)]
    return tuple(DayCovered(day, own.zone_on(day), _open_times(own, day), hosted.count(day)) for day in days)


def _open_times(own: Hours, day: date) -> tuple[Interval, ...]:
    return tuple(
        Interval(moment_of(first), moment_of(end))
        for first, end in own.spans(day.toordinal(), 1)
        if first < end
    )
