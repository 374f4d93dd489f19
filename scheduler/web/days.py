"""Days and times as forms send them: a day as ``2026-11-03``, a time of it as ``09:00``, a moment as
``2026-11-03T22:00Z``.
"""

from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator

from scheduler.domain.times import is_in_reach, minutes_of, parse_iso

CHOOSE_WORDS = "Please choose one of the times on the list."


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


def _moment(text: object) -> datetime:
    try:
        return parse_iso(str(text))
    except ValueError as wrong:
        raise ValueError(CHOOSE_WORDS) from wrong


Day = Annotated[date, BeforeValidator(_day)]
Minutes = Annotated[int, BeforeValidator(_minutes)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
