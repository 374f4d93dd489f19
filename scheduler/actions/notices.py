"""Sending what we owe: the job that empties the outbox.

::

    transaction 1          outside              transaction 2
    claim, look again ──▶ write, hand over ──▶ mark, with its entry
        └─ drop what is no longer true or allowed

Whether a notice is still to be sent is decided in the first transaction, by the session, the release and the
person as they are then. A process that dies between handing over and marking leaves a claim that lapses; the
mail goes once more under the same Message-ID. What one act owes somebody of staff goes out in one mail.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.actions import proposals
from scheduler.actions.invites import Covered, Due, message_of, release_for
from scheduler.domain.audit import Disclosure, Entity, Event, Outcome, Purpose, Trail
from scheduler.domain.notices import (
    REMINDERS,
    Decision,
    Notice,
    Rule,
    SessionNow,
    Status,
    decide,
    pause_after,
    useful_until,
)
from scheduler.domain.people import FAMILY, SYSTEM, Person, Role
from scheduler.gateways.mail import MailDelayed, MailRefused
from scheduler.services import Services
from scheduler.storage import audit, inquiries, invites, join_links, notices, people
from scheduler.storage.database import Transaction
from scheduler.storage.invites import Invited
from scheduler.storage.notices import Claimed

BATCH = 32
AT_ONCE = 6
KEPT_FOR = timedelta(days=30)  # sent notices; the audit log keeps what happened

NOBODY = Person("", Role.ANONYMOUS, "", "", "UTC")  # whose inquiry is forgotten, or who wants no mail

log = logging.getLogger("hearth.notices")


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a try: the status it ends in, the fault in one word, and when it is tried next."""

    status: Status
    fault: str = ""
    next_attempt_at: datetime | None = None


async def plan_reminders(services: Services) -> int:
    """Queue the reminders of the coming hour that are due; return how many were new."""
    now = services.now()
    return await services.database.write(lambda tx: notices.plan_reminders(tx, now=now))


async def send_due(services: Services) -> int:
    """Send what is due, some at a time; return how many notices were taken up.

    What one address or the mail server does never stops the others: a delay is tried again after a growing
    pause, a refusal for good is kept as failed.
    """
    ready = await _take_up(services)
    gate = asyncio.Semaphore(AT_ONCE)
    await asyncio.gather(*(_deliver(services, together, gate) for together in _by_mail(ready)))
    return len(ready)


async def forget_old(services: Services) -> int:
    """Delete notices that were sent or dropped over thirty days ago; return how many."""
    before = services.now() - KEPT_FOR
    return await services.database.write(lambda tx: notices.forget(tx, before=before))


async def _take_up(services: Services) -> list[Due]:
    now, trail = services.now(), services.trail(SYSTEM)
    jtis = [services.new_secret() for _ in range(BATCH + notices.MOST_TOGETHER)]

    def work(tx: Transaction) -> list[Due]:
        claimed = notices.claim(tx, now=now, limit=BATCH)
        if not claimed:
            return []
        told = _told(tx, [one.notice for one in claimed])
        ready = [
            _looked_at(tx, trail, one, *told[one.notice.id], jti)
            for one, jti in zip(claimed, jtis, strict=False)
        ]
        return [due for due in ready if due is not None]

    return await services.database.write(work)


def _told(tx: Transaction, owed: list[Notice]) -> dict[str, tuple[Person, Invited | None]]:
    """Return to whom notices are owed, by the notice's id, with the place that it is about, if any."""
    persons = people.get_many(tx, (one.person_id for one in owed if one.person_id))
    places = _places(tx, [one for one in owed if one.person_id])
    askers = inquiries.to_tell(tx, (one.session_id for one in owed if not one.person_id and one.session_id))
    return {
        one.id: (persons[one.person_id], places.get(one.id))
        if one.person_id
        else askers.get(one.session_id or "", (NOBODY, None))
        for one in owed
    }


def _places(tx: Transaction, owed: list[Notice]) -> dict[str, Invited]:
    """Return the place that each notice is about, had or waited for, by the notice's id."""
    about = [one for one in owed if one.session_id]
    had = invites.places_of(tx, (_key(one) for one in about if not one.meaning.of_wait))
    waited_for = invites.waits_of(tx, (_key(one) for one in about if one.meaning.of_wait))
    places = {one.id: (waited_for if one.meaning.of_wait else had).get(_key(one)) for one in about}
    return {notice_id: place for notice_id, place in places.items() if place is not None}


def _looked_at(
    tx: Transaction, trail: Trail, one: Claimed, person: Person, place: Invited | None, fresh_jti: str
) -> Due | None:
    """Return the notice with all that its letter needs; None, and dropped, when it is not to be sent."""
    now, notice = trail.at, one.notice
    covered = Covered(is_released=True) if place is None else release_for(tx, person, place, now)
    session = None if place is None else _session_now(place, covered)
    proposal = proposals.standing(tx, person.id, one.detail, now) if notice.meaning.of_proposal else None
    here = person.ended_at is None
    decision = decide(notice, now=now, session=session, person_is_here=here, proposal=proposal)
    jti = None
    if decision.send and notice.meaning.has_link and place is not None and person.role in FAMILY:
        where = {"session_id": place.session_id, "person_id": place.person_id}
        jti = join_links.readable_jti(tx, **where, jti=fresh_jti, now=now)
        if jti is None and notice.meaning.method is None:
            decision = Decision(send=False, reason="link_revoked")
    if not decision.send:
        about = proposal if place is None else place
        _drop(tx, trail, notice, None if about is None else about.client_id, decision.reason)
        return None
    is_proof = notice.rule in (Rule.JOIN_CODE, Rule.STEP_UP_CODE)
    address = people.address_for_codes(tx, person) if is_proof else person.email
    return Due(notice, person, address, place, one.detail, jti, covered.release_id)


def _session_now(place: Invited, covered: Covered) -> SessionNow:
    return SessionNow(
        starts_at=place.starts_at,
        ends_at=place.ends_at,
        is_on=place.session_is_on,
        has_place=place.is_booked,
        sequence=place.sequence,
        is_released=covered.is_released,
    )


def _drop(tx: Transaction, trail: Trail, notice: Notice, client_id: str | None, reason: str) -> None:
    notices.mark_dropped(tx, notice.id, reason=reason)
    if reason == "no_release":
        audit.append(
            tx,
            trail,
            _event(notice),
            outcome=Outcome.DENIED,
            reason=reason,
            client_id=client_id,
            entities=_entities(notice),
        )


def _by_mail(ready: Sequence[Due]) -> list[list[Due]]:
    """Return what goes out together: of one act, to one person of staff."""
    mails: dict[tuple[str, str], list[Due]] = {}
    for due in ready:
        act_id = due.notice.act_id
        key = (due.person.id, act_id) if act_id and due.person.role not in FAMILY else ("", due.notice.id)
        mails.setdefault(key, []).append(due)
    return list(mails.values())


async def _deliver(services: Services, together: Sequence[Due], gate: asyncio.Semaphore) -> None:
    async with gate:
        fate = await _try(services, together)
    if fate.status is Status.QUEUED:
        await _put_back(services, together, fate)
    else:
        await _settle(services, together, fate)


async def _try(services: Services, together: Sequence[Due]) -> Fate:
    due = together[0]
    try:
        await services.mail.send(message_of(services, together))
    except MailRefused as refused:
        return Fate(Status.FAILED, fault=str(refused))
    except MailDelayed as delayed:
        now = services.now()
        left = useful_until(due.notice, _session_of(due)) - now
        pause = pause_after(due.notice.attempts, useful_for=left)
        return Fate(Status.QUEUED, fault=str(delayed), next_attempt_at=now + pause)
    except ValueError:
        return Fate(Status.FAILED, fault="malformed")
    return Fate(Status.SENT)


async def _put_back(services: Services, together: Sequence[Due], fate: Fate) -> None:
    assert fate.next_attempt_at is not None
    at, fault = fate.next_attempt_at, fate.fault

    def work(tx: Transaction) -> None:
        for due in together:
            log.info("notice %s delayed (%s), try %d", due.notice.id, fault, due.notice.attempts)
            notices.mark_delayed(tx, due.notice.id, next_attempt_at=at, fault=fault)

    await services.database.write(work)


async def _settle(services: Services, together: Sequence[Due], fate: Fate) -> None:
    """Mark what one mail said as sent or failed, with its one entry; not when another process has done so."""
    trail = services.trail(SYSTEM)

    def work(tx: Transaction) -> None:
        marked = [due for due in together if _mark(tx, due.notice, fate, trail.at)]
        if marked:
            _note(tx, trail, marked, fate)

    await services.database.write(work)


def _mark(tx: Transaction, notice: Notice, fate: Fate, now: datetime) -> bool:
    if fate.status is Status.SENT:
        return notices.mark_sent(tx, notice.id, now=now)
    return notices.mark_failed(tx, notice.id, fault=fate.fault)


def _note(tx: Transaction, trail: Trail, marked: Sequence[Due], fate: Fate) -> None:
    due, was_sent = marked[0], fate.status is Status.SENT
    touched = dict.fromkeys(entity for one in marked for entity in _entities(one.notice))
    audit.append(
        tx,
        trail,
        _event(due.notice) if was_sent else Event.INVITE_BOUNCED,
        outcome=Outcome.SUCCESS if was_sent else Outcome.FAILURE,
        reason=fate.fault or None,
        client_id=None if due.place is None else due.place.client_id,
        entities=list(touched),
        release_id=due.release_id,
        disclosure=_disclosure(due) if was_sent else None,
    )


def _disclosure(due: Due) -> Disclosure | None:
    """Return what 42 CFR 2.25 makes accountable: telling a family member, under a release."""
    tells_nothing = _event(due.notice) is Event.NOTICE_SENT and not due.notice.meaning.of_wait
    if due.release_id is None or tells_nothing:
        return None
    return Disclosure(recipient=due.person.id, what=due.notice.rule, purpose=Purpose.TREATMENT)


def _event(notice: Notice) -> Event:
    """Return the event of sending; that a fresh link or a code was sent is in the log from the asking."""
    if notice.meaning.method is not None:
        return Event.INVITE_SENT
    return Event.LINK_SENT if notice.rule in REMINDERS else Event.NOTICE_SENT


def _entities(notice: Notice) -> list[Entity]:
    found = [Entity("notice", notice.id)]
    if notice.person_id:
        found.append(Entity("person", notice.person_id))
    if notice.session_id is not None:
        found.append(Entity("session", notice.session_id, notice.sequence))
    return found


def _key(notice: Notice) -> tuple[str, str]:
    return notice.person_id, notice.session_id or ""


def _session_of(due: Due) -> SessionNow | None:
    return None if due.place is None else _session_now(due.place, Covered(is_released=True))
