"""Who may do what: every cell of the table, the dots included, against an independent copy.

The copy below was typed from the project's privacy rules, section 4, in their order and words; nothing here
is computed from the code's own table.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.domain.errors import Denied, StepUpNeeded
from scheduler.domain.people import Actor, Proof, Role
from scheduler.domain.permissions import STEP_UP_LASTS, Subject, Task, allows, require

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)

COLUMNS = {
    "An": Role.ANONYMOUS,
    "LH": Role.LINK_HOLDER,
    "FM": Role.FAMILY_MEMBER,
    "CT": Role.CLIENT,
    "CL": Role.CLINICIAN,
    "CO": Role.COORDINATOR,
    "SU": Role.SUPERVISOR,
    "PO": Role.PRIVACY_OFFICER,
    "AD": Role.ADMINISTRATOR,
    "SY": Role.SYSTEM,
}

# Words in the rules' cells that the table writes as letters: "o self" and "o view" are o, "host" is o, and
# "a contact" is a; "on expiry", "incident", "minimal" and "end at timeout" are Y for the one thing that the
# role has to do with it. A link's holder ("to FM") becomes a family member by proving, so the row of joining
# has a dot there. What a later issue brings has no row yet: break-glass,
# one's own audit report, and the second person ("2") for staff and large exports.
RULES = """
| action                      | An | LH | FM  | CT  | CL  | CO  | SU  | PO  | AD  | SY |
| see_slots                   | .  | .  | o   | o   | Y   | Y   | Y   | .   | .   | Y  |
| inquiry_ask                 | Y  | .  | Y   | .   | Y   | Y   | Y   | .   | .   | .  |
| book                        | .  | .  | o c | o   | a c | a c | a c | .   | .   | .  |
| release_sign                | .  | .  | .   | o S | a 2 | a 2 | a 2 | .   | .   | .  |
| release_revoke              | .  | .  | .   | o   | a   | a   | a   | Y   | .   | Y  |
| link_send                   | .  | .  | o c | o c | a c | a c | a c | .   | .   | Y c|
| link_revoke                 | .  | .  | o   | o   | a   | a   | a   | Y   | Y   | Y  |
| join                        | .  | .  | o c | o   | a   | .   | a   | .   | .   | .  |
| host                        | .  | .  | .   | .   | o   | .   | a   | .   | .   | Y  |
| record                      | .  | .  | .   | .   | .   | .   | .   | .   | .   | .  |
| contact_read                | .  | .  | .   | o   | a   | a   | a   | .   | .   | Y  |
| hours_own                   | .  | .  | .   | .   | o   | .   | o   | .   | .   | .  |
| hours_others                | .  | .  | .   | .   | .   | Y   | Y   | .   | .   | .  |
| program                     | .  | .  | o   | o   | a   | Y   | Y   | .   | .   | .  |
| audit_search                | .  | .  | .   | .   | .   | .   | .   | Y S | .   | .  |
| audit_export                | .  | .  | .   | .   | .   | .   | .   | Y S | .   | .  |
| log_verify                  | .  | .  | .   | .   | .   | .   | .   | Y   | Y   | Y  |
| staff_manage                | .  | .  | .   | .   | .   | .   | .   | .   | Y S | .  |
| impersonate                 | .  | .  | .   | .   | .   | .   | .   | .   | .   | .  |
| keys_rotate                 | .  | .  | .   | .   | .   | .   | .   | .   | Y S | Y  |
"""


@dataclass(frozen=True)
class Cell:
    """One cell of the rules."""

    task: Task
    role: Role
    marks: frozenset[str]

    def __str__(self) -> str:
        """Return the name of its test."""
        return f"{self.task}-{self.role}-{''.join(sorted(self.marks)) or 'denied'}"

    @property
    def actor(self) -> Actor:
        """Somebody of this role who has just stepped up."""
        person_id = None if self.role in (Role.ANONYMOUS, Role.SYSTEM) else "p1"
        return Actor(person_id, self.role, Proof.PASSKEY, stepped_up_at=NOW)

    def subject(self, *, but: str = "") -> Subject:
        """Everything that the cell asks for, ``but`` one mark."""
        marks = self.marks - {but}
        return Subject(own="o" in marks, assigned="a" in marks, released="c" in marks, approved="2" in marks)


EVERYTHING = Subject(own=True, assigned=True, released=True, approved=True)


def cells() -> list[Cell]:
    header, *rows = [line.strip("|").split("|") for line in RULES.strip().splitlines()]
    roles = [COLUMNS[name.strip()] for name in header[1:]]
    return [
        Cell(Task(name.strip()), role, frozenset(marks.replace(".", "").split()))
        for name, *row in rows
        for role, marks in zip(roles, row, strict=True)
    ]


CELLS = cells()
DENIED = [cell for cell in CELLS if not cell.marks]
ALLOWED = [cell for cell in CELLS if cell.marks]
CONDITIONS = [(cell, mark) for cell in ALLOWED for mark in sorted(cell.marks & {"o", "a", "c", "2"})]


def test_the_rules_name_every_task_and_every_role() -> None:
    assert {cell.task for cell in CELLS} == set(Task)
    assert {cell.role for cell in CELLS} == set(Role)
    assert len(CELLS) == len(Task) * len(Role)


@pytest.mark.parametrize("cell", DENIED, ids=str)
def test_a_dot_denies_whatever_else_holds(cell: Cell) -> None:
    with pytest.raises(Denied) as refusal:
        require(cell.actor, cell.task, EVERYTHING, now=NOW)
    assert not isinstance(refusal.value, StepUpNeeded)


@pytest.mark.parametrize("cell", ALLOWED, ids=str)
def test_a_cell_allows_when_everything_it_asks_for_holds(cell: Cell) -> None:
    require(cell.actor, cell.task, cell.subject(), now=NOW)


@pytest.mark.parametrize(("cell", "mark"), CONDITIONS, ids=str)
def test_a_cell_denies_when_one_thing_it_asks_for_is_missing(cell: Cell, mark: str) -> None:
    assert not allows(cell.actor, cell.task, cell.subject(but=mark), now=NOW)


@pytest.mark.parametrize("cell", [cell for cell in ALLOWED if "S" in cell.marks], ids=str)
def test_a_cell_with_a_step_up_asks_for_a_fresh_one(cell: Cell) -> None:
    for stepped_up_at in (None, NOW - STEP_UP_LASTS - timedelta(microseconds=1), NOW + timedelta(seconds=1)):
        stale = replace(cell.actor, stepped_up_at=stepped_up_at)
        with pytest.raises(StepUpNeeded):
            require(stale, cell.task, cell.subject(), now=NOW)
    require(replace(cell.actor, stepped_up_at=NOW - STEP_UP_LASTS), cell.task, cell.subject(), now=NOW)


@pytest.mark.parametrize("cell", [cell for cell in ALLOWED if "S" not in cell.marks], ids=str)
def test_a_cell_without_a_step_up_asks_for_none(cell: Cell) -> None:
    require(replace(cell.actor, stepped_up_at=None), cell.task, cell.subject(), now=NOW)


def test_a_step_up_lasts_five_minutes() -> None:
    assert timedelta(minutes=5) == STEP_UP_LASTS


@pytest.mark.parametrize("task", [Task.CONTACT_READ, Task.BOOK, Task.PROGRAM, Task.AUDIT_SEARCH, Task.JOIN])
def test_administrators_never_see_personal_data(task: Task) -> None:
    administrator = Actor("p1", Role.ADMINISTRATOR, Proof.PASSKEY, stepped_up_at=NOW)
    assert not allows(administrator, task, EVERYTHING, now=NOW)


@pytest.mark.parametrize("role", Role)
def test_nobody_records_and_nobody_becomes_somebody_else(role: Role) -> None:
    actor = Actor("p1", role, Proof.PASSKEY, stepped_up_at=NOW)
    assert not allows(actor, Task.RECORD, EVERYTHING, now=NOW)
    assert not allows(actor, Task.IMPERSONATE, EVERYTHING, now=NOW)
