"""A strict reader of calendar files, written from RFC 5545 alone: a second opinion beside the libraries."""

import re
from dataclasses import dataclass

LINE = re.compile(
    r'^(?P<name>[A-Z0-9-]+)(?P<parameters>(?:;[A-Z0-9-]+=(?:"[^"]*"|[^";:,]*))*):(?P<value>.*)$'
)
PARAMETER = re.compile(r';([A-Z0-9-]+)=("[^"]*"|[^";:,]*)')
LONGEST_LINE = 75  # octets without the line end (RFC 5545, section 3.1)


@dataclass(frozen=True)
class Property:
    """One content line: its name, parameters and raw value."""

    name: str
    parameters: dict[str, str]
    value: str


def content_lines(file: bytes) -> list[Property]:
    """Return the unfolded properties in order; everything RFC 5545 forbids about lines fails an assertion."""
    assert file.endswith(b"\r\n")
    physical = file.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= LONGEST_LINE for line in physical)
    assert not any(b"\n" in line or b"\r" in line for line in physical)
    unfolded = file.removesuffix(b"\r\n").replace(b"\r\n ", b"").decode().split("\r\n")
    return [_property(line) for line in unfolded]


def event(file: bytes) -> dict[str, list[Property]]:
    """Return the properties of the one VEVENT, by name."""
    lines = content_lines(file)
    inside = lines[_index(lines, "BEGIN", "VEVENT") + 1 : _index(lines, "END", "VEVENT")]
    found: dict[str, list[Property]] = {}
    for line in inside:
        found.setdefault(line.name, []).append(line)
    return found


def value(file: bytes, name: str) -> str:
    """Return the value of the one property so called, of the event or of the calendar."""
    values = [line.value for line in content_lines(file) if line.name == name]
    assert len(values) == 1, f"{len(values)} times {name}"
    return values[0]


def _index(lines: list[Property], name: str, value: str) -> int:
    places = [place for place, line in enumerate(lines) if (line.name, line.value) == (name, value)]
    assert len(places) == 1, f"{len(places)} times {name}:{value}"
    return places[0]


def _property(line: str) -> Property:
    match = LINE.match(line)
    assert match is not None, f"not a content line: {line!r}"
    return Property(match["name"], dict(PARAMETER.findall(match["parameters"])), match["value"])
