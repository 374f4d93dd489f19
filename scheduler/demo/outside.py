"""An outside calendar in the demo: a therapist's Wednesday afternoons, read from a made-up calendar."""

from dataclasses import replace

from scheduler.actions.outside_calendars import add_calendar
from scheduler.demo.cast import STAFF, THERAPIST
from scheduler.demo.house import House
from scheduler.gateways.made_up_calendars import MadeUpCalendars

ADDRESS = "https://calendar.example/maya/basic.ics"


async def add_made_up_calendar(house: House) -> None:
    """Let the therapist add it; the demo reads it again and again, as it would a real one."""
    therapist = next(person for person in STAFF if person.duty == THERAPIST)
    services = replace(house.services, outside_calendars=MadeUpCalendars())
    await add_calendar(services, await house.actor(therapist.name), address=ADDRESS, label="Private")
