"""The words of a PDF, read from its bytes: text is written as numbers of letters, which a map spells."""

import re
import zlib

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_RANGE = re.compile(r"<([0-9a-f]+)> <([0-9a-f]+)> <([0-9a-f]+)>", re.IGNORECASE)
_PAIR = re.compile(r"^<([0-9a-f]+)> <([0-9a-f]+)>$", re.IGNORECASE | re.MULTILINE)
_SHOWN = re.compile(rb"\(((?:\\.|[^\\)])*)\) Tj", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def words_of(file: bytes) -> str:
    """Return every text that a PDF with one font shows, a line for each."""
    streams = [_unpacked(found) for found in _STREAM.findall(file)]
    letters: dict[int, str] = {}
    for stream in streams:
        if b"begincmap" in stream:
            letters |= _letters(stream.decode("latin-1"))
    shown = [_plain(text) for stream in streams for text in _SHOWN.findall(stream)]
    return "\n".join(
        "".join(letters[int.from_bytes(text[at : at + 2])] for at in range(0, len(text), 2)) for text in shown
    )


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _letters(cmap: str) -> dict[int, str]:
    found = {int(number, 16): _spelled(letter) for number, letter in _PAIR.findall(cmap)}
    for first, last, letter in _RANGE.findall(cmap):
        for number in range(int(first, 16), int(last, 16) + 1):
            found[number] = chr(int(letter, 16) + number - int(first, 16))
    return found


def _spelled(letter: str) -> str:
    return bytes.fromhex(letter).decode("utf-16-be")


def _plain(text: bytes) -> bytes:
    return re.sub(rb"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text, flags=re.DOTALL)
