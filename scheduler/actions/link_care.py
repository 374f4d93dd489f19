"""Care for one person's join link by the care team: send it again, or stop it."""

from datetime import datetime

from scheduler.actions.admissions import family_of
from scheduler.actions.perform import perform
from scheduler.actions.proofs import note
from scheduler.domain.audit import Event
from scheduler.domain.booking import Place
from scheduler.domain.errors import NotFound, NotReleased, PresenceMoved
from scheduler.domain.join_links import Shut, Standing
from scheduler.domain.notices import Rule
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.services import Services
from scheduler.storage import bookings, join_links, notices, sessions
from scheduler.storage.database import Transaction


async def send_link_again(services: Services, actor: Actor, session_id: str, person_id: str) -> None:
    """Mail a person of the session their link; one that was stopped is replaced by a fresh one.

    Raises:
        NotFound: the session is not the actor's to see, or the person has no place in it.
        Denied: the actor is not of the care team.
        NotReleased: no release in force names the person.
        PresenceMoved: the session is off or over, or the person was kept out.
    """
    trail, jti, notice_id = services.trail(actor), services.new_secret(), services.new_id()

    def work(tx: Transaction) -> None:
        place = _place(tx, actor, session_id, person_id)
        is_assigned = place.client_id in actor.client_ids
        require(actor, Task.LINK_SEND, Subject(assigned=is_assigned, released=True))  # the release: below
        if join_links.jti_for(tx, session_id=session_id, person_id=person_id) is None:
            join_links.renew(tx, session_id=session_id, person_id=person_id, jti=jti, now=trail.at)
        standing = _standing(tx, place, trail.at)
        shut = standing.shut(trail.at)
        if shut is Shut.NO_RELEASE:
            raise NotReleased("no release in force")
        if shut is not None:
            raise PresenceMoved(shut)
        notices.queue(
            tx,
            notice_id=notice_id,
            person_id=person_id,
            session_id=session_id,
            rule=Rule.FRESH_LINK,
            due_at=trail.at,
        )
        note(tx, trail, Event.LINK_SENT, standing)

    await perform(services, actor, Event.LINK_SENT, work)
    services.video.changed(session_id)


async def stop_link(services: Services, actor: Actor, session_id: str, person_id: str) -> None:
    """Revoke a person's link: it opens nothing any more, and whoever is in the room by it is out.

    Raises:
        NotFound: the session is not the actor's to see, or the person has no place in it.
        Denied: the actor is not of the care team.
    """
    trail = services.trail(actor)

    def work(tx: Transaction) -> None:
        place = _place(tx, actor, session_id, person_id)
        require(actor, Task.LINK_REVOKE, Subject(assigned=place.client_id in actor.client_ids))
        if join_links.revoke_for(tx, session_id=session_id, person_id=person_id, now=trail.at):
            note(tx, trail, Event.LINK_REVOKED, _standing(tx, place, trail.at))

    await perform(services, actor, Event.LINK_REVOKED, work)
    services.video.changed(session_id)


def _place(tx: Transaction, actor: Actor, session_id: str, person_id: str) -> Place:
    sessions.visible_locked(tx, actor, session_id)
    for place in family_of(bookings.places_of(tx, session_id)):
        if place.person_id == person_id:
            return place
    raise NotFound("person of the session")


def _standing(tx: Transaction, place: Place, now: datetime) -> Standing:
    link = join_links.find_for(tx, session_id=place.session_id, person_id=place.person_id)
    if link is None:
        raise NotFound("join link")
    return join_links.standing(tx, link, now=now)
