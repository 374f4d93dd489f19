"""Files for spreadsheets: comma-separated values in UTF-8 (RFC 4180), no text of which is a formula."""

import csv
import io
from collections.abc import Iterable

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_bytes(rows: Iterable[Iterable[object]]) -> bytes:
    """Return rows of cells as lines of a file; texts from people are `defused` before."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def defused(text: str | None) -> str:
    """Return a text that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    if not text:
        return ""
    return "'" + text if text.startswith(FORMULA) else text
