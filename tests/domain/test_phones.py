"""Telephone numbers: what people write is taken, shown in one wording, and can be called."""

import pytest

from scheduler.domain.phones import phone_link, read_phone


@pytest.mark.parametrize(
    ("typed", "shown", "link"),
    [
        ("510 555 0142", "510 555 0142", "tel:5105550142"),
        ("+1 (510) 555-0142", "+1 (510) 555-0142", "tel:+15105550142"),
        ("+1 555 010 0199 ext. 12", "+1 555 010 0199, extension 12", "tel:+15550100199;ext=12"),
        ("5550100199x12", "5550100199, extension 12", "tel:5550100199;ext=12"),
        ("510.555.0142 Ext #7", "510.555.0142, extension 7", "tel:5105550142;ext=7"),
        ("(510) 555-0142, extension 12", "(510) 555-0142, extension 12", "tel:5105550142;ext=12"),
        ("510 555 0142,12", "510 555 0142, extension 12", "tel:5105550142;ext=12"),
        ("५१० ५५५ ०१४२", "५१० ५५५ ०१४२", "tel:5105550142"),
    ],
)
def test_a_number_is_shown_in_one_wording_and_can_be_called(typed: str, shown: str, link: str) -> None:
    assert read_phone(typed) == shown
    assert read_phone(shown) == shown
    assert phone_link(shown) == link


@pytest.mark.parametrize(
    "typed", ["tomorrow", "12345", "(1-----2)", "510 555 0142 ext", "510 555 0142 ext 1 or 2", "1" * 40, "++"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="no telephone number"):
        read_phone(typed)
