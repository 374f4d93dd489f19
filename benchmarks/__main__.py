"""``make bench``: run every benchmark of this folder, or those named, and print one ratio a line.

A benchmark is a module with ``run() -> Iterable[Ratio]``. Ratios travel between machines, seconds do not.
"""

import importlib
import pkgutil
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.ratio import Ratio

NOT_BENCHMARKS = {"__main__", "ratio"}


def main(wanted: list[str]) -> int:
    """Run the benchmarks; return 1 if an aim was missed, so that a script notices."""
    missed = 0
    for name in wanted or names():
        for ratio in ratios(name):
            print(ratio, flush=True)
            missed += not ratio.is_met
    return 1 if missed else 0


def names() -> list[str]:
    """Return the names of the benchmarks, those modules of the folder that have a ``run``."""
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return [name for name in sorted(found) if name not in NOT_BENCHMARKS and _runs(name)]


def ratios(name: str) -> Iterable[Ratio]:
    """Run one benchmark."""
    found: Iterable[Ratio] = importlib.import_module(f"benchmarks.{name}").run()
    return found


def _runs(name: str) -> bool:
    return hasattr(importlib.import_module(f"benchmarks.{name}"), "run")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
