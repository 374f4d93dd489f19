"""First conversations as their staff meet them: whom to call, whether they were reached, calling off.

The host sees theirs; coordinators and supervisors see every one. Each showing is an entry.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.actions.inquiries import call_off, note
from scheduler.actions.perform import check_first, perform
from scheduler.domain.audit import Entity, Event, Trail
from scheduler.domain.booking import Status
from scheduler.domain.inquiries import Inquiry
from scheduler.domain.people import SYSTEM, Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.services import Services
from scheduler.storage import audit, inquiries, people, sessions
from scheduler.storage.database import Transaction

ASSIGNED = Subject(assigned=True)  # of an inquiry that storage shows to them


async def show_inquiry(services: Services, actor: Actor, session_id: str) -> tuple[Inquiry, str]:
    """Return an inquiry with all that was told, and its host's name.

    Raises:
        NotFound: there is none, or it is not theirs to see.
        Denied: the role sees nobody's contact.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> tuple[Inquiry, str]:
        require(actor, Task.CONTACT_READ, ASSIGNED)
        inquiry = inquiries.visible(tx, actor, session_id)
        note(tx, trail, Event.INQUIRY_READ, inquiry.session)
        return inquiry, people.get(tx, inquiry.session.host_id).name

    return await perform(services, actor, Event.INQUIRY_READ, work)


async def mark_reached(services: Services, actor: Actor, session_id: str) -> None:
    """Keep that the conversation took place.

    Raises:
        NotFound: there is none, or it is not theirs to see.
        SessionOver: it was cancelled.
    """
    await _settle(services, actor, session_id, Status.ATTENDED, Event.INQUIRY_REACHED)


async def mark_missed(services: Services, actor: Actor, session_id: str) -> None:
    """Keep that nobody was reached; they may be later.

    Raises:
        NotFound: there is none, or it is not theirs to see.
        SessionOver: it was cancelled.
    """
    await _settle(services, actor, session_id, Status.MISSED, Event.INQUIRY_MISSED)


async def cancel(services: Services, actor: Actor, session_id: str, *, reason: str = "") -> None:
    """Call a conversation off in words of one's own, which stay in the house.

    Raises:
        NotFound: there is none, or it is not theirs to see.
        SessionOver: it has begun.
        Denied: the role sees nobody's contact.
    """
    await check_first(
        services, actor, Event.INQUIRY_CANCELLED, lambda: require(actor, Task.CONTACT_READ, ASSIGNED)
    )
    trail = services.trail(actor)
    await call_off(services, trail, lambda tx: inquiries.visible_locked(tx, actor, session_id), reason=reason)


def to_do(tx: Transaction, trail: Trail, *, until: datetime) -> tuple[Inquiry, ...]:
    """Return the actor's conversations up to a moment, and past ones not settled yet, an entry for each."""
    found = inquiries.to_do(tx, trail.actor, until=until)
    for inquiry in found:
        note(tx, trail, Event.INQUIRY_READ, inquiry.session)
    return tuple(found)


async def forget_old(services: Services) -> int:
    """Delete what was told for conversations that are long over, with an entry; return how many; a job."""
    trail = services.trail(SYSTEM)
    before = trail.at - timedelta(days=services.settings.inquiry_days)

    def work(tx: Transaction) -> int:
        gone = inquiries.forget(tx, before=before)
        if gone:
            touched = [Entity("inquiry", session_id) for session_id in gone]
            audit.append(tx, trail, Event.INQUIRY_FORGOTTEN, entities=touched)
        return len(gone)

    return await services.database.write(work)


async def _settle(services: Services, actor: Actor, session_id: str, status: Status, event: Event) -> None:
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        require(actor, Task.CONTACT_READ, ASSIGNED)
        inquiry = inquiries.visible_locked(tx, actor, session_id)
        inquiry.check_settled()
        if inquiry.session.status is not status:
            sessions.set_status(tx, session_id, status)
            note(tx, trail, event, replace(inquiry.session, status=status))

    await perform(services, actor, event, work)
