"""Taken ticks as a collection: who is taken when, by a session or a hold.

(person, tick) is the primary key, and it alone decides who gets a time; whatever is read here beforehand
only spares a failed attempt. A lapsed hold takes nothing: it is left out by every reader, and whoever needs
its ticks deletes it in the same transaction (`make_room`). Busy spans of a clinician's outside calendars
are read in the same statement; they take nobody's ticks, for two may overlap, and a session stays when one
comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Row,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.exc import IntegrityError

from scheduler.domain.cells import Span
from scheduler.domain.errors import SlotTaken
from scheduler.storage import holds
from scheduler.storage.columns import UtcDateTime
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Prepared, Query
from scheduler.storage.tables import holds as hold_rows
from scheduler.storage.tables import outside_busy, sessions, taken_ticks


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch of a person's taken ticks, the end excluded, and the session or hold it belongs to; neither
    where it is a busy span of an outside calendar. ``proposal_id`` names the proposal of such a hold.
    """

    person_id: str
    first: int
    end: int
    session_id: str | None
    hold_id: str | None
    holder_id: str | None
    hold_expires_at: datetime | None
    proposal_id: str | None = None

    @property
    def span(self) -> Span:
        """Return its ticks."""
        return self.first, self.end

    def touches(self, ticks: range) -> bool:
        """Tell whether it shares a tick with these."""
        return self.first < ticks.stop and ticks.start < self.end

    def counts(self, *, for_person_id: str | None, now: datetime) -> bool:
        """Tell whether it keeps ``for_person_id`` away: lapsed holds do not, nor does that person's own,
        which a booking replaces; those of a proposal keep its proposer away too.
        """
        if self.hold_id is None:
            return True
        return (
            (self.holder_id != for_person_id or self.proposal_id is not None)
            and self.hold_expires_at is not None
            and now < self.hold_expires_at
        )


_PEOPLE: BindParameter[Any] = bindparam("person_ids", expanding=True)
_NOTHING = cast(null(), Text)
STRETCHES = union_all(
    select(
        taken_ticks.c.person_id,
        func.min(taken_ticks.c.tick).label("first"),
        (func.max(taken_ticks.c.tick) + 1).label("end_tick"),
        taken_ticks.c.session_id,
        taken_ticks.c.hold_id,
        hold_rows.c.person_id.label("holder_id"),
        hold_rows.c.expires_at,
        hold_rows.c.proposal_id,
    )
    .outerjoin(hold_rows, hold_rows.c.id == taken_ticks.c.hold_id)
    .where(
        taken_ticks.c.person_id.in_(_PEOPLE),
        taken_ticks.c.tick >= bindparam("first_tick"),
        taken_ticks.c.tick < bindparam("end_tick"),
    )
    .group_by(
        taken_ticks.c.person_id,
        taken_ticks.c.session_id,
        taken_ticks.c.hold_id,
        hold_rows.c.person_id,
        hold_rows.c.expires_at,
        hold_rows.c.proposal_id,
    ),
    select(
        outside_busy.c.clinician_id,
        outside_busy.c.first_tick,
        outside_busy.c.end_tick,
        _NOTHING,
        _NOTHING,
        _NOTHING,
        cast(null(), UtcDateTime()),
        _NOTHING,
    ).where(
        outside_busy.c.clinician_id.in_(_PEOPLE),
        outside_busy.c.first_tick < bindparam("end_tick"),
        outside_busy.c.end_tick > bindparam("first_tick"),
    ),
)
_STRETCHES = Query(STRETCHES)
BEGUN = (
    select(
        taken_ticks.c.person_id,
        taken_ticks.c.session_id,
        taken_ticks.c.hold_id,
        func.coalesce(sessions.c.starts_at, hold_rows.c.starts_at, type_=UtcDateTime()).label("starts_at"),
    )
    .outerjoin(sessions, sessions.c.id == taken_ticks.c.session_id)
    .outerjoin(hold_rows, hold_rows.c.id == taken_ticks.c.hold_id)
    .where(
        taken_ticks.c.person_id.in_(bindparam("person_ids", expanding=True)),
        taken_ticks.c.tick >= bindparam("first_tick"),
        taken_ticks.c.tick < bindparam("end_tick"),
        or_(
            sessions.c.id != bindparam("moved_session"),
            and_(
                or_(hold_rows.c.person_id != bindparam("for_person"), hold_rows.c.proposal_id.is_not(None)),
                hold_rows.c.expires_at > bindparam("now"),
            ),
        ),
    )
    .distinct()
)
_ADD = Prepared(insert(taken_ticks))
_FREE_SESSION = delete(taken_ticks).where(taken_ticks.c.session_id == bindparam("of_session"))
_FREE_SESSIONS = delete(taken_ticks).where(
    taken_ticks.c.session_id.in_(bindparam("session_ids", expanding=True))
)
_IS_OF_PERSON = taken_ticks.c.person_id == bindparam("of_person")
_FREE_PERSON, _FREE_PERSON_IN = _FREE_SESSION.where(_IS_OF_PERSON), _FREE_SESSIONS.where(_IS_OF_PERSON)


def taken(tx: Transaction, person_ids: Iterable[str], *, first: int, end: int) -> list[Taken]:
    """Return the taken stretches of people between two ticks, one for each session, hold or busy span."""
    values = {"person_ids": list(person_ids), "first_tick": first, "end_tick": end}
    return [_taken(row, first, end) for row in _STRETCHES.all(tx, values)]


def counted(
    tx: Transaction, person_ids: Iterable[str], ticks: range, *, now: datetime
) -> list[tuple[str, str | None, datetime]]:
    """Return what takes these people's ticks, but for lapsed holds: person, session if any, and its start."""
    values = {
        "person_ids": list(person_ids),
        "first_tick": ticks.start,
        "end_tick": ticks.stop,
        "for_person": "",
        "moved_session": "",
        "now": now,
    }
    return [(row.person_id, row.session_id, row.starts_at) for row in tx.execute(BEGUN, values)]


def begun(
    tx: Transaction,
    person_ids: Iterable[str],
    ticks: range,
    *,
    for_person_id: str,
    moved_session_id: str,
    now: datetime,
) -> dict[str, list[datetime]]:
    """Return when each session and hold that takes these people's ticks starts, by person.

    Left out are lapsed holds, those of ``for_person_id`` but for a proposal's, and the session to be moved.
    """
    values = {
        "person_ids": list(person_ids),
        "first_tick": ticks.start,
        "end_tick": ticks.stop,
        "for_person": for_person_id,
        "moved_session": moved_session_id,
        "now": now,
    }
    found: dict[str, list[datetime]] = {}
    for row in tx.execute(BEGUN, values):
        found.setdefault(row.person_id, []).append(row.starts_at)
    return found


def make_room(
    tx: Transaction,
    ticks: Iterable[tuple[str, range]],
    *,
    now: datetime,
    for_person_id: str | None = None,
    among: Iterable[Taken] | None = None,
) -> None:
    """Let those holds go that lie in these ticks, given as person and range, and keep nobody away.

    Those are lapsed ones, and those of ``for_person_id`` (`Taken.counts`). ``among`` is what `taken` has
    returned for these people and ticks, where that was read already.
    """
    needed: dict[str, list[range]] = {}
    for person_id, span in ticks:
        needed.setdefault(person_id, []).append(span)
    if not needed:
        return
    if among is None:
        spans = [span for theirs in needed.values() for span in theirs]
        first, end = min(span.start for span in spans), max(span.stop for span in spans)
        among = taken(tx, needed, first=first, end=end)
    gone = {
        one.hold_id
        for one in among
        if one.hold_id is not None and not one.counts(for_person_id=for_person_id, now=now)
        if any(one.touches(span) for span in needed.get(one.person_id, ()))
    }
    holds.remove(tx, sorted(gone))


def take(
    tx: Transaction, ticks: Mapping[str, range], *, session_id: str | None = None, hold_id: str | None = None
) -> None:
    """Take ticks for people, given as id and range, for one session or one hold.

    Raises:
        SlotTaken: one of them is taken already; the transaction is of no further use.
    """
    _take(tx, [(person_id, span, session_id, hold_id) for person_id, span in ticks.items()])


def take_all(tx: Transaction, ticks: Iterable[tuple[str, str, range]]) -> None:
    """Take ticks for several sessions at once, given as person, session and range.

    Raises:
        SlotTaken: one of them is taken already; the transaction is of no further use.
    """
    _take(tx, [(person_id, span, session_id, None) for person_id, session_id, span in ticks])


def give_back_all(tx: Transaction, session_ids: Sequence[str], *, person_id: str | None = None) -> None:
    """Free the ticks of several sessions, or of one person in them."""
    if person_id is None:
        tx.execute(_FREE_SESSIONS, {"session_ids": list(session_ids)})
    else:
        tx.execute(_FREE_PERSON_IN, {"session_ids": list(session_ids), "of_person": person_id})


def give_back(tx: Transaction, session_id: str, *, person_id: str | None = None) -> None:
    """Free the ticks of a session, or of one person in it."""
    if person_id is None:
        tx.execute(_FREE_SESSION, {"of_session": session_id})
    else:
        tx.execute(_FREE_PERSON, {"of_session": session_id, "of_person": person_id})


def _take(tx: Transaction, stretches: Iterable[tuple[str, range, str | None, str | None]]) -> None:
    rows = [
        {"person_id": person_id, "tick": tick, "session_id": session_id, "hold_id": hold_id}
        for person_id, span, session_id, hold_id in stretches
        for tick in span
    ]
    rows.sort(key=lambda row: (row["person_id"], row["tick"]))  # alike for everybody, so that no two wait
    try:
        _ADD.run(tx, rows)
    except IntegrityError as somebody_was_first:
        raise SlotTaken from somebody_was_first


def _taken(row: Row[Any], first: int, end: int) -> Taken:
    return Taken(
        person_id=row.person_id,
        first=max(row.first, first),
        end=min(row.end_tick, end),
        session_id=row.session_id,
        hold_id=row.hold_id,
        holder_id=row.holder_id,
        hold_expires_at=row.expires_at,
        proposal_id=row.proposal_id,
    )
