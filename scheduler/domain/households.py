"""Households: who of a family may take part in a session together, and who has to.

Two people of a family may be *apart*: they are never in one session, and neither ever learns the other's
name, zone, attendance or existence. A person is told of those alone from whom they are not apart. A kind's
quorum says who must take part before a session is held at all.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from types import MappingProxyType

from scheduler.domain.errors import Invalid
from scheduler.domain.people import FamilyMember

Pair = frozenset[str]


class ClientPart(StrEnum):
    """Whether the client takes part in a kind of session."""

    MAY = "may"
    MUST = "must"
    MUST_NOT = "must_not"


class Lack(StrEnum):
    """What keeps a session from being held with these people."""

    CLIENT = "client"
    GUARDIAN = "guardian"
    MEMBER = "member"
    ONLY_FAMILY = "only_family"


@dataclass(frozen=True, slots=True)
class Family:
    """A client with everyone related to them. ``apart`` holds each two ids that are kept apart."""

    client_id: str
    relatives: tuple[FamilyMember, ...] = ()
    apart: frozenset[Pair] = frozenset()

    @property
    def people(self) -> tuple[str, ...]:
        """Return everyone's ids, the client's first."""
        return (self.client_id, *(one.person_id for one in self.relatives))

    @property
    def guardians(self) -> frozenset[str]:
        """Return the ids of the client's guardians."""
        return frozenset(one.person_id for one in self.relatives if one.is_guardian)

    def known_to(self, person_id: str) -> tuple[str, ...]:
        """Return the ids of the others of whom this person may be told; none for somebody from elsewhere."""
        if person_id not in self.people:
            return ()
        others = (one for one in self.people if one != person_id)
        return tuple(one for one in others if frozenset((person_id, one)) not in self.apart)

    def are_together(self, person_ids: Collection[str]) -> bool:
        """Tell whether no two of these are kept apart."""
        return not any(frozenset(pair) in self.apart for pair in combinations(sorted(set(person_ids)), 2))


@dataclass(frozen=True, slots=True)
class Quorum:
    """Who must take part in a kind of session."""

    needs_guardian: bool = False
    client_part: ClientPart = ClientPart.MAY

    def lack(self, family: Family, person_ids: Collection[str]) -> Lack | None:
        """Return what keeps a session with these people of the family from being held, None for nothing."""
        if not person_ids:
            return Lack.MEMBER
        has_client = family.client_id in person_ids
        if has_client and self.client_part is ClientPart.MUST_NOT:
            return Lack.ONLY_FAMILY
        if not has_client and self.client_part is ClientPart.MUST:
            return Lack.CLIENT
        if self.needs_guardian and not family.guardians & set(person_ids):
            return Lack.GUARDIAN
        return None


LACK_WORDS: Mapping[Lack, str] = MappingProxyType(
    {
        Lack.CLIENT: "The person in the program takes part in this session. Please choose them too.",
        Lack.GUARDIAN: "A parent or guardian takes part in this session. Please choose one.",
        Lack.MEMBER: "Somebody has to take part.",
        Lack.ONLY_FAMILY: "This session is for family alone, without the person in the program.",
    }
)
APART_WORDS = "We cannot invite all of these people to one session. Please choose fewer, or call the program."


def check_party(family: Family, quorum: Quorum, person_ids: Collection[str]) -> None:
    """Return when these people of a family may take part in a session together, and are enough for it.

    Raises:
        Invalid: two of them are kept apart, or somebody is missing or too many.
    """
    if not family.are_together(person_ids):
        raise Invalid({"members": APART_WORDS})
    lack = quorum.lack(family, person_ids)
    if lack is not None:
        raise Invalid({"members": LACK_WORDS[lack]})


def would_meet(apart: Collection[Pair], people: Iterable[str], others: Iterable[str] = ()) -> bool:
    """Tell whether one of these people is kept apart from another of them, or from one of the others."""
    everybody = list(people)
    return any(frozenset(two) in apart for two in product(everybody, {*everybody, *others}))
