"""The demo's Maildir, read back as an inbox."""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from scheduler.gateways import maildir
from scheduler.gateways.mail import MaildirMail

AT = datetime(2026, 11, 2, 17, tzinfo=UTC)


async def add(folder: Path, subject: str, *, recipient: str = "rosa@people.test", at: datetime = AT) -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = "Hearth <hello@hearth.test>", recipient
    message["Subject"], message["Date"] = subject, format_datetime(at)
    message.set_content("Hello")
    await MaildirMail(folder).send(message)


async def test_mail_is_read_newest_first_in_the_order_it_came_within_a_second(tmp_path: Path) -> None:
    await add(tmp_path / "mail", "late", at=AT.replace(hour=18))
    for number in range(12):
        await add(tmp_path / "mail", f"mail {number}")

    found = [one.subject for one in maildir.read_all(tmp_path / "mail")]

    assert found == ["late", *(f"mail {number}" for number in reversed(range(12)))]


def test_files_of_one_second_are_in_the_order_of_their_microseconds() -> None:
    assert maildir.delivery("1793638800.M99P7Q9.host") < maildir.delivery("1793638800.M100P7Q10.host")


async def test_mail_to_one_address_is_found_and_a_subject_folded_at_its_start_is_read_whole(
    tmp_path: Path,
) -> None:
    subject = "No longer planned: Tuesday 5 January, 12:00 noon to 12:20 pm, Pacific time"
    await add(tmp_path / "mail", subject)
    await add(tmp_path / "mail", "another", recipient="luis@people.test")

    (found,) = maildir.read_all(tmp_path / "mail", recipient="rosa@people.test")

    assert (found.subject, found.recipient, found.sent_at) == (subject, "rosa@people.test", AT)
    assert maildir.read_one(tmp_path / "mail", found.key) is not None
    assert maildir.read_one(tmp_path / "mail", "../secret") is None
