"""Answers to a proposal, and the booking that follows by itself.

The answer that settles a time books it in its own transaction, for the proposer and those for whom it works.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from scheduler.actions.booking import Drawn, draw, keep
from scheduler.actions.households import invitable
from scheduler.actions.perform import perform
from scheduler.actions.places import note
from scheduler.actions.proposals import first, lapse, note_proposal, seen_by, tell
from scheduler.actions.slots import Search, choose, require_booking
from scheduler.domain.audit import Event, Trail
from scheduler.domain.booking import Session
from scheduler.domain.consent import Release
from scheduler.domain.errors import Denied, NotFound, SlotTaken
from scheduler.domain.notices import Rule
from scheduler.domain.offers import Offer
from scheduler.domain.people import Actor
from scheduler.domain.proposals import Proposal, Status, Time
from scheduler.services import Services
from scheduler.storage import holds, households, kinds, proposals
from scheduler.storage.database import Transaction


async def answer(services: Services, actor: Actor, proposal_id: str, works: Mapping[str, bool]) -> Proposal:
    """Keep of each time, by id, whether it works for the actor; book the first that is settled by this.

    What is over is returned as it is. A time at which somebody is elsewhere by now is lost.

    Raises:
        SlotTaken: somebody took the time of one of them in the same instant.
        NotFound: there is none, it is not theirs, or they may not be told of its proposer now.
        Denied: not of a family, or it is the actor's own.
    """
    trail, client_id = services.trail(actor), await first(services, actor, Event.PROPOSAL_ANSWERED)
    person_id = actor.person_id or ""
    found = await services.database.read(lambda tx: _people_of(tx, actor, proposal_id))
    drawn = draw(services, found)

    def work(tx: Transaction) -> Proposal:
        households.lock(tx, client_id)
        proposal = seen_by(tx, actor, proposals.visible_locked(tx, actor, proposal_id), trail.at).proposal
        if person_id not in proposal.asked:
            raise Denied("it is their own")
        if not proposal.is_open(trail.at):
            return proposal
        offer = kinds.offer_to(tx, client_id, proposal.kind_id)
        release = require_booking(tx, actor, offer.kind, client_id, person_id, trail.at)
        told = {one.id: works[one.id] for one in proposal.held(trail.at) if one.id in works}
        if any(one.answers.get(person_id) is not told[one.id] for one in proposal.times if one.id in told):
            proposals.answer(tx, person_id, told)
            note_proposal(tx, trail, Event.PROPOSAL_ANSWERED, proposal, release)
        answered = proposals.visible(tx, actor, proposal_id)
        return _settle(tx, trail, answered, offer, drawn, release)

    return await perform(services, actor, Event.PROPOSAL_ANSWERED, work, client_id=client_id)


def _people_of(tx: Transaction, actor: Actor, proposal_id: str) -> tuple[str, ...]:
    """Return who may take part, to draw a link's secret for each; nobody where it is not the actor's."""
    try:
        return proposals.visible(tx, actor, proposal_id).people
    except NotFound:
        return ()


def _settle(
    tx: Transaction, trail: Trail, proposal: Proposal, offer: Offer, drawn: Drawn, release: Release | None
) -> Proposal:
    """Book the first time that is settled; where the last one is lost by that, the proposal lapses."""
    family = households.family(tx, proposal.client_id)
    may_come = set(invitable(tx, family, offer.kind, proposal.proposed_by, trail.at))
    held = proposal.held(trail.at)
    lost = 0
    for time in held:
        party = proposal.party(time, family, offer.kind, may_come)
        if party is None:
            continue
        session = _booked(tx, proposal, time, party, offer, drawn, now=trail.at)
        if session is not None:
            return _close_booked(tx, trail, proposal, session, party, may_come=may_come, release=release)
        lost += 1
    return lapse(tx, trail, proposal) if lost == len(held) else proposal


def _booked(
    tx: Transaction,
    proposal: Proposal,
    time: Time,
    party: tuple[str, ...],
    offer: Offer,
    drawn: Drawn,
    *,
    now: datetime,
) -> Session | None:
    """Return the session of a settled time with those who held it; None where somebody is elsewhere then."""
    hold = holds.of_proposal(tx, proposal.id)[time.id]
    search = Search(
        offer.kind.id,
        proposal.client_id,
        proposal.proposed_by,
        clinician_ids=hold.clinician_ids,
        is_held=True,
        others=party[1:],
    )
    proposals.free(tx, [time.id])
    try:
        hosts = choose(tx, search.narrowed(offer), time.interval, search, now)
    except SlotTaken:
        return None
    return keep(tx, offer, time.interval, hosts, search, drawn, now=now)


def _close_booked(
    tx: Transaction,
    trail: Trail,
    proposal: Proposal,
    session: Session,
    party: tuple[str, ...],
    *,
    may_come: set[str],
    release: Release | None,
) -> Proposal:
    booked = replace(proposal, status=Status.BOOKED, session_id=session.id)
    proposals.close(tx, booked)
    left_out = (set(proposal.asked) & may_come) - set(party)
    tell(tx, sorted(left_out), proposal, Rule.TIMES_OVER, trail.at)
    note(tx, trail, Event.SESSION_BOOKED, session, proposal.client_id, release, members=party)
    return booked
