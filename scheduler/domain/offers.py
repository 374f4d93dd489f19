"""Offers: what a family may book, and with whom of the client's care team.

A kind is met with any one of those who offer it or, where it names duties, with one of each of them at once.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from scheduler.domain.availability import Kind


@dataclass(frozen=True, slots=True)
class Offerer:
    """A clinician who offers a kind: ``zone`` is an IANA name, ``duty`` their work in words.

    Their own pauses, in minutes, count where they are longer than the kind's.
    """

    clinician_id: str
    zone: str
    duty: str
    pause_before: int = 0
    pause_after: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """A kind with the clinicians who offer it to one client's family, in the order of their ids.

    ``has_needs`` says that it is a step that may wait for others, which each person must have done before.
    """

    kind: Kind
    offerers: tuple[Offerer, ...]
    has_needs: bool = True

    def kind_with(self, clinician_id: str) -> Kind:
        """Return the kind as this one of them offers it, with their own pauses."""
        own = next((one for one in self.offerers if one.clinician_id == clinician_id), None)
        return self.kind if own is None else self.kind.with_pauses(own.pause_before, own.pause_after)

    @property
    def duties(self) -> tuple[str, ...]:
        """Return the duties that are met at once or, where the kind names none, the different ones here."""
        return self.kind.duties or tuple(sorted({offerer.duty for offerer in self.offerers}))

    @property
    def duty_of(self) -> dict[str, str]:
        """Return each clinician's duty by id."""
        return {offerer.clinician_id: offerer.duty for offerer in self.offerers}

    @property
    def is_staffed(self) -> bool:
        """Tell whether anybody offers it, and every duty that it names has somebody of its own."""
        if not self.kind.duties:
            return bool(self.offerers)
        return not Counter(self.kind.duties) - Counter(self.duty_of.values())

    @property
    def with_whom(self) -> str:
        """Return who is met, as it follows "with your": `spoken_together`, or "... or ..." of a choice."""
        return spoken_together(self.kind.duties) or " or ".join(self.duties)

    @property
    def tells_duties(self) -> bool:
        """Tell whether a duty said with a time tells anything: there are several, and not all are met."""
        return not self.kind.duties and len(self.duties) != 1

    def with_duty(self, duty: str) -> "Offer":
        """Return the offer cut down to one duty, if any; a kind that names its duties stays as it is."""
        if not duty or self.kind.duties:
            return self
        return replace(self, offerers=tuple(one for one in self.offerers if one.duty == duty))

    def only(self, *clinician_ids: str) -> "Offer":
        """Return the offer cut down to these clinicians."""
        return replace(
            self, offerers=tuple(one for one in self.offerers if one.clinician_id in clinician_ids)
        )

    def includes(self, *clinician_ids: str) -> bool:
        """Tell whether these clinicians are all among them."""
        return self.duty_of.keys() >= set(clinician_ids)

    def hint(self, clinician_ids: Collection[str]) -> str:
        """Return the duty to say with a time at which these are free, empty where it tells nothing."""
        if not self.tells_duties:
            return ""
        duties = {one.duty for one in self.offerers if one.clinician_id in clinician_ids}
        return duties.pop() if len(duties) == 1 else ""


def spoken_together(duties: Sequence[str]) -> str:
    """Return duties as they follow "with your": "family therapist, your nurse and your psychiatrist"."""
    return " and your ".join(filter(None, (", your ".join(duties[:-1]), *duties[-1:])))
