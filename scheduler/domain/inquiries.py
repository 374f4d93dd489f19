"""Inquiries: somebody without an account would like a first conversation, twenty minutes with admissions.

::

    asked ──▶ booked ──▶ reached         the host talked with them (session attended)
                │ └────▶ not reached     nobody answered (session missed); may still be reached later
                └──────▶ cancelled       before its start, by them or by staff; its time is free at once

An inquiry belongs to nobody: it is tied to no person, client or family, and whether the address in it is
anybody's is never looked up (42 CFR 2.13(c)). It is forgotten some days after its time.
"""

from dataclasses import dataclass

from scheduler.domain.availability import Kind
from scheduler.domain.booking import Session, Status
from scheduler.domain.errors import SessionOver

ADMISSIONS = "admissions"  # the duty that holds first conversations

FIRST_CONVERSATION = Kind(
    "first-conversation",
    "First conversation",
    minutes=20,
    pause_after=10,
    least_notice=120,
    horizon_days=14,
    start_step=30,
    education_only=True,
    is_bookable=False,
)

LONGEST_NAME = 80  # characters
LONGEST_PLAN = 120
LONGEST_SAFE_TIMES = 500


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody told about themselves, all of it sealed at rest; each but ``name`` may be empty.

    ``phone`` is where we call, ``email`` where we write if there is no telephone. ``mail_is_safe`` says that
    one short mail with the time may go there, ``may_leave_message`` that a caller may leave word.
    """

    name: str
    phone: str = ""
    email: str = ""
    safe_times: str = ""
    topic: str = ""
    plan: str = ""
    may_leave_message: bool = False
    mail_is_safe: bool = False

    @property
    def wants_mail(self) -> bool:
        """Whether a mail with the time is to go out."""
        return self.mail_is_safe and bool(self.email)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """A first conversation: its session, what was told, the ``zone`` (IANA) in which its time was chosen.

    ``reason`` holds the words of staff who called it off.
    """

    session: Session
    words: Words
    zone: str
    reason: str = ""

    def check_settled(self) -> None:
        """Return when it can be said whether the person was reached.

        Raises:
            SessionOver: it was cancelled.
        """
        if self.session.status is Status.CANCELLED:
            raise SessionOver
