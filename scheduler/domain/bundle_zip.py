"""The container of an export bundle: a ZIP file that can be written in one way only.

ZIP leaves its writer much freedom: dates, extra fields, gaps, comments, a second directory. Here the members
stand in a fixed order, stored, with one date, each with ZIP64 sizes (PKWARE APPNOTE 6.3.10, sections 4.3 and
4.5.3), so that contents determine every byte of the file and a reader can ask for exactly these.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

ENTRIES = "entries.jsonl"
EVENTS = "events.csv"
LEAF_HASHES = "leafhashes.bin"
CHECKPOINT = "checkpoint"
VKEYS = "vkeys.txt"
EXPLANATION = "VERIFY.md"
MANIFEST = "manifest.json"
MANIFEST_NOTE = "manifest.note"
NAMES = (ENTRIES, EVENTS, LEAF_HASHES, CHECKPOINT, VKEYS, EXPLANATION, MANIFEST, MANIFEST_NOTE)

ZIP64 = 45  # version 4.5
UNIX = 3 << 8
FIRST_DAY = 0x21  # 1 January 1980, the first that ZIP knows
OWNER_ONLY = 0o100600 << 16
TOLD_ELSEWHERE = 0xFFFFFFFF
AT_ONCE = 1 << 22
LARGEST_RATIO = 100  # of what is unpacked to the file; a bundle's hashes and nonces pack badly
OTHERS_TRASH = "__MACOSX/"

UNREADABLE = (  # what Python's zipfile says of a damaged file
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError),
    *(NotImplementedError, OverflowError, RuntimeError, ValueError),  # a password, an odd version, odd sizes
)
_LOCAL = struct.Struct("<4s5H3L2H" + "2H2Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_CENTRAL_EXTRA = struct.Struct("<2H3Q")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the bundle: CRC-32, size and first byte of its contents."""

    crc: int
    size: int
    start: int

    @property
    def end(self) -> int:
        """The byte after its contents."""
        return self.start + self.size


class ContainerBroken(Exception):
    """The file is not, byte by byte, the container of its contents, or is none at all."""


def header_bytes(name: str) -> int:
    """Return the length of a member's header."""
    return _LOCAL.size + len(name)


def header(name: str, crc: int, size: int) -> bytes:
    """Return the header that stands before a member's contents."""
    fixed = (b"PK\x03\x04", ZIP64, 0, 0, 0, FIRST_DAY, crc, TOLD_ELSEWHERE, TOLD_ELSEWHERE, len(name), 20)
    packed = _LOCAL.pack(*fixed, 1, 16, size, size)
    return packed[:30] + name.encode() + packed[30:]


def directory(members: Mapping[str, Member]) -> bytes:
    """Return everything that follows the last member."""
    records = b"".join(_record(name, members[name]) for name in NAMES)
    start = members[NAMES[-1]].end
    count, end = len(NAMES), start + len(records)
    return (
        records
        + _END64.pack(b"PK\x06\x06", 44, UNIX | ZIP64, ZIP64, 0, 0, count, count, len(records), start)
        + _LOCATOR.pack(b"PK\x06\x07", 0, end, 1)
        + _END.pack(b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, TOLD_ELSEWHERE, TOLD_ELSEWHERE, 0)
    )


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return the container of these files."""
    out, members = bytearray(), dict[str, Member]()
    for name in NAMES:
        crc = zlib.crc32(files[name])
        out += header(name, crc, len(files[name]))
        members[name] = Member(crc, len(files[name]), len(out))
        out += files[name]
    return bytes(out + directory(members))


def unpacked(data: memoryview) -> dict[str, bytes]:
    """Return the files of a bundle that another program packed: in any order, in a folder, deflated.

    Raises:
        ContainerBroken: it is no ZIP file, lacks one of the files or holds one twice, or is a trap.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = _found(archive)
            if sum(info.file_size for info in found.values()) > LARGEST_RATIO * len(data):
                raise ContainerBroken("it is far too large unpacked")
            return {name: _contents(archive, found[name]) for name in NAMES}
    except UNREADABLE as wrong:
        raise ContainerBroken("it cannot be unpacked") from wrong


def _contents(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    with archive.open(info) as member:
        return member.read(info.file_size)


def _found(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.rpartition("/")[2]
        if name not in NAMES or info.filename.startswith(OTHERS_TRASH):
            continue
        if name in found:
            raise ContainerBroken(f"{name} is there twice")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ContainerBroken(f"{name} is packed in an unusual way")
        found[name] = info
    for name in NAMES:
        if name not in found:
            raise ContainerBroken(f"{name} is missing")
    return found


def read(data: memoryview) -> dict[str, Member]:
    """Return where each member of a bundle stands.

    Raises:
        ContainerBroken: a header, the directory or the length is not as it must be.
    """
    members: dict[str, Member] = {}
    at = 0
    for name in NAMES:
        members[name] = member = _member(data, at, name)
        at = member.end
    if bytes(data[at:]) != directory(members):
        raise ContainerBroken("the directory at the end of the file was changed")
    return members


def check_sums(data: memoryview, members: Mapping[str, Member]) -> None:
    """Return when every member has the CRC-32 that its header tells.

    Raises:
        ContainerBroken: one has not.
    """
    for name, member in members.items():
        crc = 0
        for at in range(member.start, member.end, AT_ONCE):
            crc = zlib.crc32(data[at : min(at + AT_ONCE, member.end)], crc)
        if crc != member.crc:
            raise ContainerBroken(f"the checksum of {name} was changed")


def salvage(data: memoryview) -> dict[str, Member]:
    """Return where the members of a broken container seem to stand, as far as their headers are there."""
    found: dict[str, Member] = {}
    end = len(data)
    for name in reversed(NAMES):
        headers = list(re.finditer(rb"PK\x03\x04.{26}" + re.escape(name.encode()), data[:end], re.DOTALL))
        if headers:
            start = headers[-1].start() + header_bytes(name)
            found[name] = Member(0, max(0, end - start), start)
            end = headers[-1].start()
    return found


def _member(data: memoryview, at: int, name: str) -> Member:
    start = at + header_bytes(name)
    found = bytes(data[at:start])
    crc = int.from_bytes(found[14:18], "little")
    size = int.from_bytes(found[-8:], "little")
    if found != header(name, crc, size) or start + size > len(data):
        raise ContainerBroken(f"the header of {name} is not where or what it must be")
    return Member(crc, size, start)


def _record(name: str, member: Member) -> bytes:
    fixed = (
        b"PK\x01\x02",
        UNIX | ZIP64,
        ZIP64,
        0,
        0,
        0,
        FIRST_DAY,
        member.crc,
        TOLD_ELSEWHERE,
        TOLD_ELSEWHERE,
    )
    extra = _CENTRAL_EXTRA.pack(1, 24, member.size, member.size, member.start - header_bytes(name))
    lengths = (len(name), len(extra), 0, 0, 0, OWNER_ONLY, TOLD_ELSEWHERE)
    return _CENTRAL.pack(*fixed, *lengths) + name.encode() + extra
