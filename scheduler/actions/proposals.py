"""Proposals: asking others of the family which times work, seeing that, taking it back, and letting it lapse.

What is over already is returned as it is: forms are sent twice, and somebody else may have been quicker.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.actions.holds import ticks_of
from scheduler.actions.households import Relative, known_to, relatives, require_members
from scheduler.actions.next_steps import require_steps_before
from scheduler.actions.perform import check_first, perform
from scheduler.actions.places import booked
from scheduler.actions.slots import Search, choose, client_of, require_booking
from scheduler.domain import booking
from scheduler.domain import proposals as rules
from scheduler.domain.audit import Entity, Event, Purpose, Trail
from scheduler.domain.availability import Kind
from scheduler.domain.booking import Hold
from scheduler.domain.consent import Release
from scheduler.domain.errors import Denied, Invalid, NotFound
from scheduler.domain.households import Pair
from scheduler.domain.notices import ProposalNow, Rule, reminder_id
from scheduler.domain.offers import Offer
from scheduler.domain.people import SYSTEM, Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.proposals import Proposal, Status, Time
from scheduler.services import Services
from scheduler.storage import audit, bookings, consent, holds, households, kinds, notices, proposals, slots
from scheduler.storage.database import Transaction
from scheduler.storage.notices import Owed


@dataclass(frozen=True, slots=True)
class Asking:
    """What a family member proposes: a kind at one of these times, with those ``asked``, by id.

    ``needs_all`` says that a time has to work for all of them.
    """

    kind_id: str
    starts: tuple[datetime, ...]
    asked: tuple[str, ...]
    needs_all: bool = True


@dataclass(frozen=True, slots=True)
class ProposalSeen:
    """A proposal as one of its people sees it; ``people`` are the others of whom they may be told.

    ``has_place`` says that the reader has a place in the session that was booked.
    """

    proposal: Proposal
    kind: Kind
    reader_id: str
    people: tuple[Relative, ...]
    has_place: bool = False

    @property
    def is_mine(self) -> bool:
        """Tell whether the reader has made it."""
        return self.proposal.proposed_by == self.reader_id

    @property
    def proposer(self) -> str:
        """Return the name of who has made it; empty for the reader's own."""
        return next((one.name for one in self.people if one.person_id == self.proposal.proposed_by), "")

    @property
    def is_answered(self) -> bool:
        """Tell whether the reader has answered."""
        return self.proposal.has_answered(self.reader_id)

    def named(self, time: Time, *, works: bool) -> list[str]:
        """Return the names of the others for whom a time works, or does not."""
        said = {one for one, answer in time.answers.items() if answer is works}
        return [one.name for one in self.people if one.person_id in said]


async def propose(services: Services, actor: Actor, asking: Asking) -> Proposal:
    """Hold up to five times and ask others of the family which of them work; the same, asked twice, is one.

    Raises:
        SlotTaken: one of the times is not free, or too near to another of them.
        Invalid: no time or too many, too soon or too late; other times are open still; or these people cannot
            be asked together, or are not enough.
        Denied: not of a family.
        NotReleased: no release in force names the actor.
        NotFound: nobody of the care team offers such a kind, or somebody is not the actor's to invite.
        StepFirst: one of them has not done a step that comes before this one.
    """
    trail, client_id = services.trail(actor), await first(services, actor, Event.PROPOSAL_MADE)
    starts = tuple(sorted(set(asking.starts)))
    ids = [services.new_id() for _ in range(len(starts) + 1)]
    lasts = timedelta(hours=services.settings.proposal_hours)

    def work(tx: Transaction) -> Proposal:
        offer = kinds.offer_to(tx, client_id, asking.kind_id)
        release = require_booking(tx, actor, offer.kind, client_id, actor.person_id or "", trail.at)
        rules.check_times(starts)
        _require_asked(tx, actor, offer.kind, asking.asked, trail.at)
        new = _drafted(actor, asking, offer.kind, starts, ids, now=trail.at, lasts=lasts)
        earlier = _earlier(tx, trail)
        if earlier is not None and earlier.is_same(new):
            return earlier
        if earlier is not None:
            raise Invalid({"times": rules.ASKED_ALREADY_WORDS})
        proposals.add(tx, new)
        for time in new.times:
            _hold(tx, offer, new, time, trail.at)
        tell(tx, new.asked, new, Rule.TIMES_PROPOSED, trail.at)
        note_proposal(tx, trail, Event.PROPOSAL_MADE, new, release, people=new.asked)
        return new

    return await perform(services, actor, Event.PROPOSAL_MADE, work, client_id=client_id)


async def see_proposal(services: Services, actor: Actor, proposal_id: str) -> ProposalSeen:
    """Return a proposal that the actor made or is asked by.

    Raises:
        NotFound: there is none, it is not theirs, or they may not be told of its proposer now.
        Denied: not of a family.
    """
    trail, client_id = services.trail(actor), await first(services, actor, Event.PROPOSAL_READ)

    def work(tx: Transaction) -> ProposalSeen:
        require(actor, Task.SEE_SLOTS, Subject(own=True))
        seen = seen_by(tx, actor, proposals.visible(tx, actor, proposal_id), trail.at)
        note_shown(tx, trail, [seen])
        return seen

    return await perform(services, actor, Event.PROPOSAL_READ, work, client_id=client_id)


def open_to(tx: Transaction, actor: Actor, now: datetime) -> tuple[ProposalSeen, ...]:
    """Return what the actor has proposed or is asked, and may be told of; `note_shown` is for the caller."""
    found = []
    for proposal in proposals.open_to(tx, actor, now=now):
        try:
            found.append(seen_by(tx, actor, proposal, now))
        except NotFound:
            continue
    return tuple(found)


def note_shown(tx: Transaction, trail: Trail, shown: Iterable[ProposalSeen]) -> None:
    """Append an entry for each proposal that is shown, with the people named in it."""
    for seen in shown:
        named = [one.person_id for one in seen.people]
        note_proposal(tx, trail, Event.PROPOSAL_READ, seen.proposal, people=named)


async def withdraw(services: Services, actor: Actor, proposal_id: str) -> Proposal:
    """Take back what the actor proposed; its times are free at once. What is over is returned as it is.

    Raises:
        NotFound: there is none, or it is not theirs.
        Denied: not of a family, or somebody else has proposed it.
    """
    trail, client_id = services.trail(actor), await first(services, actor, Event.PROPOSAL_WITHDRAWN)

    def work(tx: Transaction) -> Proposal:
        proposal = proposals.visible_locked(tx, actor, proposal_id)
        if proposal.proposed_by != actor.person_id:
            seen_by(tx, actor, proposal, trail.at)
            raise Denied("somebody else has proposed it")
        if not proposal.is_open(trail.at):
            return proposal
        gone = replace(proposal, status=Status.WITHDRAWN)
        proposals.close(tx, gone)
        note_proposal(tx, trail, Event.PROPOSAL_WITHDRAWN, gone)
        return gone

    return await perform(services, actor, Event.PROPOSAL_WITHDRAWN, work, client_id=client_id)


async def lapse_overdue(services: Services) -> int:
    """Close what nobody can answer any more, tell its proposers, and return how many there were."""
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> int:
        gone = proposals.over(tx, now=trail.at)
        for proposal in gone:
            lapse(tx, trail, proposal)
        return len(gone)

    return await services.database.write(work)


def drop_shared(tx: Transaction, trail: Trail, client_id: str, pair: Pair) -> None:
    """Let those lapse that bring together two people of a family, who are kept apart from now on."""
    for proposal in proposals.shared(tx, client_id, pair):
        lapse(tx, trail, proposal)


async def first(services: Services, actor: Actor, event: Event) -> str:
    """Return the actor's client; a refusal is logged as the event denied.

    Raises:
        Denied: not of a family.
    """
    return await check_first(services, actor, event, lambda: client_of(actor))


def _require_asked(tx: Transaction, actor: Actor, kind: Kind, asked: tuple[str, ...], now: datetime) -> None:
    """Return when the actor may ask these people: to be invited, to be told who asks, and far enough."""
    if not asked:
        raise Invalid({"members": rules.NOBODY_WORDS})
    client_id = client_of(actor)
    households.lock(tx, client_id)
    require_members(tx, kind, client_id, actor.person_id or "", asked, now)
    require_steps_before(tx, kind.id, (actor.person_id or "", *asked))
    if not set(asked) <= consent.released_people(tx, client_id, now) | {client_id}:
        raise Invalid({"members": rules.CANNOT_ASK_WORDS})


def _drafted(
    actor: Actor,
    asking: Asking,
    kind: Kind,
    starts: Iterable[datetime],
    ids: list[str],
    *,
    now: datetime,
    lasts: timedelta,
) -> Proposal:
    intervals = [booking.interval_of(kind, one, now=now) for one in starts]
    expires_at = rules.expiry(kind, intervals, now=now, lasts=lasts)
    times = [Time(time_id, one, expires_at) for time_id, one in zip(ids[1:], intervals, strict=True)]
    return Proposal(
        id=ids[0],
        client_id=client_of(actor),
        kind_id=kind.id,
        proposed_by=actor.person_id or "",
        asked=tuple(sorted(set(asking.asked))),
        times=tuple(replace(one, held_until=one.lasts_until(kind, expires_at)) for one in times),
        needs_all=asking.needs_all,
        expires_at=expires_at,
    )


def _earlier(tx: Transaction, trail: Trail) -> Proposal | None:
    """Return what the actor has proposed and is open still; one that has lapsed is closed here."""
    earlier = proposals.open_by_locked(tx, trail.actor)
    if earlier is None or earlier.is_open(trail.at):
        return earlier
    lapse(tx, trail, earlier)
    return None


def _hold(tx: Transaction, offer: Offer, proposal: Proposal, time: Time, now: datetime) -> None:
    search = Search(offer.kind.id, proposal.client_id, proposal.proposed_by, others=proposal.asked)
    hosts = choose(tx, offer, time.interval, search, now)
    assert time.held_until is not None
    hold = Hold(time.id, proposal.proposed_by, hosts, offer.kind.id, time.interval, time.held_until)
    holds.add(tx, hold, proposal_id=proposal.id)
    slots.take(tx, ticks_of(offer, hold), hold_id=time.id)


def seen_by(tx: Transaction, actor: Actor, proposal: Proposal, now: datetime) -> ProposalSeen:
    """Return the proposal with those named of whom the actor may be told.

    Raises:
        NotFound: somebody else has proposed it, of whom the actor may not be told now.
    """
    family, reader_id = households.family(tx, proposal.client_id), actor.person_id or ""
    known = known_to(tx, family, reader_id, now)
    if proposal.proposed_by not in (reader_id, *known):
        raise NotFound("proposal")
    people = relatives(tx, family, set(known) & set(proposal.people))
    seats = bookings.places_of(tx, proposal.session_id) if proposal.session_id else ()
    has_place = any(one.person_id == reader_id for one in booked(seats))
    return ProposalSeen(proposal, kinds.get(tx, proposal.kind_id), reader_id, people, has_place)


def standing(tx: Transaction, person_id: str, proposal_id: str, now: datetime) -> ProposalNow | None:
    """Return how a proposal stands for somebody who is to be told of it; None where it is not theirs."""
    proposal = proposals.to_tell(tx, person_id, proposal_id)
    if proposal is None:
        return None
    client_id = proposal.client_id
    if proposal.proposed_by == person_id:
        is_released = person_id == client_id or consent.active(tx, client_id, person_id, now) is not None
    else:
        is_released = proposal.proposed_by in known_to(tx, households.family(tx, client_id), person_id, now)
    return ProposalNow(client_id, proposal.is_open(now), is_released)


def lapse(tx: Transaction, trail: Trail, proposal: Proposal) -> Proposal:
    """Keep that a proposal has lapsed, and tell its proposer."""
    gone = replace(proposal, status=Status.LAPSED)
    proposals.close(tx, gone)
    tell(tx, [proposal.proposed_by], proposal, Rule.TIMES_OVER, trail.at)
    note_proposal(tx, trail, Event.PROPOSAL_LAPSED, gone)
    return gone


def tell(tx: Transaction, person_ids: Iterable[str], proposal: Proposal, rule: Rule, now: datetime) -> None:
    """Queue a notice that names nobody and no time for each of these people."""
    owed = []
    for person_id in person_ids:
        made = reminder_id(person_id=person_id, session_id=proposal.id, rule=rule, sequence=0)
        owed.append(Owed(made, person_id, None, rule, now, detail=proposal.id))
    notices.queue_all(tx, owed)


def note_proposal(
    tx: Transaction,
    trail: Trail,
    event: Event,
    proposal: Proposal,
    release: Release | None = None,
    *,
    people: Iterable[str] = (),
) -> None:
    """Append the entry of what was done about a proposal, and the people it names."""
    audit.append(
        tx,
        trail,
        event,
        client_id=proposal.client_id,
        entities=(Entity("proposal", proposal.id), *(Entity("person", one) for one in people)),
        purpose=Purpose.TREATMENT,
        release_id=release.id if release else None,
    )
