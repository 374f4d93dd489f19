"""Notices: whether a message is still worth sending, when it is tried again, which reminders are due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.invites import Method
from scheduler.domain.notices import (
    MEANINGS,
    SHORTEST_PAUSE,
    Notice,
    Rule,
    SessionNow,
    Status,
    decide,
    pause_after,
    reminder_due,
    reminder_id,
    useful_until,
)

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
STARTS = NOW + timedelta(days=1)
SESSION = SessionNow(
    starts_at=STARTS,
    ends_at=STARTS + timedelta(minutes=20),
    is_on=True,
    has_place=True,
    sequence=0,
    is_released=True,
)


def notice(rule: Rule, *, sequence: int = 0, session_id: str | None = "s1") -> Notice:
    return Notice("n1", rule, "rosa", session_id, sequence, NOW, Status.SENDING, 1, NOW)


def reason(rule: Rule, session: SessionNow | None, *, sequence: int = 0, now: datetime = NOW) -> str:
    decision = decide(notice(rule, sequence=sequence), now=now, session=session, person_is_here=True)
    return "" if decision.send else decision.reason


def test_every_rule_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Rule)


def test_a_cancel_is_the_only_rule_that_takes_an_entry_out_of_a_calendar() -> None:
    assert [rule for rule in Rule if MEANINGS[rule].method is Method.CANCEL] == [Rule.CANCELLED]


@pytest.mark.parametrize(
    "rule", [Rule.BOOKED, Rule.MOVED, Rule.REMINDER_HOUR, Rule.FRESH_LINK, Rule.JOIN_CODE]
)
def test_nothing_but_the_cancel_is_sent_after_a_cancel(rule: Rule) -> None:
    assert reason(rule, replace(SESSION, is_on=False)) == "cancelled"
    assert reason(rule, replace(SESSION, has_place=False)) == "cancelled"
    assert reason(Rule.CANCELLED, replace(SESSION, is_on=False, has_place=False, sequence=0)) == ""


def test_an_invite_that_a_later_change_overtook_is_not_sent() -> None:
    assert reason(Rule.BOOKED, replace(SESSION, sequence=1)) == "superseded"
    assert reason(Rule.MOVED, replace(SESSION, sequence=1), sequence=1) == ""


def test_a_reminder_of_the_old_time_is_not_sent_after_a_move() -> None:
    assert reason(Rule.REMINDER_HOUR, replace(SESSION, sequence=1)) == "superseded"


@pytest.mark.parametrize(
    "rule", [Rule.BOOKED, Rule.MOVED, Rule.REMINDER_MINUTES, Rule.FRESH_LINK, Rule.JOIN_CODE]
)
def test_without_a_release_in_force_nothing_but_a_cancel_is_sent(rule: Rule) -> None:
    assert reason(rule, replace(SESSION, is_released=False)) == "no_release"
    assert reason(Rule.CANCELLED, replace(SESSION, is_released=False)) == ""


def test_nothing_is_sent_to_a_person_whose_account_has_ended() -> None:
    decision = decide(notice(Rule.BOOKED), now=NOW, session=SESSION, person_is_here=False)
    assert decision.reason == "person_ended"


def test_a_notice_whose_session_is_gone_is_not_sent() -> None:
    assert reason(Rule.BOOKED, None) == "no_session"


def test_a_code_is_of_no_use_after_ten_minutes() -> None:
    code = notice(Rule.SIGN_IN_CODE, session_id=None)
    before, after = NOW + timedelta(minutes=9), NOW + timedelta(minutes=10)
    assert decide(code, now=before, session=None, person_is_here=True).send
    assert decide(code, now=after, session=None, person_is_here=True).reason == "too_late"


def test_a_reminder_is_of_no_use_once_the_session_has_started() -> None:
    assert useful_until(notice(Rule.REMINDER_HOUR), SESSION) == STARTS


def test_an_invite_is_of_use_until_the_session_ends() -> None:
    assert reason(Rule.BOOKED, SESSION, now=SESSION.ends_at - timedelta(seconds=1)) == ""
    assert reason(Rule.BOOKED, SESSION, now=SESSION.ends_at) == "too_late"


def test_pauses_grow_from_a_minute_to_an_hour_and_stay_there() -> None:
    far = timedelta(days=3)
    minutes = [pause_after(attempts, useful_for=far) // timedelta(minutes=1) for attempts in range(1, 7)]
    assert minutes == [1, 5, 15, 60, 60, 60]


@given(st.integers(1, 50), st.integers(81, 100_000))
def test_a_pause_never_sleeps_through_the_use_of_a_notice(attempts: int, seconds: int) -> None:
    left = timedelta(seconds=seconds)
    assert SHORTEST_PAUSE <= pause_after(attempts, useful_for=left) <= max(left / 4, SHORTEST_PAUSE)


TOLD_LONG_AGO = STARTS - timedelta(days=3)


def due(minutes_before: float, told_at: datetime | None = TOLD_LONG_AGO) -> Rule | None:
    found = reminder_due(now=STARTS - timedelta(minutes=minutes_before), starts_at=STARTS, told_at=told_at)
    return None if found is None else found[0]


def test_a_reminder_comes_an_hour_before_and_ten_minutes_before() -> None:
    assert [due(61), due(60), due(11), due(10), due(1)] == [
        None,
        Rule.REMINDER_HOUR,
        Rule.REMINDER_HOUR,
        Rule.REMINDER_MINUTES,
        Rule.REMINDER_MINUTES,
    ]


def test_a_session_that_has_started_is_reminded_of_no_more() -> None:
    assert due(0) is None


def test_a_reminder_is_owed_at_its_moment_however_late_the_clockwork_looks() -> None:
    found = reminder_due(now=STARTS - timedelta(minutes=50), starts_at=STARTS, told_at=TOLD_LONG_AGO)
    assert found == (Rule.REMINDER_HOUR, STARTS - timedelta(hours=1))


def test_who_booked_just_before_a_reminder_or_after_its_moment_gets_none() -> None:
    assert due(60, told_at=STARTS - timedelta(minutes=70)) is None
    assert due(30, told_at=STARTS - timedelta(minutes=40)) is None
    assert due(10, told_at=STARTS - timedelta(minutes=40)) is Rule.REMINDER_MINUTES


def test_a_reminder_planned_twice_has_one_id_and_a_move_gives_another() -> None:
    first = reminder_id(person_id="rosa", session_id="s1", rule=Rule.REMINDER_HOUR, sequence=0)
    again = reminder_id(person_id="rosa", session_id="s1", rule=Rule.REMINDER_HOUR, sequence=0)
    moved = reminder_id(person_id="rosa", session_id="s1", rule=Rule.REMINDER_HOUR, sequence=1)
    assert first == again != moved
    assert len(first) == 20
