"""Entries: canonical bytes, the same each time, with nothing in them that a key could not be."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.audit import (
    LARGEST_INTEGER,
    Disclosure,
    Entity,
    Event,
    Facts,
    Outcome,
    Purpose,
    Trail,
    canonical,
    entry_bytes,
    entry_id,
)
from scheduler.domain.people import SYSTEM, Actor, Proof, Role, Source

AT = datetime(2026, 11, 3, 22, 0, 0, 5, tzinfo=UTC)
TRAIL = Trail(SYSTEM, AT, bytes(16))

texts = st.text(st.characters(exclude_categories=["Cs"]))
integers = st.integers(-LARGEST_INTEGER, LARGEST_INTEGER)
actors = st.builds(
    Actor,
    person_id=st.none() | texts,
    role=st.sampled_from(Role),
    proof=st.sampled_from(Proof),
    source=st.builds(Source, ip=texts, request_id=texts),
)
trails = st.builds(
    Trail,
    actor=actors,
    at=st.integers(0, 2**31 * 1_000_000).map(
        lambda n: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=n)
    ),
    seed=st.binary(min_size=16, max_size=16),
)
facts = st.builds(
    Facts,
    outcome=st.sampled_from(Outcome),
    reason=st.none() | texts,
    client_id=st.none() | texts,
    entities=st.lists(st.builds(Entity, kind=texts, id=texts, version=st.none() | integers), max_size=3),
    purpose=st.sampled_from(Purpose),
    release_id=st.none() | texts,
    disclosure=st.none() | st.builds(Disclosure, recipient=texts, what=texts, purpose=texts),
)


@given(
    trails, st.integers(1, LARGEST_INTEGER), st.sampled_from(Event), facts, st.none() | st.binary(max_size=32)
)
def test_an_entry_is_the_canonical_form_of_itself(
    trail: Trail, seq: int, event: Event, said: Facts, detail_hash: bytes | None
) -> None:
    leaf = entry_bytes(trail, seq, event, said, detail_hash=detail_hash)
    assert rfc8785.dumps(json.loads(leaf)) == leaf


json_values = st.recursive(
    st.none() | st.booleans() | integers | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(st.characters(codec="ascii")), json_values))
def test_canonical_bytes_are_those_of_rfc_8785(value: dict[str, object]) -> None:
    assert canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]


def test_the_same_trail_and_place_give_the_same_bytes_and_another_place_gives_others() -> None:
    first, again = (entry_bytes(TRAIL, 7, Event.SESSION_BOOKED) for _ in range(2))
    assert first == again
    other = json.loads(entry_bytes(TRAIL, 8, Event.SESSION_BOOKED))
    assert other["id"] != json.loads(first)["id"]
    assert other["nonce"] != json.loads(first)["nonce"]
    assert json.loads(first)["id"] == entry_id(TRAIL, 7)


def test_an_entry_names_actor_time_and_what_it_touched() -> None:
    actor = Actor("u7q", Role.CLINICIAN, Proof.PASSKEY, source=Source("192.0.2.7", "r1"))
    said = Facts(
        outcome=Outcome.DENIED,
        reason="Denied",
        client_id="c5f",
        entities=(Entity("session", "s91", 2),),
        purpose=Purpose.TREATMENT,
        release_id="r9",
        disclosure=Disclosure("f2k", "session_time", "family_participation"),
    )
    leaf = json.loads(
        entry_bytes(Trail(actor, AT, bytes(16)), 1, Event.SESSION_READ, said, detail_hash=b"\xaa" * 32)
    )
    assert leaf["actor"] == {"id": "u7q", "kind": "person", "proof": "passkey", "role": "clinician"}
    assert (leaf["at"], leaf["event"], leaf["action"]) == ("2026-11-03T22:00:00.000005Z", "session.read", "R")
    assert leaf["entities"] == [{"id": "s91", "kind": "session", "version": 2}]
    assert leaf["disclosure"] == {
        "purpose": "family_participation",
        "recipient": "f2k",
        "what": "session_time",
    }
    assert (leaf["client"], leaf["release"], leaf["reason"], leaf["outcome"]) == (
        "c5f",
        "r9",
        "Denied",
        "denied",
    )
    assert leaf["source"]["ip"] == "192.0.2.7"
    assert leaf["detail_hash"] == "aa" * 32


def test_times_of_another_zone_are_written_in_utc() -> None:
    there = AT.astimezone(timezone(timedelta(hours=-8)))
    assert entry_bytes(Trail(SYSTEM, there, bytes(16)), 1, Event.BACKUP_MADE) == entry_bytes(
        TRAIL, 1, Event.BACKUP_MADE
    )


@pytest.mark.parametrize("seq", [0, -1, LARGEST_INTEGER + 1])
def test_a_place_that_json_cannot_hold_exactly_is_refused(seq: int) -> None:
    with pytest.raises(ValueError, match="seq"):
        entry_bytes(TRAIL, seq, Event.BACKUP_MADE)


def test_a_version_that_json_cannot_hold_exactly_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        entry_bytes(TRAIL, 1, Event.BACKUP_MADE, Facts(entities=(Entity("session", "s", 2**53),)))


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        entry_bytes(TRAIL, 1, Event.BACKUP_MADE, Facts(reason="\ud800"))


def test_every_event_is_noun_dot_verb_in_alphabetical_order_with_an_action() -> None:
    assert all(len(event.split(".")) == 2 and event.islower() for event in Event)
    assert [event.name for event in Event] == sorted(event.name for event in Event)
    assert all(event.action for event in Event)
