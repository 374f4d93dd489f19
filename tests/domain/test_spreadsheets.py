"""Files for spreadsheets: what RFC 4180 asks for, and nothing that is worked out when it is opened."""

import csv
import io

import pytest

from scheduler.domain.spreadsheets import csv_bytes, defused


def test_rows_end_as_the_standard_says_and_cells_come_back_as_they_were() -> None:
    rows = [["Who", "Words"], ["Rosa", 'a "quoted", word\nand a line'], ["José", ""]]

    written = csv_bytes(rows)

    assert written.startswith(b"Who,Words\r\n")
    assert list(csv.reader(io.StringIO(written.decode(), newline=""))) == rows


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "\nx"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    assert defused(text) == "'" + text


@pytest.mark.parametrize(("text", "kept"), [("Rosa", "Rosa"), ("a=b", "a=b"), ("", ""), (None, "")])
def test_other_texts_stay_as_they_are(text: str | None, kept: str) -> None:
    assert defused(text) == kept
