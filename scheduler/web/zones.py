"""Zones to choose from in a form, the common ones first."""

from functools import lru_cache

from scheduler.domain.zones import COMMON_ZONES, spoken_zone, zone_names


@lru_cache(maxsize=1)
def zone_options() -> tuple[tuple[str, str], ...]:
    """Return every zone as value and words, for `select`."""
    others = sorted(zone_names() - set(COMMON_ZONES))
    return (*COMMON_ZONES.items(), *((name, f"{spoken_zone(name)} ({name})") for name in others))
