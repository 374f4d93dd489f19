"""A first conversation, as whoever asks for it meets it: free times, asking, looking again, calling it off.

Nobody needs an account, and whoever has one is not tied to it: but for staff, who ask for a caller on the
telephone, the log says "nobody", from nowhere. Whether an address or a number is known here is never looked
up, so that it can make no difference to anything (42 CFR 2.13(c)).

The form brings the token of its own private address. It finds the conversation later, and it makes sending
the form twice one act.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from scheduler.actions.perform import check_first, look, perform
from scheduler.actions.places import booked, owe
from scheduler.actions.sign_in import nobody
from scheduler.actions.slot_page import SlotPage, page_of
from scheduler.actions.slots import Search, choose, free_slots, kept_free
from scheduler.domain.audit import Entity, Event, Facts, Noted, Purpose, Trail
from scheduler.domain.booking import NEAREST_OFFERED, Duty, Place, Session, Status, interval_of
from scheduler.domain.errors import SlotTaken, TooSoon
from scheduler.domain.inquiries import FIRST_CONVERSATION, Inquiry, Words
from scheduler.domain.notices import Rule, reminder_id
from scheduler.domain.people import Actor, Role, Source
from scheduler.domain.permissions import Task, require
from scheduler.domain.times import Interval, iso
from scheduler.services import Services
from scheduler.storage import audit, bookings, inquiries, notices, sessions, slots
from scheduler.storage.database import Transaction

SEARCH = Search(FIRST_CONVERSATION.id, client_id="", person_id="")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: a time, read in ``zone``, and the ``words`` that go with it.

    ``token`` is that of the private address, drawn with the form.
    """

    starts_at: datetime
    zone: str
    words: Words
    token: str


@dataclass(frozen=True, slots=True)
class OwnInquiry:
    """What the private address shows: times and ways only, no name, no address and no number."""

    interval: Interval
    zone: str
    status: Status
    is_call: bool
    may_leave_message: bool
    wants_mail: bool
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Ids and secrets of one conversation, drawn before the transaction."""

    session_id: str
    room_name: str


async def show_times(services: Services, actor: Actor, *, zone: str, since: date | None = None) -> SlotPage:
    """Return a week of free times of everybody who holds first conversations, in the reader's zone.

    Raises:
        Denied: who is signed in has others to ask.
    """
    asker, now = await _asker(services, actor), services.now()

    def work(tx: Transaction) -> SlotPage:
        offer = inquiries.offered(tx)
        found = free_slots(tx, offer, SEARCH, now)
        return page_of(offer, found, duty="", zone=zone, since=since)

    return await look(services, asker, Event.ACCESS_DENIED, work)


async def ask(services: Services, actor: Actor, wish: Wish) -> None:
    """Book a first conversation with whoever of admissions is free; the same form sent twice books once.

    Raises:
        SlotTaken: somebody was first, or it is too soon by now; carries the nearest free times.
        Invalid: too late, or off the grid.
        Denied: who is signed in has others to ask.
    """
    trail = services.trail(await _asker(services, actor))
    drawn = _Drawn(services.new_id(), services.new_secret())

    def work(tx: Transaction) -> None:
        inquiry = _placed(tx, wish, drawn, trail.at)
        note(tx, trail, Event.INQUIRY_MADE, inquiry.session)

    try:
        await perform(services, trail.actor, Event.INQUIRY_MADE, work)
    except (SlotTaken, TooSoon) as gone:  # whoever took long to write is offered another time as well
        if await services.database.read(lambda tx: inquiries.is_known(tx, wish.token)):
            return
        raise SlotTaken(nearest=await _nearest_to(services, wish.starts_at)) from gone


async def see_own(services: Services, actor: Actor, token: str) -> OwnInquiry:
    """Return what the private address with this token shows.

    Raises:
        NotFound: there is none, or it is forgotten.
    """
    trail = services.trail(unknown(actor))

    def work(tx: Transaction) -> OwnInquiry:
        inquiry = inquiries.of_token(tx, token)
        note(tx, trail, Event.INQUIRY_READ, inquiry.session)
        return _own(inquiry, trail.at)

    return await perform(services, trail.actor, Event.INQUIRY_READ, work)


async def withdraw(services: Services, actor: Actor, token: str) -> None:
    """Call one's own conversation off; one that is off already stays so.

    Raises:
        NotFound: there is none, or it is forgotten.
        SessionOver: it has begun.
    """
    trail = services.trail(unknown(actor))
    await call_off(services, trail, lambda tx: inquiries.of_token_locked(tx, token))


async def call_off(
    services: Services, trail: Trail, find: Callable[[Transaction], Inquiry], *, reason: str = ""
) -> None:
    """Call off the conversation that ``find`` returns, locked: its time is free at once, and both are told.

    Raises:
        NotFound: as ``find``.
        SessionOver: it has begun.
    """

    def work(tx: Transaction) -> str:
        inquiry = find(tx)
        if inquiry.session.status is not Status.CANCELLED:
            _free(tx, replace(inquiry, session=inquiry.session.cancelled(now=trail.at)), trail.at)
            inquiries.set_reason(tx, inquiry.session.id, reason)
            note(tx, trail, Event.INQUIRY_CANCELLED, inquiry.session)
        return inquiry.session.id

    services.video.changed(await perform(services, trail.actor, Event.INQUIRY_CANCELLED, work))


def note(
    tx: Transaction, trail: Trail, event: Event, session: Session, *, before: Session | None = None
) -> None:
    """Append the entry of something done about an inquiry."""
    audit.append_all(tx, trail, [noted(event, session, before=before)])


def noted(event: Event, session: Session, *, before: Session | None = None) -> Noted:
    """Return the entry of something done about an inquiry, with its time sealed; it has no client."""
    detail: dict[str, object] = {"time": f"{iso(session.starts_at)}/{iso(session.ends_at)}"}
    if before is not None:
        detail["time_before"] = f"{iso(before.starts_at)}/{iso(before.ends_at)}"
        detail |= {"host": session.host_id, "host_before": before.host_id}
    facts = Facts(entities=(Entity("inquiry", session.id),), purpose=Purpose.OPERATIONS)
    return Noted(event, facts, detail)


def unknown(actor: Actor) -> Actor:
    """Return the actor as the log may know them here: staff as themselves, all others as nobody, anywhere."""
    return actor if actor.is_staff else nobody(Source())


async def _asker(services: Services, actor: Actor) -> Actor:
    """Return as whom somebody asks.

    Raises:
        Denied: the role has others to ask.
    """
    who = nobody(actor.source) if actor.role is Role.LINK_HOLDER else actor
    await check_first(services, who, Event.INQUIRY_MADE, lambda: require(who, Task.INQUIRY_ASK))
    return unknown(who)


def _placed(tx: Transaction, wish: Wish, drawn: _Drawn, now: datetime) -> Inquiry:
    """Return the new inquiry, kept with its session, ticks and the host's place, and everybody told."""
    offer = inquiries.offered(tx)
    interval = interval_of(offer.kind, wish.starts_at, now=now)
    host_id = choose(tx, offer, interval, SEARCH, now)[0]
    session = Session(drawn.session_id, offer.kind.id, host_id, interval, drawn.room_name)
    inquiry, seat = Inquiry(session, wish.words, wish.zone), Place(session.id, host_id, Duty.HOST)
    inquiries.ensure_kind(tx)
    sessions.add(tx, session)
    slots.take(tx, {host_id: kept_free(offer.kind_with(host_id), interval)}, session_id=session.id)
    bookings.add_places(tx, [seat])
    inquiries.add(tx, inquiry, token=wish.token, asked_at=now)
    owe(tx, [seat], Rule.BOOKED, now)
    tell(tx, inquiry, Rule.BOOKED, now, token=wish.token)
    return inquiry


def _free(tx: Transaction, gone: Inquiry, now: datetime) -> None:
    """Keep that a conversation is off, and owe word of it to its host and to whoever asked."""
    seats = [seat.cancelled() for seat in booked(bookings.places_of(tx, gone.session.id))]
    slots.give_back(tx, gone.session.id)
    sessions.set_status(tx, gone.session.id, gone.session.status)
    bookings.change_places(tx, seats)
    owe(tx, seats, Rule.CANCELLED, now)
    tell(tx, gone, Rule.CANCELLED, now)


def tell(tx: Transaction, inquiry: Inquiry, rule: Rule, now: datetime, *, token: str | None = None) -> None:
    """Owe whoever asked a mail, where they said that one is safe; the token goes along sealed.

    Their calendar entry counts every change of a host's place, so that it never goes back.
    """
    if not inquiry.words.wants_mail:
        return
    session_id = inquiry.session.id
    sequence = sum(seat.sequence for seat in bookings.places_of(tx, session_id))
    made = reminder_id(person_id="", session_id=session_id, rule=rule, sequence=sequence)
    notices.queue(
        tx,
        notice_id=made,
        person_id="",
        session_id=session_id,
        rule=rule,
        due_at=now,
        sequence=sequence,
        detail=token,
    )


async def _nearest_to(services: Services, wanted: datetime) -> list[Interval]:
    now = services.now()
    found = await services.database.read(lambda tx: free_slots(tx, inquiries.offered(tx), SEARCH, now))
    return [slot.interval for slot in found.nearest(wanted, NEAREST_OFFERED)]


def _own(inquiry: Inquiry, now: datetime) -> OwnInquiry:
    session, words = inquiry.session, inquiry.words
    return OwnInquiry(
        interval=session.interval,
        zone=inquiry.zone,
        status=session.status,
        is_call=bool(words.phone),
        may_leave_message=words.may_leave_message,
        wants_mail=words.wants_mail,
        may_cancel=session.is_ahead(now),
    )
