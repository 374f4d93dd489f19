"""The one mail about a first conversation: only where it is safe, in neutral words, to a neutral address."""

import re
from email.message import EmailMessage

from icalendar import Calendar
from sqlalchemy import select

from scheduler.actions.inquiries import withdraw
from scheduler.actions.inquiry_care import cancel, forget_old
from scheduler.actions.notices import plan_reminders, send_due
from scheduler.domain.audit import Event
from scheduler.services import Services
from scheduler.storage.tables import notices
from tests.builders import actor
from tests.conftest import BASE_URL, Clock, FakeMail
from tests.gateways.test_letters import TELLING
from tests.inquiries import TOKEN, VISITOR, WORDS, add_admissions, asked
from tests.log import events
from tests.scheduling import rows


def to_robin(mail: FakeMail) -> list[EmailMessage]:
    return [message for message in mail.sent if message["To"] == WORDS.email]


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def everything(message: EmailMessage) -> str:
    """Return all that a mail says, decoded, headers included."""
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    return headers + "".join(str(part.get_content()) for part in message.walk() if not part.is_multipart())


def calendar(message: EmailMessage) -> Calendar:
    return Calendar.from_ical(list(message.iter_parts())[-1].get_content())


async def test_where_mail_is_safe_one_goes_out_with_the_private_address(
    services: Services, mail: FakeMail
) -> None:
    await add_admissions(services)
    await asked(services)

    await send_due(services)

    (message,) = to_robin(mail)
    assert message["Subject"] == "Appointment: Tuesday 3 November, 9:00 to 9:20 am, Pacific time"
    assert f"{BASE_URL}/c/{TOKEN}" in plain(message)
    (entry,) = calendar(message).walk("VEVENT")
    assert (entry["SUMMARY"], entry["URL"]) == ("Appointment", f"{BASE_URL}/")
    assert "CONFERENCE" not in entry
    assert (await events(services))[1:] == [Event.INVITE_SENT] * 2  # the other is the host's


async def test_no_mail_hints_at_anything(services: Services, mail: FakeMail) -> None:
    denise = await add_admissions(services)
    session = await asked(services)
    await send_due(services)
    await cancel(services, actor(denise), session.id, reason="The admissions desk is ill.")
    await send_due(services)

    told = "\n".join(map(everything, mail.sent))
    assert len(mail.sent) == 4
    assert re.findall(r"(?i)admission|first|conversation|inquir|510 555|brother|harbor|is ill", told) == []
    assert "Robin" not in told
    assert TELLING.findall(told) == []


async def test_without_a_tick_no_mail_goes_to_them(services: Services, mail: FakeMail) -> None:
    await add_admissions(services)
    await asked(services, mail_is_safe=False)
    await withdraw(services, VISITOR, TOKEN)
    assert [row.id for row in await rows(services, notices) if row.person_id is None] == []

    await send_due(services)

    assert to_robin(mail) == []


async def test_calling_off_takes_it_out_of_their_calendar(services: Services, mail: FakeMail) -> None:
    await add_admissions(services)
    await asked(services)
    await send_due(services)
    await withdraw(services, VISITOR, TOKEN)
    await send_due(services)

    first, second = (calendar(message) for message in to_robin(mail))
    (booked,), (off,) = first.walk("VEVENT"), second.walk("VEVENT")
    assert (str(first["METHOD"]), str(second["METHOD"])) == ("REQUEST", "CANCEL")
    assert booked["UID"] == off["UID"]
    assert (str(booked["SEQUENCE"]), str(off["SEQUENCE"])) == ("0", "1")
    assert TOKEN not in everything(to_robin(mail)[1])


async def test_one_called_off_before_its_mail_went_out_gets_no_mail_that_it_is_on(
    services: Services, mail: FakeMail
) -> None:
    await add_admissions(services)
    await asked(services)
    await withdraw(services, VISITOR, TOKEN)

    await send_due(services)

    assert [message["Subject"].partition(":")[0] for message in to_robin(mail)] == ["No longer planned"]


async def test_the_token_is_sealed_while_it_waits_and_gone_once_sent(services: Services) -> None:
    await add_admissions(services)
    await asked(services)
    waiting = await rows(services, notices)
    assert not any(TOKEN.encode() in (row.detail_sealed or b"") for row in waiting)

    await send_due(services)

    assert [row.detail_sealed for row in await rows(services, notices)] == [None, None]


async def test_what_is_forgotten_is_not_mailed(services: Services, mail: FakeMail, clock: Clock) -> None:
    await add_admissions(services)
    await asked(services)
    clock.move(days=services.settings.inquiry_days + 2)
    await forget_old(services)

    await send_due(services)

    assert to_robin(mail) == []
    statuses = await services.database.read(lambda tx: tx.execute(select(notices.c.status)).scalars().all())
    assert set(statuses) == {"dropped"}


async def test_the_host_is_reminded(services: Services, clock: Clock, mail: FakeMail) -> None:
    denise = await add_admissions(services)
    await asked(services, mail_is_safe=False)
    clock.move(hours=23, minutes=30)

    await plan_reminders(services)
    await send_due(services)

    assert [message["To"] for message in mail.sent] == [denise.email] * 2
