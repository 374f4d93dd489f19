"""A house to measure: families with therapists of their own, their hours, signed in, on a real server.

The server is uvicorn in a process of its own on SQLite with ``synchronous=FULL``, as in production, but
without the clockwork, whose mails would be measured too.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from scheduler.domain.availability import Kind, WeeklyHours
from scheduler.domain.consent import Release
from scheduler.domain.people import Actor, Client, FamilyMember, Person, Proof, Role
from scheduler.domain.sign_ins import SignIn, expires_at
from scheduler.services import Services, build_services
from scheduler.settings import Settings
from scheduler.storage import consent, hours, kinds, people, sign_ins
from scheduler.storage.database import Transaction
from scheduler.storage.keyring import new_master_key
from scheduler.storage.schema import migrate_to_head
from scheduler.storage.signer import new_signer_key

CHECK_IN = Kind("check_in", "Check-in", 20, pause_after=5, least_notice=60, horizon_days=360, start_step=25)
AROUND_THE_CLOCK = tuple(WeeklyHours(weekday, 0, 1440) for weekday in range(7))
OFFICE_HOURS = tuple(
    WeeklyHours(weekday, *block) for weekday in range(5) for block in ((540, 720), (780, 1020))
)
STARTS_A_DAY = 1440 // CHECK_IN.start_step
START_PATIENCE_SECONDS = 30
SHOWN_LINES = 40


@dataclass(frozen=True, slots=True)
class House:
    """What to measure: the environment of its server, and a session cookie for each family member."""

    environment: dict[str, str]
    cookies: tuple[str, ...]

    def starts(self, count: int) -> list[datetime]:
        """Return so many bookable starts, the same for every family, for each has a therapist of its own."""
        tomorrow = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=2)
        return [
            tomorrow + timedelta(days=number // STARTS_A_DAY, minutes=25 * (number % STARTS_A_DAY))
            for number in range(count)
        ]


@dataclass(frozen=True, slots=True)
class Team:
    """How many therapists each family has, the kind they offer, and their hours."""

    kind: Kind = CHECK_IN
    weekly: tuple[WeeklyHours, ...] = AROUND_THE_CLOCK
    size: int = 1


ALONE = Team()


def build(folder: Path, *, families: int, team: Team = ALONE) -> House:
    """Make keys, database and people in ``folder``."""
    environment = {
        "HEARTH_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'hearth.db'}",
        "HEARTH_BASE_URL": "http://localhost:8000",
        "HEARTH_KEYS_DIR": str(folder / "keys"),
        "HEARTH_MAIL_URL": f"maildir:{folder / 'mail'}",
        "HEARTH_MAIL_FROM": "Hearth <hello@hearth.test>",
        "HEARTH_REQUESTS_A_MINUTE": "10000000",
        "HEARTH_REQUESTS_A_MINUTE_IN_ALL": "10000000",
    }
    os.environ.update(environment)
    settings = Settings()  # type: ignore[call-arg]  # the environment fills it
    new_master_key(settings.keys_dir, datetime.now(UTC))
    new_signer_key(settings.keys_dir)
    migrate_to_head(settings.database_url)
    services = build_services(settings)
    cookies = [services.new_secret() for _ in range(families)]

    async def fill() -> None:
        await services.database.write(lambda tx: add_families(tx, services, cookies, team))
        await services.database.close()

    asyncio.run(fill())
    return House(environment, tuple(f"{settings.cookie('hearth')}={cookie}" for cookie in cookies))


@contextmanager
def serving(environment: dict[str, str], application: str = "benchmarks.serve:hearth") -> Iterator[int]:
    """Serve an application in a process of its own and lend its port; its log is shown only if it fails."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=512)
    port: int = listening.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.serve", application, str(listening.fileno())]
    with TemporaryFile() as said:
        server = subprocess.Popen(
            command, env=os.environ | environment, pass_fds=[listening.fileno()], stdout=said, stderr=said
        )
        listening.close()
        try:
            _wait_for(port)
            yield port
        except BaseException:
            _show_end_of(said)
            raise
        finally:
            server.terminate()
            server.wait()


def _show_end_of(said: IO[bytes]) -> None:
    said.seek(0)
    sys.stderr.writelines(said.read().decode(errors="replace").splitlines(keepends=True)[-SHOWN_LINES:])


def _wait_for(port: int) -> None:
    """Return once the server answers; its socket listens before it does."""
    give_up_at = time.monotonic() + START_PATIENCE_SECONDS
    with socket.create_connection(("127.0.0.1", port), timeout=START_PATIENCE_SECONDS) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while line.recv(65_536):
            assert time.monotonic() < give_up_at, "the server does not answer"


def add_families(tx: Transaction, services: Services, cookies: list[str], team: Team) -> list[Actor]:
    """Keep a family for each cookie with a team of its own; return the mothers."""
    kinds.add(tx, team.kind)
    return [_add_family(tx, services, f"{number}", cookie, team) for number, cookie in enumerate(cookies)]


def _add_family(tx: Transaction, services: Services, name: str, cookie: str, team: Team) -> Actor:
    client = _person(tx, services, f"client{name}", Role.CLIENT)
    mother = _person(tx, services, f"mother{name}", Role.FAMILY_MEMBER)
    people.add_client(tx, Client(client.id, "iop"))
    people.add_family_member(tx, FamilyMember(mother.id, client.id, "mother"))
    for number in range(team.size):
        therapist = _person(tx, services, f"therapist{name}.{number}", Role.CLINICIAN)
        people.add_to_care_team(tx, client_id=client.id, person_id=therapist.id)
        kinds.offer(tx, team.kind.id, therapist.id)
        hours.set_weekly(tx, therapist.id, [(services.new_id(), block) for block in team.weekly])
    consent.add(tx, _release(services, client, mother), recorded_by=None)
    sign_ins.add(tx, _sign_in(services, mother), token=cookie)
    return Actor(mother.id, Role.FAMILY_MEMBER, Proof.EMAIL_CODE, frozenset({client.id}))


def _person(tx: Transaction, services: Services, name: str, role: Role) -> Person:
    person = Person(services.new_id(), role, name, f"{name}@people.test", "UTC", duty="family therapist")
    people.add(tx, person, created_at=services.now())
    return person


def _release(services: Services, client: Person, mother: Person) -> Release:
    return Release(
        id=services.new_id(),
        client_id=client.id,
        person_id=mother.id,
        client_name=client.name,
        recipient_name=mother.name,
        discloser="The care team",
        scope="How family sessions go",
        purpose="Family sessions",
        revocation_text="Tell any of the staff",
        expires_at=services.now() + timedelta(days=365),
        signature=client.name,
        signed_at=services.now() - timedelta(days=1),
    )


def _sign_in(services: Services, person: Person) -> SignIn:
    now = services.now()
    return SignIn(
        id=services.new_id(),
        person_id=person.id,
        proof=Proof.EMAIL_CODE,
        browser="Firefox",
        created_at=now,
        seen_at=now,
        expires_at=expires_at(person.role, is_remembered=False, now=now),
    )
