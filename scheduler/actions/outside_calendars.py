"""Outside calendars: a clinician adds another calendar, and times at which it is busy are not offered.

Fetching and reading happen outside the transactions, one file in a thread of its own, and what was read well
last counts until something newer is. What a person does is an entry each time. The clockwork leaves one when
a calendar begins to be at fault, when the fault changes, and when it is well again; not one for each look.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from scheduler.actions.perform import check_first, look, perform
from scheduler.domain.audit import Entity, Event, Outcome, Trail
from scheduler.domain.busy_times import Reader, busy_spans
from scheduler.domain.cells import Span
from scheduler.domain.errors import Invalid
from scheduler.domain.outside_calendars import (
    EVERY,
    MOST_CALENDARS,
    CannotBeRead,
    Clash,
    Fault,
    OutsideCalendar,
    checked_address,
    clashes,
)
from scheduler.domain.people import SYSTEM, Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.times import tick_of
from scheduler.gateways.outside_calendars import ZONE_NAMES, Fetched
from scheduler.services import Services
from scheduler.storage import audit, outside_calendars, people, sessions
from scheduler.storage.database import Transaction

AHEAD = timedelta(days=90)
BATCH = 100
AT_ONCE = 4

OWN_WORDS = "This is your Hearth calendar. What is booked here counts already."
FULL_WORDS = f"You have {MOST_CALENDARS} calendars here already. Please remove one first."


@dataclass(frozen=True, slots=True)
class CalendarsSeen:
    """A clinician's outside calendars, and their booked sessions during which one of these is busy."""

    calendars: tuple[OutsideCalendar, ...]
    clashes: tuple[Clash, ...]


async def see_calendars(services: Services, actor: Actor) -> CalendarsSeen:
    """Return the actor's own outside calendars; no client is named, so that no entry is left.

    Raises:
        Denied: the actor keeps no hours.
    """
    now = services.now()

    def work(tx: Transaction) -> CalendarsSeen:
        clinician_id = _clinician(actor)
        found = outside_calendars.of(tx, clinician_id)
        hosted = sessions.hosted_by(tx, clinician_id, since=now, until=now + AHEAD)
        busy = outside_calendars.busy(tx, clinician_id, first=tick_of(now), end=tick_of(now + AHEAD))
        booked = [(one.id, one.interval) for one in hosted]
        return CalendarsSeen(tuple(found), tuple(clashes(booked, busy)))

    return await look(services, actor, Event.ACCESS_DENIED, work)


async def add_calendar(services: Services, actor: Actor, *, address: str, label: str = "") -> None:
    """Read a calendar and keep its busy times; one that was added before stays as it is.

    Raises:
        Invalid: it is no address, cannot be read (says why), or there are too many.
        Denied: the actor keeps no hours.
    """
    trail, event = services.trail(actor), Event.OUTSIDE_CALENDAR_ADDED
    clinician_id = await check_first(services, actor, event, lambda: _clinician(actor))
    calendar = OutsideCalendar.new(
        services.new_id(), clinician_id, checked_address(address), label=label, now=trail.at
    )
    if calendar.host == services.settings.host:
        raise Invalid({"address": OWN_WORDS})
    if not await services.database.read(lambda tx: _is_new(tx, calendar)):
        return
    try:
        fetched, busy = await _read(services, calendar)
    except CannotBeRead as unread:
        raise Invalid({"address": unread.fault.words}) from unread

    def work(tx: Transaction) -> None:
        outside_calendars.lock_all_of(tx, clinician_id)
        if _is_new(tx, calendar):
            read = replace(calendar, etag=fetched.etag, last_modified=fetched.last_modified)
            outside_calendars.add(tx, read, busy or ())
            _note(tx, trail, event, calendar)

    await perform(services, actor, event, work)


async def refresh_calendar(services: Services, actor: Actor, calendar_id: str) -> bool:
    """Look at one of the actor's calendars now; False where that was done less than a minute ago.

    Raises:
        NotFound: there is none, or it is somebody else's.
        Denied: the actor keeps no hours.
    """
    trail = services.trail(actor)

    def claim(tx: Transaction) -> OutsideCalendar | None:
        calendar = outside_calendars.own(tx, _clinician(actor), calendar_id)
        return calendar if outside_calendars.claim_asked(tx, calendar_id, now=trail.at) else None

    calendar = await perform(services, actor, Event.OUTSIDE_CALENDAR_REFRESHED, claim)
    if calendar is None:
        return False
    await _refresh(services, calendar, trail, is_always_noted=True)
    return True


async def remove_calendar(services: Services, actor: Actor, calendar_id: str) -> None:
    """Forget one of the actor's calendars and all its busy times.

    Raises:
        NotFound: there is none, or it is somebody else's.
        Denied: the actor keeps no hours.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        calendar = outside_calendars.own(tx, _clinician(actor), calendar_id, is_locked=True)
        outside_calendars.remove(tx, calendar)
        _note(tx, trail, Event.OUTSIDE_CALENDAR_REMOVED, calendar)

    await perform(services, actor, Event.OUTSIDE_CALENDAR_REMOVED, work)


async def refresh_due(services: Services) -> None:
    """Look at all calendars that are due, a few at once; what goes wrong with one stops no other."""
    now, gate = services.now(), asyncio.Semaphore(AT_ONCE)
    found = await services.database.read(lambda tx: outside_calendars.due(tx, now=now, most=BATCH))

    async def refresh(calendar: OutsideCalendar) -> None:
        async with gate:
            await _refresh_due(services, calendar)

    results = await asyncio.gather(*map(refresh, found), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _refresh_due(services: Services, calendar: OutsideCalendar) -> None:
    trail = services.trail(SYSTEM)
    is_ours = await services.database.write(
        lambda tx: outside_calendars.claim_due(tx, calendar.id, now=trail.at, until=trail.at + EVERY)
    )
    if is_ours:
        await _refresh(services, calendar, trail, is_always_noted=False)


async def _refresh(
    services: Services, calendar: OutsideCalendar, trail: Trail, *, is_always_noted: bool
) -> None:
    """Look at a calendar that is claimed, and keep what was found, good or not."""
    busy: Sequence[Span] | None = None
    try:
        fetched, busy = await _read(services, calendar)
        found = _good(calendar, fetched, trail)
    except CannotBeRead as unread:
        found = replace(
            calendar, fault=unread.fault, tried_at=trail.at, next_try_at=trail.at + calendar.pause(trail.at)
        )

    def work(tx: Transaction) -> None:
        is_told = is_always_noted or found.fault != calendar.fault
        if outside_calendars.keep(tx, found, busy) and is_told:
            _note(tx, trail, Event.OUTSIDE_CALENDAR_REFRESHED, found)

    await services.database.write(work)


async def _read(services: Services, calendar: OutsideCalendar) -> tuple[Fetched, Sequence[Span] | None]:
    """Return what is behind the address, and its busy spans, None where it is as it was.

    Raises:
        CannotBeRead: says why.
    """
    now = services.now()
    is_known = bool(calendar.etag or calendar.last_modified) and not calendar.is_read_whole(now)
    asked = {"etag": calendar.etag, "last_modified": calendar.last_modified} if is_known else {}
    fetched = await services.outside_calendars.fetch(calendar.address, **asked)
    if fetched.file is None:
        if not is_known:
            raise CannotBeRead(Fault.TROUBLE)  # "as it was", though nobody said how that is
        return fetched, None
    person = await services.database.read(lambda tx: people.get(tx, calendar.clinician_id))
    reader = Reader(person.zone, person.email, services.settings.host, now, ZONE_NAMES)
    return fetched, await asyncio.to_thread(busy_spans, fetched.file, reader)


def _good(calendar: OutsideCalendar, fetched: Fetched, trail: Trail) -> OutsideCalendar:
    """Return a calendar after a look that went well; a 304 need not repeat what to ask with."""
    is_whole = fetched.file is not None
    return replace(
        calendar,
        etag=fetched.etag if is_whole else fetched.etag or calendar.etag,
        last_modified=fetched.last_modified if is_whole else calendar.last_modified,
        fault="",
        fetched_at=trail.at,
        read_at=trail.at if is_whole else calendar.read_at,
        tried_at=trail.at,
        next_try_at=trail.at + EVERY,
    )


def _is_new(tx: Transaction, calendar: OutsideCalendar) -> bool:
    """Tell whether the clinician has not added the address yet.

    Raises:
        Invalid: there are too many already.
    """
    if outside_calendars.has_same(tx, calendar.clinician_id, calendar.address):
        return False
    if len(outside_calendars.of(tx, calendar.clinician_id)) >= MOST_CALENDARS:
        raise Invalid({"address": FULL_WORDS})
    return True


def _clinician(actor: Actor) -> str:
    require(actor, Task.HOURS_OWN, Subject(own=True))
    return actor.person_id or ""


def _note(tx: Transaction, trail: Trail, event: Event, calendar: OutsideCalendar) -> None:
    audit.append(
        tx,
        trail,
        event,
        outcome=Outcome.FAILURE if calendar.fault else Outcome.SUCCESS,
        reason=calendar.fault or None,
        entities=(Entity("outside_calendar", calendar.id),),
        detail={"host": calendar.host, "label": calendar.label},
    )
