"""Opening what travelled: the quick ways equal the slow ones, and nothing that is sent can make it raise."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.demo.devices import ScriptedDevice
from sync import intake, sealing
from sync.intake import Incoming
from sync.operations import MalformedOperation, Operation, canonical, parse_canonical, signed_bytes
from tests.sync.factories import MADE_AT, REFERRAL, envelope

KEY = ec.generate_private_key(ec.SECP256R1())
KEYS = {sealing.key_id_of(KEY.public_key()): KEY}
PHONE = ScriptedDevice(str(uuid4()), "denver", KEY.public_key())


def take_in(item: dict[str, Any]) -> Incoming:
    return intake.take_in_item(item, KEYS, PHONE.key.public_key())


def sealed_note(text: str = "Brings socks.", **changes: Any) -> dict[str, Any]:
    return PHONE.seal(PHONE.write(REFERRAL, "note.add", {"text": text}, MADE_AT, **changes)).model_dump()


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def answer(parse: Callable[[bytes], Any], raw: bytes) -> tuple[str, Any]:
    try:
        return "value", parse(raw)
    except MalformedOperation as refusal:
        return "refused", refusal.reason


def both(raw: bytes) -> None:
    """The quick parse gives the slow one's value or its refusal."""
    found, value = answer(intake.parse, raw)
    assert (found, value) == answer(parse_canonical, raw)
    if found == "value":
        assert canonical(value) == raw


@given(VALUES, st.booleans(), st.booleans())
@example({"\ufffd": 1, "\U00010000": 2}, True, False)
@example({"\U00010000": 2, "\ufffd": 1}, False, False)
@example({"a": -0.0}, True, False)
@example({"a": 2**53}, True, False)
@example({"a": 2**53 - 1}, True, False)
@example({"a": '\x7f\u2028\b\f\n\r\t\x1f"\\/'}, True, False)
@settings(max_examples=400)
def test_the_quick_parse_is_the_canonical_one(value: Any, ordered: bool, ascii_only: bool) -> None:
    text = json.dumps(value, sort_keys=ordered, separators=(",", ":"), ensure_ascii=ascii_only)
    both(text.encode("utf-8", "surrogatepass"))
    with suppress(MalformedOperation):
        both(canonical(value))


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{}", b"[]", b"null", b"{", b'{"a":1}x', b' {"a":1}', b'{"a":1}\n', b'{"a":01}', b'{"a":-0}', b'{"a":1e3}',
        b'{"a":NaN}', b'{"a":Infinity}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a":"\\u00e9"}', b'{"a":"\\ud800"}',
        b'{"a":"\\ud83e\\udde6"}', '{"a":"\U0001f9e6"}'.encode(), b'{"a":"\xed\xa0\x80"}', b'{"a":"\xff"}', b"\xff\xfe{\x00}\x00",
        b'\xef\xbb\xbf{"a":1}', b'{"a":"\x00"}', b'{"a":"\\u0000"}', b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":' + b"[" * 3000 + b"]" * 3000 + b"}",
    ],
    ids=lambda raw: raw[:24],
)  # fmt: skip
def test_the_quick_parse_refuses_what_the_slow_one_refuses(raw: bytes) -> None:
    both(raw)


@given(st.dictionaries(TEXT, TEXT | st.integers(-1000, 1000), max_size=5), st.booleans())
def test_the_signed_part_is_cut_out_whole(payload: dict[str, Any], signed: bool) -> None:
    trap = {**payload, "digest": "x", "sig": None, '"sig":': '"digest":"', "z": {"sig": "y", "digest": ","}}
    operation = envelope("note.add", trap, sig="A" * 86 if signed else None, clock_off_ms=-5)
    Operation.model_validate(operation)
    assert intake.signed_part(canonical(operation)) == signed_bytes(operation)


def test_a_good_operation_opens_verifies_and_keeps_its_bytes() -> None:
    written = PHONE.write(REFERRAL, "note.add", {"text": "é \U0001f9e6 \u0000"}, MADE_AT)
    found = take_in(PHONE.seal(written).model_dump())
    assert found.fault is None
    assert found.envelope == written
    assert found.raw == canonical(written)
    assert found.operation == Operation.model_validate(written)
    again = intake.reopen(found.raw)
    assert (again.operation, again.envelope, again.raw) == (found.operation, found.envelope, found.raw)
    assert again.sealed.op_id == written["op_id"]


def test_an_unsigned_operation_is_open_but_held() -> None:
    found = take_in(PHONE.seal(PHONE.write(REFERRAL, "note.add", {"text": "x"}, MADE_AT, signed=False)).model_dump())
    assert found.fault is not None
    assert (found.fault.status, found.fault.reason) == ("held", "unsigned")
    assert found.operation is not None


PARTS = ("op_id", "device_id", "seq", "program_id", "key_id", "blob")
STRANGE = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text(), max_size=2)


@given(st.sampled_from(PARTS), STRANGE | st.just("\ud800") | st.just("\u0000" * 40) | st.just(10**400))
@settings(max_examples=300)
def test_any_value_in_the_header_is_kept_and_answered(part: str, value: Any) -> None:
    item = sealed_note() | {part: value}
    found = take_in(item)
    assert found.fault is not None
    if found.fault.reason == "header":
        assert json.loads(found.sealed.blob) == json.loads(json.dumps(item)) or value != value
        for text in (found.sealed.op_id, found.sealed.device_id, found.sealed.program_id, found.sealed.key_id):
            assert text.isascii()
            assert "\u0000" not in text
        assert found.sealed.seq == 0
        assert part in found.fault.detail


@pytest.mark.parametrize("part", PARTS)
def test_a_missing_part_of_the_header_is_named(part: str) -> None:
    item = sealed_note()
    del item[part]
    found = take_in(item)
    assert found.fault is not None
    assert (found.fault.reason, part in found.fault.detail) == ("header", True)


def test_an_invented_part_is_refused_but_its_name_is_not_repeated() -> None:
    found = take_in(sealed_note() | {"Kit Sample\u0000": 1})
    assert found.fault is not None
    assert found.fault.reason == "header"
    assert "Kit" not in found.fault.detail


@given(st.data())
@settings(max_examples=200)
def test_any_field_of_the_envelope_may_hold_anything(data: st.DataObject) -> None:
    written = PHONE.write(REFERRAL, "note.add", {"text": "x"}, MADE_AT)
    field = data.draw(st.sampled_from(sorted(written)))
    value = data.draw(VALUES.filter(lambda found: found != written[field]))
    try:
        raw = canonical(written | {field: value})
    except MalformedOperation:
        return
    item = sealing_of(raw, written)
    found = take_in(item)
    assert found.fault is not None, "the digest no longer fits"
    assert found.fault.reason in (
        "envelope", "wrong_digest", "newer_version", "header_mismatch", "signature", "unsigned", "not_canonical",
    )  # fmt: skip


def sealing_of(raw: bytes, written: dict[str, Any]) -> dict[str, Any]:
    from tests.api.exchange_world import SUITE, header_of

    bound = PHONE.seal(written).model_copy(update=header_of(written))
    return bound.model_dump() | {"blob": sealing.to_base64url(SUITE.encrypt(raw, KEY.public_key(), bound.info()))}


def test_a_thousand_flipped_bytes_never_open() -> None:
    item = sealed_note()
    chance = random.Random(4821)
    for _ in range(300):
        blob = bytearray(sealing.from_base64url(item["blob"]))
        blob[chance.randrange(len(blob))] ^= 1 << chance.randrange(8)
        found = take_in(item | {"blob": sealing.to_base64url(bytes(blob))})
        assert found.fault is not None
        assert found.fault.reason == "cannot_open"


@given(st.binary(max_size=300))
def test_any_content_is_answered(raw: bytes) -> None:
    written = PHONE.write(REFERRAL, "note.add", {"text": "x"}, MADE_AT)
    found = take_in(sealing_of(raw, written))
    assert found.fault is not None
    assert found.fault.reason in ("not_json", "not_canonical", "envelope")


def test_the_blob_hash_tells_headers_apart() -> None:
    item = PHONE.seal(PHONE.write(REFERRAL, "note.add", {"text": "x"}, MADE_AT))
    names = {sealing.blob_hash(item), sealing.blob_hash(item.model_copy(update={"seq": item.seq + 1}))}
    assert len(names) == 2
    assert sealing.blob_hash(item) == hashlib.sha256(item.info() + b"\n" + item.blob.encode()).hexdigest()


def test_another_phones_signature_is_refused() -> None:
    other = replace(PHONE, key=ec.generate_private_key(ec.SECP256R1()))
    found = take_in(other.seal(other.write(REFERRAL, "note.add", {"text": "x"}, MADE_AT)).model_dump())
    assert found.fault is not None
    assert found.fault.reason == "signature"
    assert found.operation is None
