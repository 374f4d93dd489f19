"""The demo's past month, played by the same actions that people use: check-ins that were held, missed, moved
and called off, and some that lie ahead. Each scene has its moments; all are played in the order of time.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from scheduler.actions import admissions, booking, holds, notices, proofs, rooms, waiting
from scheduler.actions.attendance import settle_ended
from scheduler.actions.waiting import Details
from scheduler.demo.cast import PACIFIC, STAFF
from scheduler.demo.house import House, moment, today_in

CHECK_IN = "check-in"
MAYA, LEVIN, DENISE = "Maya Okafor", "Samuel Levin", "Denise Walker"

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Scene:
    """A check-in of somebody with a clinician: when it was booked and when it starts."""

    who: str
    host: str
    booked_at: datetime
    starts_at: datetime
    topic: str = ""
    came: bool = True
    cancelled_at: datetime | None = None
    moved_at: datetime | None = None
    moved_to: datetime | None = None

    @property
    def duty(self) -> str:
        """What the clinician does."""
        return next(person.duty for person in STAFF if person.name == self.host)


@dataclass(slots=True)
class Playing:
    """A scene while it is played; ``session_id`` is known once it is booked."""

    house: House
    scene: Scene
    session_id: str = ""
    place: str = field(default="", repr=False)

    async def book(self) -> None:
        """Hold the time, then book it, as the form does."""
        services, actor = self.house.services, await self.house.actor(self.scene.who)
        scene = self.scene
        hold = await holds.hold_slot(
            services, actor, kind_id=CHECK_IN, starts_at=scene.starts_at, duty=scene.duty
        )
        wish = booking.Wish(CHECK_IN, scene.starts_at, scene.topic, scene.duty, hold.id)
        self.session_id = (await booking.book_session(services, actor, wish)).id

    async def move(self) -> None:
        """Move it to the other time."""
        assert self.scene.moved_to is not None
        actor = await self.house.actor(self.scene.who)
        await booking.move_session(self.house.services, actor, self.session_id, starts_at=self.scene.moved_to)

    async def cancel(self) -> None:
        """Call it off."""
        actor = await self.house.actor(self.scene.who)
        await booking.cancel_session(
            self.house.services, actor, self.session_id, reason="I have to work that day."
        )

    async def arrive(self) -> None:
        """Come to the door, say where one is, and sit down in the waiting room."""
        services, actor = self.house.services, await self.house.actor(self.scene.who)
        self.place = (await proofs.prove_signed_in(services, actor, self.session_id)).place
        await waiting.read_notice(services, actor, self.place)
        details = Details(self.scene.who, "At home, 12 Alder Street, Fresno", "555 0100")
        await waiting.tell_details(services, actor, self.place, details)
        await waiting.begin_to_wait(services, actor, self.place)

    async def open(self) -> None:
        """The host opens the room."""
        await rooms.open_room(self.house.services, await self.house.actor(self.scene.host), self.session_id)

    async def admit(self) -> None:
        """The host lets them in."""
        person_id = self.house.persons[self.scene.who].id
        host = await self.house.actor(self.scene.host)
        await admissions.admit(self.house.services, host, self.session_id, person_id)

    async def end(self) -> None:
        """The host ends it for everybody."""
        await rooms.end_room(self.house.services, await self.house.actor(self.scene.host), self.session_id)

    def acts(self, now: datetime) -> Iterator[tuple[datetime, Act]]:
        """Yield what happens, each act with its moment."""
        scene = self.scene
        yield scene.booked_at, self.book
        if scene.moved_at is not None:
            yield scene.moved_at, self.move
        if scene.cancelled_at is not None:
            yield scene.cancelled_at, self.cancel
        elif scene.starts_at < now:
            yield from self._held()

    def _held(self) -> Iterator[tuple[datetime, Act]]:
        starts_at = self.scene.starts_at
        yield starts_at - timedelta(minutes=4), self.open
        if self.scene.came:
            yield starts_at - timedelta(minutes=3), self.arrive
            yield starts_at + timedelta(minutes=1), self.admit
        yield starts_at + timedelta(minutes=21), self.end


async def play(house: House, now: datetime) -> None:
    """Play all scenes up to ``now``; after each act the mail that it owes goes out, at its own time."""
    acts = [act for scene in _scenes(today_in(PACIFIC, now)) for act in Playing(house, scene).acts(now)]
    for at, act in sorted(acts, key=lambda one: one[0]):
        house.clock.go_to(at)
        await act()
        await _clockwork(house)
    house.clock.go_to(now)
    await _clockwork(house)


async def _clockwork(house: House) -> None:
    await settle_ended(house.services)
    while await notices.send_due(house.services):
        pass


def _scenes(today: date) -> list[Scene]:
    def at(number: int, hour: int, minute: int = 0) -> datetime:
        return moment(today, number, hour, minute, zone=PACIFIC)

    return [
        Scene(
            "Rosa Rivera",
            MAYA,
            booked_at=at(-12, 9, 12),
            starts_at=at(-8, 10),
            topic="How we talk at dinner.",
        ),
        Scene(
            "Elena Novak",
            MAYA,
            booked_at=at(-9, 20, 40),
            starts_at=at(-6, 9, 30),
            topic="What I may ask him.",
        ),
        Scene("Karen Whitfield", LEVIN, booked_at=at(-7, 8, 5), starts_at=at(-5, 11), came=False),
        Scene(
            "Ana Morales",
            DENISE,
            booked_at=at(-6, 19, 20),
            starts_at=at(-3, 14),
            topic="El permiso del trabajo.",
        ),
        Scene(
            "Daniel Rivera",
            MAYA,
            booked_at=at(-5, 12, 30),
            starts_at=at(-2, 15),
            cancelled_at=at(-3, 18, 20),
        ),
        Scene(
            "Karen Whitfield",
            LEVIN,
            booked_at=at(-4, 13, 15),
            starts_at=at(1, 13),
            moved_at=at(-2, 17, 45),
            moved_to=at(2, 13, 30),
            topic="Sleep, and the new medicine.",
        ),
        Scene(
            "Ana Morales",
            MAYA,
            booked_at=at(-2, 21, 10),
            starts_at=at(3, 10),
            topic="Cómo hablar con los niños.",
        ),
        Scene(
            "Daniel Rivera",
            DENISE,
            booked_at=at(-1, 7, 50),
            starts_at=at(4, 12, 30),
            topic="Weekend visits.",
        ),
    ]
