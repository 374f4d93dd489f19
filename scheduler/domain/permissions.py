"""Who may do what: one table, asked by every action.

The cells: ``Y`` yes; ``o`` own; ``a`` assigned clients (the actor is on the care team, or the client is the
actor's own family); ``c`` an active release names the person; ``S`` a step-up within five minutes; ``2`` a
second person approves; ``.`` denied. A cell may hold several; all must hold.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from scheduler.domain.errors import Denied, StepUpNeeded
from scheduler.domain.people import Actor, Role

STEP_UP_LASTS = timedelta(minutes=5)

COLUMNS = (
    Role.ANONYMOUS,
    Role.LINK_HOLDER,
    Role.FAMILY_MEMBER,
    Role.CLIENT,
    Role.CLINICIAN,
    Role.COORDINATOR,
    Role.SUPERVISOR,
    Role.PRIVACY_OFFICER,
    Role.ADMINISTRATOR,
    Role.SYSTEM,
)


class Task(StrEnum):
    """The rows of the table."""

    SEE_SLOTS = "see_slots"
    INQUIRY_ASK = "inquiry_ask"
    BOOK = "book"
    RELEASE_SIGN = "release_sign"
    RELEASE_REVOKE = "release_revoke"
    LINK_SEND = "link_send"
    LINK_REVOKE = "link_revoke"
    JOIN = "join"
    HOST = "host"
    RECORD = "record"
    CONTACT_READ = "contact_read"
    HOURS_OWN = "hours_own"
    HOURS_OTHERS = "hours_others"
    PROGRAM = "program"
    AUDIT_SEARCH = "audit_search"
    AUDIT_EXPORT = "audit_export"
    LOG_VERIFY = "log_verify"
    STAFF_MANAGE = "staff_manage"
    IMPERSONATE = "impersonate"
    KEYS_ROTATE = "keys_rotate"


_TABLE = """
                 An  LH  FM  CT  CL  CO  SU  PO  AD  SY
see_slots        .   .   o   o   Y   Y   Y   .   .   Y
inquiry_ask      Y   .   Y   .   Y   Y   Y   .   .   .
book             .   .   oc  o   ac  ac  ac  .   .   .
release_sign     .   .   .   oS  a2  a2  a2  .   .   .
release_revoke   .   .   .   o   a   a   a   Y   .   Y
link_send        .   .   oc  oc  ac  ac  ac  .   .   Yc
link_revoke      .   .   o   o   a   a   a   Y   Y   Y
join             .   .   oc  o   a   .   a   .   .   .
host             .   .   .   .   o   .   a   .   .   Y
record           .   .   .   .   .   .   .   .   .   .
contact_read     .   .   .   o   a   a   a   .   .   Y
hours_own        .   .   .   .   o   .   o   .   .   .
hours_others     .   .   .   .   .   Y   Y   .   .   .
program          .   .   o   o   a   Y   Y   .   .   .
audit_search     .   .   .   .   .   .   .   YS  .   .
audit_export     .   .   .   .   .   .   .   YS  .   .
log_verify       .   .   .   .   .   .   .   Y   Y   Y
staff_manage     .   .   .   .   .   .   .   .   YS  .
impersonate      .   .   .   .   .   .   .   .   .   .
keys_rotate      .   .   .   .   .   .   .   .   YS  Y
"""


def _parsed(table: str) -> MappingProxyType[Task, MappingProxyType[Role, str]]:
    rows = [line.split() for line in table.strip().splitlines()[1:]]
    return MappingProxyType(
        {Task(name): MappingProxyType(dict(zip(COLUMNS, cells, strict=True))) for name, *cells in rows}
    )


TABLE = _parsed(_TABLE)


@dataclass(frozen=True, slots=True)
class Subject:
    """What the actor stands to the thing: ``own``, of an ``assigned`` client, named by an active release,
    ``approved`` by a second person.
    """

    own: bool = False
    assigned: bool = False
    released: bool = False
    approved: bool = False


NOTHING = Subject()


def require(actor: Actor, task: Task, subject: Subject = NOTHING, *, now: datetime | None = None) -> None:
    """Return when the table allows the task; ``now`` (aware UTC) is needed where a cell asks for a step-up.

    Raises:
        Denied: the table says no.
        StepUpNeeded: everything holds but the fresh second proof.
    """
    cell = TABLE[task][actor.role]
    needed = {"o": subject.own, "a": subject.assigned, "c": subject.released, "2": subject.approved}
    if cell == "." or not all(needed[mark] for mark in cell if mark in needed):
        raise Denied(f"{actor.role} may not {task}")
    if "S" in cell and not stepped_up(actor, now):
        raise StepUpNeeded(f"{task} needs a step-up")


def allows(actor: Actor, task: Task, subject: Subject = NOTHING, *, now: datetime | None = None) -> bool:
    """Tell whether `require` would return."""
    try:
        require(actor, task, subject, now=now)
    except Denied:
        return False
    return True


def stepped_up(actor: Actor, now: datetime | None) -> bool:
    """Tell whether the actor gave a fresh second proof within the last five minutes."""
    if actor.stepped_up_at is None or now is None:
        return False
    return timedelta(0) <= now - actor.stepped_up_at <= STEP_UP_LASTS
