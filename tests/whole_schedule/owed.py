"""What a change owes: its entries in the log, and its messages; told from the rows before and after alone.

Nothing here knows which act it was, so that an act that changes something besides is found out as well.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Row, Table

from scheduler.domain.audit import Event
from scheduler.domain.notices import MEANINGS, REMINDERS, Rule
from scheduler.storage import tables
from tests.whole_schedule.kept import HOURS, Kept, Said

Owed = tuple[str, str | None, str]  # to whom, about which session, by which rule
WAITS_ENDED = {
    ("offered", "declined"): Event.PLACE_DECLINED,
    ("offered", "lapsed"): Event.PLACE_LAPSED,
    ("waiting", "left"): Event.WAITLIST_LEFT,
    ("offered", "closed"): Event.WAITLIST_CLOSED,
    ("waiting", "closed"): Event.WAITLIST_CLOSED,
    ("waiting", "offered"): Event.PLACE_OFFERED,
    ("offered", "waiting"): Event.PLACE_LAPSED,  # somebody who is kept apart from them was quicker
}
STANDING = frozenset({"waiting", "offered"})
PROPOSALS_ENDED = {"lapsed": Event.PROPOSAL_LAPSED, "withdrawn": Event.PROPOSAL_WITHDRAWN}


def owed_entries(before: Kept, after: Kept, client_of: Mapping[str, str]) -> Counter[Said]:
    """Return the entries that the log must have gained, and no others; with the client of each person."""
    parts = (_sessions, _bookings, _places, _waits, _proposals, _others, _sent)
    holds = (row for row in added(tables.holds, before, after) if row.proposal_id is None)
    made = (Said(Event.HOLD_MADE, client_of[row.person_id], row.id) for row in holds)
    return Counter((*made, *(said for part in parts for said in part(before, after))))


def owed_messages(before: Kept, after: Kept) -> Counter[Owed]:
    """Return the messages that must have been queued; reminders are not among them."""
    parts = (_of_places, _of_waits, _of_proposals)
    return Counter(owed for part in parts for owed in part(before, after))


def queued(before: Kept, after: Kept) -> Counter[Owed]:
    """Return the messages that were queued; a reminder must be true, and is left out."""
    found = Counter[Owed]()
    for row in added(tables.notices, before, after):
        if Rule(row.rule) in REMINDERS:
            place = after.of(tables.places)[row.session_id, row.person_id]
            assert (place.status, place.sequence) == ("booked", row.sequence)
        else:
            found[row.person_id, row.session_id, row.rule] += 1
    return found


def added(table: Table, before: Kept, after: Kept) -> list[Row[Any]]:
    """Return the rows that are new."""
    old = before.of(table)
    return [row for key, row in after.of(table).items() if key not in old]


def changed(table: Table, before: Kept, after: Kept) -> list[tuple[Row[Any], Row[Any]]]:
    """Return the rows that are not as they were, as before and after."""
    old = before.of(table)
    new = after.of(table).items()
    return [(old[key], row) for key, row in new if key in old and old[key] != row]


def _sessions(before: Kept, after: Kept) -> Iterator[Said]:
    for row in added(tables.sessions, before, after):
        if row.capacity:
            yield Said(Event.SESSION_OFFERED, None, row.id)
    for session_id, row in ((key[0], row) for key, row in before.of(tables.sessions).items()):
        event = _became(row, after.of(tables.sessions)[session_id,], before, after)
        if event is not None:
            families = before.clients(session_id)
            was_missed = event is Event.SESSION_MISSED
            yield from (Said(event, one, session_id) for one in families if one or not was_missed)


def _became(old: Row[Any], new: Row[Any], before: Kept, after: Kept) -> Event | None:
    """Return what happened to a session as a whole."""
    if old.status != new.status:
        return {"cancelled": Event.SESSION_CANCELLED, "missed": Event.SESSION_MISSED}[new.status]
    if new.status == "cancelled":
        return None
    if old.starts_at != new.starts_at:
        return Event.SESSION_MOVED
    return Event.SESSION_REASSIGNED if before.hosts(old.id) != after.hosts(new.id) else None


def _bookings(before: Kept, after: Kept) -> Iterator[Said]:
    for row in added(tables.bookings, before, after):
        yield Said(Event.SESSION_BOOKED, row.client_id, row.session_id)


def _places(before: Kept, after: Kept) -> Iterator[Said]:
    """Yield an entry for each family that lost or gained places in a session that goes on."""
    for key, row in after.of(tables.sessions).items():
        if row.status == "cancelled":
            continue
        old, new = (
            {(one.client_id, one.person_id) for one in kept.family_seats(key[0])} for kept in (before, after)
        )
        fresh = {one.client_id for one in added(tables.bookings, before, after) if one.session_id == row.id}
        for client_id in {client_id for client_id, _ in old - new}:
            yield Said(Event.PLACE_GIVEN_UP, client_id, row.id)
        for client_id in {client_id for client_id, _ in new - old} - fresh:
            yield Said(Event.PLACE_ADDED, client_id, row.id)


def _waits(before: Kept, after: Kept) -> Iterator[Said]:
    for row in added(tables.waitlist, before, after):
        yield Said(Event.WAITLIST_JOINED, row.client_id, row.id)
        if row.status == "offered":
            yield Said(Event.PLACE_OFFERED, row.client_id, row.id)
    for old, new in changed(tables.waitlist, before, after):
        if new.status in STANDING and _came_off(old, new, before, after):
            yield Said(Event.WAITLIST_LEFT, new.client_id, new.id)
        if new.status not in ("taken", old.status):
            yield Said(WAITS_ENDED[old.status, new.status], new.client_id, new.id)


def _came_off(old: Row[Any], new: Row[Any], before: Kept, after: Kept) -> set[str]:
    """Return who waits no longer by a wait that goes on, and did not get a place."""
    seated = {one.person_id for one in after.family_seats(new.session_id)}
    return set(before.people_of_wait(old.id)) - set(after.people_of_wait(new.id)) - seated


def _proposals(before: Kept, after: Kept) -> Iterator[Said]:
    for row in added(tables.proposals, before, after):
        yield Said(Event.PROPOSAL_MADE, row.client_id, row.id)
    for _, new in changed(tables.proposals, before, after):
        if new.status in PROPOSALS_ENDED:
            yield Said(PROPOSALS_ENDED[new.status], new.client_id, new.id)
    answers = (*added(tables.proposal_answers, before, after), *_second(before, after))
    times = after.of(tables.proposal_times)
    for proposal_id in {times[row.time_id,].proposal_id for row in answers}:
        yield Said(Event.PROPOSAL_ANSWERED, after.of(tables.proposals)[proposal_id,].client_id, proposal_id)


def _second(before: Kept, after: Kept) -> Iterable[Row[Any]]:
    return (new for _, new in changed(tables.proposal_answers, before, after))


def _others(before: Kept, after: Kept) -> Iterator[Said]:
    families = {row.id: row.client_id for row in after.all(tables.bookings)}
    assert families.keys() >= {row.id for row in before.all(tables.bookings)}, "a booking is never deleted"
    whose = {one.clinician_id for table in HOURS for one in _differing(table, before, after)}
    yield from (Said(Event.HOURS_CHANGED, None, clinician_id) for clinician_id in whose)
    for row in _differing(tables.apart, before, after):
        if row.person_id < row.other_id:
            yield Said(Event.HOUSEHOLD_CHANGED, row.client_id, row.person_id)


def _differing(table: Table, before: Kept, after: Kept) -> list[Row[Any]]:
    return [*added(table, before, after), *added(table, after, before)]


def _sent(before: Kept, after: Kept) -> Iterator[Said]:
    for _, row in changed(tables.notices, before, after):
        if row.status != "sent":
            assert row.status == "dropped", row.fault
            assert row.fault in ("cancelled", "superseded", "over"), row.fault
            continue
        rule = Rule(row.rule)
        event = Event.LINK_SENT if rule in REMINDERS else Event.NOTICE_SENT
        place = after.of(tables.places).get((row.session_id, row.person_id))
        client_id = place.client_id if place is not None else None
        if MEANINGS[rule].of_wait:
            waits = [one for one in after.all(tables.waitlist) if one.asked_by == row.person_id]
            client_id = waits[0].client_id
        yield Said(Event.INVITE_SENT if MEANINGS[rule].method else event, client_id, row.id)


def _of_places(before: Kept, after: Kept) -> Iterator[Owed]:
    """Yield a message for each calendar that changes: one for every person and session, whatever happened."""
    for key, new in after.of(tables.places).items():
        old = before.of(tables.places).get(key)
        if old is not None and old.sequence == new.sequence:
            assert (old.duty, old.status == "cancelled") == (new.duty, new.status == "cancelled")
            continue
        assert old is None or old.sequence + 1 == new.sequence
        yield new.person_id, new.session_id, _rule_of(old, new, before, after)


def _rule_of(old: Row[Any] | None, new: Row[Any], before: Kept, after: Kept) -> Rule:
    if new.status == "cancelled":
        return Rule.CANCELLED
    if old is None or old.status == "cancelled":
        return Rule.BOOKED
    key = (new.session_id,)
    is_moved = before.of(tables.sessions)[key].starts_at != after.of(tables.sessions)[key].starts_at
    is_handed = before.hosts(new.session_id) != after.hosts(new.session_id)
    assert is_moved or is_handed
    return {(True, False): Rule.MOVED, (False, True): Rule.REASSIGNED}.get(
        (is_moved, is_handed), Rule.REPLANNED
    )


def _of_waits(before: Kept, after: Kept) -> Iterator[Owed]:
    old = before.of(tables.waitlist)
    for key, row in after.of(tables.waitlist).items():
        was = old[key].status if key in old else "none"
        if was == row.status:
            continue
        session = after.of(tables.sessions)[row.session_id,]
        if row.status == "offered":
            yield row.asked_by, row.session_id, Rule.PLACE_OFFERED
        if row.status == "closed" and session.status == "cancelled":
            yield row.asked_by, row.session_id, Rule.WAITLIST_CLOSED


def _of_proposals(before: Kept, after: Kept) -> Iterator[Owed]:
    asked: dict[str, set[str]] = {row.id: set() for row in after.all(tables.proposals)}
    for row in after.all(tables.proposal_people):
        asked[row.proposal_id].add(row.person_id)
    for new in added(tables.proposals, before, after):
        yield from ((person_id, None, Rule.TIMES_PROPOSED) for person_id in asked[new.id])
    for _, new in changed(tables.proposals, before, after):
        if new.status == "lapsed":
            yield new.proposed_by, None, Rule.TIMES_OVER
        if new.status == "booked":
            seated = {row.person_id for row in after.family_seats(new.session_id)}
            yield from ((person_id, None, Rule.TIMES_OVER) for person_id in asked[new.id] - seated)
