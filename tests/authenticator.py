"""An authenticator made of software: answers a site's passkey questions as a device would, or wrongly.

Written from WebAuthn level 3, sections 5.8.1 (client data), 6.1 (authenticator data) and 6.5 (attestation);
it shares no code with the library that checks its answers.
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ES256 = -7


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return the bytes of base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one passkey. ``verifies`` is False for a person who gave no finger, face or PIN."""

    origin: str
    credential_id: bytes = b"one-passkey-of-one-person"
    sign_count: int = 0
    verifies: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    person_id: str = ""

    def make(self, options: str) -> str:
        """Return the answer to ``navigator.credentials.create``."""
        asked = json.loads(options)
        self.person_id = decoded(asked["user"]["id"]).decode()
        attested = b"\0" * 16 + len(self.credential_id).to_bytes(2) + self.credential_id + self._public_key()
        data = self._data(asked["rp"]["id"], ATTESTED) + attested
        return self._answer(
            {
                "clientDataJSON": encoded(self._client_data("webauthn.create", asked["challenge"])),
                "attestationObject": encoded(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
                "transports": ["internal"],
            }
        )

    def use(self, options: str, *, counted: bool = True) -> str:
        """Return the answer to ``navigator.credentials.get``; if ``counted``, the counter moves on."""
        asked = json.loads(options)
        self.sign_count += counted
        client_data = self._client_data("webauthn.get", asked["challenge"])
        data = self._data(asked["rpId"], 0)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._answer(
            {
                "clientDataJSON": encoded(client_data),
                "authenticatorData": encoded(data),
                "signature": encoded(signature),
                "userHandle": encoded(self.person_id.encode()),
            }
        )

    def _answer(self, response: dict[str, Any]) -> str:
        name = encoded(self.credential_id)
        answer = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps(answer | {"clientExtensionResults": {}, "authenticatorAttachment": "platform"})

    def _client_data(self, kind: str, challenge: str) -> bytes:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(data).encode()

    def _data(self, host: str, flags: int) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(host.encode()).digest() + bytes((flags,)) + self.sign_count.to_bytes(4)

    def _public_key(self) -> bytes:
        point = self.key.public_key().public_numbers()
        key = {1: 2, 3: ES256, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)}
        return cbor2.dumps(key)
