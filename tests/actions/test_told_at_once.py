"""Those who hold weekly sessions are told of all that one act changes in one mail."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from email.message import EmailMessage

import pytest

from scheduler.actions.laying import lay_ahead
from scheduler.actions.notices import send_due
from scheduler.actions.offerings import change_offering, end_offering, skip_date
from scheduler.actions.steps import change_step
from scheduler.domain.audit import Event
from scheduler.domain.program import Offering
from scheduler.gateways.mail import MailDelayed
from scheduler.services import Services
from tests.conftest import Clock, FakeMail
from tests.gateways.calendar_files import value
from tests.log import events
from tests.program import THURSDAYS, WELCOME, Course, add_course, offer

Act = Callable[[Services, Course, Offering], Awaitable[object]]
Told = list[tuple[str, str, str]]


@pytest.fixture
async def course(services: Services) -> Course:
    """A program of two steps."""
    return await add_course(services)


async def send_all(services: Services) -> None:
    while await send_due(services):
        pass


def files(message: EmailMessage) -> list[bytes]:
    """Return the calendar files of a mail."""
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    return [bytes(part.get_payload(decode=True)) for part in parts]


def methods(message: EmailMessage) -> list[str]:
    return [value(file, "METHOD") for file in files(message)]


async def test_a_new_weekly_time_is_one_mail_to_each_who_holds_it(
    services: Services, course: Course, clock: Clock, mail: FakeMail
) -> None:
    await offer(services, course, replace(course.wish, co_host_ids=(course.helper.id,)))
    await send_all(services)
    assert mail.sent == []  # the act is still being gathered
    clock.move(minutes=1)

    await send_all(services)

    assert {message["To"] for message in mail.sent} == {course.host.email, course.helper.email}
    assert len(mail.sent) == 2
    found = [file for message in mail.sent for file in files(message)]
    assert len({value(file, "UID") for file in found}) == len(found) == 2 * len(THURSDAYS)
    assert {value(file, "METHOD") for file in found} == {"REQUEST"}
    assert (await events(services)).count(Event.INVITE_SENT) == 2


async def later(services: Services, course: Course, offering: Offering) -> None:
    await change_offering(services, course.coordinator, offering.id, replace(course.wish, starts=19 * 60))


async def longer(services: Services, course: Course, _: Offering) -> None:
    await change_step(services, course.coordinator, course.steps[0].id, replace(WELCOME, minutes=90))


async def ended(services: Services, course: Course, offering: Offering) -> None:
    await end_offering(services, course.coordinator, offering.id)


@pytest.mark.parametrize(("act", "planned"), [(later, 6), (longer, 6), (ended, 0)])
async def test_a_changed_or_ended_one_is_one_mail_with_what_is_off_and_what_is_new(
    services: Services, course: Course, clock: Clock, mail: FakeMail, act: Act, planned: int
) -> None:
    offering = await offer(services, course)
    clock.move(minutes=1)
    await send_all(services)
    mail.sent.clear()

    await act(services, course, offering)
    clock.move(minutes=1)
    await send_all(services)

    (message,) = mail.sent
    assert (methods(message).count("CANCEL"), methods(message).count("REQUEST")) == (6, planned)


async def test_the_one_session_that_a_week_brings_is_told_as_any_other(
    services: Services, course: Course, clock: Clock, mail: FakeMail
) -> None:
    await offer(services, course)
    clock.move(minutes=1)
    await send_all(services)
    mail.sent.clear()

    clock.move(weeks=1)
    await lay_ahead(services)
    clock.move(minutes=1)
    await send_all(services)

    (message,) = mail.sent
    assert message["Subject"] == "Appointment: Thursday 17 December, 5:30 to 6:30 pm, Pacific time"
    assert methods(message) == ["REQUEST"]


async def test_what_is_off_before_the_mail_goes_out_is_not_in_it(
    services: Services, course: Course, clock: Clock, mail: FakeMail
) -> None:
    offering = await offer(services, course)
    await skip_date(services, course.coordinator, offering.id, date(2026, 11, 26), held=False)
    clock.move(minutes=1)

    await send_all(services)

    assert sorted(map(methods, mail.sent)) == [["CANCEL"], ["REQUEST"] * 5]


async def test_a_mail_that_was_delayed_goes_out_whole_and_as_the_same(
    services: Services, course: Course, clock: Clock, mail: FakeMail
) -> None:
    await offer(services, course)
    clock.move(minutes=1)
    mail.fault = MailDelayed("421")
    await send_all(services)
    mail.fault = None
    clock.move(minutes=2)

    await send_all(services)

    (message,) = mail.sent
    assert methods(message) == ["REQUEST"] * 6
    assert (await events(services)).count(Event.INVITE_SENT) == 1


async def test_more_than_one_round_takes_up_still_goes_out_in_one_mail(
    services: Services, course: Course, clock: Clock, mail: FakeMail
) -> None:
    first = await offer(services, course)
    for day in (0, 1, 2, 4, 5):
        await offer(services, course, replace(course.wish, weekday=day))
    clock.move(minutes=1)
    await send_all(services)
    mail.sent.clear()

    await longer(services, course, first)
    clock.move(minutes=1)
    await send_due(services)

    (message,) = mail.sent
    assert len(methods(message)) == 6 * 6 * 2
