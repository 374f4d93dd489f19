"""Scans: pictures of paper. What a file is, is read from its first bytes, never from its name."""

from dataclasses import dataclass
from enum import Enum

from scheduler.domain.errors import Invalid

LARGEST_BYTES = 4 * 1024 * 1024
MISSING_WORDS = "Please choose the scan of the paper."
TOO_LARGE_WORDS = "This file is too large. A scan may have up to 4 MB."
WRONG_KIND_WORDS = "This is no PDF, JPEG or PNG. Please save the scan as one of these."


class Kind(Enum):
    """The kinds of file that are taken: how each begins, its media type, the ending of its name."""

    PDF = (b"%PDF-", "application/pdf", "pdf")
    JPEG = (b"\xff\xd8\xff", "image/jpeg", "jpg")
    PNG = (b"\x89PNG\r\n\x1a\n", "image/png", "png")

    @property
    def media_type(self) -> str:
        """The media type."""
        return self.value[1]

    @property
    def ending(self) -> str:
        """The ending of a file's name."""
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Scan:
    """A scan and what kind of file it is."""

    kind: Kind
    data: bytes

    @classmethod
    def of(cls, data: bytes) -> "Scan":
        """Return the scan that these bytes are.

        Raises:
            Invalid: there are none, they are too many, or none of the kinds begins so.
        """
        if not data:
            raise Invalid({"scan": MISSING_WORDS})
        if len(data) > LARGEST_BYTES:
            raise Invalid({"scan": TOO_LARGE_WORDS})
        for kind in Kind:
            if data.startswith(kind.value[0]):
                return cls(kind, data)
        raise Invalid({"scan": WRONG_KIND_WORDS})
