"""Telephone numbers as people write them: the number stays as it was written, an extension gets one wording.

::

    +1 (510) 555-0142             +1 (510) 555-0142
    510.555.0142 x12              510.555.0142, extension 12
    510 555 0142 Ext. #12         510 555 0142, extension 12
"""

import re

FEWEST_DIGITS = 6
_WRITTEN = re.compile(
    r"(?P<number>[+(]{0,2}\d[\d\s()./+-]{4,28}(?<=[\d)]))"
    r"(?:[\s,;]*(?:extension|extn|ext|x|#|,)[\s.:=#]*(?P<extension>\d{1,8}))?",
    re.IGNORECASE,
)


def read_phone(text: str) -> str:
    """Return a number in the one wording: with ", extension 12" where it has one.

    Raises:
        ValueError: it is no telephone number.
    """
    written = _WRITTEN.fullmatch(text)
    if written is None or len(_digits(written["number"])) < FEWEST_DIGITS:
        raise ValueError("no telephone number")
    number, extension = written["number"], written["extension"]
    return f"{number}, extension {extension}" if extension else number


def phone_link(phone: str) -> str:
    """Return the address that calls a number: "tel:+15105550142;ext=12" (RFC 3966, sections 3 and 5.3)."""
    number, _, extension = phone.partition(", extension ")
    plus = "+" if number.startswith("+") else ""
    return f"tel:{plus}{_digits(number)}" + (f";ext={_digits(extension)}" if extension else "")


def _digits(text: str) -> str:
    return "".join(str(int(letter)) for letter in text if letter.isdecimal())
