"""Tokens as strangers may bend them."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some
from joserfc import jwe
from joserfc.jwk import OctKey

from scheduler.gateways import tokens
from scheduler.gateways.tokens import TokenRefused
from scheduler.storage.keyring import Keyring

NOW = datetime(2026, 11, 2, 17, tzinfo=UTC)
KEYS = Keyring({"2026k1": b"1" * 32, "2026k2": b"2" * 32}, b"3" * 32)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def seal(
    *,
    purpose: str = "join",
    keys: Keyring = KEYS,
    issuer: str = "https://hearth.test",
    not_before: datetime = NOW,
    lasts: timedelta = timedelta(days=1),
) -> str:
    return tokens.seal(
        keys,
        {"jti": "abc"},
        purpose=purpose,
        issuer=issuer,
        not_before=not_before,
        expires_at=not_before + lasts,
    )


def unseal(token: str, *, keys: Keyring = KEYS, now: datetime = NOW) -> dict[str, str]:
    return tokens.unseal(keys, token, purpose="join", issuer="https://hearth.test", now=now)


def refusal(token: str, **others: object) -> str:
    with pytest.raises(TokenRefused) as refused:
        unseal(token, **others)  # type: ignore[arg-type]
    return str(refused.value)


def sealed_by_hand(header: dict[str, str], payload: object, key: bytes) -> str:
    algorithms = ["dir", "A256GCM", "A128GCM", "A256KW", "A128CBC-HS256", "A256CBC-HS512"]
    return jwe.encrypt_compact(header, json.dumps(payload), OctKey.import_key(key), algorithms=algorithms)


def payload(**others: object) -> dict[str, object]:
    now = int(NOW.timestamp())
    plain = {"v": 1, "aud": "join", "iss": "https://hearth.test", "jti": "x", "nbf": now, "exp": now + 60}
    return plain | others


def with_header(token: str, header: bytes) -> str:
    part = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
    return ".".join([part, *token.split(".")[1:]])


def test_a_token_gives_back_what_was_sealed() -> None:
    assert unseal(seal())["jti"] == "abc"


def test_a_token_holds_nothing_that_can_be_read() -> None:
    parts = seal().split(".")
    header = base64.urlsafe_b64decode(parts[0] + "==")

    assert json.loads(header) == {"alg": "dir", "enc": "A256GCM", "kid": "2026k2"}
    assert parts[1] == ""
    assert len(parts) == 5


def test_a_token_fits_into_600_bytes_even_for_a_long_host() -> None:
    assert len(seal(issuer="https://" + "a" * 60 + ".example.org")) <= 600
    with pytest.raises(ValueError, match="too long"):
        seal(issuer="https://" + "a" * 600)


@given(place=some.integers(min_value=0), letter=some.sampled_from(ALPHABET + ".=+/ %\n"))
def test_no_altered_letter_is_accepted(place: int, letter: str) -> None:
    token = seal()
    place %= len(token)
    altered = token[:place] + letter + token[place + 1 :]

    if altered != token:
        refusal(altered)


def test_other_spellings_of_the_same_bytes_are_refused() -> None:
    token = seal()
    head, tail = token[:-1], token[-1]
    place = ALPHABET.index(tail)
    same_bytes = [head + ALPHABET[place ^ bits] for bits in (1, 2, 3)]

    assert {refusal(spelling) for spelling in same_bytes} <= {"spelling", "seal"}
    assert refusal(token + "=") == "spelling"
    assert refusal(token + "\n") == "spelling"
    assert refusal(" " + token) == "spelling"
    assert refusal(token.replace(".", "..", 1)) == "spelling"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "dir", "enc": "A128GCM", "kid": "2026k2"},
        {"alg": "A256KW", "enc": "A256GCM", "kid": "2026k2"},
        {"alg": "none", "enc": "A256GCM", "kid": "2026k2"},
        {"alg": "dir", "enc": "A256GCM"},
        {"alg": "dir", "enc": "A256GCM", "kid": "2026k2", "zip": "DEF"},
        {"alg": "dir", "enc": "A256GCM", "kid": "2026k2", "crit": "exp"},
        {"alg": "dir", "enc": "A256GCM", "kid": "../../lookup"},
        {"enc": "A256GCM", "alg": "dir", "kid": "2026k2"},
    ],
)
def test_any_other_header_is_refused_before_decrypting(header: dict[str, str]) -> None:
    changed = json.dumps(header, separators=(",", ":")).encode()

    assert refusal(with_header(seal(), changed)) == "header"


def test_a_key_wrapped_token_is_refused_though_the_key_is_right() -> None:
    key = KEYS.find("join", "2026k2")
    assert key is not None

    wrapped = sealed_by_hand({"alg": "A256KW", "enc": "A256GCM", "kid": "2026k2"}, payload(), key)

    assert refusal(wrapped) == "spelling"


def test_a_token_under_an_older_key_opens_and_under_a_dropped_one_does_not() -> None:
    old = seal(keys=Keyring({"2026k1": b"1" * 32}, b"3" * 32))

    assert unseal(old)["jti"] == "abc"
    assert refusal(old, keys=Keyring({"2026k2": b"2" * 32}, b"3" * 32)) == "key"


def test_a_token_under_a_foreign_key_of_the_same_name_is_refused() -> None:
    assert refusal(seal(keys=Keyring({"2026k2": b"9" * 32}, b"3" * 32))) == "seal"


def test_a_token_of_another_purpose_or_installation_is_refused() -> None:
    assert refusal(seal(purpose="pass")) == "seal"
    assert refusal(seal(issuer="https://other.test")) == "claims"


@pytest.mark.parametrize(
    "wrong",
    [
        {"v": 2},
        {"aud": "pass"},
        {"iss": "https://other.test"},
        {"exp": None},
        {"nbf": "now"},
        {"exp": 1.5e9},
    ],
)
def test_a_token_with_wrong_claims_is_refused_though_the_seal_is_right(wrong: dict[str, object]) -> None:
    key = KEYS.find("join", "2026k2")
    assert key is not None
    token = sealed_by_hand({"alg": "dir", "enc": "A256GCM", "kid": "2026k2"}, payload(**wrong), key)

    assert refusal(token) == "claims"


def test_a_sealed_text_that_is_no_object_is_refused() -> None:
    key = KEYS.find("join", "2026k2")
    assert key is not None
    token = sealed_by_hand({"alg": "dir", "enc": "A256GCM", "kid": "2026k2"}, ["jti"], key)

    assert refusal(token) == "claims"


@pytest.mark.parametrize(
    ("now", "is_good"),
    [
        (NOW - timedelta(seconds=1), False),
        (NOW, True),
        (NOW + timedelta(hours=24, seconds=-1), True),
        (NOW + timedelta(hours=24), False),
    ],
)
def test_a_token_is_good_from_its_first_second_to_the_one_before_its_end(
    now: datetime, is_good: bool
) -> None:
    token = seal()
    check: Callable[[], object] = lambda: unseal(token, now=now)  # noqa: E731

    if is_good:
        check()
    else:
        assert refusal(token, now=now) == "time"


@given(some.text(max_size=700))
def test_nonsense_is_refused_quietly(text: str) -> None:
    refusal(text)
