"""Groups as a family sees them: sessions that several families share, of which each is told but its own.

A group stands before anybody books. How many seats are left, and how many wait, would tell of the others; a
page says only whether there is room.
"""

from dataclasses import dataclass

from scheduler.domain.booking import Session
from scheduler.domain.waitlist import Wait

MOST_SEATS = 6  # that one family takes at once
TIMES_SHOWN = 3  # of each step, on the program's page


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """A group as one family member sees it. ``host_duty`` is the host's work in words; no person is told.

    ``room`` counts the seats that are free; pages say no more than whether there are any. ``wait`` is the
    reader's own, while it stands. ``is_elsewhere`` says that they have another session then.
    """

    session: Session
    kind_name: str
    host_duty: str
    needs_release: bool
    room: int
    has_place: bool
    wait: Wait | None = None
    is_elsewhere: bool = False

    @property
    def is_full(self) -> bool:
        """Tell whether not one seat is free."""
        return self.room < 1
