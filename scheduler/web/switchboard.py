"""The switchboard: who is connected to which room in this process, and passing messages between them.

Everything here is plain and immediate; nothing waits. So a newcomer's picture of who is there and their own
entry into the list are one step, and two people who come at once never miss each other. What is told to
somebody goes into their own queue, in order; a task of theirs sends it.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduler.domain.rooms import Face, RoomPass

LONGEST_QUEUE = 500  # messages; whoever reads so slowly is gone
GRACE_SECONDS = 20.0  # how long a lost connection counts as "away" before it counts as "gone"

Message = Mapping[str, object]


@dataclass(slots=True, eq=False)
class Line:
    """One connected browser."""

    admitted: RoomPass
    face: Face
    messages: asyncio.Queue[Message] = field(default_factory=lambda: asyncio.Queue(LONGEST_QUEUE))
    has_camera: bool = True
    has_microphone: bool = True
    is_hopeless: bool = False

    def tell(self, message: Message) -> None:
        """Put a message into the queue; a queue that is full makes the line hopeless."""
        try:
            self.messages.put_nowait(message)
        except asyncio.QueueFull:
            self.is_hopeless = True

    def seen_by(self, other: "Line") -> Message:
        """Return this person as the other's browser may know them.

        Between strangers sound and picture go by a TURN server where there is one, so that neither browser
        learns the other's network address.
        """
        return {
            "id": self.face.id,
            "name": self.face.shown_to(other.face),
            "camera": self.has_camera,
            "microphone": self.has_microphone,
            "relayed": self.face.is_stranger_to(other.face),
        }


class Switchboard:
    """All lines of this process by room. One person has one line in a room: a later one replaces it."""

    def __init__(self, *, grace_seconds: float = GRACE_SECONDS) -> None:
        self._rooms: dict[str, dict[str, Line]] = {}
        self._grace_seconds = grace_seconds

    def join(self, line: Line, relays: list[Message]) -> None:
        """Connect a line: it is welcomed with everyone who is there, and they are told that it came."""
        room = self._rooms.setdefault(line.admitted.session_id, {})
        replaced = room.get(line.face.id)
        if replaced is not None:
            replaced.tell({"type": "replaced"})
        others = [other for other in room.values() if other.face.id != line.face.id]
        room[line.face.id] = line
        people = [other.seen_by(line) for other in others]
        line.tell({"type": "welcome", "you": line.face.id, "people": people, "relays": relays})
        for other in others:
            other.tell({"type": "came", "person": line.seen_by(other)})

    def pass_on(self, line: Line, to: object, data: object) -> None:
        """Pass a message to one person in the same room; to anybody else it goes nowhere."""
        other = self._room(line).get(str(to))
        if other is not None and other is not line:
            other.tell({"type": "signal", "id": line.face.id, "data": data})

    def show_state(self, line: Line, *, has_camera: bool, has_microphone: bool) -> None:
        """Tell the others whether this person's camera and microphone are on."""
        line.has_camera, line.has_microphone = has_camera, has_microphone
        state = {"type": "state", "id": line.face.id, "camera": has_camera, "microphone": has_microphone}
        self._tell_others(line, state)

    def lose(self, line: Line) -> None:
        """Take a lost line out; the others see the person as away, and as gone after a while."""
        if self._room(line).get(line.face.id) is not line:
            return
        self._take_out(line)
        self._tell_others(line, {"type": "away", "id": line.face.id})
        asyncio.get_running_loop().call_later(self._grace_seconds, self._tell_gone, line)

    def part(self, line: Line) -> None:
        """Take out a line whose person has left, or may not be here any more."""
        if self._room(line).get(line.face.id) is line:
            self._take_out(line)
            self._tell_others(line, {"type": "went", "id": line.face.id})

    def _tell_gone(self, line: Line) -> None:
        if line.face.id not in self._room(line):
            self._tell_others(line, {"type": "went", "id": line.face.id})

    def _tell_others(self, line: Line, message: Message) -> None:
        for other in self._room(line).values():
            if other.face.id != line.face.id:
                other.tell(message)

    def _room(self, line: Line) -> dict[str, Line]:
        return self._rooms.get(line.admitted.session_id, {})

    def _take_out(self, line: Line) -> None:
        room = self._rooms[line.admitted.session_id]
        del room[line.face.id]
        if not room:
            del self._rooms[line.admitted.session_id]
