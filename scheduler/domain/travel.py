"""Travel: some days in another zone, where the clinician's hours are wall time."""

from dataclasses import dataclass
from datetime import date

from scheduler.domain.cells import Span
from scheduler.domain.times import tick_at


@dataclass(frozen=True, slots=True)
class Travel:
    """Days in another ``zone`` (an IANA name), both ends included, as the calendar there shows them."""

    first_date: date
    last_date: date
    zone: str
    id: str = ""

    def __post_init__(self) -> None:
        """Refuse a stretch that ends before it begins."""
        if self.first_date > self.last_date:
            raise ValueError("travel ends after it begins")

    @property
    def span(self) -> Span:
        """Return its ticks, from the first midnight there to the last."""
        first, last = self.first_date.toordinal(), self.last_date.toordinal()
        return tick_at(first, 0, self.zone), tick_at(last + 1, 0, self.zone)

    def covers(self, day: date) -> bool:
        """Tell whether the day is one of them."""
        return self.first_date <= day <= self.last_date
