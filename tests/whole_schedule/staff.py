"""What staff do: coverage, hours, who is kept apart; and what happens by itself."""

from datetime import timedelta

from scheduler.actions.absences import Asked, see_absence
from scheduler.actions.availability import add_days_off, remove_hours, set_only_hours
from scheduler.actions.covering import Cover, cover
from scheduler.actions.families import keep_apart, let_meet
from scheduler.actions.waitlist import tend_waitlists
from scheduler.domain.absences import Absence
from scheduler.domain.audit import Event
from scheduler.domain.coverage import CANCEL, LEAVE, Act, Choice
from scheduler.domain.coverage_plan import Preset, planned
from scheduler.domain.errors import NotNow, Refusal
from scheduler.domain.people import Actor
from scheduler.storage import tables
from tests.whole_schedule.play import Tally
from tests.whole_schedule.schedule import Pick, Schedule
from tests.whole_schedule.world import CLOSES, OPENS

BLOCKS = [(OPENS, CLOSES), (OPENS, CLOSES + 60), (OPENS + 50, CLOSES), None]
LENGTHS = [timedelta(minutes=12), timedelta(minutes=12), *(timedelta(hours=some) for some in (3, 13, 49))]


class Staff(Schedule):
    """Clinicians, the coordinator and the clock."""

    def __init__(self, engine: str, tally: Tally, pick: Pick) -> None:
        super().__init__(engine, tally, pick)
        self.plans: list[Cover] = []

    def cover(self) -> None:
        """Cover for a clinician's day, or plan it only: what the preview finds sound can be done."""
        world, days = self.play.world, self.play.days()
        clinician, day = self.one_of(world.clinicians), self.one_of(days)
        asked = Asked(clinician.id, Absence(day, day), self.one_of(list(Preset)), self.one_of(days))
        wanted, is_sound = self._planned(asked)
        self.plans.append(wanted)
        if not self.mostly():
            return
        able = (clinician, world.coordinator, world.coordinator, self.one_of(world.clinicians))
        act = cover(self.services, self.actor(self.one_of(able)), wanted)
        done = self.run(self.play.do("cover", Event.SESSION_REASSIGNED, act))
        assert is_sound if not isinstance(done, Refusal) else not (is_sound and isinstance(done, NotNow))

    def cover_late(self) -> None:
        """Do what was planned some time ago, and perhaps done already."""
        wanted = self.plans[-1] if self.mostly() else self.one_of(self.plans)
        act = cover(self.services, self.actor(self.play.world.coordinator), wanted)
        self.run(self.play.do("cover late", Event.SESSION_REASSIGNED, act))

    def change_hours(self) -> None:
        """Take a day off, or give it other hours; mostly, no booked session may lie outside."""
        actor, day = self.actor(self.one_of(self.play.world.clinicians)), self.one_of(self.play.days())
        block, despite = self.one_of(BLOCKS), () if self.mostly() else None
        if block is None:
            act = add_days_off(self.services, actor, first_date=day, last_date=day, despite=despite)
        else:
            act = set_only_hours(self.services, actor, day=day, blocks=[block], despite=despite)
        self.run(self.play.do("change hours", Event.HOURS_CHANGED, act))

    def work_as_ever(self) -> None:
        """Take back days off or other hours, now and then those of somebody else."""
        rule_id, clinician_id = self.one_of(self.special_days())
        clinicians = self.play.world.clinicians
        person = next(one for one in clinicians if one.id == clinician_id)
        if not self.mostly():
            person = self.somebody_else(clinicians, clinician_id)
        act = remove_hours(self.services, self.actor(person), rule_id, despite=())
        self.run(self.play.do("work as ever", Event.HOURS_CHANGED, act))

    def keep_apart(self) -> None:
        """Keep two people of a family apart; one of them leaves what they share."""
        client_id, pair = self._pair()
        leaves = self.one_of((*pair, ""))
        act = keep_apart(self.services, self._carer(), client_id, pair, leaves=leaves)
        self.run(self.play.do("keep apart", Event.HOUSEHOLD_CHANGED, act))

    def let_meet(self) -> None:
        """Let them meet again; the clockwork sees who can be offered a seat now."""
        client_id, pair = self._pair()
        act = let_meet(self.services, self._carer(), client_id, pair)
        self.run(self.play.do("let meet", Event.HOUSEHOLD_CHANGED, act))
        self.run(self.play.do("tend", Event.ACCESS_DENIED, tend_waitlists(self.services)))

    def let_time_pass(self) -> None:
        """Let the clock run on."""
        self.run(self.play.let_pass(self.one_of(LENGTHS)))

    def special_days(self) -> list[tuple[str, str]]:
        """Return the days off and days with other hours, with whose they are."""
        kept = self.play.kept
        rows = [*kept.all(tables.days_off), *kept.all(tables.extra_hours)]
        return sorted((row.id, row.clinician_id) for row in rows)

    def _planned(self, asked: Asked) -> tuple[Cover, bool]:
        """Return a plan, and whether its preview finds it sound."""
        coordinator = self.actor(self.play.world.coordinator)
        seen = self.run(see_absence(self.services, coordinator, asked))
        assert seen.situation is not None
        assert asked.absence is not None
        choices = {row.one.session.id: row.choice for row in seen.rows}
        if not self.mostly():
            others = [Choice(Act.REASSIGN, one.id) for one in seen.situation.colleagues]
            for row in seen.rows:
                choices[row.one.session.id] = self.one_of([CANCEL, LEAVE, *row.times, *others])
        plan = planned(seen.situation, choices)
        again = Asked(asked.clinician_id, asked.absence, plan=plan)
        is_sound = self.run(see_absence(self.services, coordinator, again)).is_sound
        return Cover(asked.clinician_id, asked.absence, plan, closes_days=not self.mostly()), is_sound

    def _pair(self) -> tuple[str, tuple[str, str]]:
        """Return two people who are kept apart for a time, with the client of their family."""
        first, second, _ = self.play.world.families
        family, people = self.one_of(((first, first.relatives[1:]), (second, second.relatives)))
        return family.client.id, (people[0].id, people[1].id)

    def _carer(self) -> Actor:
        """Return staff who may change families; now and then somebody who may not."""
        world = self.play.world
        return self.actor(world.coordinator if self.mostly() else self.somebody())
