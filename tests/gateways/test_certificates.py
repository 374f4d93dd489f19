"""The certificate as a file: its words, its letters, the same bytes every time."""

from datetime import date

import pytest

from scheduler.domain.certificates import Certificate
from scheduler.gateways.certificates import has_letters_for, pdf_of
from tests.pdf import words_of

MADE = Certificate("Rosa Ibáñez Řezníčková", 6, date(2026, 11, 5), date(2026, 12, 17), date(2026, 12, 18))


def test_it_says_who_took_part_and_when_and_nothing_else() -> None:
    file = pdf_of(MADE)

    assert file.startswith(b"%PDF-")
    assert words_of(file).split("\n") == [
        "Certificate",
        "Rosa Ibáñez Řezníčková",
        "took part in six family learning sessions",
        "from 5 November 2026 to 17 December 2026.",
        "Given on 18 December 2026",
    ]
    assert pdf_of(MADE) == file


@pytest.mark.parametrize("name", ["Rosa Rivera", "Nguyễn Thị Hạnh", "Αθηνά Παππά", "Оксана Шевченко"])
def test_names_of_many_languages_are_written(name: str) -> None:
    assert has_letters_for(name)


@pytest.mark.parametrize("name", ["王小明", "محمد", "משה", "प्रिया", "Rosa 🙂"])
def test_a_name_that_cannot_be_written_rightly_is_left_to_the_hand(name: str) -> None:
    file = pdf_of(Certificate(name, 1, MADE.first_day, MADE.first_day, MADE.made_on))

    assert not has_letters_for(name)
    assert words_of(file).split("\n") == [
        "Certificate",
        "took part in one family learning session",
        "on 5 November 2026.",
        "Given on 18 December 2026",
    ]
