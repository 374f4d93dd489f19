"""Letters: the mail of a notice, written from ``templates/mail/<rule>/{subject.txt,body.txt,body.html}``.

A letter is plain and neutral on purpose: it names nobody, no service and no speciality, because mail is read
over shoulders, on lock screens and by delegates (42 CFR 2.11, 2.13(c)). Times are worded by ``domain/times``
alone, in the reader's zone, and always name that zone.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from scheduler.domain.invites import Invite, Method
from scheduler.domain.notices import Rule
from scheduler.domain.times import Interval, spoken_clock, spoken_start, spoken_when
from scheduler.domain.zones import spoken_zone
from scheduler.gateways import ics

_BLANK_LINES = re.compile(r"\n{3,}")
TEMPLATES = Path(__file__).parent.parent / "templates" / "mail"
LINE_LETTERS = 78  # RFC 5322, section 2.1.1


class _Subject(UniqueUnstructuredHeader, BaseHeader):
    """A subject that is never folded before its first word: some readers show the space left by that."""

    max_count: ClassVar[Literal[1]] = 1

    def fold(self, *, policy: Policy) -> str:
        """Return the header with its name, in lines."""
        folded = super().fold(policy=policy)
        bare = f"{self.name}:{policy.linesep}"
        words = folded.removeprefix(bare)
        end = words.rfind(" ", 1, LINE_LETTERS - len(self.name))
        return (
            folded
            if words == folded or end < 0
            else f"{self.name}:{words[:end]}{policy.linesep}{words[end:]}"
        )


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)
_POLICY = SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True)
class Letter:
    """What one mail says.

    ``until`` (aware UTC) is when an offer ends. ``message_id`` is the same on every try; ``link`` the
    reader's own join link; ``detail`` a code to type, or neutral words for staff;
    ``opens_at`` (aware UTC) is when the door opens; each empty or None where the
    rule has none. ``home`` is where the reader sees what is planned; ``may_change`` tells whether they can
    also book, move and cancel there, ``may_cancel`` whether they can cancel alone.
    ``invite`` is the calendar file that goes along. A letter about several appointments has them ``together``
    instead, in its own words.
    """

    rule: Rule
    message_id: str
    sender: str
    recipient: str
    program_name: str
    appointment_word: str
    home: str
    zone: str
    now: datetime
    span: Interval | None = None
    opens_at: datetime | None = None
    link: str = ""
    detail: str = ""
    until: datetime | None = None
    may_change: bool = True
    may_cancel: bool = False
    invite: Invite | None = None
    together: tuple[Invite, ...] = ()

    @property
    def template(self) -> str:
        """The folder with its words."""
        return "several" if self.together else self.rule

    @property
    def planned(self) -> tuple[str, ...]:
        """When those are that are planned now, of several, in words."""
        return self._times(Method.REQUEST)

    @property
    def off(self) -> tuple[str, ...]:
        """When those were that are no longer planned, of several, in words."""
        return self._times(Method.CANCEL)

    def _times(self, method: Method) -> tuple[str, ...]:
        spans = [Interval(one.starts_at, one.ends_at) for one in self.together if one.method is method]
        return tuple(spoken_when(span, self.zone) for span in spans)

    @property
    def is_join_now(self) -> bool:
        """Whether the door is open already."""
        return self.opens_at is not None and self.now >= self.opens_at

    @property
    def when(self) -> str:
        """The whole time in words: "Tuesday 3 November, 2:00 to 2:20 pm, Pacific time"; empty without one."""
        return "" if self.span is None else spoken_when(self.span, self.zone)

    @property
    def opens(self) -> str:
        """When the door opens, in words: "1:40 pm, Pacific time"; empty where there is no door."""
        if self.opens_at is None:
            return ""
        return f"{spoken_clock(self.opens_at, self.zone)}, {spoken_zone(self.zone)}"

    @property
    def ends(self) -> str:
        """When an offer ends, in words: "Tuesday 3 November, 9:00 pm, Pacific time"; empty without one."""
        return (
            "" if self.until is None else f"{spoken_start(self.until, self.zone)}, {spoken_zone(self.zone)}"
        )


def write(letter: Letter) -> EmailMessage:
    """Return the mail: text, then HTML, then the calendar file last (RFC 2046, section 5.1.4: best last).

    Several calendar files are parts of their own, for each has its own UID and method (RFC 5546, section
    3.2.2; RFC 6047, section 2.4).

    Raises:
        ValueError: an address could start another header.
    """
    message = EmailMessage(policy=_POLICY)
    message["From"] = letter.sender
    message["To"] = letter.recipient
    message["Subject"] = _rendered(letter, "subject.txt").strip()
    message["Date"] = format_datetime(letter.now)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation answers
    message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
    text = _BLANK_LINES.sub("\n\n", _rendered(letter, "body.txt"))
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(_rendered(letter, "body.html"), subtype="html", cte="quoted-printable")
    if letter.invite is not None:
        _attach(message, letter.invite, now=letter.now)
    for number, invite in enumerate(letter.together, start=1):
        _add(message, invite, f"calendar-{number}.ics", now=letter.now)
    return message


def message_id(notice_id: str, *, host: str) -> str:
    """Return the Message-ID of a notice, the same on every try, so that a mail sent twice is seen as one."""
    return f"<{notice_id}@{host}>"


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Return the mail's templates; built once."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )


def _rendered(letter: Letter, part: str) -> str:
    return templates().get_template(f"{letter.template}/{part}").render(letter=letter)


def _attach(message: EmailMessage, invite: Invite, *, now: datetime) -> None:
    file = ics.write(invite, now=now).decode()
    message.add_alternative(file, subtype="calendar", cte="base64", params={"method": invite.method.value})


def _add(message: EmailMessage, invite: Invite, name: str, *, now: datetime) -> None:
    file, params = ics.write(invite, now=now).decode(), {"method": invite.method.value}
    message.add_attachment(file, subtype="calendar", cte="base64", params=params, filename=name)
