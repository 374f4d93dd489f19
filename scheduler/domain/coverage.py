"""Coverage: a clinician is away, and what becomes of each session that they host then.

::

    booked ──reassigned──▶ booked   the same time, room and links; another host
      │ │ └──moved───────▶ booked   another time, with the same host or another
      │ └────cancelled───▶ cancelled
      └──────left────────▶ booked   as it is, for somebody to decide on later

Who may take a session offers its kind and is on the client's care team: to anybody else the session itself
would disclose that the client is in treatment (42 CFR 2.13(a)). A session of several clinicians is taken over
by the same duty only, and moves to where all of them are free; a group, by whoever may hold one. Who takes it
is in their hours then and free, pauses included. Whoever has as many sessions then as they asked for is never
suggested, and takes it only where just that is chosen.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from scheduler.domain.availability import Hours, Kind
from scheduler.domain.booking import Duty, Place, Session
from scheduler.domain.cells import Span, is_clear
from scheduler.domain.closed import at_moment, is_full
from scheduler.domain.inquiries import FIRST_CONVERSATION
from scheduler.domain.slots import FreeTimes, Window, starts_of, undisturbed
from scheduler.domain.times import TICK_MINUTES, Interval, iso, parse_iso, tick_of

NEAREST = 3  # times offered with the one who is away, and as many with colleagues
LOAD_TICKS = 144  # half a day on either side: of two who are free, the less taken then is better
MOST_SESSIONS = 150  # in one act; a form has room for no more
BEYOND = "beyond"


class Act(StrEnum):
    """What becomes of a session."""

    CANCEL = "cancel"
    LEAVE = "leave"
    MOVE = "move"
    REASSIGN = "reassign"


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one session: ``clinician_id`` hosts it then, ``starts_at`` is where it moves to.

    ``is_beyond`` says that it may be more than they asked for.
    """

    act: Act
    clinician_id: str = ""
    starts_at: datetime | None = None
    is_beyond: bool = False

    def __str__(self) -> str:
        """Return it as a form carries it: "move 2026-11-03T22:00Z id00001"."""
        moment = iso(self.starts_at) if self.starts_at else ""
        beyond = BEYOND if self.is_beyond else ""
        return " ".join(filter(None, (str(self.act), moment, self.clinician_id, beyond)))


CANCEL, LEAVE = Choice(Act.CANCEL), Choice(Act.LEAVE)


@dataclass(frozen=True, slots=True)
class Planned:
    """A choice for a session as it was seen: ``seen_at`` is when it was to start then."""

    seen_at: datetime
    choice: Choice

    def __str__(self) -> str:
        """Return it as a form carries it: "2026-11-03T17:00Z cancel"."""
        return f"{iso(self.seen_at)} {self.choice}"

    @classmethod
    def parse(cls, text: str) -> "Planned":
        """Return what `str` wrote.

        Raises:
            ValueError: not such a text.
        """
        seen_at, act, *more = text.split(" ")
        wanted = {Act.REASSIGN: 1, Act.MOVE: 2}.get(Act(act), 0)
        is_beyond = more[wanted:] == [BEYOND] and act == Act.REASSIGN
        if len(more) != wanted + is_beyond:
            raise ValueError("a choice says who, or when and who, or nothing more")
        moment = parse_iso(more[0]) if act == Act.MOVE else None
        return cls(parse_iso(seen_at), Choice(Act(act), more[wanted - 1] if more else "", moment, is_beyond))


Plan = Mapping[str, Planned]  # by session


@dataclass(frozen=True, slots=True)
class Affected:
    """A session of whoever is away, with everybody's booked ``seats``.

    ``given_up`` are the seats of those who hosted it before; ``is_released`` tells that all of its family
    members may be told another time.
    """

    session: Session
    kind: Kind
    seats: tuple[Place, ...]
    given_up: tuple[Place, ...] = ()
    is_released: bool = True

    @property
    def family(self) -> list[Place]:
        """Return the seats of families."""
        return [seat for seat in self.seats if seat.client_id is not None]

    @property
    def staff(self) -> list[Place]:
        """Return the seats of those who host it."""
        return [seat for seat in self.seats if seat.client_id is None]

    @property
    def is_inquiry(self) -> bool:
        """Tell whether it is a first conversation, with nobody's family."""
        return self.kind.id == FIRST_CONVERSATION.id

    @property
    def client_ids(self) -> frozenset[str]:
        """Return the clients whose families take part."""
        return frozenset(seat.client_id for seat in self.seats if seat.client_id is not None)

    @property
    def is_movable(self) -> bool:
        """Tell whether its time is one family's to change."""
        return not self.session.is_group and self.is_released


@dataclass(frozen=True, slots=True)
class Colleague:
    """A clinician: their work, their hours, what they offer and on which clients' care teams they are."""

    duty: str
    hours: Hours
    kind_ids: frozenset[str] = frozenset()
    client_ids: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """Return who it is."""
        return self.hours.clinician_id

    def kept_free(self, one: Affected, interval: Interval) -> range:
        """Return the ticks for which they are taken by a session there: with its pauses, and their own."""
        kind = self.hours.offered(one.kind)
        return interval.widened(before=kind.pause_before, after=kind.pause_after).ticks


@dataclass(frozen=True, slots=True)
class TakenBy:
    """A stretch of somebody's taken ticks and the session it is for, None for a hold."""

    span: Span
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """When a session or hold starts that counts among the most that somebody takes; a hold has no session."""

    starts_at: datetime
    session_id: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """All that decides who can take what: who is ``away``, ``gone`` from when to when, and their sessions,
    soonest first; their ``colleagues``, what everybody's time is ``taken`` by, and what has ``begun`` by then
    with those who take only so many.
    """

    away: Colleague
    gone: Interval
    affected: tuple[Affected, ...]
    colleagues: tuple[Colleague, ...]
    taken: Mapping[str, Sequence[TakenBy]]
    now: datetime
    begun: Mapping[str, Sequence[Begun]] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        """Return the zone in which whoever is away is when it begins."""
        return self.away.hours.zone_at(self.gone.starts_at)

    def spans(self, person_id: str, *, without: Collection[str] = ()) -> list[Span]:
        """Return a person's taken spans, but for those of some sessions; the absence counts as taken."""
        found = [one.span for one in self.taken.get(person_id, ()) if one.session_id not in without]
        if person_id == self.away.id:
            found.append((tick_of(self.gone.starts_at), tick_of(self.gone.ends_at)))
        return found

    def starts(self, person_id: str, *, without: Collection[str] = ()) -> list[datetime]:
        """Return when a person's sessions start that count against their limits, but for some."""
        return [one.starts_at for one in self.begun.get(person_id, ()) if one.session_id not in without]

    def colleague(self, clinician_id: str) -> Colleague | None:
        """Return the clinician with this id, who may be the one who is away."""
        every = (self.away, *self.colleagues)
        return next((one for one in every if one.id == clinician_id), None)

    def others(self, one: Affected) -> list[Colleague | None]:
        """Return who hosts a session beside whoever is away; None for who does not work here any more."""
        return [self.colleague(seat.person_id) for seat in one.staff if seat.person_id != self.away.id]

    def may_take(self, colleague: Colleague, one: Affected) -> bool:
        """Tell whether a colleague may host a session at all, whenever it is."""
        if any(seat.person_id == colleague.id for seat in one.seats):
            return False
        if one.session.is_group:
            return True
        is_known = one.kind.id in colleague.kind_ids and one.client_ids <= colleague.client_ids
        return is_known and (colleague.duty == self.away.duty or len(one.staff) == 1)

    def stand_ins(self, one: Affected, *, is_beyond: bool = False) -> list[Colleague]:
        """Return who may take a session and is free then, best first: the same duty, then the least taken.

        With ``is_beyond`` those for whom it would be more than they asked for, without it the others.
        """
        able = [
            (colleague, spans)
            for colleague in self.colleagues
            if self.may_take(colleague, one)
            and can_host(colleague, one, spans := self.spans(colleague.id), one.session.interval)
            and is_full(colleague.hours, self.starts(colleague.id), one.session.starts_at) is is_beyond
        ]
        return [
            colleague for colleague, spans in sorted(able, key=lambda pair: self.rank(pair[0], pair[1], one))
        ]

    def rank(self, colleague: Colleague, spans: Sequence[Span], one: Affected) -> tuple[bool, int, str]:
        """Return what a colleague is sorted by for a session, smallest best."""
        around = one.session.interval.ticks
        first, end = around.start - LOAD_TICKS, around.stop + LOAD_TICKS
        load = sum(max(min(stop, end) - max(start, first), 0) for start, stop in spans)
        return colleague.duty != self.away.duty, load, colleague.id

    def free_with(self, colleague: Colleague, one: Affected) -> FreeTimes:
        """Return the times at which a session could be with a clinician, all others being free too."""
        window, itself = Window.of(one.kind, now=self.now), (one.session.id,)
        bits = (1 << window.size) - 1
        for seat in one.staff:
            host = colleague if seat.person_id == self.away.id else self.colleague(seat.person_id)
            bits &= self._starts(host, one, seat.duty, window) if host else 0
        for seat in one.family:
            bits &= undisturbed(self.spans(seat.person_id, without=itself), one.kind.minutes, window)
        return FreeTimes(window.base, one.kind.minutes // TICK_MINUTES, bits, ((colleague.id, bits),))

    def _starts(self, host: Colleague, one: Affected, duty: Duty, window: Window) -> int:
        """Return the free starts of one of its hosts; the step counts from the hours of the first alone."""
        itself = (one.session.id,)
        kind = one.kind if duty is Duty.HOST else replace(one.kind, start_step=TICK_MINUTES)
        hours = at_moment(host.hours, self.starts(host.id, without=itself), now=self.now)
        return starts_of(kind, hours, self.spans(host.id, without=itself), window)

    def times(self, one: Affected) -> list[Choice]:
        """Return the nearest times to which a session could move: after the absence, and with colleagues."""
        if not one.is_movable:
            return []
        base, wanted = tick_of(self.gone.ends_at), one.session.starts_at
        after = self.free_with(self.away, one)
        found = [
            Choice(Act.MOVE, self.away.id, slot.interval.starts_at)
            for slot in after.part(base, after.base + after.anybody.bit_length()).nearest(wanted, NEAREST)
        ]
        others = [
            Choice(Act.MOVE, colleague.id, slot.interval.starts_at)
            for colleague in self.colleagues
            if colleague.duty == self.away.duty and self.may_take(colleague, one)
            for slot in self.free_with(colleague, one).without(wanted).nearest(wanted, NEAREST)
        ]
        others.sort(key=lambda choice: (abs(_start(choice) - wanted), choice.clinician_id))
        return found + sorted(others[:NEAREST], key=lambda choice: (_start(choice), choice.clinician_id))


def can_host(colleague: Colleague, one: Affected, spans: Sequence[Span], interval: Interval) -> bool:
    """Tell whether a session lies in a clinician's hours there and meets none of their taken spans."""
    return is_clear(spans, colleague.kept_free(one, interval)) and colleague.hours.cover(interval)


def _start(choice: Choice) -> datetime:
    assert choice.starts_at is not None
    return choice.starts_at
