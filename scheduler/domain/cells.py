"""Cells: stretches of five-minute ticks as the bits of one Python integer.

Bit ``i`` stands for tick ``base + i``. Unions, gaps and runs are then a few operations on whole integers,
however many days they cover.
"""

from collections.abc import Iterable
from functools import lru_cache

Span = tuple[int, int]  # ticks, the end excluded


def cells(spans: Iterable[Span], base: int, size: int) -> int:
    """Return spans of ticks as bits: ``size`` cells from tick ``base`` on, the rest cut off."""
    bits = 0
    for first, end in spans:
        low, high = first - base, end - base
        low, high = low if low > 0 else 0, high if high < size else size
        if low < high:
            bits |= ((1 << (high - low)) - 1) << low
    return bits


def lattice(spans: Iterable[Span], base: int, size: int, step: int) -> int:
    """Return every ``step``-th cell of each span, counted from the span's own start, as bits."""
    bits = 0
    for first, end in spans:
        low, high = first - base, min(end - base, size)
        if low < 0:
            low += -(low // step) * step
        if low < high:
            bits |= _comb((high - low - 1) // step + 1, step) << low
    return bits


def is_clear(spans: Iterable[Span], ticks: range) -> bool:
    """Tell whether none of the spans has one of these ticks."""
    return not any(first < ticks.stop and ticks.start < end for first, end in spans)


def cut(spans: Iterable[Span], hole: Span) -> list[Span]:
    """Return the spans without what lies in the hole."""
    pieces = [
        piece for first, end in spans for piece in ((first, min(end, hole[0])), (max(first, hole[1]), end))
    ]
    return [(first, end) for first, end in pieces if first < end]


@lru_cache(maxsize=4_096)
def _comb(teeth: int, step: int) -> int:
    """Return ``teeth`` bits that lie ``step`` apart, the first at bit 0."""
    return int(((1 << (teeth * step)) - 1) // ((1 << step) - 1))
