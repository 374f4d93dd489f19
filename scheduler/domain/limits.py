"""Limits: what a clinician asks for beside hours. They narrow what a kind allows and never widen it."""

from dataclasses import dataclass

from scheduler.domain.errors import Invalid
from scheduler.domain.times import DAY_MINUTES, TICK_MINUTES

LONGEST_PAUSE = 120  # minutes
LONGEST_NOTICE = 14 * DAY_MINUTES  # minutes
FARTHEST_HORIZON = 366  # days
MOST_A_DAY, MOST_A_WEEK = 50, 200


@dataclass(frozen=True, slots=True)
class Limits:
    """One clinician's own limits; None asks for nothing.

    ``pause_before`` and ``pause_after`` (minutes) count where they are longer than the kind's,
    ``least_notice`` (minutes) and ``horizon_days`` where they are stricter. ``most_a_day`` and
    ``most_a_week`` count the sessions, groups and holds among them, that start on one local day, and from a
    Monday to its Sunday.
    """

    pause_before: int | None = None
    pause_after: int | None = None
    least_notice: int | None = None
    horizon_days: int | None = None
    most_a_day: int | None = None
    most_a_week: int | None = None

    @property
    def counts(self) -> bool:
        """Tell whether sessions must be counted to know what is open."""
        return self.most_a_day is not None or self.most_a_week is not None

    def asked(self) -> list[tuple[str, int]]:
        """Return name and number of those that are asked for."""
        named = [(name, getattr(self, name)) for name in self.__slots__]
        return [(name, number) for name, number in named if number is not None]

    def check(self) -> None:
        """Return when these may be asked for.

        Raises:
            Invalid: a pause off the grid, or a number too small or too large.
        """
        errors = {
            name: "Please enter whole steps of five minutes."
            for name in ("pause_before", "pause_after")
            if (getattr(self, name) or 0) % TICK_MINUTES
        }
        for name, least, most in _BOUNDS:
            number = getattr(self, name)
            if number is not None and not least <= number <= most:
                errors[name] = f"Please enter a number from {least} to {most}."
        if self.least_notice is not None and not 0 <= self.least_notice <= LONGEST_NOTICE:
            errors["least_notice"] = f"Please enter hours from 0 to {LONGEST_NOTICE // 60}."
        if errors:
            raise Invalid(errors)


NO_LIMITS = Limits()
_BOUNDS = (
    ("pause_before", 0, LONGEST_PAUSE),
    ("pause_after", 0, LONGEST_PAUSE),
    ("horizon_days", 1, FARTHEST_HORIZON),
    ("most_a_day", 1, MOST_A_DAY),
    ("most_a_week", 1, MOST_A_WEEK),
)
