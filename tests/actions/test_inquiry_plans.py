"""A first conversation gets another time or host: by itself, or while somebody of admissions is away."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from scheduler.actions.absences import Asked, see_absence
from scheduler.actions.covering import Cover, cover
from scheduler.actions.inquiries import see_own
from scheduler.actions.inquiry_care import cancel, show_inquiry
from scheduler.actions.inquiry_plans import Replan, replan, show_options
from scheduler.actions.notices import send_due
from scheduler.domain.audit import Event
from scheduler.domain.booking import Session
from scheduler.domain.coverage import CANCEL, Act, Choice, Planned
from scheduler.domain.errors import Denied, NotFound, SessionOver, SlotTaken
from scheduler.domain.people import Person, Role
from scheduler.services import Services
from scheduler.storage.tables import taken_ticks
from tests.builders import actor, add_person
from tests.conftest import Clock, FakeMail
from tests.covering import ABSENCE
from tests.gateways.calendar_files import value
from tests.inquiries import TOKEN, VISITOR, WORDS, add_admissions, asked, conversations, coordinator_of
from tests.log import events
from tests.scheduling import TUESDAY_NINE, add_world, rows

LATER = TUESDAY_NINE + timedelta(minutes=60)


def wanted(session: Session, starts_at: object = None, host: Person | None = None) -> Replan:
    """Return the wish for another time or host, seeing the conversation as it was first booked."""
    at = starts_at or session.starts_at
    return Replan(at, host.id if host else "", session.starts_at, session.host_id)  # type: ignore[arg-type]


async def send_all(services: Services) -> None:
    while await send_due(services):
        pass


def to_visitor(mail: FakeMail) -> list[EmailMessage]:
    return [message for message in mail.sent if message["To"] == WORDS.email]


def sequence(message: EmailMessage) -> int:
    file = next(part for part in message.walk() if part.get_content_type() == "text/calendar")
    return int(value(bytes(file.get_payload(decode=True)), "SEQUENCE"))


async def test_its_host_moves_it_and_whoever_asked_is_told(services: Services, mail: FakeMail) -> None:
    denise = await add_admissions(services)
    session = await asked(services)
    await send_all(services)

    await replan(services, actor(denise), session.id, wanted(session, LATER, denise))
    await send_all(services)

    assert (await see_own(services, VISITOR, TOKEN)).interval.starts_at == LATER
    ticks = sorted({row.tick for row in await rows(services, taken_ticks)})
    assert len(ticks) == 6
    first, told = to_visitor(mail)
    assert told["Subject"].startswith("New time") or "10:00" in told["Subject"]
    assert sequence(told) > sequence(first)
    assert Event.INQUIRY_MOVED in await events(services)


async def test_a_coordinator_hands_it_to_whoever_is_free_at_the_same_time(
    services: Services, mail: FakeMail
) -> None:
    denise, kim = await add_admissions(services), await add_admissions(services, "Kim Lee")
    session = await asked(services)
    other = kim if session.host_id == denise.id else denise
    tom = await coordinator_of(services)
    await send_all(services)
    mail.sent.clear()

    await replan(services, tom, session.id, wanted(session))
    await replan(services, tom, session.id, wanted(session))  # the form sent twice
    await send_all(services)

    (now,) = await conversations(services)
    assert now == replace(session, host_id=other.id)
    assert len(mail.sent) == 3
    assert [sequence(message) for message in to_visitor(mail)] == [1]
    assert (await show_inquiry(services, actor(other), session.id))[1] == other.name


async def test_back_and_forth_every_mail_to_them_counts_on(services: Services, mail: FakeMail) -> None:
    people = {
        one.id: one for one in (await add_admissions(services), await add_admissions(services, "Kim Lee"))
    }
    session = await asked(services)
    tom = await coordinator_of(services)
    for starts_at in (LATER, TUESDAY_NINE, LATER):
        (now,) = await conversations(services)
        other = next(one for one in people.values() if one.id != now.host_id)
        await replan(services, tom, session.id, wanted(now, starts_at, other))
        await send_all(services)
    await cancel(services, tom, session.id)
    await send_all(services)

    counted = [sequence(message) for message in to_visitor(mail)]
    assert counted == sorted(set(counted))
    assert len(counted) == 4  # the first invite was overtaken before it was sent


async def test_who_wants_no_mail_gets_none(services: Services, mail: FakeMail) -> None:
    denise = await add_admissions(services)
    session = await asked(services, mail_is_safe=False)

    await replan(services, actor(denise), session.id, wanted(session, LATER, denise))
    await send_all(services)

    assert to_visitor(mail) == []


async def test_nobody_is_given_it_who_is_not_free_or_not_of_admissions(services: Services) -> None:
    await add_admissions(services)
    session = await asked(services)
    world = await add_world(services)
    tom = await coordinator_of(services)

    for host in (None, world.family.clinician):
        with pytest.raises(SlotTaken):
            await replan(services, tom, session.id, wanted(session, None, host))

    assert await conversations(services) == [session]


@pytest.mark.parametrize(
    ("role", "refusal"),
    [(Role.CLINICIAN, NotFound), (Role.PRIVACY_OFFICER, Denied), (Role.ADMINISTRATOR, Denied)],
)
async def test_others_neither_see_nor_change_it(
    services: Services, role: Role, refusal: type[Exception]
) -> None:
    await add_admissions(services)
    session = await asked(services)
    other = actor(await add_person(services, "Priya Raman", role))

    with pytest.raises(refusal):
        await show_options(services, other, session.id)
    with pytest.raises(refusal):
        await replan(services, other, session.id, wanted(session))


async def test_one_that_is_over_stays_as_it_is(services: Services, clock: Clock) -> None:
    denise = await add_admissions(services)
    session = await asked(services)
    clock.move(days=2)

    with pytest.raises(SessionOver):
        await replan(services, actor(denise), session.id, wanted(session))


@pytest.mark.parametrize("act", ["reassign", "move", "cancel"])
async def test_coverage_acts_on_it_and_whoever_asked_is_told(
    services: Services, mail: FakeMail, act: str
) -> None:
    people = {
        one.id: one for one in (await add_admissions(services), await add_admissions(services, "Kim Lee"))
    }
    session = await asked(services)
    away, tom = people.pop(session.host_id), await coordinator_of(services)
    (other,) = people.values()
    await send_all(services)
    mail.sent.clear()

    (row,) = (await see_absence(services, tom, Asked(away.id, ABSENCE))).rows
    assert [one.id for one in row.stand_ins] == [other.id]
    move = next(one for one in row.times if one.clinician_id == away.id)
    choice = {"reassign": Choice(Act.REASSIGN, other.id), "move": move, "cancel": CANCEL}[act]
    plan = {session.id: Planned(session.starts_at, choice)}
    assert await cover(services, tom, Cover(away.id, ABSENCE, plan)) == 1
    await send_all(services)

    (now,) = await conversations(services)
    assert now != session
    assert [sequence(message) for message in to_visitor(mail)] == [1]
    event = Event.INQUIRY_CANCELLED if act == "cancel" else Event.INQUIRY_MOVED
    assert event in await events(services)
