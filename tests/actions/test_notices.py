"""Sending what we owe: decided at the moment of sending, tried again, never twice without saying so."""

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
from icalendar import Calendar

from scheduler.actions import notices as sending
from scheduler.domain.booking import Duty, Place
from scheduler.domain.booking import Status as PlaceStatus
from scheduler.domain.notices import Rule, Status
from scheduler.gateways.mail import MailDelayed, MailRefused, mail_for
from scheduler.services import Services
from scheduler.storage import join_links, notices, people
from scheduler.storage.database import Transaction
from scheduler.storage.tables import people as people_table
from tests.builders import add_family
from tests.conftest import Clock, FakeMail
from tests.gateways.mail_server import Postbox, free_port, running
from tests.owed import World, add_world, change_places, entries, notices_of, owe, revoke_release


async def status_of(services: Services, world: World, notice_id: str) -> Status:
    return (await notices_of(services, world))[notice_id].status


def text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def calendar(message: EmailMessage) -> Calendar:
    last = list(message.iter_parts())[-1]
    assert last.get_content_type() == "text/calendar"
    return Calendar.from_ical(last.get_content())


async def test_an_invite_goes_out_with_its_link_and_calendar_file(services: Services, mail: FakeMail) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.BOOKED)
    assert await sending.send_due(services) == 1
    message = mail.sent[0]
    assert message["To"] == world.mother.email
    assert "https://hearth.test/j/" in text(message)
    event = calendar(message).events[0]
    assert event.start == world.session.starts_at
    assert event["url"] == "https://hearth.test/join"
    assert world.mother.name not in message.as_string()


async def test_sending_is_a_disclosure_under_the_release(services: Services) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.BOOKED)
    await sending.send_due(services)
    (entry,) = await entries(services)
    assert entry["event"] == "invite.sent"
    assert entry["client"] == world.family.client.id
    assert entry["release"] == world.release_id
    assert entry["disclosure"] == {"recipient": world.mother.id, "what": "booked", "purpose": "treatment"}


async def test_every_mail_about_a_session_carries_the_same_link(services: Services, mail: FakeMail) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.BOOKED)
    await owe(services, world, Rule.FRESH_LINK)
    await sending.send_due(services)

    def jti(tx: Transaction) -> str | None:
        return join_links.jti_for(tx, session_id=world.session.id, person_id=world.mother.id)

    assert await services.database.read(jti) is not None
    assert all("/j/" in text(message) for message in mail.sent)


async def test_the_host_gets_an_invite_without_a_join_link(services: Services, mail: FakeMail) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.BOOKED, person=world.family.clinician)
    await sending.send_due(services)
    assert "/j/" not in text(mail.sent[0])
    assert f"https://hearth.test/appointments/{world.session.id}" in text(mail.sent[0])


async def test_after_a_revocation_no_invite_goes_out_and_the_log_says_why(
    services: Services, mail: FakeMail
) -> None:
    world = await add_world(services)
    notice_id = await owe(services, world, Rule.BOOKED)
    await revoke_release(services, world)
    await sending.send_due(services)
    assert mail.sent == []
    assert await status_of(services, world, notice_id) is Status.DROPPED
    (entry,) = await entries(services)
    assert (entry["event"], entry["outcome"], entry["reason"]) == ("invite.sent", "denied", "no_release")


async def test_a_session_of_education_alone_needs_no_release_to_be_told(
    services: Services, mail: FakeMail
) -> None:
    world = await add_world(services, education_only=True)
    await owe(services, world, Rule.BOOKED)
    await revoke_release(services, world)
    await sending.send_due(services)
    assert [message["To"] for message in mail.sent] == [world.mother.email]


async def test_after_a_cancel_only_the_cancel_goes_out_and_it_removes(
    services: Services, mail: FakeMail
) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.BOOKED)
    seat = Place(world.session.id, world.mother.id, Duty.MEMBER, world.family.client.id)
    await change_places(services, world, replace(seat, status=PlaceStatus.CANCELLED, sequence=1))
    await owe(services, world, Rule.CANCELLED, sequence=1)
    await sending.send_due(services)
    (message,) = mail.sent
    file = calendar(message)
    assert file["method"] == "CANCEL"
    assert str(file.events[0]["status"]) == "CANCELLED"
    assert file.events[0].sequence == 1


async def test_an_invite_overtaken_by_a_move_is_not_sent(services: Services, mail: FakeMail) -> None:
    world = await add_world(services)
    first = await owe(services, world, Rule.BOOKED)
    seat = Place(world.session.id, world.mother.id, Duty.MEMBER, world.family.client.id, sequence=1)
    await change_places(services, world, seat)
    await owe(services, world, Rule.MOVED, sequence=1)
    await sending.send_due(services)
    assert [message["Subject"].startswith("New time") for message in mail.sent] == [True]
    assert await status_of(services, world, first) is Status.DROPPED


async def test_a_reminder_after_the_link_was_revoked_is_not_sent(services: Services, mail: FakeMail) -> None:
    world = await add_world(services, ahead=timedelta(minutes=60))
    await owe(services, world, Rule.REMINDER_HOUR)
    now = services.now()
    await services.database.write(lambda tx: join_links.revoke_for(tx, session_id=world.session.id, now=now))
    await sending.send_due(services)
    assert mail.sent == []


async def test_a_session_about_to_start_says_join_now(services: Services, mail: FakeMail) -> None:
    world = await add_world(services, ahead=timedelta(minutes=10))
    await owe(services, world, Rule.BOOKED)
    await sending.send_due(services)
    assert "You can join now:" in text(mail.sent[0])


async def test_a_delayed_notice_is_tried_again_under_the_same_message_id(
    services: Services, mail: FakeMail, clock: Clock
) -> None:
    world = await add_world(services, ahead=timedelta(days=30))
    notice_id = await owe(services, world, Rule.BOOKED)
    mail.fault = MailDelayed("451")
    tried = []
    for minutes in (0, 1, 5, 15, 60):
        clock.move(minutes=minutes)
        tried.append(await sending.send_due(services))
    assert tried == [1, 1, 1, 1, 1]
    mail.fault = None
    clock.move(minutes=60)
    await sending.send_due(services)
    assert [message["Message-ID"] for message in mail.sent] == [f"<{notice_id}@hearth.test>"]
    assert await status_of(services, world, notice_id) is Status.SENT


async def test_between_two_tries_there_is_the_pause(services: Services, mail: FakeMail, clock: Clock) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.BOOKED)
    mail.fault = MailDelayed("451")
    await sending.send_due(services)
    clock.move(seconds=59)
    assert await sending.send_due(services) == 0


async def test_an_address_that_is_refused_is_a_bounce_in_the_log(services: Services, mail: FakeMail) -> None:
    world = await add_world(services)
    notice_id = await owe(services, world, Rule.BOOKED)
    mail.fault = MailRefused("550")
    await sending.send_due(services)
    assert await status_of(services, world, notice_id) is Status.FAILED
    (entry,) = await entries(services)
    assert (entry["event"], entry["outcome"], entry["reason"]) == ("invite.bounced", "failure", "550")


async def test_one_bad_address_never_stops_the_rest(services: Services) -> None:
    worlds = [await add_world(services, surname=name) for name in ("Rivera", "Okoye", "Novak", "Tanaka")]
    postbox = Postbox(
        replies={worlds[0].mother.email: "550 gone", worlds[1].mother.email: "451 later"},
    )
    for world in worlds:
        await owe(services, world, Rule.BOOKED)
    with running(postbox) as port:
        await sending.send_due(replace(services, mail=mail_for(f"smtp://127.0.0.1:{port}")))
    assert {message["To"] for message in postbox.messages} == {worlds[2].mother.email, worlds[3].mother.email}


async def test_an_address_that_cannot_stand_in_a_mail_never_stops_the_rest(
    services: Services, mail: FakeMail
) -> None:
    worlds = [await add_world(services, surname=name) for name in ("Rivera", "Okoye")]

    def spoil(tx: Transaction) -> None:
        person_id = worlds[0].mother.id
        sealed = tx.seal("people.email", person_id, "rosa@people.test\nBcc: luis@people.test")
        tx.execute(people_table.update().where(people_table.c.id == person_id).values(email_sealed=sealed))

    await services.database.write(spoil)
    for world in worlds:
        await owe(services, world, Rule.BOOKED)
    await sending.send_due(services)
    assert [message["To"] for message in mail.sent] == [worlds[1].mother.email]


async def test_a_mail_server_that_is_down_for_an_hour_loses_nothing(services: Services, clock: Clock) -> None:
    worlds = [await add_world(services, surname=name) for name in ("Rivera", "Okoye", "Novak")]
    for world in worlds:
        await owe(services, world, Rule.BOOKED)
    port, postbox = free_port(), Postbox()
    down = replace(services, mail=mail_for(f"smtp://127.0.0.1:{port}"))
    for _ in range(60):
        await sending.send_due(down)
        clock.move(minutes=1)
    with running(postbox, port=port):
        for _ in range(60):
            await sending.send_due(down)
            clock.move(minutes=1)
    assert sorted(message["To"] for message in postbox.messages) == sorted(
        world.mother.email for world in worlds
    )


async def test_a_process_killed_between_sending_and_marking_sends_once_more_under_the_same_id(
    services: Services, mail: FakeMail, clock: Clock
) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.BOOKED)
    with pytest.raises(Killed):
        await sending.send_due(replace(services, mail=KilledAfterwards(mail)))
    assert await sending.send_due(services) == 0
    clock.move(minutes=2)
    await sending.send_due(services)
    clock.move(minutes=10)
    await sending.send_due(services)
    assert len({message["Message-ID"] for message in mail.sent}) == 1
    assert len(mail.sent) == 2


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class KilledAfterwards:
    """A mail gateway after which the process is gone."""

    def __init__(self, mail: FakeMail) -> None:
        self._mail = mail

    async def send(self, message: EmailMessage) -> None:
        """Hand it over, and be gone."""
        await self._mail.send(message)
        raise Killed


async def test_a_code_goes_to_the_other_address_on_file(services: Services, mail: FakeMail) -> None:
    world = await add_world(services)

    def give(tx: Transaction) -> None:
        person_id = world.mother.id
        sealed = tx.seal("people.code_email", person_id, "rosa@elsewhere.test")
        tx.execute(
            people_table.update().where(people_table.c.id == person_id).values(code_email_sealed=sealed)
        )

    await services.database.write(give)
    await owe(services, world, Rule.JOIN_CODE, detail="20481632")
    await sending.send_due(services)
    assert mail.sent[0]["To"] == "rosa@elsewhere.test"
    assert "20481632" in text(mail.sent[0])


async def test_a_code_that_is_late_is_not_sent(services: Services, mail: FakeMail, clock: Clock) -> None:
    world = await add_world(services)
    await owe(services, world, Rule.JOIN_CODE, detail="20481632")
    clock.move(minutes=10)
    await sending.send_due(services)
    assert mail.sent == []


async def test_a_notice_of_no_session_needs_no_release(services: Services, mail: FakeMail) -> None:
    family = await add_family(services)
    now = services.now()

    def ask(tx: Transaction) -> None:
        notices.queue(
            tx,
            notice_id="n1",
            person_id=family.mother.id,
            session_id=None,
            rule=Rule.SIGN_IN_CODE,
            due_at=now,
            detail="20481632",
        )

    await services.database.write(ask)
    await sending.send_due(services)
    assert "20481632" in text(mail.sent[0])


async def test_everybody_is_told_the_time_in_their_own_zone(services: Services, mail: FakeMail) -> None:
    world = await add_world(services)

    def move_east(tx: Transaction) -> None:
        people.set_zone(tx, world.mother.id, "America/New_York")

    await services.database.write(move_east)
    await owe(services, world, Rule.BOOKED)
    await owe(services, world, Rule.BOOKED, person=world.family.clinician)
    await sending.send_due(services)
    words = {message["To"]: text(message) for message in mail.sent}
    assert "12:00 noon to 12:20 pm, Eastern time" in words[world.mother.email]
    assert "9:00 to 9:20 am, Pacific time" in words[world.family.clinician.email]
