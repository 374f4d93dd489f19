"""Zones as forms offer and send them."""

from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

from scheduler.domain.zones import COMMON_ZONES, is_zone, spoken_zone, zone_names


@lru_cache(maxsize=1)
def zone_options() -> tuple[tuple[str, str], ...]:
    """Return every zone as value and words, for `select`."""
    others = sorted(zone_names() - set(COMMON_ZONES))
    return (*COMMON_ZONES.items(), *((name, f"{spoken_zone(name)} ({name})") for name in others))


def _known(text: str) -> str:
    if not is_zone(text):
        raise ValueError("Please choose one of the time zones.")
    return text


Zone = Annotated[str, AfterValidator(_known)]
