"""Passkeys on the wire: what is asked of browsers, and that nothing they send breaks anything."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from scheduler.domain.passkeys import PasskeyRefused
from scheduler.gateways.passkeys import Site, key_of
from tests.authenticator import Authenticator, decoded, encoded

SITE = Site(host="hearth.test", origin="https://hearth.test", name="Hearth")
CHALLENGE = b"a challenge of thirty-two bytes."

JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=20),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("id", "rawId", "type", "response", "clientExtensionResults")
PARTS = ("clientDataJSON", "authenticatorData", "signature", "userHandle", "attestationObject")
ANSWERS = some.fixed_dictionaries(
    {},
    optional=dict.fromkeys(NAMES, JSON)
    | {"response": JSON | some.fixed_dictionaries({}, optional=dict.fromkeys(PARTS, JSON))},
).map(json.dumps)
NESTED = "[" * 30_000  # deeper than JSON is read


def creation(challenge: bytes = CHALLENGE) -> str:
    return SITE.creation_options(
        person_id="p1", email="maya@people.test", name="Maya Okafor", challenge=challenge, known=[b"known"]
    )


def test_the_person_must_be_verified_and_the_passkey_must_be_found_without_a_name() -> None:
    made, used = json.loads(creation()), json.loads(SITE.request_options(challenge=CHALLENGE))

    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["attestation"] == "none"
    assert [one["id"] for one in made["excludeCredentials"]] == ["a25vd24"]
    assert used["userVerification"] == "required"
    assert (used["rpId"], used.get("allowCredentials", [])) == ("hearth.test", [])


def test_a_true_answer_is_taken() -> None:
    device = Authenticator(SITE.origin)
    made = SITE.made(device.make(creation()), challenge=CHALLENGE)

    answer = device.use(SITE.request_options(challenge=CHALLENGE))
    count = SITE.used(answer, challenge=CHALLENGE, public_key=made.public_key, sign_count=made.sign_count)

    assert (count, key_of(answer)) == (1, (device.credential_id, "p1"))


@pytest.mark.parametrize(
    ("origin", "challenge", "reason"),
    [
        ("https://evil.example", CHALLENGE, "wrong_origin"),
        ("http://hearth.test", CHALLENGE, "wrong_origin"),
        ("https://hearth.test:8443", CHALLENGE, "wrong_origin"),
        (SITE.origin, b"another challenge", "wrong_challenge"),
    ],
)
def test_an_answer_to_another_site_or_challenge_is_refused(
    origin: str, challenge: bytes, reason: str
) -> None:
    with pytest.raises(PasskeyRefused, match=reason):
        SITE.made(Authenticator(origin).make(creation(challenge)), challenge=CHALLENGE)


def test_an_answer_for_another_host_is_refused() -> None:
    other = Site(host="other.test", origin=SITE.origin, name="Other")
    device = Authenticator(SITE.origin)
    made = SITE.made(device.make(creation()), challenge=CHALLENGE)
    answer = device.use(other.request_options(challenge=CHALLENGE))

    with pytest.raises(PasskeyRefused, match="wrong_site"):
        SITE.used(answer, challenge=CHALLENGE, public_key=made.public_key, sign_count=0)


@given(answer=ANSWERS | some.text(max_size=200))
@example(answer=NESTED)
def test_whatever_is_sent_is_refused_and_nothing_breaks(answer: str) -> None:
    with pytest.raises(PasskeyRefused):
        SITE.made(answer, challenge=CHALLENGE)
    with pytest.raises(PasskeyRefused):
        SITE.used(answer, challenge=CHALLENGE, public_key=b"", sign_count=0)


@given(answer=ANSWERS | some.text(max_size=200))
@example(answer=NESTED)
def test_whatever_is_sent_names_a_key_or_is_refused(answer: str) -> None:
    try:
        credential_id, person_id = key_of(answer)
    except PasskeyRefused:
        return
    assert isinstance(credential_id, bytes)
    assert isinstance(person_id, str)


@given(where=some.integers(min_value=0), flip=some.integers(min_value=1, max_value=255))
def test_a_true_answer_with_one_byte_changed_is_refused(where: int, flip: int) -> None:
    """Only bytes of what was signed are changed; the names around them are not signed."""
    device = Authenticator(SITE.origin)
    made = SITE.made(device.make(creation()), challenge=CHALLENGE)
    answer = json.loads(device.use(SITE.request_options(challenge=CHALLENGE)))
    for part in ("authenticatorData", "clientDataJSON", "signature"):
        data = bytearray(decoded(answer["response"][part]))
        data[where % len(data)] ^= flip
        changed = answer | {"response": answer["response"] | {part: encoded(bytes(data))}}
        with pytest.raises(PasskeyRefused):
            SITE.used(json.dumps(changed), challenge=CHALLENGE, public_key=made.public_key, sign_count=0)
