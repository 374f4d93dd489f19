"""Starting the demo: make it if need be, see to the check-in that starts soon, say who can sign in."""

import asyncio
import sys

from starlette.applications import Starlette

from scheduler.actions.demo import in_order, sign_in_path
from scheduler.app import create_app
from scheduler.demo.check_in import CheckIn, ensure_check_in
from scheduler.demo.folder import Folder
from scheduler.demo.seed import seed
from scheduler.domain.people import Person
from scheduler.domain.times import spoken_when
from scheduler.services import Services, build_services, opened
from scheduler.settings import Settings
from scheduler.storage import people


def make(folder: Folder, port: int) -> None:
    """Make and seed the demo where there is none; bring an older one's schema to head.

    Raises:
        NotADemo: the folder holds something else.
    """
    if folder.is_made:
        folder.migrate()
        return
    sys.stderr.write("Making the demo: keys, database, people and their past month ...\n")
    folder.begin()
    asyncio.run(_seeded(folder.part.settings(port)))
    folder.finish()


def open_house(folder: Folder, port: int) -> tuple[Starlette, str]:
    """Return the application of a demo that is made, and the words to greet with."""
    settings = folder.settings(port)
    folder.write_env(port)
    check_in, persons = asyncio.run(_prepared(settings))
    services = build_services(settings)
    folder.write_people(persons, settings=settings, keyring=services.keyring)
    return create_app(services, jobs=True), _greeting(services, check_in, persons, folder)


async def _seeded(settings: Settings) -> None:
    async with opened(settings) as services:
        await seed(services, services.now())


async def _prepared(settings: Settings) -> tuple[CheckIn | None, list[Person]]:
    async with opened(settings) as services:
        return await ensure_check_in(services), await services.database.read(people.everyone)


def _greeting(services: Services, check_in: CheckIn | None, persons: list[Person], folder: Folder) -> str:
    settings = services.settings
    who = "\n".join(
        f"  {person.name:<16} {person.role.replace('_', ' '):<16}"
        f" {settings.url(sign_in_path(services.keyring, person.id))}"
        for person in in_order(persons)
    )
    return f"""
Hearth is ready:   {settings.origin}
The inbox:         {settings.url("/demo/mail")}
Sign in as anyone: {settings.url("/demo")}

{in_words(check_in)}

{who}

Everything is kept in {folder.path}. Commands work on it with: hearth --env {folder.path / "env"} …
Stop with Ctrl+C.
"""


def in_words(check_in: CheckIn | None) -> str:
    """Return what can be joined, as the greeting says it."""
    if check_in is None:
        return (
            "Nobody is free 10 to 14 minutes from now, so no check-in starts then. To try joining, book one."
        )
    who = f"{check_in.family.name} meets {check_in.host.name}"
    when = spoken_when(check_in.session.interval, check_in.family.zone)
    if check_in.is_soon:
        return f"10 to 14 minutes from now: {who}\n  {when}"
    return f"Nobody else is free 10 to 14 minutes from now. The check-in to join is: {who}\n  {when}"
