"""The demo's past month, played by the same actions that people use: check-ins that were held, missed, moved
and called off, some that lie ahead, and a session with two clinicians at once. Each scene has its moments;
all are played in the order of time.
"""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from scheduler.actions import admissions, booking, cancelling, holds, notices, proofs, rooms, waiting
from scheduler.actions.attendance import settle_ended
from scheduler.actions.release_ends import expire_due
from scheduler.actions.waiting import Details
from scheduler.demo.cast import PACIFIC, STAFF
from scheduler.demo.house import House, moment, today_in

CHECK_IN, CARE_TEAM = "check-in", "care-team"
MAYA, LEVIN, DENISE = "Maya Okafor", "Samuel Levin", "Denise Walker"

Act = Callable[[], Awaitable[object]]


When = tuple[int, int, int]  # working days from today (negative: before), hour and minute, Pacific time


@dataclass(frozen=True, slots=True)
class Scene:
    """A session of somebody with a clinician, who hosts it: when it was booked and starts, who else comes."""

    who: str
    host: str
    booked: When
    starts: When
    topic: str = ""
    came: bool = True
    cancelled: When | None = None
    moved: When | None = None
    moved_to: When | None = None
    kind_id: str = CHECK_IN
    members: tuple[str, ...] = ()

    @property
    def duty(self) -> str:
        """What the clinician does."""
        return next(person.duty for person in STAFF if person.name == self.host)


SCENES = (
    Scene("Rosa Rivera", MAYA, (-12, 9, 12), (-8, 10, 0), "How we talk at dinner."),
    Scene("Elena Novak", MAYA, (-9, 20, 40), (-6, 9, 30), "What I may ask him."),
    Scene("Karen Whitfield", LEVIN, (-7, 8, 5), (-5, 11, 0), came=False),
    Scene("Ana Morales", DENISE, (-6, 19, 20), (-3, 14, 0), "El permiso del trabajo."),
    Scene("Daniel Rivera", MAYA, (-5, 12, 30), (-2, 15, 0), cancelled=(-3, 18, 20)),
    Scene(
        "Karen Whitfield",
        LEVIN,
        (-4, 13, 15),
        (1, 13, 0),
        "Sleep, and the new medicine.",
        moved=(-2, 17, 45),
        moved_to=(2, 13, 30),
    ),
    Scene(
        "Karen Whitfield",
        MAYA,
        (-3, 8, 30),
        (5, 11, 0),
        "What each of us can do at home.",
        members=("Joan Whitfield", "Casey Whitfield"),
    ),
    Scene("Ana Morales", MAYA, (-2, 21, 10), (3, 10, 0), "Cómo hablar con los niños."),
    Scene("Daniel Rivera", DENISE, (-1, 7, 50), (4, 12, 30), "Weekend visits."),
    Scene("Rosa Rivera", MAYA, (-1, 21, 5), (3, 14, 0), "The plan for stepping down.", kind_id=CARE_TEAM),
)


@dataclass(slots=True)
class Playing:
    """A scene while it is played; ``today`` is the Pacific day, ``session_id`` known once it is booked."""

    house: House
    scene: Scene
    today: date
    session_id: str = ""
    place: str = field(default="", repr=False)

    async def book(self) -> None:
        """Hold the time, then book it, as the form does."""
        services, actor = self.house.services, await self.house.actor(self.scene.who)
        scene = self.scene
        starts_at = self.at(scene.starts)
        hold = await holds.hold_slot(
            services, actor, kind_id=scene.kind_id, starts_at=starts_at, duty=scene.duty
        )
        members = tuple(self.house.persons[name].id for name in scene.members)
        wish = booking.Wish(scene.kind_id, starts_at, scene.topic, scene.duty, hold.id, members)
        self.session_id = (await booking.book_session(services, actor, wish)).id

    async def move(self) -> None:
        """Move it to the other time."""
        assert self.scene.moved_to is not None
        actor = await self.house.actor(self.scene.who)
        await booking.move_session(
            self.house.services, actor, self.session_id, starts_at=self.at(self.scene.moved_to)
        )

    async def cancel(self) -> None:
        """Call it off."""
        actor = await self.house.actor(self.scene.who)
        await cancelling.cancel_session(
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

    def at(self, when: When) -> datetime:
        """Return a moment of the story, aware UTC."""
        return moment(self.today, *when, zone=PACIFIC)

    def acts(self, now: datetime) -> Iterator[tuple[datetime, Act]]:
        """Yield what happens, each act with its moment."""
        scene = self.scene
        yield self.at(scene.booked), self.book
        if scene.moved is not None:
            yield self.at(scene.moved), self.move
        if scene.cancelled is not None:
            yield self.at(scene.cancelled), self.cancel
        elif self.at(scene.starts) < now:
            yield from self._held()

    def _held(self) -> Iterator[tuple[datetime, Act]]:
        starts_at = self.at(self.scene.starts)
        yield starts_at - timedelta(minutes=4), self.open
        if self.scene.came:
            yield starts_at - timedelta(minutes=3), self.arrive
            yield starts_at + timedelta(minutes=1), self.admit
        yield starts_at + timedelta(minutes=21), self.end


async def play(house: House, now: datetime) -> None:
    """Play all scenes up to ``now``; after each act the mail that it owes goes out, at its own time."""
    today = today_in(PACIFIC, now)
    acts = [act for scene in SCENES for act in Playing(house, scene, today).acts(now)]
    for at, act in sorted(acts, key=lambda one: one[0]):
        house.clock.go_to(at)
        await act()
        await _clockwork(house)
    house.clock.go_to(now)
    await _clockwork(house)


async def _clockwork(house: House) -> None:
    await settle_ended(house.services)
    await expire_due(house.services)
    while await notices.send_due(house.services):
        pass
