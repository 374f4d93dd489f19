"""A family takes six steps: one is missed and made up, the level of care changes; then the certificate."""

from dataclasses import dataclass

from scheduler.actions.booking import Wish, book_session
from scheduler.actions.certificates import my_certificate
from scheduler.actions.enrolling import enrol_family
from scheduler.actions.groups import take_places
from scheduler.actions.laying import lay_ahead
from scheduler.actions.offerings import OfferingWish, add_offering
from scheduler.actions.paths import change_care_level, see_path
from scheduler.actions.programs import add_program
from scheduler.actions.sessions import Course, my_program, see_session
from scheduler.actions.slots import show_slots
from scheduler.actions.steps import StepWish, add_step
from scheduler.domain.audit import Event
from scheduler.domain.booking import Session, Status
from scheduler.domain.people import Actor, CareLevel, Role
from scheduler.domain.program import Step
from scheduler.services import Services
from scheduler.storage import kinds, people
from tests.builders import PACIFIC, Family, actor, add_family, add_person, add_release
from tests.conftest import Clock
from tests.log import events
from tests.pdf import words_of
from tests.presence import attend, settle
from tests.program import FIRST_DATE, HALF_PAST_FIVE
from tests.scheduling import open_hours

TITLES = ("At home", "Early signs", "Boundaries", "Calmer talk", "Stepping down", "Caring for yourself")
MISSED, ALONE, MOVES_AFTER = 1, 4, 2


@dataclass(frozen=True)
class Walk:
    """The family that goes the whole way, with whoever goes along."""

    services: Services
    clock: Clock
    family: Family
    coordinator: Actor

    @property
    def mother(self) -> Actor:
        """Who goes."""
        return self.family.mother_actor

    async def course(self) -> Course:
        """Return how far she has come, with the coming weeks laid."""
        await lay_ahead(self.services)
        (course,) = await my_program(self.services, self.mother)
        return course

    async def take(self, step: Step) -> Session:
        """Take the first time that is offered for a step."""
        if step.is_group:
            first = (await self.course()).times_of(step)[0].session
            return await take_places(self.services, self.mother, first.id)
        choice = await show_slots(self.services, self.mother, kind_id=step.id, zone=PACIFIC)
        assert choice.page is not None
        starts_at = choice.page.days[0].slots[0].interval.starts_at
        return await book_session(self.services, self.mother, Wish(step.id, starts_at))

    async def come_to(self, session: Session, step: Step) -> None:
        """Be present for just long enough."""
        host = self.family.clinician_actor
        minutes = step.enough_minutes
        await attend(self.services, self.clock, session, host, self.mother, minutes=minutes)

    async def miss_and_make_up(self, session: Session) -> Session:
        """Miss a session; take the next of its step from the missed one's page."""
        await settle(self.services, self.clock, session)
        missed = await see_session(self.services, self.mother, session.id)
        assert missed.seen.place.status is Status.MISSED
        assert missed.again is not None
        return await take_places(self.services, self.mother, missed.again.times[0].session.id)


async def begin(services: Services, clock: Clock) -> Walk:
    """Write the program, offer its groups every week, and let the family begin."""
    family = await add_family(services)
    await add_release(services, family.client, family.mother)
    tom = await add_person(services, "Tom Brandt", Role.COORDINATOR)
    client_id = family.client.id
    await services.database.write(
        lambda tx: people.add_to_care_team(tx, client_id=client_id, person_id=tom.id)
    )
    coordinator = actor(tom, client_ids={client_id})
    program = await add_program(services, coordinator, "Family program")
    await enrol_family(services, coordinator, program.id, client_id)
    before: tuple[str, ...] = ()
    for number, title in enumerate(TITLES):
        is_group = number != ALONE
        wish = StepWish(title, 60, is_group, education_only=is_group, needs=before)
        step = await add_step(services, coordinator, program.id, wish)
        before = (step.id,)
        await offer(services, coordinator, family, step)
    await change_care_level(services, coordinator, client_id, CareLevel.PHP)
    return Walk(services, clock, family, coordinator)


async def offer(services: Services, coordinator: Actor, family: Family, step: Step) -> None:
    """Offer a group every week, on a day of its own; the family alone meets its therapist in the mornings."""
    therapist_id = family.clinician.id
    if step.is_group:
        weekday = (step.position - 1) % 7
        wish = OfferingWish(therapist_id, weekday, HALF_PAST_FIVE, PACIFIC, 8, FIRST_DATE)
        await add_offering(services, coordinator, step.id, wish)
        return
    await open_hours(services, family.clinician)
    await services.database.write(lambda tx: kinds.offer(tx, step.id, therapist_id))


async def test_six_steps_with_one_made_up_and_a_move_from_php_to_iop(
    services: Services, clock: Clock
) -> None:
    walk = await begin(services, clock)
    client_id = walk.family.client.id
    for number, title in enumerate(TITLES):
        course = await walk.course()
        step = course.next_step
        assert step is not None
        assert (course.done, step.title) == (number, title)
        session = await walk.take(step)
        if number == MISSED:
            session = await walk.miss_and_make_up(session)
        await walk.come_to(session, step)
        if number == MOVES_AFTER:
            await change_care_level(services, walk.coordinator, client_id, CareLevel.IOP)
            assert (await walk.course()).done == number + 1

    certificate = words_of(await my_certificate(services, walk.mother)).split("\n")
    path = await see_path(services, walk.coordinator, client_id)

    assert (await walk.course()).is_done
    assert certificate[:3] == ["Certificate", "Rosa Rivera", "took part in six family learning sessions"]
    assert certificate[3].startswith("from 2 November 2026 to ")
    assert "Jules" not in "".join(certificate)
    assert path.care_level == CareLevel.IOP
    assert [one.done for one in path.walkers if one.person.id == walk.mother.person_id] == [6]
    written = await events(services)
    assert [written.count(one) for one in (Event.CREDIT_GIVEN, Event.SESSION_MISSED)] == [6, 1]
    assert [written.count(one) for one in (Event.CARE_LEVEL_CHANGED, Event.CERTIFICATE_MADE)] == [2, 1]
