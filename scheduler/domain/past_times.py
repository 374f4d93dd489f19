"""Wording of moments that are over: to the second, as a log tells them, and how long ago.

``zone`` is an IANA name. Everything that is to come is worded in ``times.py``.
"""

from datetime import datetime, timedelta

from scheduler.domain import times


def spoken_second(moment: datetime, zone: str) -> str:
    """Return the wall clock to the second: "2:03:11 pm"; a repeated hour says which of the two it is."""
    wall = times.local(moment, zone)
    which = times.spoken_clock(moment, zone).partition("(")
    figures = f"{wall.hour % 12 or 12}:{wall.minute:02d}:{wall.second:02d} {'am' if wall.hour < 12 else 'pm'}"
    return f"{figures} ({which[2]}" if which[1] else figures


def spoken_ago(moment: datetime, *, now: datetime) -> str:
    """Return how long ago it was: "just now", "22 seconds ago", "5 minutes ago", "a day ago"."""
    seconds = (now - moment) // timedelta(seconds=1)
    if seconds < 2:
        return "just now"
    for unit, length, enough in (("second", 1, 90), ("minute", 60, 90), ("hour", 3600, 36)):
        if seconds < enough * length:
            many = seconds // length
            return f"{many} {unit} ago" if many == 1 else f"{many} {unit}s ago"
    return f"{seconds // 86_400} days ago" if seconds >= 2 * 86_400 else "a day ago"
