"""Words of templates: codes are said as people say them, and numbers to call can be called."""

import pytest

from scheduler.domain.audit import Event, Outcome, Purpose
from scheduler.domain.people import Proof, Role
from scheduler.web import words

WORDS = {**words.ROLE_WORDS, **words.PROOF_WORDS, **words.OUTCOME_WORDS, **words.PURPOSE_WORDS}


@pytest.mark.parametrize("code", [*Role, *Proof, *Outcome, *Purpose, *Event])
def test_every_code_has_words_without_underscores_or_dots(code: str) -> None:
    spoken = words.event_words(code) if isinstance(code, Event) else WORDS[code]

    assert spoken
    assert not set("_.") & set(spoken)


@pytest.mark.parametrize(
    ("count", "spoken"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (41873, "41,873 people")]
)
def test_a_count_agrees_with_its_noun(count: int, spoken: str) -> None:
    assert words.plural(count, "person", "people") == spoken


def test_emergency_numbers_become_links_to_call_and_other_numbers_do_not() -> None:
    line = words.with_calls("Call 911 & 988, day and night; code 988-1.")

    assert line == (
        'Call <a href="tel:911">911</a> &amp; <a href="tel:988">988</a>, day and night; code 988-1.'
    )


def test_the_line_of_help_cannot_smuggle_markup() -> None:
    assert "<script>" not in words.with_calls("<script>alert(988)</script>")
