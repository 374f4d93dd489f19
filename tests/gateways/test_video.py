"""The built-in video: passes, relays, and word of a change."""

import asyncio
import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler.domain.rooms import RoomPass
from scheduler.gateways import tokens
from scheduler.gateways.tokens import TokenRefused
from scheduler.gateways.video import BuiltInVideo, built_in_video
from scheduler.settings import Settings
from scheduler.storage.keyring import Keyring

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
KEYS = Keyring({"2026k1": b"1" * 32}, b"3" * 32)
MOTHERS = RoomPass("session", "rosa", "aa")


def video(**settings: object) -> BuiltInVideo:
    return built_in_video(
        Settings(
            database_url="sqlite+aiosqlite:///x",
            base_url="https://hearth.test",  # type: ignore[arg-type]  # pydantic reads it
            keys_dir=Path("keys"),
            mail_url="maildir:mail",
            mail_from="hello@hearth.test",
            **settings,  # type: ignore[arg-type]
        ),
        KEYS,
    )


def test_a_pass_says_who_where_and_in_which_browser_for_five_minutes() -> None:
    given = video().pass_for(MOTHERS, now=NOW)

    assert video().read_pass(given, now=NOW + timedelta(minutes=4, seconds=59)) == MOTHERS
    with pytest.raises(TokenRefused, match="time"):
        video().read_pass(given, now=NOW + timedelta(minutes=5))


def test_another_kind_of_token_is_no_pass() -> None:
    issuer, later = "https://hearth.test", NOW + timedelta(hours=1)
    link = tokens.seal(KEYS, {"jti": "x"}, purpose="join", issuer=issuer, not_before=NOW, expires_at=later)
    empty = tokens.seal(KEYS, {}, purpose="pass", issuer=issuer, not_before=NOW, expires_at=later)

    for token in (link, empty, "", "nonsense"):
        with pytest.raises(TokenRefused):
            video().read_pass(token, now=NOW)


def test_on_one_network_no_relay_is_needed() -> None:
    assert video().relays(now=NOW) == []


def test_relays_come_from_the_settings_with_credentials_that_run_out() -> None:
    stun, turn = video(
        stun_urls=["stun:turn.test:3478"],
        turn_urls=["turn:turn.test:3478?transport=udp"],
        turn_secret="shared",
    ).relays(now=NOW)

    until = str(int((NOW + timedelta(hours=4)).timestamp()))
    digest = hmac.new(b"shared", until.encode(), hashlib.sha1).digest()
    assert (stun.urls, stun.username) == (("stun:turn.test:3478",), "")
    assert (turn.username, turn.credential) == (until, base64.b64encode(digest).decode())


async def test_word_of_a_change_reaches_everyone_who_watches_that_session() -> None:
    here = video()
    with here.watch("one").on() as first, here.watch("one").on() as second, here.watch("two").on() as other:
        here.changed("one")
        waits = [watch.wait(at_most=timedelta(milliseconds=1)) for watch in (first, second, other)]
        assert await asyncio.gather(*waits) == [True, True, False]
        assert await first.wait(at_most=timedelta(milliseconds=1)) is False

    assert here.watchers == {}
    here.changed("one")
