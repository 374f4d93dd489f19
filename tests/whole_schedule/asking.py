"""How families find a time together: proposals and answers."""

from typing import Any

from scheduler.actions.answers import answer
from scheduler.actions.proposals import Asking, propose, withdraw
from scheduler.domain.audit import Event
from scheduler.storage import tables
from tests.whole_schedule.schedule import WHENS, Schedule


class Proposing(Schedule):
    """Times that are proposed to others of the family."""

    def propose(self) -> None:
        """Ask others about a few times."""
        person = self.somebody()
        asked = self.others(person, least=1)
        wanted = self.play.wanted(person, self.kind_id(), asked)
        times = [self.one_of(WHENS) for _ in range(self.one_of((1, 2, 3)))]
        starts = tuple(sorted({self.play.start(wanted, one) for one in times}))
        asking = Asking(wanted.kind.id, starts, asked, needs_all=self.mostly())
        act = propose(self.services, self.actor(person), asking)
        self.run(self.play.do("propose", Event.PROPOSAL_MADE, act))

    def answer(self) -> None:
        """Say which of the times work; now and then the proposer tries to."""
        proposal = self.one_of(self.proposals())
        asked = [row.person_id for row in self._of(tables.proposal_people, proposal)]
        told = {row.id: self.mostly() for row in self._of(tables.proposal_times, proposal)}
        person = self.relative(self.one_of(asked) if self.mostly() else proposal.proposed_by)
        act = answer(self.services, self.actor(person), proposal.id, told)
        self.run(self.play.do("answer", Event.PROPOSAL_ANSWERED, act))

    def take_back(self) -> None:
        """Take times back, one's own or those of somebody else."""
        proposal = self.one_of(self.proposals())
        person = self.relative(proposal.proposed_by)
        if not self.mostly():
            person = self.somebody_else(self.play.world.family_of(person.id).people, person.id)
        act = withdraw(self.services, self.actor(person), proposal.id)
        self.run(self.play.do("take back", Event.PROPOSAL_WITHDRAWN, act))

    def proposals(self) -> list[Any]:
        """Return the open proposals; where there is none, those that are over."""
        found = self.play.kept.all(tables.proposals)
        return [row for row in found if row.status == "open"] or found

    def _of(self, table: Any, proposal: Any) -> list[Any]:
        return [row for row in self.play.kept.all(table) if row.proposal_id == proposal.id]
