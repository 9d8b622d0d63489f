"""An authenticator in software: makes passkeys and signs with them as WebAuthn Level 3 says, and lies where a test wants it to.

authenticator = Authenticator()
credential = authenticator.create(options)       what `navigator.credentials.create(…).toJSON()` gives
assertion = authenticator.get(options)           what `navigator.credentials.get(…).toJSON()` gives
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

PRESENT, VERIFIED, MAY_BE_COPIED, COPIED, ATTESTED = 1, 4, 8, 16, 64
AAGUID = bytes(16)

Algorithm = Literal["ES256", "EdDSA", "RS256"]
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


@dataclass
class Resident:
    """One passkey that the authenticator holds."""

    id: bytes
    key: Key
    handle: str
    count: int = 0


@dataclass
class Authenticator:
    """`origin` and `rp_id` are what the browser around it says; the options' own `rpId` is not asked."""

    origin: str = "https://testserver"
    rp_id: str = "testserver"
    algorithm: Algorithm = "ES256"
    verifies: bool = True
    present: bool = True
    copied: bool = False
    prf: bool | None = None
    counts: int = 1
    framed: bool = False
    residents: list[Resident] = field(default_factory=list)

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """A new passkey with attestation "none"."""
        resident = Resident(secrets.token_bytes(32), _new_key(self.algorithm), options["user"]["id"])
        self.residents.append(resident)
        attested = AAGUID + len(resident.id).to_bytes(2, "big") + resident.id + cbor2.dumps(cose_key(resident.key))
        data = self._data(resident.count, ATTESTED) + attested
        extensions = {} if self.prf is None else {"prf": {"enabled": self.prf}}
        return {
            "id": bytes_to_base64url(resident.id),
            "rawId": bytes_to_base64url(resident.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": extensions | {"credProps": {"rk": True}},
            "response": {
                "clientDataJSON": self._client_data("webauthn.create", options["challenge"]),
                "attestationObject": bytes_to_base64url(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
                "transports": ["internal"],
            },
        }

    def get(self, options: dict[str, Any], resident: Resident | None = None) -> dict[str, Any]:
        """A signature by the newest passkey, or by this one."""
        chosen = resident or self.residents[-1]
        chosen.count += self.counts
        data = self._data(chosen.count)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(base64url_to_bytes(client_data)).digest()
        return {
            "id": bytes_to_base64url(chosen.id),
            "rawId": bytes_to_base64url(chosen.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": client_data,
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(_sign(chosen.key, signed)),
                "userHandle": chosen.handle,
            },
        }

    def _data(self, count: int, more: int = 0) -> bytes:
        flags = (PRESENT if self.present else 0) | (VERIFIED if self.verifies else 0) | more
        if self.copied:
            flags |= MAY_BE_COPIED | COPIED
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> str:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.framed}
        return bytes_to_base64url(json.dumps(said).encode())


def _new_key(algorithm: Algorithm) -> Key:
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == "RS256":
        return rsa.generate_private_key(65537, 2048)
    return ec.generate_private_key(ec.SECP256R1())


def cose_key(key: Key) -> dict[int, Any]:
    """The public key as RFC 9053 writes it."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {1: 1, 3: -8, -1: 6, -2: key.public_key().public_bytes_raw()}
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = key.public_key().public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}
    point = key.public_key().public_numbers()
    return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}


def _sign(key: Key, signed: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(signed)
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(signed, padding.PKCS1v15(), SHA256())
    return key.sign(signed, ec.ECDSA(SHA256()))
