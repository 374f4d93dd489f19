"""Who of a family may know of whom, and who has to take part, against the plain meaning of the words."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.errors import Invalid
from scheduler.domain.households import LACK_WORDS, ClientPart, Family, Lack, Quorum, check_party
from scheduler.domain.people import FamilyMember

NAMES = ("mother", "father", "aunt", "brother")


@st.composite
def families(draw: st.DrawFn) -> Family:
    """Return a family of up to five, some of them guardians, some kept apart."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    relatives = tuple(FamilyMember(name, "client", name, is_guardian=draw(st.booleans())) for name in names)
    pairs = [frozenset(pair) for pair in combinations(("client", *names), 2)]
    apart = draw(st.sets(st.sampled_from(pairs))) if pairs else set()
    return Family("client", relatives, frozenset(apart))


PARTIES = st.sets(st.sampled_from(("client", *NAMES)))


@given(families())
def test_whom_somebody_may_know_they_may_be_known_by(family: Family) -> None:
    for one in family.people:
        known = family.known_to(one)
        assert one not in known
        assert all(one in family.known_to(other) for other in known)
        assert set(family.people) - set(known) - {one} == {
            other for other in family.people if frozenset({one, other}) in family.apart
        }


@given(families(), PARTIES)
def test_people_are_together_when_each_knows_all_others(family: Family, party: set[str]) -> None:
    those = party & set(family.people)

    assert family.are_together(those) == all(those - {one} <= set(family.known_to(one)) for one in those)


@given(families(), PARTIES, st.booleans(), st.sampled_from(ClientPart))
def test_a_quorum_lacks_nothing_just_when_each_of_its_rules_holds(
    family: Family, party: set[str], needs_guardian: bool, part: ClientPart
) -> None:
    those = party & set(family.people)
    rules = (
        bool(those),
        not needs_guardian or any(one.is_guardian for one in family.relatives if one.person_id in those),
        part is not ClientPart.MUST or "client" in those,
        part is not ClientPart.MUST_NOT or "client" not in those,
    )

    assert (Quorum(needs_guardian, part).lack(family, those) is None) == all(rules)


@given(families(), PARTIES, st.booleans())
def test_whoever_comes_as_well_never_makes_a_guardian_or_the_client_missing(
    family: Family, party: set[str], needs_guardian: bool
) -> None:
    quorum, those = Quorum(needs_guardian, ClientPart.MUST), party & set(family.people)
    if quorum.lack(family, those) is None:
        assert all(quorum.lack(family, those | {one}) is None for one in family.people)


def test_nobody_from_elsewhere_is_told_of_anybody() -> None:
    assert Family("client", (FamilyMember("mother", "client", "mother"),)).known_to("neighbour") == ()


@pytest.mark.parametrize(
    ("party", "quorum", "words"),
    [
        ({"mother", "father"}, Quorum(), "all of these people"),
        ({"mother"}, Quorum(client_part=ClientPart.MUST), "person in the program"),
        ({"mother", "client"}, Quorum(client_part=ClientPart.MUST_NOT), "family alone"),
        ({"mother"}, Quorum(needs_guardian=True), "guardian"),
        (set(), Quorum(), "has to take part"),
    ],
)
def test_a_party_is_refused_in_words_that_name_nobody(party: set[str], quorum: Quorum, words: str) -> None:
    relatives = (FamilyMember("mother", "client", "mother"), FamilyMember("father", "client", "father"))
    family = Family("client", relatives, frozenset({frozenset({"mother", "father"})}))

    with pytest.raises(Invalid) as refused:
        check_party(family, quorum, party)

    assert words in refused.value.errors["members"]
    assert not any(name in refused.value.errors["members"] for name in ("mother", "father"))


def test_each_lack_has_words_of_its_own() -> None:
    assert set(LACK_WORDS) == set(Lack)
    assert len(set(LACK_WORDS.values())) == len(Lack)
