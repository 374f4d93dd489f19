"""Starting the demo: make it if need be, see to the check-in in ten minutes, say who can sign in."""

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
from scheduler.services import Services, build_services
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
    services = build_services(settings)
    await seed(services, services.now())
    await services.database.close()


async def _prepared(settings: Settings) -> tuple[CheckIn, list[Person]]:
    services = build_services(settings)
    check_in = await ensure_check_in(services)
    persons = await services.database.read(people.everyone)
    await services.database.close()
    return check_in, persons


def _greeting(services: Services, check_in: CheckIn, persons: list[Person], folder: Folder) -> str:
    settings = services.settings
    who = "\n".join(
        f"  {person.name:<16} {person.role.replace('_', ' '):<16}"
        f" {settings.url(sign_in_path(services.keyring, person.id))}"
        for person in in_order(persons)
    )
    when = spoken_when(check_in.session.interval, check_in.family.zone)
    return f"""
Hearth is ready:   {settings.origin}
The inbox:         {settings.url("/demo/mail")}
Sign in as anyone: {settings.url("/demo")}

Ten minutes from now: {check_in.family.name} meets {check_in.host.name}
  {when}

{who}

Everything is kept in {folder.path}. Commands work on it with: hearth --env {folder.path / "env"} …
Stop with Ctrl+C.
"""
