"""Certificates: that somebody has taken part in every session of a program, in neutral words."""

import asyncio

from scheduler.actions.perform import perform
from scheduler.actions.sessions import Course, courses_of
from scheduler.actions.slots import client_of
from scheduler.domain.audit import Entity, Event, Purpose
from scheduler.domain.certificates import Certificate
from scheduler.domain.errors import NotFound, NotNow
from scheduler.domain.people import Actor
from scheduler.domain.permissions import Subject, Task, require
from scheduler.domain.times import day_of
from scheduler.gateways.certificates import pdf_of
from scheduler.services import Services
from scheduler.storage import audit, people
from scheduler.storage.database import Transaction


async def my_certificate(services: Services, actor: Actor, program_id: str = "") -> bytes:
    """Return the actor's certificate of a program, by default the first that they have done, as a PDF.

    Raises:
        NotFound: the family takes no part in such a program.
        NotNow: there is a step that the actor has not done.
        Denied: not of a family.
    """
    trail, client_id = services.trail(actor), client_of(actor)

    def work(tx: Transaction) -> Certificate:
        require(actor, Task.PROGRAM, Subject(own=actor.is_family))
        course = _chosen(courses_of(tx, actor, trail.at), program_id)
        if not course.is_done:
            raise NotNow("a step is not done")
        days = [day_of(one.session_at, actor.zone) for one in course.steps if one.session_at is not None]
        person = people.get(tx, actor.person_id or "")
        audit.append(
            tx,
            trail,
            Event.CERTIFICATE_MADE,
            client_id=client_id,
            entities=[Entity("program", course.program.id), Entity("person", person.id)],
            purpose=Purpose.TREATMENT,
        )
        return Certificate(person.name, course.done, min(days), max(days), day_of(trail.at, actor.zone))

    made = await perform(services, actor, Event.CERTIFICATE_MADE, work, client_id=client_id)
    return await asyncio.to_thread(pdf_of, made)


def _chosen(courses: tuple[Course, ...], program_id: str) -> Course:
    asked = [one for one in courses if not program_id or one.program.id == program_id]
    if not asked:
        raise NotFound("program")
    return next((one for one in asked if one.is_done), asked[0])
