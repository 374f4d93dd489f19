"""Forms: what is well-formed, the words beside a field, and that nothing typed is lost."""

import pytest
from pydantic import Field, field_validator

from scheduler.domain.errors import Invalid
from scheduler.web.forms import MALFORMED, MISSING, Form, check


class Tea(Form):
    """A form with each sort of field."""

    name: str
    cups: int = Field(default=1, le=4, json_schema_extra={"words": "At most four cups."})
    time: int = 0

    @field_validator("name")
    @classmethod
    def _not_coffee(cls, name: str) -> str:
        if name == "coffee":
            raise ValueError("We have tea only.")
        return name


def test_a_well_formed_form_is_read_without_the_space_around_it() -> None:
    assert check({"name": "  Rosa ", "cups": "3"}, Tea) == Tea(name="Rosa", cups=3)


def test_a_field_sent_empty_counts_as_not_sent() -> None:
    with pytest.raises(Invalid) as refused:
        check({"name": "   "}, Tea)

    assert refused.value.errors == {"name": MISSING}


def test_each_wrong_field_has_its_words_and_everything_typed_is_kept() -> None:
    typed = {"name": "coffee", "cups": "9", "time": "noon", "else": "x"}

    with pytest.raises(Invalid) as refused:
        check(typed, Tea)

    assert refused.value.errors == {
        "name": "We have tea only.",
        "cups": "At most four cups.",
        "time": MALFORMED,
    }
    assert refused.value.typed == typed
