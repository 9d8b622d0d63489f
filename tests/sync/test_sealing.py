"""Sealing, opening, signing: the shared vector, every bound part, and keys that are none."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sync import sealing
from sync.operations import SealedOperation, canonical, digest_of, signed_bytes
from tests.sync import vectors
from tests.sync.factories import envelope

VECTOR = vectors.read("sealing.json")
KEY = ec.generate_private_key(ec.SECP256R1())
KEYS = {sealing.key_id_of(KEY.public_key()): KEY}


def vector_key() -> ec.EllipticCurvePrivateKey:
    secret = int.from_bytes(sealing.from_base64url(VECTOR["private_key"]["d"]))
    return ec.derive_private_key(secret, ec.SECP256R1())


def test_the_vectors_key_is_named_and_written_as_the_phone_has_it() -> None:
    public = vector_key().public_key()
    assert VECTOR["suite"] == sealing.SUITE_NAME
    assert sealing.key_id_of(public) == VECTOR["key_id"]
    assert sealing.to_base64url(sealing.raw_point(public)) == VECTOR["public_key"]
    assert sealing.public_key_from(VECTOR["public_key"]) == public


@pytest.mark.parametrize("case", VECTOR["cases"], ids=lambda case: case["name"])
def test_what_the_phone_opens_opens_here(case: dict[str, Any]) -> None:
    sealed = SealedOperation(**case["header"], blob=case["blob"])
    assert sealed.info().decode() == case["info"]
    assert sealing.open_sealed(sealed, {VECTOR["key_id"]: vector_key()}) == case["content"].encode()


def test_sealing_and_opening_again_gives_the_canonical_bytes() -> None:
    operation = sealing.sign(envelope("note.add"), KEY)
    sealed = sealing.seal(operation, KEY.public_key())
    assert sealing.open_sealed(sealed, KEYS) == canonical(operation)
    assert sealing.seal(operation, KEY.public_key()).blob != sealed.blob, "every sealing is new"


@pytest.mark.parametrize("part", ["op_id", "device_id", "seq", "program_id"])
def test_another_header_does_not_open(part: str) -> None:
    sealed = sealing.seal(envelope("note.add"), KEY.public_key())
    other: Any = {"seq": 2, "program_id": "elsewhere"}.get(part, str(uuid4()))
    with pytest.raises(sealing.CannotOpen):
        sealing.open_sealed(sealed.model_copy(update={part: other}), KEYS)


def test_a_key_id_is_bound_and_an_unknown_one_is_said_to_be() -> None:
    sealed = sealing.seal(envelope("note.add"), KEY.public_key())
    renamed = sealed.model_copy(update={"key_id": "0" * 16})
    with pytest.raises(sealing.UnknownSealingKey):
        sealing.open_sealed(renamed, KEYS)
    with pytest.raises(sealing.CannotOpen):
        sealing.open_sealed(renamed, {"0" * 16: KEY})


def test_a_signature_is_this_keys_over_this_content() -> None:
    made = sealing.sign(envelope("note.add"), KEY)
    content = signed_bytes(made)
    public = KEY.public_key()
    assert made["digest"] == digest_of(made)
    assert sealing.verify(content, made["sig"], public)
    assert not sealing.verify(content + b" ", made["sig"], public)
    assert not sealing.verify(content, made["sig"], ec.generate_private_key(ec.SECP256R1()).public_key())


@pytest.mark.parametrize(
    "signature", ["", "A", "A" * 86, "_" * 86, "A" * 85 + "!", "é" * 86, "A" * 88], ids=lambda text: text[:6] or "empty"
)
def test_no_text_makes_verification_raise(signature: str) -> None:
    assert not sealing.verify(b"content", signature, KEY.public_key())


@pytest.mark.parametrize("text", ["", "BA", "A" * 87, "!" * 87, VECTOR["public_key"][:-2]])
def test_a_public_key_that_is_none_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        sealing.public_key_from(text)


def test_unsigned_has_the_right_digest_and_no_signature() -> None:
    made = sealing.unsigned({key: value for key, value in envelope("note.add").items() if key not in ("digest", "sig")})
    assert (made["digest"], made["sig"]) == (digest_of(made), None)
