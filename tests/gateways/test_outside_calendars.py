"""Fetching outside calendars from a real HTTPS server: what is let through, and everything that is not."""

import gzip
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.outside_calendars import CannotBeRead, Fault
from scheduler.gateways.made_up_calendars import ETAG, MadeUpCalendars
from scheduler.gateways.outside_calendars import MOST_BYTES, HttpsCalendars, is_open
from tests.gateways.calendar_server import HOST, Place, Trust, gateway, new_trust, running

FILE = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
CLOSED_ADDRESSES = [
    *("10.1.2.3", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.8.8.8", "169.254.169.254"),
    "0.0.0.0",  # noqa: S104  # nothing is bound to it
    *("172.16.0.1", "172.31.255.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1"),
    *("198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::1"),
    *(
        "2001::1",
        "2001:db8::1",
        "2002:808:808::1",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fe80::1%eth0",
    ),
    *("fec0::1", "ff02::1", "100::1", "5f00::1", "", "calendar.test"),
]


def answer(status: str = "200 OK", body: bytes = FILE, **headers: str) -> bytes:
    """Return an HTTP answer with its length."""
    named = {"Content-Length": str(len(body)), "Content-Type": "text/calendar"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    """An authority of the test's own."""
    return new_trust(tmp_path)


async def fault_of(calendars: HttpsCalendars, address: str) -> Fault:
    with pytest.raises(CannotBeRead) as unread:
        await calendars.fetch(address)
    return unread.value.fault


async def fault_at(place: Place, trust: Trust) -> Fault:
    async with running(place, trust) as calendars:
        return await fault_of(calendars, place.address)


@pytest.mark.parametrize("address", CLOSED_ADDRESSES)
def test_an_address_off_the_open_internet_is_closed(address: str) -> None:
    assert not is_open(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "142.250.80.46", "2607:f8b0:4005::200e", "2a00:1450::1"])
def test_an_address_on_the_open_internet_is_open(address: str) -> None:
    assert is_open(address)


@given(st.integers(0, 2**32 - 1))
def test_no_spelling_of_an_ipv4_address_inside_ipv6_is_open(number: int) -> None:
    wrapped = f"{number >> 16:x}:{number & 0xFFFF:x}"

    assert not any(is_open(f"{prefix}:{wrapped}") for prefix in ("::ffff", ":", "64:ff9b:", "::ffff:0"))
    assert not is_open(f"2002:{wrapped}::1")


async def test_a_calendar_comes_from_the_checked_address_for_the_name_that_was_typed(trust: Trust) -> None:
    place = Place([answer(ETag='"one"', Last_Modified="Mon, 02 Nov 2026 17:00:00 GMT")])

    async with running(place, trust) as calendars:
        fetched = await calendars.fetch(place.address)

    assert fetched.file == FILE
    assert (fetched.etag, fetched.last_modified) == ('"one"', "Mon, 02 Nov 2026 17:00:00 GMT")
    assert place.names == [HOST]
    assert place.requests[0].startswith("GET /secret.ics?a=b HTTP/1.1\r\n")
    assert f"Host: {HOST}:{place.port}\r\n" in place.requests[0]
    assert "accept-encoding: identity\r\n" in place.requests[0].lower()


async def test_what_came_with_the_last_copy_is_sent_and_not_modified_is_no_file(trust: Trust) -> None:
    place = Place([b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n'])

    async with running(place, trust) as calendars:
        fetched = await calendars.fetch(
            place.address, etag='"one"', last_modified="Mon, 02 Nov 2026 17:00:00 GMT"
        )

    assert (fetched.file, fetched.etag) == (None, '"one"')
    assert 'If-None-Match: "one"\r\n' in place.requests[0]
    assert "If-Modified-Since: Mon, 02 Nov 2026 17:00:00 GMT\r\n" in place.requests[0]


async def test_a_validator_that_could_not_be_sent_back_is_dropped(trust: Trust) -> None:
    place = Place([answer(ETag="é" * 3, Last_Modified="x" * 600)])

    async with running(place, trust) as calendars:
        fetched = await calendars.fetch(place.address)

    assert (fetched.etag, fetched.last_modified) == ("", "")


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        ("301 Moved Permanently", Fault.MOVED),
        ("302 Found", Fault.MOVED),
        ("307 Temporary Redirect", Fault.MOVED),
        ("401 Unauthorized", Fault.CLOSED),
        ("403 Forbidden", Fault.CLOSED),
        ("404 Not Found", Fault.MISSING),
        ("410 Gone", Fault.MISSING),
        ("429 Too Many Requests", Fault.TROUBLE),
        ("500 Internal Server Error", Fault.TROUBLE),
        ("204 No Content", Fault.TROUBLE),
    ],
)
async def test_every_other_status_is_a_fault_and_no_redirect_is_followed(
    trust: Trust, status: str, fault: Fault
) -> None:
    place = Place([answer(status, b"", Location=f"https://{HOST}/elsewhere")])

    assert await fault_at(place, trust) is fault
    assert len(place.requests) == 1


async def test_a_megabyte_is_read_and_one_byte_more_is_not(trust: Trust) -> None:
    exact, more = Place([answer(body=b"x" * MOST_BYTES)]), Place([answer(body=b"x" * (MOST_BYTES + 1))])

    async with running(exact, trust) as calendars:
        fetched = await calendars.fetch(exact.address)

    assert fetched.file is not None
    assert len(fetched.file) == MOST_BYTES
    assert await fault_at(more, trust) is Fault.TOO_LARGE


async def test_an_endless_answer_without_a_length_is_cut_off(trust: Trust) -> None:
    place = Place([b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 65_536] * 40])

    assert await fault_at(place, trust) is Fault.TOO_LARGE


@pytest.mark.parametrize("parts", [(), (b"HTTP/1.1 200 OK\r\n",), (answer()[:-4],)])
async def test_a_server_that_drips_or_is_silent_is_given_up(trust: Trust, parts: Sequence[bytes]) -> None:
    place = Place(parts, is_silent=True)

    async with running(place, trust) as calendars:
        assert await fault_of(replace(calendars, seconds=0.3), place.address) is Fault.TOO_SLOW


async def test_a_packed_answer_is_never_unpacked(trust: Trust) -> None:
    place = Place([answer(body=gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")])

    assert await fault_at(place, trust) is Fault.NOT_A_CALENDAR


@pytest.mark.parametrize(
    "parts", [(b"what?\r\n\r\n",), (b"",), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx",)]
)
async def test_a_server_that_speaks_no_http_or_breaks_off_is_unreachable(
    trust: Trust, parts: Sequence[bytes]
) -> None:
    assert await fault_at(Place(parts), trust) is Fault.UNREACHABLE


async def test_a_certificate_for_another_name_or_of_nobody_we_trust_is_refused(
    trust: Trust, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    wrong_name = new_trust(other, host="another.test")
    nobody = Trust(trust.client, wrong_name.server)

    assert await fault_at(Place([answer()]), wrong_name) is Fault.UNTRUSTED
    assert await fault_at(Place([answer()]), nobody) is Fault.UNTRUSTED


async def test_a_name_with_one_private_address_is_refused_before_any_connection(trust: Trust) -> None:
    place = Place([answer()])

    async with running(place, trust):
        for addresses in (
            ["127.0.0.1"],
            ["8.8.8.8", "127.0.0.1"],
            ["8.8.8.8"] * 5 + ["::ffff:127.0.0.1"],
            [],
        ):
            careful = gateway(trust, addresses, may_connect=is_open)
            assert await fault_of(careful, place.address) is Fault.PRIVATE

    assert place.requests == []


async def test_a_name_that_changes_its_answer_is_looked_up_once(trust: Trust) -> None:
    place, asked = Place([answer()]), []
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    async with running(place, trust) as calendars:
        fetched = await replace(calendars, resolve=rebinding).fetch(place.address)

    assert fetched.file == FILE
    assert asked == [HOST]


async def test_of_several_addresses_the_next_is_tried_where_one_does_not_answer(trust: Trust) -> None:
    place = Place([answer()])

    async with running(place, trust):
        fetched = await gateway(trust, ["127.0.0.2", "127.0.0.1"]).fetch(place.address)

    assert fetched.file == FILE


@pytest.mark.parametrize(
    "address",
    ["https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"],
)
async def test_by_itself_the_gateway_connects_to_nothing_near(address: str) -> None:
    assert await fault_of(HttpsCalendars(), address) in (Fault.PRIVATE, Fault.UNREACHABLE)


@pytest.mark.parametrize(
    "address", ["http://calendar.test/", "ftp://calendar.test/", "https://", "https:///x"]
)
async def test_nothing_but_https_is_fetched(trust: Trust, address: str) -> None:
    assert await fault_of(gateway(trust, ["127.0.0.1"]), address) is Fault.UNREACHABLE


async def test_the_demo_has_a_made_up_calendar_and_is_as_careful_elsewhere() -> None:
    demo = MadeUpCalendars()
    made_up = await demo.fetch("https://calendar.example/maya.ics")

    assert made_up.file is not None
    assert (await demo.fetch("https://calendar.example/maya.ics", etag=ETAG)).file is None
    with pytest.raises(CannotBeRead):
        await demo.fetch("https://127.0.0.1/maya.ics")
