"""Proposals as a collection: who asks whom about which times, and what they answered.

Whoever changes one locks its family first (`households.lock`), then its row: of two answers at once that each
settle a time, the later one finds it booked.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from scheduler.domain.errors import NotFound, SlotTaken
from scheduler.domain.households import Pair
from scheduler.domain.people import Actor
from scheduler.domain.proposals import Proposal, Status, Time
from scheduler.domain.times import Interval
from scheduler.storage import holds
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import holds as kept_holds
from scheduler.storage.tables import proposal_answers, proposal_people, proposal_times, proposals

_IS_ASKED = (
    select(proposal_people.c.proposal_id)
    .where(
        proposal_people.c.proposal_id == proposals.c.id,
        proposal_people.c.person_id == bindparam("reader_id"),
    )
    .exists()
)
_THEIRS = select(proposals).where(or_(proposals.c.proposed_by == bindparam("reader_id"), _IS_ASKED))
_READ = _THEIRS.where(proposals.c.client_id.in_(bindparam("client_ids", expanding=True)))
_TO_TELL = _THEIRS.where(proposals.c.id == bindparam("proposal_id"))
_ONE = _READ.where(proposals.c.id == bindparam("proposal_id"))
_ONE_LOCKED = _ONE.with_for_update()
_OPEN = Query(
    _READ.where(proposals.c.status == Status.OPEN, proposals.c.expires_at > bindparam("now")).order_by(
        proposals.c.expires_at, proposals.c.id
    )
)
_OPEN_BY = (
    select(proposals)
    .where(proposals.c.proposed_by == bindparam("reader_id"), proposals.c.status == Status.OPEN)
    .with_for_update()
)
_OPEN_OF = (
    select(proposals)
    .where(proposals.c.client_id == bindparam("of_client"), proposals.c.status == Status.OPEN)
    .order_by(proposals.c.id)
    .with_for_update()
)
_OVER = (
    select(proposals)
    .where(proposals.c.status == Status.OPEN, proposals.c.expires_at <= bindparam("now"))
    .order_by(proposals.c.expires_at, proposals.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_OF_KIND = (
    select(proposals)
    .where(proposals.c.status == Status.OPEN, proposals.c.kind_id == bindparam("of_kind"))
    .order_by(proposals.c.id)
    .with_for_update()
)
_ASKED = select(proposal_people.c.person_id).where(proposal_people.c.proposal_id == bindparam("of_proposal"))
_TIMES = (
    select(proposal_times, kept_holds.c.expires_at)
    .outerjoin(kept_holds, kept_holds.c.id == proposal_times.c.id)
    .where(proposal_times.c.proposal_id == bindparam("of_proposal"))
    .order_by(proposal_times.c.starts_at, proposal_times.c.id)
)
_ANSWERS = (
    select(proposal_answers)
    .join(proposal_times, proposal_times.c.id == proposal_answers.c.time_id)
    .where(proposal_times.c.proposal_id == bindparam("of_proposal"))
)
_UNANSWER = delete(proposal_answers).where(
    proposal_answers.c.person_id == bindparam("of_person"),
    proposal_answers.c.time_id.in_(bindparam("time_ids", expanding=True)),
)
_CLOSE = (
    update(proposals)
    .where(proposals.c.id == bindparam("of_proposal"))
    .values(status=bindparam("new_status"), session_id=bindparam("new_session"))
)


def add(tx: Transaction, proposal: Proposal) -> None:
    """Keep a proposal; the holds of its times are added by `holds.add`.

    Raises:
        SlotTaken: the same person has proposed other times in the same instant.
    """
    names = ("id", "client_id", "kind_id", "proposed_by", "session_id", "needs_all", "status", "expires_at")
    try:
        tx.execute(insert(proposals), {name: getattr(proposal, name) for name in names})
    except IntegrityError as second_proposal:
        raise SlotTaken from second_proposal
    asked = [{"proposal_id": proposal.id, "person_id": one} for one in proposal.asked]
    tx.execute(insert(proposal_people), asked)
    times = [
        {
            "id": one.id,
            "proposal_id": proposal.id,
            "starts_at": one.interval.starts_at,
            "ends_at": one.interval.ends_at,
        }
        for one in proposal.times
    ]
    tx.execute(insert(proposal_times), times)


def visible(tx: Transaction, actor: Actor, proposal_id: str) -> Proposal:
    """Return a proposal that the actor made or is asked by, whatever became of it.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    return _visible(tx, _ONE, actor, proposal_id)


def visible_locked(tx: Transaction, actor: Actor, proposal_id: str) -> Proposal:
    """As `visible`, with its row locked.

    Raises:
        NotFound: there is none, or it is not theirs.
    """
    return _visible(tx, _ONE_LOCKED, actor, proposal_id)


def to_tell(tx: Transaction, person_id: str, proposal_id: str) -> Proposal | None:
    """Return a proposal that somebody who is to be told of it made or is asked by; None for any other."""
    row = tx.execute(_TO_TELL, {"reader_id": person_id, "proposal_id": proposal_id}).one_or_none()
    return None if row is None else _proposal(tx, row)


def open_to(tx: Transaction, actor: Actor, *, now: datetime) -> list[Proposal]:
    """Return what the actor has proposed or is asked and that can be answered, what ends soonest first."""
    asked = {"reader_id": actor.person_id, "client_ids": sorted(actor.client_ids), "now": now}
    return [_proposal(tx, row) for row in _OPEN.all(tx, asked)]


def open_by_locked(tx: Transaction, actor: Actor) -> Proposal | None:
    """Return the one open proposal of the actor, lapsed or not, with its row locked; None for none."""
    row = tx.execute(_OPEN_BY, {"reader_id": actor.person_id}).one_or_none()
    return None if row is None else _proposal(tx, row)


def shared(tx: Transaction, client_id: str, pair: Pair) -> list[Proposal]:
    """Return the open proposals of a family that bring these two together, with their rows locked."""
    return [one for one in _open_of(tx, client_id) if pair <= set(one.people)]


def of_person(tx: Transaction, client_id: str, person_id: str) -> list[Proposal]:
    """Return the open proposals of a family that a person made or is asked by, with their rows locked."""
    return [one for one in _open_of(tx, client_id) if person_id in one.people]


def over(tx: Transaction, *, now: datetime, most: int = 100) -> list[Proposal]:
    """Return open proposals that nobody can answer any more, locked, as many at a time."""
    return [_proposal(tx, row) for row in tx.execute(_OVER, {"now": now, "most": most}).all()]


def of_kind(tx: Transaction, kind_id: str) -> list[Proposal]:
    """Return the open proposals of a kind, locked."""
    return [_proposal(tx, row) for row in tx.execute(_OF_KIND, {"of_kind": kind_id}).all()]


def answer(tx: Transaction, person_id: str, works: Mapping[str, bool]) -> None:
    """Keep of each time, by id, whether it works for a person, in place of what they said before."""
    if works:
        tx.execute(_UNANSWER, {"of_person": person_id, "time_ids": list(works)})
        rows = [{"time_id": one, "person_id": person_id, "works": answer} for one, answer in works.items()]
        tx.execute(insert(proposal_answers), rows)


def close(tx: Transaction, proposal: Proposal) -> None:
    """Keep what became of a proposal, and free all its times."""
    values = {
        "of_proposal": proposal.id,
        "new_status": proposal.status,
        "new_session": proposal.session_id,
    }
    tx.execute(_CLOSE, values)
    free(tx, (one.id for one in proposal.times))


def free(tx: Transaction, time_ids: Iterable[str]) -> None:
    """Free times; their holds have their ids."""
    holds.remove(tx, sorted(time_ids))


def _open_of(tx: Transaction, client_id: str) -> list[Proposal]:
    return [_proposal(tx, row) for row in tx.execute(_OPEN_OF, {"of_client": client_id}).all()]


def _visible(tx: Transaction, statement: Select[Any], actor: Actor, proposal_id: str) -> Proposal:
    asked = {
        "reader_id": actor.person_id,
        "client_ids": sorted(actor.client_ids),
        "proposal_id": proposal_id,
    }
    row = tx.execute(statement, asked).one_or_none()
    if row is None:
        raise NotFound("proposal")
    return _proposal(tx, row)


def _proposal(tx: Transaction, row: Row[Any]) -> Proposal:
    of_it = {"of_proposal": row.id}
    answers: dict[str, dict[str, bool]] = {}
    for one in tx.execute(_ANSWERS, of_it):
        answers.setdefault(one.time_id, {})[one.person_id] = one.works
    times = tuple(
        Time(one.id, Interval(one.starts_at, one.ends_at), one.expires_at, answers.get(one.id, {}))
        for one in tx.execute(_TIMES, of_it)
    )
    return Proposal(
        id=row.id,
        client_id=row.client_id,
        kind_id=row.kind_id,
        proposed_by=row.proposed_by,
        asked=tuple(sorted(tx.execute(_ASKED, of_it).scalars())),
        times=times,
        needs_all=row.needs_all,
        expires_at=row.expires_at,
        status=Status(row.status),
        session_id=row.session_id,
    )
