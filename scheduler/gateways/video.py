"""Video: who may enter which room now, and how their browsers find each other.

The built-in kind connects the admitted people of a room browser to browser (WebRTC, up to six), so that
picture and sound never touch the server. What it asks of this side is a *media pass* for each entry, relays
for networks that need them, and word at once when something about a room has changed.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from scheduler.domain.rooms import Relay, RoomPass
from scheduler.gateways import tokens
from scheduler.gateways.tokens import Keys, TokenRefused
from scheduler.settings import Settings

PASS_LASTS = timedelta(minutes=5)
RELAY_LASTS = timedelta(hours=4)
PURPOSE = "pass"


class Video(Protocol):
    """What a way of talking offers."""

    def pass_for(self, admitted: RoomPass, *, now: datetime) -> str:
        """Return a pass of at most five minutes; ask only after admission was checked."""

    def read_pass(self, text: str, *, now: datetime) -> RoomPass:
        """Return whom and what a pass is for.

        Raises:
            TokenRefused: forged, altered, expired, or no pass.
        """

    def relays(self, *, now: datetime) -> Sequence[Relay]:
        """Return the servers that help browsers find each other; none on one network."""

    def changed(self, session_id: str) -> None:
        """Tell everyone who watches the session that who may be in its room may have changed."""

    def watch(self, session_id: str) -> "Watch":
        """Return a watch of the session."""


@dataclass(slots=True)
class Watch:
    """Waits for word of one session; used by one task of one event loop."""

    watchers: dict[str, set[asyncio.Event]]
    session_id: str
    _event: asyncio.Event = field(default_factory=asyncio.Event)

    @contextmanager
    def on(self) -> Iterator["Watch"]:
        """Listen until the block ends."""
        self.watchers.setdefault(self.session_id, set()).add(self._event)
        try:
            yield self
        finally:
            others = self.watchers[self.session_id]
            others.discard(self._event)
            if not others:
                del self.watchers[self.session_id]

    async def wait(self, *, at_most: timedelta) -> bool:
        """Return True when word comes, False after ``at_most``: another process may have changed it."""
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


@dataclass(frozen=True, slots=True)
class BuiltInVideo:
    """Browser to browser, with passes sealed under the installation's own keys."""

    keys: Keys
    issuer: str
    stun_urls: Sequence[str] = ()
    turn_urls: Sequence[str] = ()
    turn_secret: str = field(default="", repr=False)
    watchers: dict[str, set[asyncio.Event]] = field(default_factory=dict)

    def pass_for(self, admitted: RoomPass, *, now: datetime) -> str:
        """See `Video.pass_for`."""
        claims = {"session": admitted.session_id, "sub": admitted.person_id, "browser": admitted.browser}
        return tokens.seal(
            self.keys,
            claims,
            purpose=PURPOSE,
            issuer=self.issuer,
            not_before=now,
            expires_at=now + PASS_LASTS,
        )

    def read_pass(self, text: str, *, now: datetime) -> RoomPass:
        """See `Video.read_pass`."""
        claims = tokens.unseal(self.keys, text, purpose=PURPOSE, issuer=self.issuer, now=now)
        return _room_pass(claims)

    def relays(self, *, now: datetime) -> Sequence[Relay]:
        """See `Video.relays`; TURN credentials last four hours (coturn's ``use-auth-secret``)."""
        found = [Relay(tuple(self.stun_urls))] if self.stun_urls else []
        if self.turn_urls:
            username = str(int((now + RELAY_LASTS).timestamp()))
            digest = hmac.new(self.turn_secret.encode(), username.encode(), hashlib.sha1).digest()
            found.append(Relay(tuple(self.turn_urls), username, base64.b64encode(digest).decode()))
        return found

    def changed(self, session_id: str) -> None:
        """See `Video.changed`."""
        for event in self.watchers.get(session_id, ()):
            event.set()

    def watch(self, session_id: str) -> Watch:
        """See `Video.watch`."""
        return Watch(self.watchers, session_id)


def _room_pass(claims: Mapping[str, str]) -> RoomPass:
    try:
        return RoomPass(claims["session"], claims["sub"], claims["browser"])
    except KeyError as missing:
        raise TokenRefused("claims") from missing


def built_in_video(settings: Settings, keys: Keys) -> BuiltInVideo:
    """Return the built-in video of an installation."""
    return BuiltInVideo(
        keys=keys,
        issuer=settings.origin,
        stun_urls=tuple(settings.stun_urls),
        turn_urls=tuple(settings.turn_urls),
        turn_secret=settings.turn_secret,
    )
