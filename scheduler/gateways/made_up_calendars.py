"""Outside calendars of the demo: behind addresses under ``.example`` (RFC 2606) lies a made-up one."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scheduler.gateways.outside_calendars import Fetched, HttpsCalendars, OutsideCalendars

ETAG = '"made-up-1"'
FILE = b"""\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Hearth//Made up//EN\r
BEGIN:VEVENT\r
UID:lunch-talk@calendar.example\r
DTSTAMP:20260105T000000Z\r
DTSTART;TZID=America/Los_Angeles:20260107T150000\r
DTEND;TZID=America/Los_Angeles:20260107T160000\r
RRULE:FREQ=WEEKLY;BYDAY=WE\r
SUMMARY:A word that nobody here ever reads\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:day-out@calendar.example\r
DTSTAMP:20260105T000000Z\r
DTSTART;VALUE=DATE:20260130\r
RRULE:FREQ=MONTHLY;BYDAY=-1FR\r
END:VEVENT\r
END:VCALENDAR\r
"""


@dataclass(frozen=True, slots=True)
class MadeUpCalendars:
    """One made-up calendar at every address under ``.example``: Wednesdays at three, a day off each month.

    Any other address is fetched in earnest.
    """

    real: OutsideCalendars = field(default_factory=HttpsCalendars)

    async def fetch(self, address: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        """Return the made-up file, or what is really there.

        Raises:
            CannotBeRead: says why.
        """
        if not (urlsplit(address).hostname or "").endswith(".example"):
            return await self.real.fetch(address, etag=etag, last_modified=last_modified)
        return Fetched(None if etag == ETAG else FILE, ETAG)
