"""A certificate's words: who took part in how many sessions and when; nothing of treatment, no other name."""

from dataclasses import dataclass
from datetime import date

from scheduler.domain.times import spoken_full_date

TITLE = "Certificate"
_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """That a person took part in ``count`` sessions between two days; ``made_on`` is when it is given."""

    name: str
    count: int
    first_day: date
    last_day: date
    made_on: date

    @property
    def words(self) -> tuple[str, ...]:
        """Return the lines beneath the name."""
        number = _NUMBERS[self.count] if self.count < len(_NUMBERS) else str(self.count)
        sessions = f"took part in {number} family learning session{'' if self.count == 1 else 's'}"
        days = f"from {spoken_full_date(self.first_day)} to {spoken_full_date(self.last_day)}."
        if self.first_day == self.last_day:
            days = f"on {spoken_full_date(self.first_day)}."
        return sessions, days

    @property
    def given(self) -> str:
        """Return the line at the foot."""
        return f"Given on {spoken_full_date(self.made_on)}"
