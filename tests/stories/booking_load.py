"""A process that books as fast as it can, with the clockwork running, until it is killed.

``python -m tests.stories.booking_load FOLDER ROUND`` writes a line for each booking that was acknowledged:
the session's id. The line is written after the action returned, so whatever is written must be kept.
"""

import asyncio
import os
import sys
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.actions import booking
from scheduler.domain.people import Actor
from scheduler.jobs import clockwork
from scheduler.services import Services, build_services
from scheduler.settings import Settings
from scheduler.storage import people
from scheduler.storage.database import Transaction
from tests.builders import actor
from tests.owed import KIND

AT_ONCE = 8
STRIDE = 400  # possible starts for one round


def settings_of(folder: Path) -> Settings:
    """Return the settings of an installation in a folder."""
    return Settings(
        database_url=f"sqlite+aiosqlite:///{folder / 'hearth.db'}",
        base_url="https://hearth.test",  # type: ignore[arg-type]  # pydantic reads it
        keys_dir=folder / "keys",
        mail_url=f"maildir:{folder / 'mail'}",
        mail_from="Hearth <hello@hearth.test>",
        exports_dir=folder / "exports",
    )


async def mothers(services: Services) -> list[Actor]:
    """Return every family member as an actor."""

    def work(tx: Transaction) -> list[Actor]:
        found = [person for person in people.everyone(tx) if person.role == "family_member"]
        return [actor(one, client_ids=people.clients_of(tx, one.id, one.role)) for one in found]

    return await services.database.read(work)


async def main(folder: Path, number: int) -> None:
    """Book, each family in times of its own, until killed."""
    services = build_services(settings_of(folder))
    try:
        async with clockwork(services):
            await _book_all(services, number)
            await asyncio.Event().wait()
    finally:
        await services.database.close()


async def _book_all(services: Services, number: int) -> None:
    actors = await mothers(services)
    tomorrow = (services.now() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    first = tomorrow + timedelta(minutes=5 * STRIDE * number)
    lanes = (_book(services, actors[lane % len(actors)], first, lane) for lane in range(AT_ONCE))
    await asyncio.gather(*lanes)


async def _book(services: Services, who: Actor, first: datetime, lane: int) -> None:
    for turn in range(lane, STRIDE, AT_ONCE):
        wish = booking.Wish(KIND, first + timedelta(minutes=5 * turn), "kept?")
        session = await booking.book_session(services, who, wish)
        os.write(1, f"{session.id}\n".encode())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
