"""What is always true of the schedule, whatever was done: each function looks at everything that is kept."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Row

from scheduler.domain.times import Interval
from scheduler.storage import tables
from tests.whole_schedule.kept import Kept
from tests.whole_schedule.world import World

Tick = tuple[str, int]  # of whom, which


def nobody_is_in_two_places(kept: Kept, world: World) -> None:
    """Each taken tick belongs to one session or hold that stands, and each of those has all of its ticks."""
    due: dict[Tick, tuple[str | None, str | None]] = {}
    for tick, owner in (*_of_sessions(kept, world), *_of_holds(kept, world)):
        assert tick not in due, f"{tick} belongs to {owner} and to {due[tick]}"
        due[tick] = owner
    taken = {key: (row.session_id, row.hold_id) for key, row in kept.of(tables.taken_ticks).items()}
    missing, orphaned = due.items() - taken.items(), taken.items() - due.items()
    assert (missing, orphaned) == (set(), set())


def no_group_is_too_full(kept: Kept) -> None:
    """The count of a group's seats is of those that families have or are offered, and within its capacity."""
    for row in kept.all(tables.sessions):
        had = len(kept.family_seats(row.id))
        offered = [one.seats for one in kept.standing(row.id) if one.status == "offered"]
        if row.status == "booked" and row.capacity:
            assert row.places_taken == had + sum(offered) <= row.capacity
        elif row.capacity:
            assert had <= row.capacity
        else:
            assert row.places_taken == 0


def the_waitlist_is_in_order(kept: Kept) -> None:
    """Nobody waits twice, or for a place that they have; no seat is free for which somebody could be told."""
    for row in kept.all(tables.sessions):
        waits, seated = kept.standing(row.id), {one.person_id for one in kept.family_seats(row.id)}
        people = [person_id for one in waits for person_id in kept.people_of_wait(one.id)]
        assert max(Counter(people).values(), default=1) == 1
        assert not seated & set(people)
        assert not waits or row.status == "booked"
        assert all(one.seats == len(kept.people_of_wait(one.id)) for one in waits)
    standing = {one.id for one in kept.all(tables.waitlist) if one.status in ("waiting", "offered")}
    assert {one.wait_id for one in kept.all(tables.waiting_people)} == standing


def nobody_meets_whom_they_are_kept_from(kept: Kept) -> None:
    """No two who are apart have places in one session that is not over, or times proposed to both."""
    for row in kept.live():
        if row.ends_at > kept.at:
            seated = [one.person_id for one in kept.family_seats(row.id)]
            assert not kept.are_apart(seated, seated)
    asked = kept.all(tables.proposal_people)
    for one in kept.all(tables.proposals):
        if one.status == "open":
            people = [one.proposed_by, *(row.person_id for row in asked if row.proposal_id == one.id)]
            assert not kept.are_apart(people, people)


def every_visit_is_held_by_those_it_takes(kept: Kept, world: World) -> None:
    """A session that stands has its host, everybody whom its kind takes, and one family at least."""
    duty_of = {one.id: one.duty for one in world.clinicians}
    for row in kept.live():
        hosts, kind = kept.hosts(row.id), world.kinds[row.kind_id]
        assert row.host_id in hosts
        assert not kind.duties or sorted(duty_of[one] for one in hosts) == sorted(kind.duties)
        assert row.capacity or len(hosts) == len(kind.duties or (1,))
        assert row.capacity or len(set(kept.clients(row.id)) - {None}) == 1


def links_open_to_those_who_have_places(kept: Kept) -> None:
    """Exactly those of families who have a place in a session that stands have a link that opens it."""
    seats = [(row.session_id, row.person_id) for one in kept.live() for row in kept.family_seats(one.id)]
    links = [row for row in kept.all(tables.join_links) if row.revoked_at is None]
    assert sorted((row.session_id, row.person_id) for row in links) == sorted(seats)
    off = [row for row in kept.all(tables.sessions) if row.status == "cancelled"]
    assert not any(kept.seats(row.id) for row in off)


def bookings_stand_for_families_that_come(kept: Kept) -> None:
    """A family has a booking that stands in just those sessions in which it has a place that stands."""
    for row in kept.all(tables.sessions):
        claims = [one for one in kept.all(tables.bookings) if one.session_id == row.id]
        standing = {one.client_id for one in claims if one.status != "cancelled"}
        assert standing == set(kept.clients(row.id)) - {None}


def proposals_hold_what_they_propose(kept: Kept) -> None:
    """Only open proposals hold times, at most one of each proposer, and nobody holds two slots."""
    still_open = [row for row in kept.all(tables.proposals) if row.status == "open"]
    assert max(Counter(row.proposed_by for row in still_open).values(), default=1) == 1
    times = kept.of(tables.proposal_times)
    of_proposals = [row for row in kept.all(tables.holds) if row.proposal_id is not None]
    assert {row.proposal_id for row in of_proposals} <= {row.id for row in still_open}
    assert all(times[row.id,].proposal_id == row.proposal_id for row in of_proposals)
    alone = [row.person_id for row in kept.all(tables.holds) if row.proposal_id is None]
    assert len(alone) == len(set(alone))


def what_has_lapsed_is_gone(kept: Kept) -> None:
    """After the clockwork has looked, nothing is held, offered or asked beyond its time."""
    assert not [row for row in kept.all(tables.holds) if row.expires_at <= kept.at]
    offered = [row for row in kept.all(tables.waitlist) if row.status == "offered"]
    assert not [row for row in offered if row.offered_until <= kept.at]
    asked = [row for row in kept.all(tables.proposals) if row.status == "open"]
    assert not [row for row in asked if row.expires_at <= kept.at]
    begun = {row.id for row in kept.all(tables.sessions) if row.starts_at <= kept.at}
    assert not any(kept.standing(session_id) for session_id in begun)


def sequences_rise(before: Kept, after: Kept) -> None:
    """No calendar is ever told something older than what it was told before."""
    for key, old in before.of(tables.places).items():
        assert after.of(tables.places)[key].sequence >= old.sequence


def seats_are_offered_in_order(before: Kept, after: Kept) -> None:
    """Whoever was passed over wanted more seats than were free, or could not meet who is there."""
    was = {row.id: row.status for row in before.all(tables.waitlist)}
    for group in after.ahead(groups=True):
        waits = after.standing(group.id)
        fresh = [one for one in waits if one.status == "offered" and was.get(one.id) != "offered"]
        for one in (one for one in waits if one.status == "waiting"):
            room = sum(each.seats for each in fresh if each.position > one.position)
            if room:
                room += group.capacity - group.places_taken
                assert one.seats > room or _is_kept_from(after, group, one)


def no_seat_is_empty_while_somebody_waits(kept: Kept, world: World) -> None:
    """After the clockwork has looked, a free seat is one that nobody who waits could be offered."""
    for group in kept.ahead(groups=True):
        notice = world.kinds[group.kind_id].least_notice
        if (group.starts_at - kept.at).total_seconds() / 60 < notice + 15:
            continue
        room = group.capacity - group.places_taken
        waiting = [one for one in kept.standing(group.id) if one.status == "waiting"]
        assert all(one.seats > room or _is_kept_from(kept, group, one) for one in waiting)


def _is_kept_from(kept: Kept, group: Row[Any], wait: Row[Any]) -> bool:
    offered = [one.id for one in kept.standing(group.id) if one.status == "offered" and one.id != wait.id]
    there = [one.person_id for one in kept.family_seats(group.id)]
    there += [person_id for one in offered for person_id in kept.people_of_wait(one)]
    return kept.are_apart(kept.people_of_wait(wait.id), there)


def _of_sessions(kept: Kept, world: World) -> Iterator[tuple[Tick, tuple[str | None, str | None]]]:
    for row in kept.live():
        interval, kind = Interval(row.starts_at, row.ends_at), world.kinds[row.kind_id]
        around = interval.widened(before=kind.pause_before, after=kind.pause_after).ticks
        for seat in kept.seats(row.id):
            for tick in around if seat.client_id is None else interval.ticks:
                yield (seat.person_id, tick), (row.id, None)


def _of_holds(kept: Kept, world: World) -> Iterator[tuple[Tick, tuple[str | None, str | None]]]:
    duty_of = {one.id: one.duty for one in world.clinicians}
    for row in kept.all(tables.holds):
        kind, holders = world.kinds[row.kind_id], _set_aside(kept, row.id)
        assert row.clinician_id in holders
        assert sorted(duty_of[one] for one in holders) == sorted(kind.duties or [duty_of[row.clinician_id]])
        interval = Interval(row.starts_at, row.ends_at)
        for person_id in holders:
            for tick in interval.widened(before=kind.pause_before, after=kind.pause_after).ticks:
                yield (person_id, tick), (None, row.id)


def _set_aside(kept: Kept, hold_id: str) -> Iterable[str]:
    """Return whose time a hold keeps free: its ticks alone say so."""
    return {row.person_id for row in kept.of(tables.taken_ticks).values() if row.hold_id == hold_id}
