"""Zones: which there are, and what people call them. ``zone`` is always an IANA name."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

COMMON_ZONES = {
    "America/New_York": "Eastern time",
    "America/Chicago": "Central time",
    "America/Denver": "Mountain time",
    "America/Phoenix": "Arizona time",
    "America/Los_Angeles": "Pacific time",
    "America/Anchorage": "Alaska time",
    "Pacific/Honolulu": "Hawaii time",
    "America/Puerto_Rico": "Puerto Rico time",
}
OTHER_NAMES = {
    "America/Boise": "Mountain time",
    "America/Detroit": "Eastern time",
    "America/Indiana/Indianapolis": "Eastern time",
    "America/Kentucky/Louisville": "Eastern time",
    "America/Halifax": "Atlantic time",
    "America/St_Johns": "Newfoundland time",
    "America/Toronto": "Eastern time",
    "America/Vancouver": "Pacific time",
    "Etc/UTC": "UTC",
    "Europe/London": "UK time",
    "UTC": "UTC",
}


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Return every IANA zone name this machine knows."""
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Tell whether a zone is called so; asked before any name from outside is used."""
    return name in zone_names()


def spoken_zone(zone: str) -> str:
    """Return the zone in ordinary words: "Pacific time", "Berlin time", "UTC-5"."""
    known = COMMON_ZONES.get(zone) or OTHER_NAMES.get(zone)
    if known is not None:
        return known
    if zone.startswith("Etc/"):
        return _fixed_zone(zone)
    return f"{zone.rpartition('/')[2].replace('_', ' ')} time"


def _fixed_zone(zone: str) -> str:  # the name Etc/GMT+5 counts west, people count east: UTC-5
    offset = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).utcoffset() or timedelta(0)
    hours = offset // timedelta(hours=1)
    return f"UTC{hours:+d}" if hours else "UTC"
