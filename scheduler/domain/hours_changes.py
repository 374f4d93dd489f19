"""Which changes of hours may be made, and the words for days off, travel and extra hours."""

from datetime import date, datetime, timedelta

from scheduler.domain.availability import DayOff, ExtraHours, Hours, clashing
from scheduler.domain.errors import Invalid
from scheduler.domain.times import DAY_MINUTES, Interval, moment_of, spoken_date, spoken_wall, tick_at
from scheduler.domain.travel import Travel
from scheduler.domain.zones import spoken_zone

LONGEST_DAYS_OFF = timedelta(days=366)
LAST_DAY_AHEAD = timedelta(days=3 * 366)


def check_length(starts: int, ends: int) -> None:
    """Return when a block that somebody typed may be meant so, in minutes after midnight.

    Raises:
        Invalid: the end is not after the start, or the block is the whole day.
    """
    if ends < starts:
        raise Invalid({"ends": "This ends before it starts."})
    if ends == starts:
        raise Invalid({"ends": "This ends when it starts."})
    if (starts, ends) == (0, DAY_MINUTES):
        raise Invalid({"ends": "This is a whole day, midnight to midnight. Please enter when you work."})


def check_days_off(own: Hours, first_date: date, last_date: date, *, today: date) -> None:
    """Return when these days, both included, may be taken off.

    Raises:
        Invalid: over already, too far ahead, in the wrong order, longer than a year, or off already.
    """
    if last_date < first_date:
        raise Invalid({"last_date": "The last day comes before the first."})
    if last_date < today:
        raise Invalid({"last_date": "These days are over already."})
    if first_date > today + LAST_DAY_AHEAD:
        raise Invalid({"first_date": "Please choose days within the next three years."})
    if last_date - first_date > LONGEST_DAYS_OFF:
        raise Invalid({"last_date": "Please enter a year at most at a time."})
    for off in own.days_off:
        if off.first_date <= last_date and first_date <= off.last_date:
            words = spoken_days_off(off, today=today)
            raise Invalid({"first_date": f"You have days off then already: {words}."})


def check_extra(own: Hours, extra: ExtraHours, *, now: datetime) -> None:
    """Return when these hours may be opened.

    Raises:
        Invalid: over already, too far ahead, skipped by a clock change, or open already.
    """
    today = own.day_at(now)
    if not today <= extra.date <= today + LAST_DAY_AHEAD:
        raise Invalid({"date": "Please choose a day from today on, within three years."})
    zone = own.zone_on(extra.date)
    first, end = (tick_at(extra.date.toordinal(), minutes, zone) for minutes in (extra.starts, extra.ends))
    if first == end:
        raise Invalid({"starts": "The clocks go forward on that day and skip this time."})
    if moment_of(end) <= now:
        raise Invalid({"ends": "This time is over already."})
    for more in own.extra:
        if more.date == extra.date and clashing([(more.starts, more.ends), (extra.starts, extra.ends)]):
            words = spoken_extra(more, today=today)
            raise Invalid({"starts": f"You have extra hours then already: {words}."})
    if any(starts <= extra.starts and extra.ends <= ends for starts, ends in own.blocks_on(extra.date)):
        raise Invalid({"starts": "Families can book at this time already."})


def check_travel(own: Hours, travel: Travel, *, today: date) -> None:
    """Return when the clinician may be elsewhere on these days.

    Raises:
        Invalid: over already, too far ahead, longer than a year, in the own zone, or elsewhere then already.
    """
    if travel.last_date < today:
        raise Invalid({"there_until": "These days are over already."})
    if travel.first_date > today + LAST_DAY_AHEAD:
        raise Invalid({"there_from": "Please choose days within the next three years."})
    if travel.last_date - travel.first_date > LONGEST_DAYS_OFF:
        raise Invalid({"there_until": "Please enter a year at most at a time."})
    if travel.zone == own.zone:
        raise Invalid({"there_zone": "This is the time zone of your hours already."})
    for other in own.travels:
        if other.first_date <= travel.last_date and travel.first_date <= other.last_date:
            words = spoken_travel(other, today=today)
            raise Invalid({"there_from": f"You are elsewhere then already: {words}."})


def check_day(own: Hours, day: date, *, now: datetime) -> None:
    """Return when a day may get hours of its own.

    Raises:
        Invalid: over already, or too far ahead.
    """
    today = own.day_at(now)
    if not today <= day <= today + LAST_DAY_AHEAD:
        raise Invalid({"only_date": "Please choose a day from today on, within three years."})


def strands(before: Hours, after: Hours, interval: Interval) -> bool:
    """Tell whether a change leaves a booked session outside the hours, or on a day that is newly off."""
    if after.cover(interval):
        return False
    day = after.day_at(interval.starts_at)
    return before.cover(interval) or (after.is_off(day) and not before.is_off(day))


def spoken_days_off(off: DayOff, *, today: date) -> str:
    """Return days off in words: "Tuesday 3 November", "Monday 21 December to Friday 1 January"."""
    first, last = (spoken_date(day, today=today) for day in (off.first_date, off.last_date))
    return first if first == last else f"{first} to {last}"


def spoken_travel(travel: Travel, *, today: date) -> str:
    """Return travel in words: "Monday 21 December to Friday 1 January, Berlin time"."""
    days = spoken_days_off(DayOff(travel.first_date, travel.last_date), today=today)
    return f"{days}, {spoken_zone(travel.zone)}"


def spoken_extra(extra: ExtraHours, *, today: date) -> str:
    """Return extra hours in words: "Saturday 7 November, 10:00 am to 12:00 noon"."""
    day = spoken_date(extra.date, today=today)
    return f"{day}, {spoken_wall(extra.starts)} to {spoken_wall(extra.ends)}"
