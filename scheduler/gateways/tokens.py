"""Sealed tokens that leave the house and come back: join links, the door's cookie, media passes.

A token is a compact JWE (RFC 7516) with direct encryption by AES-256-GCM (RFC 7518, sections 4.5 and 5.3).
Its protected header is exactly ``{"alg":"dir","enc":"A256GCM","kid":"…"}``, compared byte by byte before
anything is decrypted, so that no library ever chooses an algorithm from what a stranger wrote. Every part
must be in the one canonical spelling of base64url (RFC 4648, section 3.5).

The payload is a JSON object: ``v``, ``aud`` (the purpose), ``iss`` (the public origin), ``nbf`` and ``exp``
in epoch seconds, and the claims of the purpose. Each purpose has a key of its own, so that one kind of token
never opens as another.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

VERSION = 1
MOST_BYTES = 600
ALGORITHMS = ("dir", "A256GCM")

_PART = r"([A-Za-z0-9_-]+)"
_SHAPE = re.compile(rf"{_PART}\.\.{_PART}\.{_PART}\.{_PART}", re.ASCII)
_HEADER = re.compile(rb'\{"alg":"dir","enc":"A256GCM","kid":"([0-9A-Za-z]{1,40})"\}')
_REGISTRY = jwe.JWERegistry(algorithms=ALGORITHMS)


class TokenRefused(Exception):
    """A token opens nothing; the message is one word: spelling, header, key, seal, claims or time."""


class Keys(Protocol):
    """Where the keys of a purpose come from (``storage/keyring.py``)."""

    def newest(self, purpose: str) -> tuple[str, bytes]:
        """Return (kid, 32-byte key) with which to encrypt."""

    def find(self, purpose: str, kid: str) -> bytes | None:
        """Return the 32-byte key called ``kid``, or None when it was dropped."""


def seal(
    keys: Keys,
    claims: Mapping[str, str],
    *,
    purpose: str,
    issuer: str,
    not_before: datetime,
    expires_at: datetime,
) -> str:
    """Return the claims as a token of this purpose, good in the stretch of time given (aware UTC).

    Raises:
        ValueError: it would be longer than 600 bytes.
    """
    kid, key = keys.newest(purpose)
    payload = {
        "v": VERSION,
        "aud": purpose,
        "iss": issuer,
        "nbf": int(not_before.timestamp()),
        "exp": int(expires_at.timestamp()),
        **claims,
    }
    header = {"alg": "dir", "enc": "A256GCM", "kid": kid}
    plain = json.dumps(payload, separators=(",", ":")).encode()
    token = jwe.encrypt_compact(header, plain, _key(key), registry=_REGISTRY)
    if len(token) > MOST_BYTES:
        raise ValueError(f"a token of {len(token)} bytes is too long")
    return token


def unseal(keys: Keys, token: str, *, purpose: str, issuer: str, now: datetime) -> dict[str, str]:
    """Return the claims of a token of this purpose that is good at ``now`` (aware UTC).

    Raises:
        TokenRefused: forged, altered, of another purpose or installation, early, expired, its key dropped.
    """
    payload = _payload(keys, token, purpose)
    if payload.get("v") != VERSION or payload.get("aud") != purpose or payload.get("iss") != issuer:
        raise TokenRefused("claims")
    not_before, expires = payload.get("nbf"), payload.get("exp")
    if not isinstance(not_before, int) or not isinstance(expires, int):
        raise TokenRefused("claims")
    if not not_before <= int(now.timestamp()) < expires:
        raise TokenRefused("time")
    return {name: value for name, value in payload.items() if isinstance(value, str)}


def _payload(keys: Keys, token: str, purpose: str) -> dict[str, object]:
    key = keys.find(purpose, _kid(token))
    if key is None:
        raise TokenRefused("key")
    try:
        plain = jwe.decrypt_compact(token, _key(key), registry=_REGISTRY).plaintext
    except (JoseError, ValueError) as broken:
        raise TokenRefused("seal") from broken
    payload = json.loads(plain or b"null")
    if not isinstance(payload, dict):
        raise TokenRefused("claims")
    return payload


def _kid(token: str) -> str:
    shape = _SHAPE.fullmatch(token) if len(token) <= MOST_BYTES else None
    if shape is None or not all(_is_canonical(part) for part in shape.groups()):
        raise TokenRefused("spelling")
    header = _HEADER.fullmatch(_decoded(shape[1]))
    if header is None:
        raise TokenRefused("header")
    return header[1].decode()


def _is_canonical(part: str) -> bool:
    """Tell whether a part is the spelling that encoding its bytes gives, with no stray bits at its end."""
    try:
        return base64.urlsafe_b64encode(_decoded(part)).rstrip(b"=").decode() == part
    except binascii.Error:
        return False


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@lru_cache(maxsize=64)
def _key(key: bytes) -> OctKey:
    return OctKey.import_key(key)
