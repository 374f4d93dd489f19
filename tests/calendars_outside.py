"""Other calendars of the tests' therapist: files, and who is busy when."""

from datetime import datetime, timedelta

from scheduler.actions import outside_calendars
from scheduler.domain.outside_calendars import OutsideCalendar
from scheduler.gateways.outside_calendars import Fetched
from scheduler.services import Services
from scheduler.storage.tables import outside_busy
from tests.conftest import FakeOutsideCalendars
from tests.scheduling import TUESDAY_NINE, World, rows

ADDRESS = "https://calendar.example.test/private-5e1f/basic.ics"
HOUR = timedelta(hours=1)


def file(*starts: datetime, lasts: timedelta = HOUR) -> bytes:
    """Return a calendar that is busy at these times."""
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{number}@other.test\r\nSUMMARY:Dr. Secret\r\n"
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{start + lasts:%Y%m%dT%H%M%SZ}\r\nEND:VEVENT\r\n"
        for number, start in enumerate(starts)
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n".encode()


async def add_outside(
    services: Services,
    world: World,
    outside: FakeOutsideCalendars,
    *starts: datetime,
    address: str = ADDRESS,
    etag: str = '"1"',
) -> OutsideCalendar:
    """Add a calendar of the therapist's that is busy then, on Tuesday at nine unless told, and return it."""
    outside.found[address] = Fetched(file(*(starts or (TUESDAY_NINE,))), etag)
    await outside_calendars.add_calendar(services, world.therapist, address=address)
    return (await kept(services, world))[-1]


async def kept(services: Services, world: World) -> tuple[OutsideCalendar, ...]:
    """Return the therapist's calendars as they are kept."""
    return (await outside_calendars.see_calendars(services, world.therapist)).calendars


async def busy(services: Services) -> list[tuple[int, int]]:
    """Return every busy span that is kept."""
    return sorted((row.first_tick, row.end_tick) for row in await rows(services, outside_busy))
