"""Busy times of an outside calendar's file: nothing but spans of ticks leaves here, no title, place or name.

What counts is an event or an entry of a free-busy list that takes time: neither cancelled, nor marked as
free (TRANSP:TRANSPARENT), nor declined by the clinician, nor one of our own sessions shown there too.
A start before a clock change that skips it is read as RFC 5545, section 3.3.5, says. Whole days and times
without a zone are those of the file's zone, or else of the clinician's. A change of one occurrence takes its
place (RECURRENCE-ID); one "of this and all that follow" is taken for this occurrence alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduler.domain.calendar_files import Component, Property, components, duration, written
from scheduler.domain.cells import Span
from scheduler.domain.outside_calendars import LOOKS_AHEAD, LOOKS_BACK, CannotBeRead, Fault, merged
from scheduler.domain.recurrence import Budget, Rule, Window
from scheduler.domain.times import TICK_SECONDS, tick_of

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a file is read, and when: the clinician's ``zone`` and e-mail address, our own host, and what
    other makers of calendars call the zones.
    """

    zone: str
    email: str
    own_host: str
    now: datetime
    zone_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def window(self) -> tuple[datetime, datetime]:
        """Return the first moment that matters and the one that ends it, aware UTC."""
        return self.now - LOOKS_BACK, self.now + LOOKS_AHEAD


@dataclass(frozen=True, slots=True)
class _Start:
    """A start: its wall time, its zone, and whether it is a whole day."""

    wall: datetime
    zone: tzinfo
    is_date: bool

    @property
    def instant(self) -> datetime:
        return _instant(self.wall, self.zone)


def busy_spans(file: bytes, reader: Reader) -> list[Span]:
    """Return the busy spans of a file between yesterday and a year from now, in order, none touching another.

    Raises:
        CannotBeRead: it is no calendar, is broken, or holds more than can be read.
    """
    found = components(file)
    names = dict(reader.zone_names)
    for zone in found:
        tzid, place = zone.first("TZID"), zone.first("X-LIC-LOCATION")
        if zone.kind == "VTIMEZONE" and tzid and place:
            names.setdefault(tzid.value, place.value)
    return merged(_File(reader, names, _own_zone(found, reader), Budget()).spans(found))


def _own_zone(found: Iterable[Component], reader: Reader) -> str:
    named = [one.first("X-WR-TIMEZONE") for one in found if one.kind == "VCALENDAR"]
    return next((one.value for one in named if one is not None and one.value), reader.zone)


@dataclass(frozen=True, slots=True)
class _File:
    """A file while it is read."""

    reader: Reader
    zone_names: Mapping[str, str]
    own_zone: str
    budget: Budget
    zones: dict[str, tzinfo] = field(default_factory=dict)

    def spans(self, found: Sequence[Component]) -> Iterator[Span]:
        series: defaultdict[str, list[Component]] = defaultdict(list)
        for number, one in enumerate(found):
            if one.kind == "VFREEBUSY":
                yield from self._of_list(one)
            elif one.kind == "VEVENT":
                uid = one.first("UID")
                series[uid.value if uid else f"\0{number}"].append(one)
        own = f"@{self.reader.own_host}".lower()
        for name, events in series.items():
            if not name.lower().endswith(own):
                yield from self._of_series(events)

    def _of_list(self, one: Component) -> Iterator[Span]:
        for line in one.all("FREEBUSY"):
            if line.parameters.get("FBTYPE", "BUSY").upper() != "FREE":
                for period in filter(None, line.value.split(",")):
                    start, length = self._period(line, period)
                    yield from self._span(start.instant, length)

    def _of_series(self, events: Sequence[Component]) -> Iterator[Span]:
        """Yield the spans of one event with all its occurrences and their changes."""
        changed: set[datetime] = set()
        for event in events:
            named = event.first("RECURRENCE-ID")
            if named is not None:
                changed.add(self._start(named, named.value).instant)
        for event in events:
            if self._takes_time(event):
                is_change = event.first("RECURRENCE-ID") is not None
                yield from self._of_event(event, frozenset() if is_change else frozenset(changed))

    def _takes_time(self, event: Component) -> bool:
        if event.word("STATUS") == "CANCELLED" or event.first("DTSTART") is None:
            return False
        if event.word("TRANSP") == "TRANSPARENT" or event.word("X-MICROSOFT-CDO-BUSYSTATUS") == "FREE":
            return False
        return not any(
            one.parameters.get("PARTSTAT", "").upper() == "DECLINED"
            and one.value.lower().removeprefix("mailto:") == self.reader.email.lower()
            for one in event.all("ATTENDEE")
        )

    def _of_event(self, event: Component, changed: frozenset[datetime]) -> Iterator[Span]:
        line = event.first("DTSTART")
        assert line is not None, "an event that takes time has a start"
        start = self._start(line, line.value)
        length = self._length(event, start)
        starts = {start.instant: length}
        if event.first("RECURRENCE-ID") is None:
            starts |= dict.fromkeys(self._repeated(event, start, length), length)
            starts |= self._added(event, length)
        without = changed | self._excluded(event)
        for instant, lasts in starts.items():
            if instant not in without:
                yield from self._span(instant, _whole_days(instant, lasts, start) if start.is_date else lasts)

    def _repeated(self, event: Component, start: _Start, length: timedelta) -> Iterator[datetime]:
        first, end = self.reader.window
        window = Window(_wall(first, start.zone) - length - DAY, _wall(end, start.zone) + DAY)
        for line in event.all("RRULE"):
            rule = Rule.parse(line.value)
            for wall in rule.starts(start.wall, self._until(rule.until, start), window, self.budget):
                yield _instant(wall, start.zone)

    def _until(self, text: str, start: _Start) -> datetime | None:
        """Return the last wall time at which an occurrence may start; a bare date counts whole."""
        if not text:
            return None
        last = written(text)
        if last.is_date:
            return last.wall + DAY - timedelta(seconds=1)
        return _wall(last.wall.replace(tzinfo=UTC), start.zone) if last.is_utc else last.wall

    def _added(self, event: Component, length: timedelta) -> dict[datetime, timedelta]:
        """Return the occurrences of RDATE lines with how long they last."""
        added = {}
        for line in event.all("RDATE"):
            for value in filter(None, line.value.split(",")):
                self.budget.take()
                start, lasts = (
                    self._period(line, value) if "/" in value else (self._start(line, value), length)
                )
                added[start.instant] = lasts
        return added

    def _excluded(self, event: Component) -> frozenset[datetime]:
        lines = [(line, value) for line in event.all("EXDATE") for value in line.value.split(",") if value]
        return frozenset(self._start(line, value).instant for line, value in lines)

    def _length(self, event: Component, start: _Start) -> timedelta:
        """Return how long an event lasts, on the calendar where it begins with a bare date, which is a day.

        A bare moment takes no time.
        """
        ends, lasts = event.first("DTEND"), event.first("DURATION")
        if ends is not None:
            end = self._start(ends, ends.value)
            return end.wall - start.wall if start.is_date else end.instant - start.instant
        if lasts is not None:
            return duration(lasts.value)
        return DAY if start.is_date else timedelta(0)

    def _period(self, line: Property, value: str) -> tuple[_Start, timedelta]:
        """Return start and length of a PERIOD (RFC 5545, section 3.3.9)."""
        first, _, rest = value.partition("/")
        start = self._start(line, first)
        if rest.strip().upper().startswith("P"):
            return start, duration(rest)
        return start, self._start(line, rest).instant - start.instant

    def _start(self, line: Property, value: str) -> _Start:
        found = written(value)
        if found.is_utc:
            return _Start(found.wall, UTC, is_date=False)
        named = "" if found.is_date else line.parameters.get("TZID", "")
        return _Start(found.wall, self._zone(named or self.own_zone), found.is_date)

    def _zone(self, name: str) -> tzinfo:
        if name not in self.zones:
            self.zones[name] = self._found_zone(name)
        return self.zones[name]

    def _found_zone(self, name: str) -> tzinfo:
        """Return the zone that a file means: by its own words, another maker's, or the end of a long name."""
        parts = name.strip("/").split("/")
        tails = ["/".join(parts[place:]) for place in range(min(len(parts), 6))]
        for one in (self.zone_names.get(name, ""), self.zone_names.get(name.strip("/"), ""), *tails):
            if one:
                try:
                    return ZoneInfo(one)
                except (ZoneInfoNotFoundError, ValueError, OSError):
                    continue
        raise CannotBeRead(Fault.UNKNOWN_ZONE)

    def _span(self, instant: datetime, lasts: timedelta) -> Iterator[Span]:
        """Yield the ticks that a stretch touches, cut to the window."""
        self.budget.take()
        first, end = self.reader.window
        starts, ends = max(instant, first), min(instant + lasts, end)
        if lasts > timedelta(0) and starts < ends:
            yield tick_of(starts), -(-int(ends.timestamp()) // TICK_SECONDS)


def _whole_days(instant: datetime, lasts: timedelta, start: _Start) -> timedelta:
    """Return how long whole days last from an instant on: to a midnight, also where the clocks change."""
    return _instant(_wall(instant, start.zone) + lasts, start.zone) - instant


def _instant(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)


def _wall(instant: datetime, zone: tzinfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
