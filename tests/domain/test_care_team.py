"""Kinds of several duties: when they can start, who gets them, and how a family reads whom it meets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.domain import slots
from scheduler.domain.availability import Hours, Kind, WeeklyHours
from scheduler.domain.booking import Duty, Place, Status, hosting, hosts_of
from scheduler.domain.offers import Offer, Offerer, spoken_together
from scheduler.domain.times import Interval, tick_of

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)  # a Monday, 9 am in Pacific time
NINE = datetime(2026, 11, 3, 17, tzinfo=UTC)
THERAPIST, PSYCHIATRIST = "family therapist", "psychiatrist"
CARE_TEAM = Kind(
    "care_team", "Care-team session", 50, pause_after=10, horizon_days=7, duties=(THERAPIST, PSYCHIATRIST)
)
HOURLY = replace(CARE_TEAM, start_step=60)
DUTY_OF = {"t1": THERAPIST, "t2": THERAPIST, "p1": PSYCHIATRIST, "p2": PSYCHIATRIST, "c1": "case manager"}
DUTIES = st.lists(st.sampled_from([THERAPIST, PSYCHIATRIST]), min_size=1, max_size=3).map(tuple)


def hours(clinician_id: str, *blocks: tuple[float, float], zone: str = "America/Los_Angeles") -> Hours:
    """Return a clinician's Tuesday, in hours of the day."""
    return Hours(
        clinician_id, zone, tuple(WeeklyHours(1, int(60 * begins), int(60 * ends)) for begins, ends in blocks)
    )


def starts(kind: Kind, *every: Hours) -> list[datetime]:
    found = slots.free(kind, every, {}, own=(), now=NOW, duty_of=DUTY_OF)
    return [slot.interval.starts_at for slot in found]


def can_be_met(duties: tuple[str, ...], able: list[str]) -> bool:
    """Tell the slow way whether so many of those able fill every duty, each of them one."""
    return any(
        sorted(DUTY_OF[one] for one in some) == sorted(duties) for some in combinations(able, len(duties))
    )


@given(DUTIES, st.dictionaries(st.sampled_from(sorted(DUTY_OF)), st.integers(0, 2**40)))
def test_a_kind_can_start_where_everybody_it_takes_is_free(
    duties: tuple[str, ...], columns: dict[str, int]
) -> None:
    found = slots.all_at_once(duties, [(DUTY_OF[one], bits) for one, bits in columns.items()])

    for place in range(41):
        able = [one for one, bits in columns.items() if bits >> place & 1]
        assert bool(found >> place & 1) is can_be_met(duties, able)


near = st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(max_examples=60, deadline=None)
@given(DUTIES, st.dictionaries(st.sampled_from(sorted(DUTY_OF)), st.lists(near, max_size=4), max_size=5))
def test_a_slot_of_several_is_one_of_each_of_them_and_whoever_is_chosen_is_free(
    duties: tuple[str, ...], taken: dict[str, list[tuple[int, int]]]
) -> None:
    kind = replace(CARE_TEAM, duties=duties)
    base = tick_of(NINE)
    busy = {one: [(base + first, base + end) for first, end in spans] for one, spans in taken.items()}
    every = [hours(one, (9, 14)) for one in sorted(DUTY_OF)]
    alone = {
        one.clinician_id: {
            slot.interval.starts_at
            for slot in slots.free(replace(kind, duties=()), [one], busy, own=(), now=NOW)
        }
        for one in every
    }

    found = {
        slot.interval.starts_at for slot in slots.free(kind, every, busy, own=(), now=NOW, duty_of=DUTY_OF)
    }

    for start in sorted({start for theirs in alone.values() for start in theirs}):
        able = [one for one in sorted(DUTY_OF) if start in alone[one]]
        assert (start in found) is can_be_met(duties, able)
        interval = Interval.lasting(start, minutes=kind.minutes)
        ordered = slots.who_can(kind, every, busy, interval, duty_of=DUTY_OF)
        hosts = slots.chosen(kind, ordered, DUTY_OF)
        assert [DUTY_OF[one] for one in hosts] == (list(duties) if start in found else [])
        assert len(set(hosts)) == len(hosts)
        assert set(hosts) <= set(able)


def test_the_step_counts_from_the_hours_of_whoever_hosts() -> None:
    found = starts(HOURLY, hours("t1", (9, 12)), hours("p1", (9.5, 11)))

    assert found == [NINE + timedelta(hours=1)]
    assert slots.who_can(
        HOURLY,
        [hours("p1", (9.5, 11)), hours("t1", (9, 12))],
        {},
        Interval.lasting(found[0], minutes=50),
        duty_of=DUTY_OF,
    ) == ["p1", "t1"]


def test_a_duty_without_anybody_leaves_no_time() -> None:
    assert starts(HOURLY, hours("t1", (9, 12)), hours("t2", (9, 12))) == []


def test_a_slot_names_only_those_who_are_free_when_everybody_is() -> None:
    found = slots.free(
        HOURLY, [hours("t1", (9, 12)), hours("p1", (9, 10))], {}, own=(), now=NOW, duty_of=DUTY_OF
    )

    assert [(slot.interval.starts_at, slot.clinician_ids) for slot in found] == [(NINE, ("t1", "p1"))]


@pytest.mark.parametrize(
    ("known", "order"),
    [
        ((), ["p1", "t2", "p2", "t1"]),  # the least taken, then the smaller id
        (("t1",), ["t1", "p1", "t2", "p2"]),  # whom the client knows, however taken
        (("p2", "t1", "gone"), ["p2", "t1", "p1", "t2"]),  # the latest first
    ],
)
def test_whom_the_client_knows_comes_before_who_is_least_taken(
    known: tuple[str, ...], order: list[str]
) -> None:
    later = tick_of(NINE) + 24
    taken = {"t1": [(later, later + 9)], "p2": [(later, later + 4)], "t2": [(later, later + 2)]}
    every = [hours(one, (9, 12)) for one in ("t1", "t2", "p1", "p2")]
    nine = Interval.lasting(NINE, minutes=50)

    able = slots.who_can(CARE_TEAM, every, taken, nine, known=known, duty_of=DUTY_OF)

    assert able == order
    assert slots.chosen(replace(CARE_TEAM, duties=()), able, DUTY_OF) == (order[0],)


def test_nobody_stands_for_two_and_one_who_is_missing_leaves_nobody() -> None:
    two = replace(CARE_TEAM, duties=(THERAPIST, THERAPIST))

    assert slots.chosen(two, ["t2", "p1", "t1"], DUTY_OF) == ("t2", "t1")
    assert slots.chosen(two, ["t2", "p1"], DUTY_OF) == ()
    assert slots.chosen(CARE_TEAM, ["p1", "t1"], DUTY_OF) == ("t1", "p1")


def test_an_offer_is_whole_only_with_everybody_and_says_whom_one_meets() -> None:
    both = Offer(CARE_TEAM, tuple(Offerer(one, "UTC", DUTY_OF[one]) for one in ("p1", "t1")))

    assert both.is_staffed
    assert not both.only("t1").is_staffed
    assert both.with_duty(PSYCHIATRIST) == both
    assert both.duties == (THERAPIST, PSYCHIATRIST)
    assert both.with_whom == "family therapist and your psychiatrist"
    assert both.hint(("p1", "t1")) == ""
    assert both.includes("t1", "p1")
    assert not both.includes("t1", "p2")
    assert replace(both, kind=replace(CARE_TEAM, duties=())).with_whom == "family therapist or psychiatrist"
    assert spoken_together(("nurse", "therapist", "doctor")) == "nurse, your therapist and your doctor"


def test_the_first_hosts_and_the_others_host_with_them() -> None:
    seats = hosting("s1", ("t1", "c1", "a1"))
    gone = replace(seats[1], status=Status.CANCELLED)

    assert [seat.duty for seat in seats] == [Duty.HOST, Duty.CO_HOST, Duty.CO_HOST]
    assert hosts_of([Place("s1", "mother", Duty.MEMBER, "c"), seats[2], gone, seats[0]]) == ("t1", "a1")


@pytest.mark.parametrize("duty", ["", "two\nlines", "ends so\n"])
def test_a_duty_is_one_line(duty: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        Kind("kind", "Kind", 20, duties=(duty,))
