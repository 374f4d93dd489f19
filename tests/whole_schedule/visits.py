"""What families do about visits of their own: holds, bookings, moves, cancellations, who comes."""

from scheduler.actions.booking import Wish, book_session, move_session
from scheduler.actions.cancelling import cancel_session, give_up_place
from scheduler.actions.holds import hold_slot, release_hold
from scheduler.actions.members import change_members
from scheduler.domain.audit import Event
from scheduler.domain.errors import Refusal
from scheduler.storage import tables
from tests.whole_schedule.kept import Said
from tests.whole_schedule.schedule import WHENS, Schedule


class Visits(Schedule):
    """Visits of one family."""

    def hold(self) -> None:
        """Set a time aside."""
        person = self.somebody()
        wanted = self.play.wanted(person, self.kind_id())
        starts_at = self.play.start(wanted, self.one_of(WHENS))
        act = hold_slot(self.services, self.actor(person), kind_id=wanted.kind.id, starts_at=starts_at)
        self.run(self.play.ask_for("hold", Event.HOLD_MADE, wanted, starts_at, act))

    def let_go(self) -> None:
        """Let a hold go, one's own or somebody else's."""
        hold = self.one_of(self.holds())
        person = self.relative(hold.person_id)
        if self.one_of((True, False)):
            person = self.somebody_else(self.play.world.family_people, person.id)
        said = [Said(Event.HOLD_RELEASED, self.play.world.client_of[person.id], hold.id)]
        act = release_hold(self.services, self.actor(person), hold.id)
        self.run(self.play.do("let go", Event.HOLD_RELEASED, act, said=said))

    def book(self) -> None:
        """Book a time straight away, with others of the family or alone."""
        person = self.somebody()
        wanted = self.play.wanted(person, self.kind_id(), self.others(person))
        starts_at = self.play.start(wanted, self.one_of(WHENS))
        act = book_session(
            self.services, self.actor(person), Wish(wanted.kind.id, starts_at, members=wanted.others)
        )
        self.run(self.play.ask_for("book", Event.SESSION_BOOKED, wanted, starts_at, act))

    def book_what_is_held(self) -> None:
        """Book the time that was set aside."""
        hold = self.one_of(self.holds())
        person = self.relative(hold.person_id)
        wanted = self.play.wanted(person, hold.kind_id, self.others(person))
        wish = Wish(hold.kind_id, hold.starts_at, hold_id=hold.id, members=wanted.others)
        act = book_session(self.services, self.actor(person), wish)
        self.run(self.play.ask_for("book what is held", Event.SESSION_BOOKED, wanted, hold.starts_at, act))

    def move(self) -> None:
        """Move a visit to another time."""
        session = self.one_of(self.visits())
        first, *others = [row.person_id for row in self.play.kept.family_seats(session.id)]
        wanted = self.play.wanted(self.relative(first), session.kind_id, tuple(others))
        starts_at = self.play.start(wanted, self.one_of(WHENS))
        act = move_session(self.services, self.doer(session.id), session.id, starts_at=starts_at)
        moved = self.run(self.play.do("move", Event.SESSION_MOVED, act))
        if not isinstance(moved, Refusal):
            assert self.play.kept.of(tables.sessions)[session.id,].starts_at == starts_at

    def cancel(self) -> None:
        """Call a session off, or give up one's own place in a group."""
        session = self.one_of(self.ahead())
        act = cancel_session(self.services, self.doer(session.id), session.id)
        self.run(self.play.do("cancel", Event.SESSION_CANCELLED, act))

    def give_up(self) -> None:
        """Give up one place."""
        session = self.one_of(self.ahead())
        act = give_up_place(self.services, self.doer(session.id), session.id)
        self.run(self.play.do("give up", Event.PLACE_GIVEN_UP, act))

    def change_who_comes(self) -> None:
        """Choose others of the family for a visit."""
        session = self.one_of(self.visits())
        actor = self.doer(session.id)
        members = () if actor.is_staff else self.others(self.relative(actor.person_id or ""))
        act = change_members(self.services, actor, session.id, members)
        self.run(self.play.do("change who comes", Event.PLACE_ADDED, act))
