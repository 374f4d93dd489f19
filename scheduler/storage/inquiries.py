"""Inquiries as a collection: sealed words beside a session, found by a private address or by its staff.

Nothing here looks up who somebody is. Staff who ask see an inquiry if they host it, coordinate or supervise;
whoever asked finds it by the token of their private address, kept as a keyed hash.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, func, insert, or_, select, true, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from scheduler.domain.availability import Kind
from scheduler.domain.booking import Status
from scheduler.domain.errors import NotFound, SlotTaken
from scheduler.domain.inquiries import ADMISSIONS, FIRST_CONVERSATION, Inquiry, Words
from scheduler.domain.offers import Offer, Offerer
from scheduler.domain.people import Actor, Person, Role
from scheduler.storage import kinds
from scheduler.storage.database import Transaction
from scheduler.storage.invites import Invited
from scheduler.storage.sessions import from_row
from scheduler.storage.tables import inquiries, kinds_offered, limits, people, places, sessions
from scheduler.storage.tables import kinds as kinds_table

SEE_ALL = frozenset({Role.COORDINATOR, Role.SUPERVISOR})
SEALED = ("name", "phone", "email", "safe_times", "topic", "plan")

_HOSTS = (
    select(people.c.id, people.c.zone, limits.c.pause_before, limits.c.pause_after)
    .outerjoin(limits, limits.c.clinician_id == people.c.id)
    .where(
        people.c.role.in_((Role.CLINICIAN, Role.SUPERVISOR)),
        people.c.ended_at.is_(None),
        or_(
            people.c.duty == ADMISSIONS,
            exists().where(
                kinds_offered.c.clinician_id == people.c.id, kinds_offered.c.kind_id == FIRST_CONVERSATION.id
            ),
        ),
    )
    .order_by(people.c.id)
)
_ADD_KIND = {
    "sqlite": sqlite.insert(kinds_table).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(kinds_table).on_conflict_do_nothing(),
}
_ALL = select(inquiries, sessions).join(sessions, sessions.c.id == inquiries.c.session_id)
_BY_TOKEN = _ALL.where(inquiries.c.token_hash == bindparam("by_token"))
_BY_TOKEN_LOCKED = _BY_TOKEN.with_for_update(of=sessions)
_ONE = _ALL.where(
    inquiries.c.session_id == bindparam("of_session"),
    or_(sessions.c.host_id == bindparam("asker_id"), bindparam("sees_all") == true()),
)
_ONE_LOCKED = _ONE.with_for_update(of=sessions)
_OF_HOST = _ALL.where(
    sessions.c.host_id == bindparam("asker_id"),
    sessions.c.status == Status.BOOKED,
    sessions.c.starts_at < bindparam("until"),
).order_by(sessions.c.starts_at, sessions.c.id)
_AMONG = select(inquiries.c.session_id).where(
    inquiries.c.session_id.in_(bindparam("session_ids", expanding=True))
)
_CHANGES = (
    select(func.sum(places.c.sequence)).where(places.c.session_id == inquiries.c.session_id).scalar_subquery()
)
_TO_TELL = (
    select(inquiries, sessions, _CHANGES.label("sequence"))
    .join(sessions, sessions.c.id == inquiries.c.session_id)
    .where(inquiries.c.session_id.in_(bindparam("session_ids", expanding=True)))
    .order_by(inquiries.c.session_id)
)
_SET_REASON = (
    update(inquiries)
    .where(inquiries.c.session_id == bindparam("of_session"))
    .values(reason_sealed=bindparam("new_reason"))
)
_OVER = (
    select(inquiries.c.session_id)
    .join(sessions, sessions.c.id == inquiries.c.session_id)
    .where(sessions.c.ends_at < bindparam("before"))
    .order_by(inquiries.c.session_id)
    .limit(bindparam("most"))
)


def offered(tx: Transaction) -> Offer:
    """Return the first conversation with all who hold it: whose duty is admissions, or who offer its kind.

    Their duties are left out: whoever asks is told of nobody.
    """
    hosts = tx.execute(_HOSTS)
    offerers = [Offerer(row.id, row.zone, "", row.pause_before or 0, row.pause_after or 0) for row in hosts]
    return Offer(_kind(tx), tuple(offerers))


def add(tx: Transaction, inquiry: Inquiry, *, token: str, asked_at: datetime) -> None:
    """Keep a new inquiry beside its session, which is kept already.

    Raises:
        SlotTaken: the same form was kept already; the transaction is of no further use.
    """
    session_id, words = inquiry.session.id, inquiry.words
    values = {f"{name}_sealed": _sealed(tx, name, session_id, getattr(words, name)) for name in SEALED} | {
        "session_id": session_id,
        "token_hash": _token_hash(tx, token),
        "may_leave_message": words.may_leave_message,
        "mail_is_safe": words.mail_is_safe,
        "zone": inquiry.zone,
        "asked_at": asked_at,
    }
    try:
        tx.execute(insert(inquiries), values)
    except IntegrityError as sent_twice:
        raise SlotTaken("asked already") from sent_twice


def ensure_kind(tx: Transaction) -> None:
    """Keep the kind of first conversations, unless it is kept already."""
    values = {name: getattr(FIRST_CONVERSATION, name) for name in Kind.__slots__}
    tx.execute(_ADD_KIND[tx.connection.dialect.name], values)


def is_known(tx: Transaction, token: str) -> bool:
    """Tell whether a form with this token was kept already."""
    return tx.execute(_BY_TOKEN, {"by_token": _token_hash(tx, token)}).first() is not None


def of_token(tx: Transaction, token: str) -> Inquiry:
    """Return the inquiry whose private address holds this token.

    Raises:
        NotFound: there is none, or it is forgotten.
    """
    return _one(tx, tx.execute(_BY_TOKEN, {"by_token": _token_hash(tx, token)}).one_or_none())


def of_token_locked(tx: Transaction, token: str) -> Inquiry:
    """Return `of_token` for a change: on PostgreSQL its session is locked, so that changes queue up.

    Raises:
        NotFound: as `of_token`.
    """
    return _one(tx, tx.execute(_BY_TOKEN_LOCKED, {"by_token": _token_hash(tx, token)}).one_or_none())


def visible(tx: Transaction, actor: Actor, session_id: str) -> Inquiry:
    """Return the inquiry of a session that the actor hosts; any, for those who coordinate or supervise.

    Raises:
        NotFound: there is none, or it is not theirs to see.
    """
    return _one(tx, tx.execute(_ONE, _asked(actor, session_id)).one_or_none())


def visible_locked(tx: Transaction, actor: Actor, session_id: str) -> Inquiry:
    """Return `visible` for a change: on PostgreSQL its session is locked, so that changes queue up.

    Raises:
        NotFound: as `visible`.
    """
    return _one(tx, tx.execute(_ONE_LOCKED, _asked(actor, session_id)).one_or_none())


def to_do(tx: Transaction, actor: Actor, *, until: datetime) -> list[Inquiry]:
    """Return those the actor hosts that start before ``until``, and past ones nobody has settled yet."""
    rows = tx.execute(_OF_HOST, {"asker_id": actor.person_id, "until": until})
    return [_inquiry(tx, row) for row in rows]


def among(tx: Transaction, session_ids: Iterable[str]) -> frozenset[str]:
    """Return which of these sessions are first conversations."""
    return frozenset(tx.execute(_AMONG, {"session_ids": sorted(set(session_ids))}).scalars())


def to_tell(tx: Transaction, session_ids: Iterable[str]) -> dict[str, tuple[Person, Invited]]:
    """Return by session to whom a mail is owed: somebody without an id, and their time."""
    wanted = sorted(set(session_ids))
    if not wanted:
        return {}
    return {row.session_id: _told(tx, row) for row in tx.execute(_TO_TELL, {"session_ids": wanted})}


def of_sessions(tx: Transaction, session_ids: Iterable[str]) -> list[Inquiry]:
    """Return those of these sessions that are first conversations, for whoever has covered them."""
    rows = tx.execute(_TO_TELL, {"session_ids": sorted(session_ids)})
    return [_inquiry(tx, row) for row in rows]


def set_reason(tx: Transaction, session_id: str, reason: str) -> None:
    """Keep in which words staff called it off."""
    tx.execute(
        _SET_REASON, {"of_session": session_id, "new_reason": _sealed(tx, "reason", session_id, reason)}
    )


def forget(tx: Transaction, *, before: datetime, most: int = 100) -> list[str]:
    """Delete inquiries whose time ended before a moment, some at a time; return the ids of their sessions."""
    gone = list(tx.execute(_OVER, {"before": before, "most": most}).scalars())
    if gone:
        tx.execute(delete(inquiries).where(inquiries.c.session_id.in_(gone)))
    return gone


def _kind(tx: Transaction) -> Kind:
    try:
        return kinds.get(tx, FIRST_CONVERSATION.id)
    except NotFound:  # nobody has asked yet
        return FIRST_CONVERSATION


def _token_hash(tx: Transaction, token: str) -> bytes:
    return tx.lookup_hash("inquiry", token)


def _asked(actor: Actor, session_id: str) -> dict[str, object]:
    return {"of_session": session_id, "asker_id": actor.person_id, "sees_all": actor.role in SEE_ALL}


def _sealed(tx: Transaction, name: str, session_id: str, text: str) -> bytes | None:
    return tx.seal(f"inquiries.{name}", session_id, text) if text else None


def _opened(tx: Transaction, row: Row[Any], name: str) -> str:
    sealed = getattr(row, f"{name}_sealed")
    return tx.open(f"inquiries.{name}", row.session_id, sealed) if sealed else ""


def _one(tx: Transaction, row: Row[Any] | None) -> Inquiry:
    if row is None:
        raise NotFound("inquiry")
    return _inquiry(tx, row)


def _inquiry(tx: Transaction, row: Row[Any]) -> Inquiry:
    words = Words(
        **{name: _opened(tx, row, name) for name in SEALED},
        may_leave_message=row.may_leave_message,
        mail_is_safe=row.mail_is_safe,
    )
    return Inquiry(from_row(row), words, row.zone, _opened(tx, row, "reason"))


def _told(tx: Transaction, row: Row[Any]) -> tuple[Person, Invited]:
    is_on = row.status == Status.BOOKED
    place = Invited(
        person_id="",
        session_id=row.session_id,
        client_id=None,
        sequence=row.sequence,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        session_is_on=is_on,
        is_booked=is_on,
        tells_of_client=False,
    )
    return Person("", Role.ANONYMOUS, "", _opened(tx, row, "email"), row.zone), place
