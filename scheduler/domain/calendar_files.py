"""Calendar files of others (RFC 5545), read for the few properties that say when somebody is busy.

A file comes from anywhere and may hold anything, so that nothing here trusts it: a line is cut at its colon,
a component is a list of lines, whatever is not asked for is dropped unread. (The icalendar library, which
writes our own files, needs two seconds for a megabyte, and keeps the time zones of one file for all others.)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.domain.outside_calendars import CannotBeRead, Fault

FIRST_YEAR, LAST_YEAR = 1600, 2400  # leap years; whoever writes 1 or 9999 means "always"
KINDS = frozenset({"VCALENDAR", "VEVENT", "VFREEBUSY", "VTIMEZONE"})
WANTED = frozenset(
    {
        *(
            "ATTENDEE",
            "DTEND",
            "DTSTART",
            "DURATION",
            "EXDATE",
            "FREEBUSY",
            "RDATE",
            "RECURRENCE-ID",
            "RRULE",
        ),
        *("STATUS", "TRANSP", "TZID", "UID", "X-LIC-LOCATION", "X-MICROSOFT-CDO-BUSYSTATUS", "X-WR-TIMEZONE"),
    }
)
_FOLD = re.compile(r"(?:\r\n|\n|\r)[ \t]")
_LINE = re.compile(r"\r\n|\n|\r")
_MOMENT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T([0-9]{2})([0-9]{2})([0-9]{2})(Z?))?")
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?"
    r"(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,8})S)?)?"
)


@dataclass(frozen=True, slots=True)
class Property:
    """A line: its parameters by name, names in capitals, and its value as written."""

    parameters: Mapping[str, str]
    value: str


@dataclass(frozen=True, slots=True)
class Component:
    """What stands between BEGIN and END, without what is nested in it."""

    kind: str
    properties: dict[str, list[Property]] = field(default_factory=dict)

    def all(self, name: str) -> list[Property]:
        """Return every property of a name."""
        return self.properties.get(name, [])

    def first(self, name: str) -> Property | None:
        """Return the first property of a name, or None."""
        return next(iter(self.all(name)), None)

    def word(self, name: str) -> str:
        """Return the first value of a name in capitals, empty where there is none."""
        found = self.first(name)
        return found.value.strip().upper() if found else ""


@dataclass(frozen=True, slots=True)
class Written:
    """A moment as a file writes it: naive wall time, whether it is a bare date, whether it is UTC."""

    wall: datetime
    is_date: bool
    is_utc: bool


def components(file: bytes) -> list[Component]:
    """Return the calendars, events, free-busy lists and time zones of a file.

    Raises:
        CannotBeRead: it is no calendar, or was cut off.
    """
    text = file.decode("utf-8-sig", "replace").strip()
    if text[:15].upper() != "BEGIN:VCALENDAR":
        raise CannotBeRead(Fault.NOT_A_CALENDAR)
    found: list[Component] = []
    open_ones: list[Component] = []
    for line in _LINE.split(_FOLD.sub("", text)):
        _read_line(line, open_ones, found)
    if open_ones:
        raise CannotBeRead(Fault.MALFORMED)
    return found


def _read_line(line: str, open_ones: list[Component], found: list[Component]) -> None:
    name = line.split(":", 1)[0].split(";", 1)[0].strip().upper()
    if name == "BEGIN":
        open_ones.append(Component(line[6:].strip().upper()))
    elif name == "END":
        if not open_ones or open_ones[-1].kind != line[4:].strip().upper():
            raise CannotBeRead(Fault.MALFORMED)
        closed = open_ones.pop()
        if closed.kind in KINDS:
            found.append(closed)
    elif name in WANTED and open_ones and open_ones[-1].kind in KINDS:
        open_ones[-1].properties.setdefault(name, []).append(_property(line))


def _property(line: str) -> Property:
    head, value = _cut(line)
    parameters = {}
    for part in head.split(";")[1:]:
        key, _, given = part.partition("=")
        parameters[key.strip().upper()] = given.strip().strip('"')
    return Property(parameters, value.strip())


def _cut(line: str) -> tuple[str, str]:
    """Return what stands before and after the first colon that is not in quotes."""
    if '"' not in line:
        head, _, value = line.partition(":")
        return head, value
    is_quoted = False
    for place, letter in enumerate(line):
        if letter == '"':
            is_quoted = not is_quoted
        elif letter == ":" and not is_quoted:
            return line[:place], line[place + 1 :]
    raise CannotBeRead(Fault.MALFORMED)


def written(text: str) -> Written:
    """Return a DATE or DATE-TIME (RFC 5545, sections 3.3.4 and 3.3.5); years far away are brought near.

    Raises:
        CannotBeRead: it is neither.
    """
    found = _MOMENT.fullmatch(text.strip().upper())
    if found is None:
        raise CannotBeRead(Fault.MALFORMED)
    year, *rest = (int(figures or 0) for figures in found.groups()[:6])
    month, day, hour, minute, second = rest
    year = min(max(year, FIRST_YEAR), LAST_YEAR)
    try:
        wall = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  # its zone stands apart
    except ValueError as wrong:
        raise CannotBeRead(Fault.MALFORMED) from wrong
    return Written(wall, is_date=found[4] is None, is_utc=found[7] == "Z")


def duration(text: str) -> timedelta:
    """Return a DURATION (RFC 5545, section 3.3.6), nothing where it is negative.

    Raises:
        CannotBeRead: it is none.
    """
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None:
        raise CannotBeRead(Fault.MALFORMED)
    if found[1] == "-":
        return timedelta(0)
    weeks, days, hours, minutes, seconds = (int(figures or 0) for figures in found.groups()[1:])
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
