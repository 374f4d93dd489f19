"""Slots: what can be booked, as one family sees it, and who gets a session.

What is shown holds no personal data, only times and the duties of the care team, so that reading it leaves
no entry.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from scheduler.actions import households
from scheduler.actions.perform import look
from scheduler.actions.slot_page import SlotPage, page_of
from scheduler.domain.audit import Event
from scheduler.domain.availability import Hours, Kind
from scheduler.domain.booking import NEAREST_OFFERED
from scheduler.domain.cells import Span
from scheduler.domain.closed import at_moment
from scheduler.domain.consent import Release
from scheduler.domain.errors import Denied, ElsewhereThen, MemberElsewhere, NotFound, NotReleased, SlotTaken
from scheduler.domain.offers import Offer
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, allows, require
from scheduler.domain.slots import FreeTimes, Window, chosen, free, who_can
from scheduler.domain.times import TICK_MINUTES, Interval
from scheduler.services import Services
from scheduler.storage import consent, hours, kinds, programs, sessions, slots
from scheduler.storage.database import Transaction

KNOWN_FOR = timedelta(days=90)  # whoever met the client's family since then meets them again
LOAD_TICKS = 144  # half a day on either side: whom to choose is decided by how taken they are then
RULES_KEPT = timedelta(days=9)  # rules of days that are over and may still count in this week
COUNTED_TICKS = 9 * 288  # days on either side in which the rest of a week may lie, wherever the clinician is


@dataclass(frozen=True, slots=True)
class SlotChoice:
    """What a family may book. ``page`` holds the free slots of the chosen kind, None where none is chosen.

    ``is_barred`` says that the kind, or every one of them, needs a release in force, and there is none;
    ``others`` are the ids of those for whom the times are free too, ``waits_for`` the titles of steps that
    come before the chosen one.
    """

    offers: tuple[Offer, ...]
    page: SlotPage | None
    is_barred: bool = False
    others: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """What free times are looked for: a kind, for one person, with anybody, one duty or these clinicians.

    ``others`` are the ids of those of the family who take part as well, and must be free too.
    ``moved_session_id`` names the session that is to be moved, whose own time is not in its way. ``is_held``
    says that the person was promised the time, so that it cannot become too soon for the clinician meanwhile.
    """

    kind_id: str
    client_id: str
    person_id: str
    duty: str = ""
    clinician_ids: tuple[str, ...] = ()
    moved_session_id: str = ""
    is_held: bool = False
    others: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """Return the ids of everybody of the family who takes part."""
        return (self.person_id, *self.others)

    def narrowed(self, offer: Offer) -> Offer:
        """Return the offer cut down to the clinicians or the duty that is looked for."""
        return offer.only(*self.clinician_ids) if self.clinician_ids else offer.with_duty(self.duty)


def client_of(actor: Actor) -> str:
    """Return the client whose family the actor is.

    Raises:
        Denied: the actor belongs to no client, or is of staff.
    """
    if not actor.is_family or len(actor.client_ids) != 1:
        raise Denied("no family")
    return next(iter(actor.client_ids))


async def show_slots(
    services: Services,
    actor: Actor,
    *,
    kind_id: str = "",
    duty: str = "",
    zone: str,
    since: date | None = None,
    members: Collection[str] = (),
) -> SlotChoice:
    """Return what the actor's family may book and, for one kind, a week of free slots in the reader's zone.

    Without ``kind_id`` an only kind is chosen by itself. The week begins on the first free day since then.
    The times are free for ``members`` too, by id.

    Raises:
        Denied: the actor is not of a family.
        NotFound: nobody of the care team offers such a kind, or one of the members is not theirs to invite.
        Invalid: two of the members are kept apart, or somebody is missing or too many.
    """
    require(actor, Task.SEE_SLOTS, Subject(own=actor.is_family))
    client_id, person_id, now = client_of(actor), actor.person_id or "", services.now()

    def work(tx: Transaction) -> SlotChoice:
        offers = [
            one
            for one in kinds.offers_to(tx, client_id)
            if households.may_take_part(tx, one.kind, client_id, person_id)
        ]
        offer = _chosen(offers, kind_id)
        if offer is None:
            barred = [is_barred(tx, one.kind, client_id, person_id, now) for one in offers]
            return SlotChoice(tuple(offers), None, is_barred=bool(barred) and all(barred))
        if is_barred(tx, offer.kind, client_id, person_id, now):
            return SlotChoice(tuple(offers), None, is_barred=True)
        waits_for = programs.missing_before(tx, offer.kind.id, person_id) if offer.has_needs else ()
        if waits_for:
            return SlotChoice(tuple(offers), None, waits_for=waits_for)
        others = households.invited(tx, offer.kind, client_id, person_id, members, now)
        search = Search(offer.kind.id, client_id, person_id, duty, others=others)
        found = free_slots(tx, search.narrowed(offer), search, now)
        page = page_of(offer, found, duty=duty, zone=zone, since=since)
        return SlotChoice(tuple(offers), page, others=others)

    return await look(services, actor, Event.ACCESS_DENIED, work)


def _chosen(offers: Sequence[Offer], kind_id: str) -> Offer | None:
    if not kind_id:
        return offers[0] if len(offers) == 1 else None
    for offer in offers:
        if offer.kind.id == kind_id:
            return offer
    raise NotFound("kind")


def offer_sought(tx: Transaction, search: Search) -> Offer:
    """Return the kind that is looked for with those who offer it, cut down to whom it is looked for with.

    Raises:
        NotFound: nobody of the care team offers such a kind.
    """
    is_booked = bool(search.moved_session_id)
    return search.narrowed(kinds.offer_to(tx, search.client_id, search.kind_id, is_booked=is_booked))


def free_slots(tx: Transaction, offer: Offer, search: Search, now: datetime) -> FreeTimes:
    """Return the free times of an offer for the people of ``search``."""
    kind, window = _widest(offer), Window.of(offer.kind, now=now)
    margin = (kind.minutes + kind.pause_before + kind.pause_after) // TICK_MINUTES
    people = [*search.members, *(one.clinician_id for one in offer.offerers)]
    stretches = slots.taken(
        tx, people, first=window.base - margin, end=window.base + window.size + 2 * margin
    )
    taken = spans_by_person(stretches, search, now)
    every_hours = _hours(tx, offer, search, now, range(window.base, window.base + window.size))
    own = [span for person_id in search.members for span in taken.get(person_id, ())]
    return free(offer.kind, every_hours, taken, own=own, now=now, duty_of=offer.duty_of)


async def nearest_to(services: Services, search: Search, wanted: datetime) -> list[Interval]:
    """Return the free times nearest to one that is gone, soonest first."""
    now = services.now()

    found = await services.database.read(lambda tx: free_slots(tx, offer_sought(tx, search), search, now))
    return [slot.interval for slot in found.nearest(wanted, NEAREST_OFFERED)]


def require_booking(
    tx: Transaction,
    actor: Actor,
    kind: Kind,
    client_id: str,
    person_id: str,
    now: datetime,
    *,
    is_kept: bool = False,
) -> Release | None:
    """Return the release that covers a booking for this person, None where none is needed.

    One that ``is_kept`` is not ended until the transaction is over: who ends it finds what was booked by it.

    Raises:
        Denied: not the actor's own or assigned client.
        NotReleased: it is, but no release in force names the person.
    """
    is_theirs = client_id in actor.client_ids
    release = _release_for(tx, kind, client_id, person_id, now, is_kept=is_kept)
    released = release is not None or not _needs_release(kind, client_id, person_id)
    subject = Subject(own=is_theirs, assigned=is_theirs, released=released)
    if not released and allows(actor, Task.BOOK, replace(subject, released=True), now=now):
        raise NotReleased("no release in force")
    require(actor, Task.BOOK, subject, now=now)
    return release


def is_barred(tx: Transaction, kind: Kind, client_id: str, person_id: str, now: datetime) -> bool:
    """Tell whether the person may not book the kind, because no release in force names them."""
    if not _needs_release(kind, client_id, person_id):
        return False
    return _release_for(tx, kind, client_id, person_id, now) is None


def _needs_release(kind: Kind, client_id: str, person_id: str) -> bool:
    return not kind.education_only and person_id != client_id


def _release_for(
    tx: Transaction, kind: Kind, client_id: str, person_id: str, now: datetime, *, is_kept: bool = False
) -> Release | None:
    if not _needs_release(kind, client_id, person_id):
        return None
    return consent.active(tx, client_id, person_id, now, is_kept=is_kept)


def choose(
    tx: Transaction, offer: Offer, interval: Interval, search: Search, now: datetime
) -> tuple[str, ...]:
    """Return who gets a session: one clinician or, host first, one for each duty that the kind takes at once.

    They are open and free then; whom the client knows comes before who is least taken around that day. Lapsed
    holds in the way, and the person's own, are deleted. Where a clinician takes only so many sessions,
    whoever else wants one of the last waits here until this transaction is over.

    Raises:
        SlotTaken: nobody is free, or not everybody who is needed.
        ElsewhereThen: the person has a session of their own then.
        MemberElsewhere: somebody else who takes part has.
    """
    ticks, needed = interval.ticks, kept_free(_widest(offer), interval)
    every_hours = _hours(tx, offer, search, now, ticks, locked=True)
    people = [*search.members, *(one.clinician_id for one in offer.offerers)]
    is_choice = len(offer.offerers) > len(offer.kind.duties or (1,))
    around = LOAD_TICKS if is_choice else 0
    stretches = slots.taken(tx, people, first=needed.start - around, end=needed.stop + around)
    elsewhere = {one.person_id for one in stretches if one.touches(ticks)}.intersection(search.members)
    if elsewhere:
        raise ElsewhereThen if search.person_id in elsewhere else MemberElsewhere
    taken = spans_by_person(stretches, search, now)
    known = sessions.met_by(tx, search.client_id, since=now - KNOWN_FOR) if is_choice else ()
    duty_of = offer.duty_of
    able = who_can(offer.kind, every_hours, taken, interval, known=known, duty_of=duty_of)
    hosts = chosen(offer.kind, able, duty_of)
    if not hosts:
        raise SlotTaken
    kept = {one: kept_free(offer.kind_with(one), interval) for one in hosts}
    slots.make_room(tx, kept.items(), now=now, for_person_id=search.person_id, among=stretches)
    return hosts


def kept_free(kind: Kind, interval: Interval) -> range:
    """Return the ticks for which a clinician is taken: the session with its pauses."""
    return interval.widened(before=kind.pause_before, after=kind.pause_after).ticks


def spans_by_person(
    stretches: Iterable[slots.Taken], search: Search, now: datetime
) -> Mapping[str, Sequence[Span]]:
    """Return taken spans by person, but for lapsed holds, the person's own, and the session that moves."""
    spans: defaultdict[str, list[Span]] = defaultdict(list)
    for one in stretches:
        moves_away = one.session_id is not None and one.session_id == search.moved_session_id
        if not moves_away and one.counts(for_person_id=search.person_id, now=now):
            spans[one.person_id].append(one.span)
    return spans


def _hours(
    tx: Transaction, offer: Offer, search: Search, now: datetime, ticks: range, *, locked: bool = False
) -> list[Hours]:
    """Return the offerers' hours as they stand now for a search in these ticks.

    ``locked`` keeps the counts of those with limits from changing until the transaction is over.
    """
    zones = {one.clinician_id: one.zone for one in offer.offerers}
    every = hours.of_all(tx, zones, since=now.date() - RULES_KEPT)
    limited = [own.clinician_id for own in every if own.limits.counts]
    if limited and locked:
        hours.lock(tx, limited)
    begun = _begun(tx, limited, search, now, ticks) if limited else {}
    if search.is_held:
        every = [own.whenever() for own in every]
    return [at_moment(own, begun.get(own.clinician_id, ()), now=now) for own in every]


def _begun(
    tx: Transaction, clinician_ids: Sequence[str], search: Search, now: datetime, ticks: range
) -> Mapping[str, Sequence[datetime]]:
    return slots.begun(
        tx,
        clinician_ids,
        range(ticks.start - COUNTED_TICKS, ticks.stop + COUNTED_TICKS),
        for_person_id=search.person_id,
        moved_session_id=search.moved_session_id,
        now=now,
    )


def _widest(offer: Offer) -> Kind:
    """Return the kind with the longest pauses that anybody who offers it keeps."""
    before = max((one.pause_before for one in offer.offerers), default=0)
    after = max((one.pause_after for one in offer.offerers), default=0)
    return offer.kind.with_pauses(before, after)
