"""The demo's Maildir, read back as an inbox: what a family would find in their mail program."""

import mailbox
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

MOST_SHOWN = 200
_NUMBER = re.compile(r"[0-9]+")
_KEY = re.compile(r"[A-Za-z0-9_.\-]{1,120}")


@dataclass(frozen=True, slots=True)
class Received:
    """One mail as its reader sees it; ``calendar`` is the attached calendar file, "" where there is none."""

    key: str
    recipient: str
    sender: str
    subject: str
    sent_at: datetime
    text: str = ""
    calendar: str = ""


def read_all(folder: Path, *, recipient: str = "") -> list[Received]:
    """Return the newest mails, newest first; only those to one address where one is given."""
    if not folder.exists():
        return []
    box = mailbox.Maildir(folder, create=False)
    found = [_received(key, box.get_bytes(key)) for key in box.iterkeys()]
    wanted = [one for one in found if recipient in {"", one.recipient}]
    return sorted(wanted, key=lambda one: (one.sent_at, delivery(one.key)), reverse=True)[:MOST_SHOWN]


def read_one(folder: Path, key: str) -> Received | None:
    """Return one mail whole, or None."""
    if not folder.exists() or not _KEY.fullmatch(key):
        return None
    box = mailbox.Maildir(folder, create=False)
    return _received(key, box.get_bytes(key)) if key in box else None


def delivery(key: str) -> list[int]:
    """Return what puts the files of one second in order: seconds, microseconds, process and count."""
    return [int(number) for number in _NUMBER.findall(key)[:4]]


def _received(key: str, data: bytes) -> Received:
    message = message_from_bytes(data, policy=default)
    assert isinstance(message, EmailMessage)
    text = message.get_body(("plain",))
    return Received(
        key=key,
        recipient=str(message["To"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]).strip(),
        sent_at=parsedate_to_datetime(str(message["Date"])),
        text="" if text is None else str(text.get_content()),
        calendar=next(
            (
                str(part.get_content())
                for part in message.walk()
                if part.get_content_type() == "text/calendar"
            ),
            "",
        ),
    )
