"""``hearth staff``: the first people of a new installation, added by the operator of the machine."""

import re

import click

from scheduler.actions.people import EnrolmentLink, NewStaff, add_staff_at_console
from scheduler.cli_start import with_services
from scheduler.domain.errors import Taken
from scheduler.domain.people import STAFF, Role
from scheduler.domain.zones import is_zone
from scheduler.services import Services

DEFAULT_ZONE = "America/Los_Angeles"
ROLES = sorted(role.value for role in STAFF)
DUTY_HELP = 'What a clinician does: "family therapist". Whoever does "admissions" holds first conversations.'
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@click.group()
def staff() -> None:
    """People who work for the program."""


@staff.command("add")
@click.option("--email", required=True, help="Their e-mail address.")
@click.option("--name", required=True, help="Their full name.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What they are to the program.")
@click.option("--zone", default=DEFAULT_ZONE, show_default=True, help="Their IANA time zone.")
@click.option("--duty", default="", help=DUTY_HELP)
def add_person(email: str, name: str, role: str, zone: str, duty: str) -> None:
    """Add a person of staff, and print the one-time link with which they make their passkey."""
    if not email.isprintable() or not _EMAIL.fullmatch(email):
        raise click.BadParameter("use an address like name@example.org", param_hint="--email")
    if not name.strip() or not name.isprintable():
        raise click.BadParameter("a name is needed", param_hint="--name")
    if not is_zone(zone):
        raise click.BadParameter("use an IANA name like America/Los_Angeles", param_hint="--zone")
    link = with_services(
        lambda services: _add(services, NewStaff(name.strip(), email, Role(role), zone, duty))
    )
    click.echo(f"{link.person.name} can make a passkey, once, until {link.expires_at:%Y-%m-%d %H:%M} UTC:")
    click.echo(link.url)


async def _add(services: Services, wish: NewStaff) -> EnrolmentLink:
    try:
        return await add_staff_at_console(services, wish)
    except Taken as taken:
        raise click.ClickException("somebody has this e-mail address already") from taken
