"""Passkeys on the wire: what browsers are asked, and whether their answer is true (WebAuthn level 3).

The answer is the JSON of ``PublicKeyCredential.toJSON()``. The device must have verified its person
(fingerprint, face or PIN), so that a passkey alone is two factors. Nothing is asked of the maker of the key.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from scheduler.domain.passkeys import CHALLENGE_LASTS, PasskeyRefused
from scheduler.settings import Settings

TIMEOUT_MS = int(CHALLENGE_LASTS.total_seconds() * 1_000)

_GARBLED = (WebAuthnException, AttributeError, KeyError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a browser has just made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True)
class Site:
    """The site that passkeys are bound to: its host, its origin and its name."""

    host: str
    origin: str
    name: str

    def creation_options(
        self, *, person_id: str, email: str, name: str, challenge: bytes, known: Sequence[bytes]
    ) -> str:
        """Return what a browser needs to make a passkey, as JSON; one that is ``known`` is not made again."""
        options = generate_registration_options(
            rp_id=self.host,
            rp_name=self.name,
            user_id=person_id.encode(),
            user_name=email,
            user_display_name=name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                require_resident_key=True,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(known),
        )
        return options_to_json(options)

    def request_options(self, *, challenge: bytes, known: Sequence[bytes] = ()) -> str:
        """Return what a browser needs to use a passkey, as JSON; with none ``known`` the person chooses."""
        options = generate_authentication_options(
            rp_id=self.host,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            allow_credentials=_descriptors(known),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json(options)

    def made(self, answer: str, *, challenge: bytes) -> NewPasskey:
        """Return the passkey that a browser made for the challenge.

        Raises:
            PasskeyRefused: the answer is garbled, not to this challenge, not for this site, or the device
                did not verify its person.
        """
        try:
            verified = verify_registration_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except _GARBLED as refused:
            raise PasskeyRefused(_reason(refused)) from refused
        return NewPasskey(verified.credential_id, verified.credential_public_key, verified.sign_count)

    def used(self, answer: str, *, challenge: bytes, public_key: bytes, sign_count: int) -> int:
        """Return the passkey's new counter, having checked that it signed the challenge.

        Raises:
            PasskeyRefused: as for `made`, or the signature is wrong, or the counter did not grow.
        """
        try:
            verified = verify_authentication_response(
                credential=answer,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
                require_user_verification=True,
            )
        except _GARBLED as refused:
            raise PasskeyRefused(_reason(refused)) from refused
        return verified.new_sign_count


def site_of(settings: Settings) -> Site:
    """Return the site of an installation: the origin of its base URL."""
    return Site(host=settings.host, origin=settings.origin, name=settings.program_name)


def key_of(answer: str) -> tuple[bytes, str]:
    """Return (credential id, person id or "") that an answer claims; nothing of it is proved yet.

    Raises:
        PasskeyRefused: the answer is garbled.
    """
    try:
        claimed = json.loads(answer)
        handle = claimed["response"].get("userHandle") or ""
        return base64url_to_bytes(claimed["rawId"]), base64url_to_bytes(handle).decode()
    except _GARBLED as garbled:
        raise PasskeyRefused("garbled") from garbled


def _descriptors(known: Sequence[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=credential_id) for credential_id in known]


def _reason(refused: Exception) -> str:
    """Return a word for the log; the library's own message may quote what was sent."""
    text = str(refused)
    reasons = {
        "challenge": "wrong_challenge",
        "origin": "wrong_origin",
        "RP ID": "wrong_site",
        "sign count": "counter_went_back",
        "verification is required": "person_not_verified",
        "not verified": "person_not_verified",
        "signature": "wrong_signature",
    }
    return next((word for part, word in reasons.items() if part in text), "garbled")
