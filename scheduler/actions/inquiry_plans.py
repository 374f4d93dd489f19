"""Another time or another host for a first conversation, alone or as part of covering for somebody.

Whoever asked is told by mail, where they said that one is safe; otherwise whoever changes it tells them, and
the page says so. The page they kept shows the time as it is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.actions.inquiries import SEARCH, note, tell
from scheduler.actions.perform import perform
from scheduler.actions.places import booked, owe
from scheduler.actions.slots import Search, choose, free_slots, kept_free
from scheduler.domain.audit import Event
from scheduler.domain.booking import Session, interval_of
from scheduler.domain.coverage import Act, Affected, Choice
from scheduler.domain.coverage_change import Change, change_of
from scheduler.domain.errors import SlotTaken
from scheduler.domain.inquiries import Inquiry
from scheduler.domain.notices import Rule
from scheduler.domain.offers import Offer
from scheduler.domain.people import Actor, Person
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.times import Interval
from scheduler.services import Services
from scheduler.storage import bookings, inquiries, people, sessions, slots
from scheduler.storage.database import Transaction

NEAREST = 24  # times to choose from
ASSIGNED = Subject(assigned=True)  # of an inquiry that storage shows to them


@dataclass(frozen=True, slots=True)
class Options:
    """A conversation, who could hold it, and the nearest times at which one of them is free."""

    inquiry: Inquiry
    hosts: tuple[Person, ...]
    times: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Replan:
    """When a conversation is to be, and with whom; an empty ``host_id`` is whoever is free.

    ``seen_at`` and ``seen_host_id`` are how it was when that was chosen, so that sending it twice is one act.
    """

    starts_at: datetime
    host_id: str
    seen_at: datetime
    seen_host_id: str


async def show_options(services: Services, actor: Actor, session_id: str) -> Options:
    """Return what a first conversation can become; an entry is left.

    Raises:
        NotFound: there is none, or it is not theirs to see.
        SessionOver: it was cancelled or has begun.
        Denied: the role sees nobody's contact.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> Options:
        require(actor, Task.CONTACT_READ, ASSIGNED)
        inquiry = inquiries.visible(tx, actor, session_id)
        inquiry.session.check_movable(now=trail.at)
        offer, search = inquiries.offered(tx), _search(inquiry.session)
        found = free_slots(tx, offer, search, trail.at).nearest(inquiry.session.starts_at, NEAREST)
        hosts = people.get_many(tx, {one.clinician_id for one in offer.offerers} | {inquiry.session.host_id})
        note(tx, trail, Event.INQUIRY_READ, inquiry.session)
        named = tuple(sorted(hosts.values(), key=lambda one: one.name.casefold()))
        return Options(inquiry, named, tuple(slot.interval for slot in found))

    return await perform(services, actor, Event.INQUIRY_READ, work)


async def replan(services: Services, actor: Actor, session_id: str, wanted: Replan) -> None:
    """Give a first conversation another time or another host; what was changed since it was seen stays.

    Raises:
        NotFound: there is none, or it is not theirs to see.
        SessionOver: it was cancelled or has begun.
        SlotTaken: nobody, or not that person, is free then; nothing was changed.
        TooSoon: there is too little time until then.
        Invalid: too late, or off the grid.
        Denied: the role sees nobody's contact.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        require(actor, Task.CONTACT_READ, ASSIGNED)
        inquiry = inquiries.visible_locked(tx, actor, session_id)
        session = inquiry.session
        session.check_movable(now=trail.at)
        is_seen = (session.starts_at, session.host_id) == (wanted.seen_at, wanted.seen_host_id)
        if is_seen and (wanted.starts_at, wanted.host_id) != (session.starts_at, session.host_id):
            after = _changed(tx, inquiry, wanted, trail.at)
            note(tx, trail, Event.INQUIRY_MOVED, after, before=session)

    await perform(services, actor, Event.INQUIRY_MOVED, work)
    services.video.changed(session_id)


def tell_askers(tx: Transaction, changes: Iterable[Change], now: datetime) -> None:
    """Owe word of what became of first conversations to those who asked for them and want a mail."""
    by_id = {change.session.id: change for change in changes}
    for inquiry in inquiries.of_sessions(tx, by_id):
        tell(tx, inquiry, _rule(by_id[inquiry.session.id]), now)


def _changed(tx: Transaction, inquiry: Inquiry, wanted: Replan, now: datetime) -> Session:
    session, offer = inquiry.session, inquiries.offered(tx)
    is_same_time = wanted.starts_at == session.starts_at
    others = [one.clinician_id for one in offer.offerers if one.clinician_id != session.host_id]
    whom = (wanted.host_id,) if wanted.host_id else tuple(others) if is_same_time else ()
    if is_same_time and not whom:
        raise SlotTaken
    interval = session.interval if is_same_time else interval_of(offer.kind, wanted.starts_at, now=now)
    search = replace(_search(session), clinician_ids=whom, is_held=is_same_time)
    host_id = choose(tx, search.narrowed(offer), interval, search, now)[0]
    act = Act.REASSIGN if is_same_time else Act.MOVE
    seats = bookings.places_of(tx, session.id)
    here = booked(seats)
    given_up = tuple(seat for seat in seats if seat not in here)
    one = Affected(session, offer.kind_with(session.host_id), tuple(here), given_up)
    change = change_of(one, Choice(act, host_id, wanted.starts_at), session.host_id, now=now)
    assert change is not None, "it was chosen to change"
    _keep(tx, offer, change, now)
    return change.session


def _keep(tx: Transaction, offer: Offer, change: Change, now: datetime) -> None:
    session = change.session
    slots.give_back(tx, session.id)
    ticks = kept_free(offer.kind_with(session.host_id), session.interval)
    slots.take(tx, {session.host_id: ticks}, session_id=session.id)
    sessions.keep(tx, [session])
    bookings.change_places(tx, change.seats)
    if change.new_seat is not None:
        bookings.add_places(tx, [change.new_seat])
    for seat, rule in change.told:
        owe(tx, [seat], rule, now)
    tell_askers(tx, [change], now)


def _rule(change: Change) -> Rule:
    """Return why whoever asked is told: by what happened to their time, and to who talks with them."""
    if change.act is Act.CANCEL:
        return Rule.CANCELLED
    if change.act is Act.REASSIGN:
        return Rule.REASSIGNED
    is_same_host = change.session.host_id == change.one.session.host_id
    return Rule.MOVED if is_same_host else Rule.REPLANNED


def _search(session: Session) -> Search:
    return replace(SEARCH, moved_session_id=session.id)
