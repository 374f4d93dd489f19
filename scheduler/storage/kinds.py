"""Kinds of session as a collection, and which clinicians offer them to whom.

A family books with its client's care team only: to anybody else the booking itself would disclose that the
client is in treatment (42 CFR 2.13(a)).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, insert, select, update

from scheduler.domain.availability import Kind
from scheduler.domain.errors import NotFound
from scheduler.domain.households import ClientPart
from scheduler.domain.offers import Offer, Offerer
from scheduler.storage.database import Transaction
from scheduler.storage.prepared import Query
from scheduler.storage.tables import care_team, kinds, kinds_offered, limits, people, step_needs

OFFERS = (
    select(
        kinds,
        people.c.id.label("clinician_id"),
        people.c.zone,
        people.c.duty,
        limits.c.pause_before.label("own_pause_before"),
        limits.c.pause_after.label("own_pause_after"),
        exists().where(step_needs.c.step_id == kinds.c.id).label("has_needs"),
    )
    .select_from(kinds)
    .join(kinds_offered, kinds_offered.c.kind_id == kinds.c.id)
    .join(care_team, care_team.c.person_id == kinds_offered.c.clinician_id)
    .join(people, people.c.id == kinds_offered.c.clinician_id)
    .outerjoin(limits, limits.c.clinician_id == kinds_offered.c.clinician_id)
    .where(care_team.c.client_id == bindparam("client_id"), people.c.ended_at.is_(None))
    .order_by(kinds.c.name, kinds.c.id, people.c.id)
)
_OFFERS_TO = Query(OFFERS.where(kinds.c.is_bookable))
_OFFER_TO = Query(OFFERS.where(kinds.c.is_bookable, kinds.c.id == bindparam("kind_id")))
_OFFER_KEPT = Query(OFFERS.where(kinds.c.id == bindparam("kind_id")))
_GET = Query(select(kinds).where(kinds.c.id == bindparam("kind_id")))
_NAMES = select(kinds.c.id, kinds.c.name).where(kinds.c.id.in_(bindparam("kind_ids", expanding=True)))
_OFFERERS = select(kinds_offered.c.kind_id, kinds_offered.c.clinician_id).where(
    kinds_offered.c.kind_id.in_(bindparam("kind_ids", expanding=True))
)
_OFFERED_BY = (
    select(kinds)
    .join(kinds_offered, kinds_offered.c.kind_id == kinds.c.id)
    .where(kinds_offered.c.clinician_id == bindparam("clinician_id"))
    .order_by(kinds.c.name, kinds.c.id)
)

_BOOKABLE = select(kinds).where(kinds.c.is_bookable).order_by(kinds.c.name, kinds.c.id)
_OFFERS_OF_ALL = (
    select(kinds_offered.c.clinician_id, kinds.c.name)
    .join(kinds, kinds.c.id == kinds_offered.c.kind_id)
    .where(kinds.c.is_bookable)
    .order_by(kinds.c.name, kinds.c.id)
)
_WITHDRAW = delete(kinds_offered).where(
    kinds_offered.c.clinician_id == bindparam("of_clinician"), kinds_offered.c.kind_id == bindparam("of_kind")
)


def add(tx: Transaction, kind: Kind, *, offered_by: Iterable[str] = ()) -> None:
    """Keep a kind, and which clinicians offer it."""
    values = {name: getattr(kind, name) for name in Kind.__slots__}
    tx.execute(insert(kinds), values)
    for clinician_id in offered_by:
        offer(tx, kind.id, clinician_id)


def change(tx: Transaction, kind: Kind) -> None:
    """Keep a kind's name, length and who may come to it; its pauses and its notice stay as they are."""
    changed = ("name", "minutes", "start_step", "education_only", "is_bookable")
    values = {name: getattr(kind, name) for name in changed}
    tx.execute(update(kinds).where(kinds.c.id == kind.id).values(values))


def close(tx: Transaction, kind_id: str) -> None:
    """Keep that families book a kind no more; what is booked of it can still be moved."""
    tx.execute(update(kinds).where(kinds.c.id == kind_id).values(is_bookable=False))


def offer(tx: Transaction, kind_id: str, clinician_id: str) -> None:
    """Keep that a clinician offers a kind."""
    tx.execute(insert(kinds_offered), {"kind_id": kind_id, "clinician_id": clinician_id})


def withdraw(tx: Transaction, kind_id: str, clinician_id: str) -> None:
    """Keep that a clinician offers a kind no longer."""
    tx.execute(_WITHDRAW, {"of_clinician": clinician_id, "of_kind": kind_id})


def get(tx: Transaction, kind_id: str) -> Kind:
    """Return the kind with this id.

    Raises:
        NotFound: there is none.
    """
    row = _GET.first(tx, {"kind_id": kind_id})
    if row is None:
        raise NotFound("kind")
    return _kind(row)


def names_of(tx: Transaction, kind_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of kinds by id."""
    return {row.id: row.name for row in tx.execute(_NAMES, {"kind_ids": sorted(set(kind_ids))})}


def offered_by(tx: Transaction, clinician_id: str) -> list[Kind]:
    """Return the kinds a clinician offers, by name."""
    return [_kind(row) for row in tx.execute(_OFFERED_BY, {"clinician_id": clinician_id})]


def bookable(tx: Transaction) -> list[Kind]:
    """Return every kind that families book, by name."""
    return [_kind(row) for row in tx.execute(_BOOKABLE)]


def names_offered(tx: Transaction) -> dict[str, list[str]]:
    """Return the names of the kinds that each clinician offers, by the clinician's id."""
    found: dict[str, list[str]] = {}
    for row in tx.execute(_OFFERS_OF_ALL):
        found.setdefault(row.clinician_id, []).append(row.name)
    return found


def offerers_of(tx: Transaction, kind_ids: Iterable[str]) -> frozenset[tuple[str, str]]:
    """Return (kind id, clinician id) of everybody who offers one of these kinds."""
    rows = tx.execute(_OFFERERS, {"kind_ids": sorted(set(kind_ids))})
    return frozenset((row.kind_id, row.clinician_id) for row in rows)


def offers_to(tx: Transaction, client_id: str) -> list[Offer]:
    """Return everything a client's family may book, by name; what its care team cannot staff is left out."""
    rows = _OFFERS_TO.all(tx, {"client_id": client_id})
    grouped: dict[str, list[Row[Any]]] = {}
    for row in rows:
        grouped.setdefault(row.id, []).append(row)
    return [offer for offer in map(_offer, grouped.values()) if offer.is_staffed]


def offer_to(tx: Transaction, client_id: str, kind_id: str, *, is_booked: bool = False) -> Offer:
    """Return one kind as it is offered to a client's family, who may have booked it when there were more.

    One that ``is_booked`` is there too where it is booked no more.

    Raises:
        NotFound: there is no such kind, or nobody of the care team offers it.
    """
    rows = (_OFFER_KEPT if is_booked else _OFFER_TO).all(tx, {"client_id": client_id, "kind_id": kind_id})
    if not rows:
        raise NotFound("kind")
    return _offer(rows)


def _offer(rows: Sequence[Row[Any]]) -> Offer:
    offerers = [
        Offerer(row.clinician_id, row.zone, row.duty, row.own_pause_before or 0, row.own_pause_after or 0)
        for row in rows
    ]
    return Offer(_kind(rows[0]), tuple(offerers), has_needs=bool(rows[0].has_needs))


def _kind(row: Row[Any]) -> Kind:
    return Kind(
        id=row.id,
        name=row.name,
        minutes=row.minutes,
        pause_before=row.pause_before,
        pause_after=row.pause_after,
        least_notice=row.least_notice,
        horizon_days=row.horizon_days,
        start_step=row.start_step,
        education_only=row.education_only,
        is_bookable=row.is_bookable,
        duties=row.duties,
        needs_guardian=row.needs_guardian,
        client_part=ClientPart(row.client_part),
    )
