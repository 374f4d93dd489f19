"""The clock on the wall against the steady one, which tells whether somebody set it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LEAST_STEP = timedelta(seconds=5)  # less is the slow correction that every network clock makes


@dataclass(frozen=True, slots=True)
class Reading:
    """Both clocks at one moment: ``wall`` is aware UTC, ``steady`` seconds that only ever grow."""

    wall: datetime
    steady: float


def step_between(earlier: Reading, later: Reading) -> timedelta | None:
    """Return by how much the wall clock was set between two readings, forward positive, or None."""
    passed = timedelta(seconds=later.steady - earlier.steady)
    step = (later.wall - earlier.wall) - passed
    return step if abs(step) >= LEAST_STEP else None
