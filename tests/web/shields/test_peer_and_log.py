"""Who is really asking, and what the log says about it."""

import logging
from typing import Any

import httpx2
import pytest

from scheduler.web.shields import access_log, peer


def asked_from(ip: str, *forwarded: str, proto: str = "") -> dict[str, Any]:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    headers += [(b"x-forwarded-proto", proto.encode())] if proto else []
    return {"type": "http", "scheme": "http", "client": (ip, 1), "headers": headers, "path": "/"}


@pytest.mark.parametrize(
    ("ip", "forwarded", "found"),
    [
        ("192.0.2.7", (), "192.0.2.7"),
        ("192.0.2.7", ("203.0.113.9",), "192.0.2.7"),
        ("10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("6.6.6.6, 203.0.113.9",), "203.0.113.9"),
        ("10.0.0.1", ("6.6.6.6", "203.0.113.9, 10.0.0.2"), "203.0.113.9"),
        ("10.0.0.1", ("nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("203.0.113.9, nonsense",), "10.0.0.1"),
        ("10.0.0.1", ("10.0.0.2",), "10.0.0.1"),
        ("10.0.0.1", (), "10.0.0.1"),
        ("::ffff:10.0.0.1", ("2001:db8::7",), "2001:db8::7"),
    ],
)
def test_only_a_trusted_proxy_says_who_is_asking(ip: str, forwarded: tuple[str, ...], found: str) -> None:
    scope = asked_from(ip, *forwarded)
    peer.attach(scope, peer.networks(["10.0.0.0/8"]), reference="r")

    assert scope["state"]["source"].ip == found


def test_only_a_trusted_proxy_says_that_people_use_https() -> None:
    strange, trusted = asked_from("192.0.2.7", proto="https"), asked_from("10.0.0.1", proto="https")
    for scope in (strange, trusted):
        peer.attach(scope, peer.networks(["10.0.0.1"]), reference="r")

    assert (strange["scheme"], trusted["scheme"]) == ("http", "https")


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/family/book", "/family/book"),
        ("/j/eyJhbGciOiJkaXIi.a.b", "/j/…"),
        ("/J/eyJhbGciOiJkaXIi.a.b", "/J/…"),
        ("//j/secret/more", "//j/…"),
        ("/x/../j/secret", "/x/../j/…"),
        ("/enrol/secret/options", "/enrol/…"),
        ("/calendar/secret.ics", "/calendar/…"),
        ("/other/a-token-that-is-longer-than-any-id", "/other/…"),
        ("/forged\nline", "/forged?line"),
        ("/j/", "/j/"),
    ],
)
def test_no_secret_and_no_forged_line_reaches_the_log(path: str, logged: str) -> None:
    assert access_log.safe_path(path) == logged


async def test_the_log_has_one_line_a_request_without_what_follows_j_or_a_question_mark(
    browser: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="hearth")

    await browser.get("/j/secret-of-a-link?secret=query", headers={"Referer": "https://secret.example"})

    lines = [record.getMessage() for record in caplog.records if record.name == "hearth.access"]
    assert len(lines) == 1
    assert "GET /j/… " in lines[0]
    assert "secret" not in caplog.text
