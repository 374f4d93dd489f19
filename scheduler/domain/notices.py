"""Notices: a message we owe somebody at a time, and whether it is still worth sending when the time comes.

::

    queued ──claimed by the job──▶ sending ──taken by the mail server──▶ sent
      ▲                              │ ├─────refused for good───────────▶ failed
      │                              │ └─────no longer true or allowed──▶ dropped
      └──delayed: a growing pause────┘
         (a claim whose process died lapses after two minutes and is taken up again)

Nothing is decided when a notice is queued; `decide` looks at the session, the release and the person as
they are at the moment of sending. So a cancelled session gets no reminder, and a moved one no old time.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from scheduler.domain import ids
from scheduler.domain.invites import Method


class Rule(StrEnum):
    """Why we owe the message; also the name of its folder in ``templates/mail``.

    ``REASSIGNED`` is another host at the same time, ``REPLANNED`` another host at another time.
    """

    BOOKED = "booked"
    CANCELLED = "cancelled"
    FRESH_LINK = "fresh_link"
    JOIN_CODE = "join_code"
    MOVED = "moved"
    PLACE_OFFERED = "place_offered"
    REASSIGNED = "reassigned"
    REMINDER_HOUR = "reminder_hour"
    REMINDER_MINUTES = "reminder_minutes"
    REPLANNED = "replanned"
    SIGN_IN_CODE = "sign_in_code"
    STAFF_ALERT = "staff_alert"
    STEP_UP_CODE = "step_up_code"
    TIMES_OVER = "times_over"
    TIMES_PROPOSED = "times_proposed"
    WAITLIST_CLOSED = "waitlist_closed"


class Status(StrEnum):
    """Where a notice stands; the states of the module's drawing."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a rule means: the calendar ``method`` it carries, whether it carries the join link, whether it
    needs a booked place in the session and a release naming the person, and for how long it is worth
    sending (None: until the session ends, or for two days where there is none). ``of_wait`` says that it is
    about a place its person waits for: then an offer in force stands for the place. ``of_proposal`` says that
    it is about times that were proposed.
    """

    method: Method | None = None
    has_link: bool = False
    needs_place: bool = False
    needs_release: bool = False
    useful_for: timedelta | None = None
    of_wait: bool = False
    of_proposal: bool = False


CODE_LASTS = timedelta(minutes=10)
ALERT_LASTS = timedelta(days=2)

MEANINGS: Mapping[Rule, Meaning] = MappingProxyType(
    {
        Rule.BOOKED: Meaning(method=Method.REQUEST, has_link=True, needs_place=True, needs_release=True),
        Rule.CANCELLED: Meaning(method=Method.CANCEL),
        Rule.FRESH_LINK: Meaning(has_link=True, needs_place=True, needs_release=True),
        Rule.JOIN_CODE: Meaning(needs_place=True, needs_release=True, useful_for=CODE_LASTS),
        Rule.MOVED: Meaning(method=Method.REQUEST, has_link=True, needs_place=True, needs_release=True),
        Rule.PLACE_OFFERED: Meaning(needs_place=True, needs_release=True, of_wait=True),
        Rule.REASSIGNED: Meaning(method=Method.REQUEST, has_link=True, needs_place=True, needs_release=True),
        Rule.REMINDER_HOUR: Meaning(has_link=True, needs_place=True, needs_release=True),
        Rule.REMINDER_MINUTES: Meaning(has_link=True, needs_place=True, needs_release=True),
        Rule.REPLANNED: Meaning(method=Method.REQUEST, has_link=True, needs_place=True, needs_release=True),
        Rule.SIGN_IN_CODE: Meaning(useful_for=CODE_LASTS),
        Rule.STAFF_ALERT: Meaning(useful_for=ALERT_LASTS),
        Rule.STEP_UP_CODE: Meaning(useful_for=CODE_LASTS),
        Rule.TIMES_OVER: Meaning(needs_release=True, useful_for=ALERT_LASTS, of_proposal=True),
        Rule.TIMES_PROPOSED: Meaning(needs_release=True, useful_for=ALERT_LASTS, of_proposal=True),
        Rule.WAITLIST_CLOSED: Meaning(needs_release=True, of_wait=True),
    }
)

REMINDERS: Mapping[Rule, timedelta] = MappingProxyType(
    {Rule.REMINDER_HOUR: timedelta(hours=1), Rule.REMINDER_MINUTES: timedelta(minutes=10)}
)
LONGEST_REMINDER = max(REMINDERS.values())
LEAST_BEFORE_REMINDER = timedelta(minutes=15)

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
CLAIM_LASTS = timedelta(minutes=2)
GATHERED_FOR = timedelta(minutes=1)  # an act of several transactions is over by then, and is told at once
SHORTEST_PAUSE = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class Notice:
    """A message owed; ``person_id`` is empty where it is owed to whoever made an inquiry.

    ``sequence`` is the invite's, or counts repeats; ``due_at`` is when it was owed and ``next_attempt_at``
    when it is tried next, both aware UTC; ``attempts`` counts the tries begun. What one person is owed with
    the same ``act_id`` goes out in one mail.
    """

    id: str
    rule: Rule
    person_id: str
    session_id: str | None
    sequence: int
    due_at: datetime
    status: Status
    attempts: int
    next_attempt_at: datetime
    act_id: str | None = None

    @property
    def meaning(self) -> Meaning:
        """What its rule means."""
        return MEANINGS[self.rule]


@dataclass(frozen=True, slots=True)
class SessionNow:
    """A notice's session and its person's place in it, as they are at the moment of sending.

    ``sequence`` is that of the person's invite; ``is_released`` says that the person needs no release, or
    that one in force names them. ``client_id`` is the client whose family the place belongs to, None for
    staff; ``release_id`` the release that covers the sending, None where none is needed.
    """

    starts_at: datetime
    ends_at: datetime
    is_on: bool
    has_place: bool
    sequence: int
    is_released: bool
    client_id: str | None = None
    release_id: str | None = None


@dataclass(frozen=True, slots=True)
class ProposalNow:
    """A notice's proposal as it is at the moment of sending.

    ``is_released`` says that its person may be told of it: a release in force names them, unless they are the
    client, and whoever proposed it is not kept apart from them.
    """

    client_id: str
    is_open: bool
    is_released: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Send it, or drop it for a reason that is written in the log (a word, no personal data)."""

    send: bool
    reason: str = ""


SEND = Decision(send=True)


def decide(
    notice: Notice,
    *,
    now: datetime,
    session: SessionNow | None,
    person_is_here: bool,
    proposal: ProposalNow | None = None,
) -> Decision:
    """Return whether the notice is still to be sent at ``now``, seeing how things stand.

    ``person_is_here`` is False for a person whose account has ended.
    """
    if not person_is_here:
        return Decision(send=False, reason="person_ended")
    if now >= useful_until(notice, session):
        return Decision(send=False, reason="too_late")
    if notice.meaning.of_proposal:
        return _decide_for_proposal(notice, proposal)
    if notice.session_id is None:
        return SEND
    if session is None:
        return Decision(send=False, reason="no_session")
    return _decide_for_session(notice, session)


def _decide_for_proposal(notice: Notice, proposal: ProposalNow | None) -> Decision:
    if proposal is None:
        return Decision(send=False, reason="no_proposal")
    if notice.rule is Rule.TIMES_PROPOSED and not proposal.is_open:
        return Decision(send=False, reason="over")
    return SEND if proposal.is_released else Decision(send=False, reason="no_release")


def _decide_for_session(notice: Notice, session: SessionNow) -> Decision:
    meaning = notice.meaning
    if meaning.needs_place and not (session.is_on and session.has_place):
        return Decision(send=False, reason="cancelled")
    if meaning.method is not None and notice.sequence < session.sequence:
        return Decision(send=False, reason="superseded")
    if notice.rule in REMINDERS and notice.sequence != session.sequence:
        return Decision(send=False, reason="superseded")
    if meaning.needs_release and not session.is_released:
        return Decision(send=False, reason="no_release")
    return SEND


def useful_until(notice: Notice, session: SessionNow | None) -> datetime:
    """Return the moment from which the notice is of no use any more (aware UTC)."""
    if notice.meaning.useful_for is not None:
        return notice.due_at + notice.meaning.useful_for
    if session is None:
        return notice.due_at + ALERT_LASTS
    if notice.rule in REMINDERS:
        return session.starts_at
    return max(session.ends_at, notice.due_at + LEAST_BEFORE_REMINDER)


def pause_after(attempts: int, *, useful_for: timedelta) -> timedelta:
    """Return the pause after the ``attempts``-th try was delayed: 1, 5, 15, then 60 minutes.

    A notice that is soon of no use pauses a quarter of what is left, so that a code or a reminder is not
    slept through; never less than 20 seconds.
    """
    pause = PAUSES[min(attempts, len(PAUSES)) - 1]
    return max(min(pause, useful_for / 4), SHORTEST_PAUSE)


def reminder_due(
    *, now: datetime, starts_at: datetime, told_at: datetime | None
) -> tuple[Rule, datetime] | None:
    """Return the reminder that is due at ``now`` with the moment it was owed, or None.

    ``told_at`` is when the person was last told the time (booked or moved). Whoever was told after the
    reminder's moment, or within a quarter of an hour before it, needs none. Of two that are due, because
    the clockwork stood still, the later alone is sent; a session that has started has none.
    """
    owed = [(starts_at - ahead, rule) for rule, ahead in REMINDERS.items() if starts_at - ahead <= now]
    if not owed or now >= starts_at:
        return None
    moment, rule = max(owed)
    if told_at is not None and told_at > moment - LEAST_BEFORE_REMINDER:
        return None
    return rule, moment


def reminder_id(*, person_id: str, session_id: str, rule: Rule, sequence: int) -> str:
    """Return the id of a reminder: made from what it is about, so that planning twice finds one row."""
    digest = hashlib.sha256(f"{rule}\0{person_id}\0{session_id}\0{sequence}".encode()).digest()
    return ids.spelled(digest)
