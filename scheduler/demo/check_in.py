"""A check-in that starts 10 to 14 minutes after the demo does, so that joining can be tried at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.actions import availability, booking
from scheduler.demo.cast import MORALES, RIVERA, STAFF, WHITFIELD, Staff
from scheduler.demo.house import actor_of
from scheduler.demo.seed import CHECK_IN
from scheduler.domain.availability import Block, Hours, Kind, merged
from scheduler.domain.booking import Duty, Session
from scheduler.domain.errors import Denied, Invalid, NoLonger, NotFound, NotNow, SlotTaken
from scheduler.domain.people import Person
from scheduler.domain.slots import is_open
from scheduler.domain.times import DAY_MINUTES, TICK_MINUTES, day_of, local, moment_of, tick_of
from scheduler.services import Services
from scheduler.storage import bookings, hours, kinds, people, sessions
from scheduler.storage.database import Transaction

AHEAD = timedelta(minutes=10)
LENGTH = timedelta(minutes=20)
RELATIVES = (*RIVERA.relatives, *WHITFIELD.relatives, *MORALES.relatives)
CLINICIANS = tuple(person for person in STAFF if person.duty)
NOT_THEM = (Denied, Invalid, NoLonger, NotFound, NotNow, SlotTaken)
TOPIC = "How was the week? And one thing I would like to ask."


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What can be joined, with whom. ``is_soon`` says that it starts 10 to 14 minutes from now."""

    session: Session
    family: Person
    host: Person
    is_soon: bool = True


async def ensure_check_in(services: Services) -> CheckIn | None:
    """Return a check-in that starts ten minutes from now, rounded up to the grid: found, moved, or made.

    Clinicians get extra hours for it, so that it can be at night too. Where a clinician or a family member is
    elsewhere then, the next ones are asked; where nobody is free, a check-in that is on or starts sooner is
    returned, or None.
    """
    starts_at = moment_of(tick_of(services.now() + AHEAD - timedelta(microseconds=1)) + 1)
    for relative in RELATIVES:
        family = await _person(services, relative.email)
        if family is None:
            continue
        soon = await _soon(services, family, until=starts_at)
        if soon is not None:
            moved = await _moved(services, family, soon, starts_at)
            if moved is not None:
                return moved
        for host in CLINICIANS:
            made = await _made(services, family, host, starts_at)
            if made is not None:
                return made
    return await _at_hand(services, until=starts_at)


async def _at_hand(services: Services, *, until: datetime) -> CheckIn | None:
    """Return the check-in that started last, or starts up to ``until``, and is not over; None if none is."""
    now = services.now()

    def work(tx: Transaction) -> CheckIn | None:
        for session in reversed(sessions.between(tx, now - LENGTH, until)):
            members = [place for place in bookings.places_of(tx, session.id) if place.duty is Duty.MEMBER]
            if session.kind_id == CHECK_IN and session.is_on(now) and members:
                family, host = people.get(tx, members[0].person_id), people.get(tx, session.host_id)
                return CheckIn(session, family, host, is_soon=False)
        return None

    return await services.database.read(work)


async def _soon(services: Services, family: Person, *, until: datetime) -> Session | None:
    """Return the family member's check-in that starts from now up to and including ``until``, if any."""
    actor, now = await actor_of(services, family), services.now()

    def work(tx: Transaction) -> list[Session]:
        ahead = sessions.ahead_of(tx, actor, now=now)
        return [seen.session for seen in ahead if now < seen.session.starts_at <= until]

    found = [session for session in await services.database.read(work) if session.kind_id == CHECK_IN]
    return found[-1] if found else None


async def _moved(services: Services, family: Person, session: Session, starts_at: datetime) -> CheckIn | None:
    host = await services.database.read(lambda tx: people.get(tx, session.host_id))
    if session.starts_at == starts_at:
        return CheckIn(session, family, host)
    try:
        await _open_hours(services, host, starts_at)
        moved = await booking.move_session(
            services, await actor_of(services, family), session.id, starts_at=starts_at
        )
    except NOT_THEM:
        return None
    return CheckIn(moved, family, host)


async def _made(services: Services, family: Person, clinician: Staff, starts_at: datetime) -> CheckIn | None:
    host = await _person(services, clinician.email)
    if host is None:
        return None
    wish = booking.Wish(CHECK_IN, starts_at, TOPIC, clinician.duty)
    try:
        await _open_hours(services, host, starts_at)
        session = await booking.book_session(services, await actor_of(services, family), wish)
    except NOT_THEM:
        return None
    return CheckIn(session, family, host)


async def _open_hours(services: Services, host: Person, starts_at: datetime) -> None:
    """Let the clinician's hours allow the check-in: the day gets hours of its own, with a block that begins
    then; by day, where starts lie half an hour apart, the block around it begins anew.
    """
    now = services.now()

    def look(tx: Transaction) -> tuple[Kind, Hours]:
        return kinds.get(tx, CHECK_IN), hours.of(tx, host.id, since=day_of(now, host.zone))

    kind, own = await services.database.read(look)
    if is_open(kind, own, starts_at):
        return
    actor = await actor_of(services, host)
    for day, starts, ends in _pieces(starts_at, own.zone_at(starts_at)):
        blocks = merged([*_without(own.blocks_on(day), starts - TICK_MINUTES, starts), (starts, ends)])
        await availability.set_only_hours(services, actor, day=day, blocks=blocks)


def _pieces(starts_at: datetime, zone: str) -> list[tuple[date, int, int]]:
    """Return the check-in as wall minutes of one local day, or of two where it runs past midnight.

    In an hour that comes twice a wall time means the first one, so that a block for the second lasts an hour
    longer.
    """
    wall = local(starts_at, zone)
    starts = wall.hour * 60 + wall.minute
    ends = starts + LENGTH // timedelta(minutes=1) + 60 * wall.fold
    today = (wall.date(), starts, min(ends, DAY_MINUTES))
    if ends <= DAY_MINUTES:
        return [today]
    return [today, (wall.date() + timedelta(days=1), 0, ends - DAY_MINUTES)]


def _without(blocks: Iterable[Block], starts: int, ends: int) -> Iterator[Block]:
    """Yield the blocks with a stretch cut out of them."""
    for first, last in blocks:
        if first < min(last, starts):
            yield first, min(last, starts)
        if max(first, ends) < last:
            yield max(first, ends), last


async def _person(services: Services, email: str) -> Person | None:
    """Return who has this address; None once the administrator has ended their access."""
    return await services.database.read(lambda tx: people.find_by_email(tx, email))
