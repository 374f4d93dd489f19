"""The one result of a benchmark: ours against a ceiling measured in the same minute on the same machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """What we reach of a ceiling.

    ``ours`` and ``ceiling`` are in the same ``unit``; ``aim`` is the least ratio that is good enough.
    ``against`` says in a few words what the ceiling is. With ``at_most`` the figure is a cost, such as
    memory, and the ratio may not exceed the aim.
    """

    name: str
    ours: float
    ceiling: float
    unit: str
    aim: float
    against: str = ""
    at_most: bool = False

    @property
    def value(self) -> float:
        """Return ours divided by the ceiling."""
        return self.ours / self.ceiling

    @property
    def is_met(self) -> bool:
        """Tell whether the aim is reached."""
        return self.value <= self.aim if self.at_most else self.value >= self.aim

    def __str__(self) -> str:
        """Return one aligned line: name, ratio, aim, what it is compared with, figures."""
        sign, verdict = ("<=" if self.at_most else ">="), ("met" if self.is_met else "missed")
        figures = f"{self.ours:,.0f} of {self.ceiling:,.0f} {self.unit}"
        result = f"{self.value:7.3f}  aim {sign} {self.aim:<5g} {verdict:<6}"
        return f"{self.name:<34} {result} {figures:<36} {self.against}".rstrip()
