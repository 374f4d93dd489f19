"""Days and wall times as forms send them: a day as ``2026-11-03``, a time of it as ``09:00``."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

from scheduler.domain.times import is_in_reach, minutes_of


def _day(text: object) -> date:
    try:
        day = date.fromisoformat(str(text))
    except ValueError as wrong:
        raise ValueError("Please choose a day.") from wrong
    if not is_in_reach(day):
        raise ValueError("Please choose a day within the next three years.")
    return day


def _minutes(text: object) -> int:
    try:
        return minutes_of(str(text))
    except ValueError as wrong:
        raise ValueError("Please enter a time like 09:00, in steps of five minutes.") from wrong


Day = Annotated[date, BeforeValidator(_day)]
Minutes = Annotated[int, BeforeValidator(_minutes)]
