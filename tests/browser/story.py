"""The stage for whole stories in a real browser: a small program, its mail, and a clock that can be moved."""

import asyncio
import email
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import update

from scheduler.actions.demo import sign_in_path
from scheduler.app import create_app
from scheduler.domain.people import Person, Role
from scheduler.services import Services, build_services, utc_now
from scheduler.storage import consent
from scheduler.storage.database import Transaction, Work
from scheduler.storage.tables import people
from tests.browser.serving import free_socket, origin_of, serving, small_installation
from tests.builders import add_person
from tests.engines import apart
from tests.inquiries import add_admissions
from tests.scheduling import World, add_world

T = TypeVar("T")

MONDAY = datetime(2026, 11, 2, 17, tzinfo=UTC)  # 9:00 in Pacific time
PATIENCE = 20.0  # seconds
expect.set_options(timeout=PATIENCE * 1000)

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}

RECORD_LINES = """
const Real = window.RTCPeerConnection;
window.peers = [];
window.RTCPeerConnection = class extends Real {
  constructor(...settings) { super(...settings); window.peers.push(this); }
};
const RealSocket = window.WebSocket;
window.sockets = [];
window.WebSocket = class extends RealSocket {
  constructor(...address) { super(...address); window.sockets.push(this); }
};
"""
RECEIVED = """async () => {
  const received = {frames: 0, sound: 0};
  for (const peer of window.peers.filter((one) => one.connectionState === "connected")) {
    for (const one of (await peer.getStats()).values()) {
      if (one.type !== "inbound-rtp") continue;
      if (one.kind === "video") received.frames += one.framesDecoded ?? 0;
      else received.sound += one.packetsReceived ?? 0;
    }
  }
  return received;
}"""


@dataclass
class MovingClock:
    """A clock that goes on as clocks do, and can be moved."""

    ahead: timedelta = field(default_factory=lambda: MONDAY - utc_now())

    def __call__(self) -> datetime:
        """Return the moment."""
        return utc_now() + self.ahead

    def move_to(self, moment: datetime) -> None:
        """Go to a moment."""
        self.ahead = moment - utc_now()

    def move(self, **length: float) -> None:
        """Move on by a length, as for ``timedelta``."""
        self.ahead += timedelta(**length)


@dataclass
class Stage:
    """The program as it is served, its people, its clock and its mail."""

    origin: str
    folder: Path
    world: World
    officer: Person
    clock: MovingClock
    services: Services  # those of the tests; the application has its own

    def sign_in_url(self, person: Person) -> str:
        """Return the address that signs a person in, as in the demo."""
        return self.origin + sign_in_path(self.services.keyring, person.id)

    def letters(self, recipient: Person) -> list[EmailMessage]:
        """Return the mail a person has received, oldest first."""
        files = sorted((self.folder / "mail").glob("new/*"), key=lambda path: path.stat().st_mtime_ns)
        found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in files]
        return [letter for letter in found if recipient.email in str(letter["To"])]

    def wait_for_letter(self, recipient: Person, pattern: str) -> str:
        """Return what ``pattern`` finds in the newest letter that has it, once such a letter has come."""

        def found() -> str | None:
            for letter in reversed(self.letters(recipient)):
                body = letter.get_body(("plain",))
                match = re.search(pattern, body.get_content() if body else "")
                if match:
                    return str(match[1])
            return None

        return until(found)

    def revoke_release(self) -> None:
        """Revoke the mother's release, as another process would."""
        family, now = self.world.family, self.clock()

        def work(tx: Transaction) -> None:
            release = consent.active(tx, family.client.id, family.mother.id, now)
            assert release is not None
            consent.revoke(tx, release.id, revoked_at=now)

        self._write(work)

    def open_admissions(self) -> None:
        """Let somebody work at admissions on weekday mornings, as another process would."""

        async def add() -> None:
            services = replace(build_services(self.services.settings), now=self.clock)
            await add_admissions(services)
            await services.database.close()

        apart(lambda: asyncio.run(add()))

    def rename_mother(self, name: str) -> None:
        """Give the mother another name, as another process would."""
        mother = self.world.family.mother.id

        def work(tx: Transaction) -> None:
            sealed = tx.seal("people.name", mother, name)
            tx.execute(update(people).where(people.c.id == mother).values(name_sealed=sealed))

        self._write(work)

    def _write(self, work: Work[None]) -> None:
        async def write() -> None:
            services = build_services(self.services.settings)
            await services.database.write(work)
            await services.database.close()

        apart(lambda: asyncio.run(write()))


@contextmanager
def staged(folder: Path, database_url: str = "") -> Iterator[Stage]:
    """Serve a small program with one family, one therapist and one privacy officer; on SQLite unless told."""
    bound, clock = free_socket(), MovingClock()
    made = small_installation(folder, origin_of(bound), debug=False)
    changes: dict[str, object] = {"is_demo": True, "requests_a_minute": 10_000}
    if database_url:
        changes["database_url"] = database_url
    services = replace(build_services(made.settings.model_copy(update=changes)), now=clock)

    async def seed() -> tuple[World, Person]:
        seeding = replace(build_services(services.settings), now=clock)
        people = await add_world(seeding), await add_person(seeding, "Priya Raman", Role.PRIVACY_OFFICER)
        await seeding.database.close()
        return people

    world, officer = apart(lambda: asyncio.run(seed()))
    with closing(bound), serving(create_app(services, jobs=True), bound):
        yield Stage(origin_of(bound), folder, world, officer, clock, services)


@contextmanager
def browsing(chromium: Browser, viewport: dict[str, int], **options: Any) -> Iterator[BrowserContext]:
    """Lend a browser of one person, with a made-up camera, that records its connections."""
    context = chromium.new_context(
        viewport=viewport,  # type: ignore[arg-type]  # playwright's own type for the same
        permissions=["camera", "microphone"],
        **options,
    )
    context.set_default_timeout(PATIENCE * 1000)
    context.add_init_script(RECORD_LINES)
    try:
        yield context
    finally:
        context.close()


def until(look: Callable[[], T | None]) -> T:
    """Look until there is something to see, and return it.

    Raises:
        AssertionError: there is nothing after a while.
    """
    ends_at = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < ends_at, "nothing to see"
        time.sleep(0.05)
    return seen


def received(page: Page) -> dict[str, int]:
    """Return how many frames this browser has decoded and how many packets of sound it has got."""
    found: dict[str, int] = page.evaluate(RECEIVED)
    return found


def sees_and_hears(page: Page) -> bool:
    """Tell whether picture and sound of somebody else advance in this browser, once they have begun."""
    before = until(lambda: _more(received(page), {"frames": 0, "sound": 0}))
    return bool(until(lambda: _more(received(page), before)))


def _more(now: dict[str, int], before: dict[str, int]) -> dict[str, int] | None:
    return now if now["frames"] > before["frames"] and now["sound"] > before["sound"] else None
