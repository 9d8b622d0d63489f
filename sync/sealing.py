"""Opening sealed operations and checking who made them. All cryptography is the library's.

HPKE (RFC 9180) base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; the header is bound through `info`.
Signatures are ECDSA P-256 with SHA-256 over the canonical envelope, as raw r‖s in base64url (the form WebCrypto gives).
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sync.operations import SealedOperation, canonical, digest_of, signed_bytes

SUITE_NAME = "DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM"
_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ECDSA = ec.ECDSA(hashes.SHA256())
_COORDINATE_BYTES = 32
_FROM_URL_SAFE = bytes.maketrans(b"-_+/", b"+/!!")
"""To the standard alphabet, whose own two letters do not belong here."""


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST: tuple[frozenset[str], ...] = (
    frozenset(_ALPHABET),
    frozenset(),
    frozenset(_ALPHABET[::16]),
    frozenset(_ALPHABET[::4]),
)
"""What the last letter may be, by the length modulo four."""


class UnknownSealingKey(Exception):
    """The operation is sealed to a key that this server does not hold."""


class CannotOpen(Exception):
    """The ciphertext is damaged, or its header is not the one it was sealed with."""


def to_base64url(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes of unpadded base64url; ValueError if it is none."""
    if text and text[-1] not in _LAST[len(text) % 4]:
        raise ValueError(
            "not base64url as it is written"
        )  # bits beyond the last byte: a second spelling of the same bytes
    padded = text.encode("ascii") + b"=" * (-len(text) % 4)
    try:
        return binascii.a2b_base64(padded.translate(_FROM_URL_SAFE), strict_mode=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error


def raw_point(key: ec.EllipticCurvePublicKey) -> bytes:
    """The uncompressed point (65 bytes)."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def public_key_from(text: str) -> ec.EllipticCurvePublicKey:
    """A P-256 public key from its base64url point; ValueError if it is none."""
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(text))


def key_id_of(key: ec.EllipticCurvePublicKey) -> str:
    """The sealing key's name: the first 16 hex digits of its point's SHA-256."""
    return hashlib.sha256(raw_point(key)).hexdigest()[:16]


def blob_hash(sealed: SealedOperation) -> str:
    """The name under which an operation that cannot claim its op_id is stored."""
    return hashlib.sha256(sealed.info() + b"\n" + sealed.blob.encode()).hexdigest()


def open_sealed(sealed: SealedOperation, keys: Mapping[str, ec.EllipticCurvePrivateKey]) -> bytes:
    """The sealed content. Raises UnknownSealingKey or CannotOpen."""
    key = keys.get(sealed.key_id)
    if key is None:
        raise UnknownSealingKey(sealed.key_id)
    try:
        return _SUITE.decrypt(from_base64url(sealed.blob), key, sealed.info())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(sealed.op_id) from error


def verify(content: bytes, signature: str, key: ec.EllipticCurvePublicKey) -> bool:
    """True if the device that owns the key signed this content (see `operations.signed_bytes`)."""
    try:
        raw = from_base64url(signature)
    except ValueError:
        return False
    if len(raw) != 2 * _COORDINATE_BYTES:
        return False
    r, s = int.from_bytes(raw[:_COORDINATE_BYTES]), int.from_bytes(raw[_COORDINATE_BYTES:])
    try:
        key.verify(encode_dss_signature(r, s), content, _ECDSA)
    except InvalidSignature:
        return False
    return True


def sign(envelope: Mapping[str, Any], key: ec.EllipticCurvePrivateKey) -> dict[str, Any]:
    """The envelope completed with its digest and signature."""
    content = signed_bytes(dict(envelope))
    r, s = decode_dss_signature(key.sign(content, _ECDSA))
    signature = r.to_bytes(_COORDINATE_BYTES) + s.to_bytes(_COORDINATE_BYTES)
    return {**envelope, "digest": hashlib.sha256(content).hexdigest(), "sig": to_base64url(signature)}


def unsigned(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """The envelope completed with its digest alone, as a phone without its vault writes it."""
    return {**envelope, "digest": digest_of(dict(envelope)), "sig": None}


def seal(operation: Mapping[str, Any], public_key: ec.EllipticCurvePublicKey) -> SealedOperation:
    """What a phone does with a finished operation."""
    header = {key: operation[key] for key in ("op_id", "device_id", "seq", "program_id")}
    bound = SealedOperation(**header, key_id=key_id_of(public_key), blob="A")
    blob = to_base64url(_SUITE.encrypt(canonical(dict(operation)), public_key, bound.info()))
    return bound.model_copy(update={"blob": blob})
