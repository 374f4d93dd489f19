"""What families do about groups: places, waiting for one, offers."""

from scheduler.actions.groups import join_waitlist, take_places
from scheduler.actions.waitlist import leave_waitlist
from scheduler.domain.audit import Event
from tests.whole_schedule.schedule import Schedule


class Groups(Schedule):
    """Groups of several families."""

    def take_places(self) -> None:
        """Take places for oneself and others."""
        group, person = self.one_of(self.groups()), self.somebody()
        chosen = (person.id, *self.others(person))
        act = take_places(self.services, self.actor(person), group.id, chosen)
        self.run(self.play.do("take places", Event.SESSION_BOOKED, act))

    def wait(self) -> None:
        """Join a waitlist."""
        group, person = self.one_of(self.groups()), self.somebody()
        chosen = (person.id, *self.others(person))
        act = join_waitlist(self.services, self.actor(person), group.id, chosen)
        self.run(self.play.do("wait", Event.WAITLIST_JOINED, act))

    def take_what_is_offered(self) -> None:
        """Take the places for which one waits; they are offered, or not yet."""
        wait = self.one_of(self.waits("offered") or self.waits("waiting"))
        act = take_places(self.services, self.actor(self.relative(wait.asked_by)), wait.session_id)
        self.run(self.play.do("take what is offered", Event.SESSION_BOOKED, act))

    def stop_waiting(self) -> None:
        """Go off a waitlist, or decline what is offered; whoever is not on it, stays so."""
        wait = self.one_of(self.waits("waiting", "offered"))
        person = self.relative(wait.asked_by) if self.mostly() else self.somebody()
        act = leave_waitlist(self.services, self.actor(person), wait.session_id)
        self.run(self.play.do("stop waiting", Event.WAITLIST_LEFT, act))
