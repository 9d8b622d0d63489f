"""Ten thousand ways to change what travels: none of them is taken for what the phone wrote."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from api.demo.devices import ScriptedDevice
from sync import sealing
from sync.intake import Incoming, take_in, take_in_item
from sync.operations import SealedOperation, canonical, digest_of
from tests.sync.factories import MADE_AT, PAYLOADS, PROGRAM, REFERRAL

TAMPERINGS = 10_000
SEED = 20261123
OTHER_PROGRAM = "dona-ana"


def fresh_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class World:
    """Two phones, two sealing keys of which both open, and what the first phone has written."""

    numbers: random.Random
    keys: dict[str, ec.EllipticCurvePrivateKey]
    phone: ScriptedDevice
    other: ScriptedDevice
    operations: list[dict[str, Any]]
    sealed: list[SealedOperation]

    def one(self) -> int:
        return self.numbers.randrange(len(self.operations))

    def uuid(self) -> str:
        return str(UUID(int=self.numbers.getrandbits(128), version=4))


@pytest.fixture(scope="module")
def world() -> World:
    numbers = random.Random(SEED)
    first, second = fresh_key(), fresh_key()
    keys = {sealing.key_id_of(key.public_key()): key for key in (first, second)}
    phones = [ScriptedDevice(str(UUID(int=number, version=4)), PROGRAM, first.public_key()) for number in (1, 2)]
    written = [phones[0].write(REFERRAL, kind, payload, MADE_AT) for kind, payload in PAYLOADS.items()]
    return World(numbers, keys, phones[0], phones[1], written, [phones[0].seal(one) for one in written])


def flipped(world: World, raw: bytes) -> bytes:
    changed = bytearray(raw)
    for _ in range(world.numbers.choice((1, 1, 1, 2, 8))):
        changed[world.numbers.randrange(len(changed))] ^= 1 << world.numbers.randrange(8)
    return bytes(changed) if bytes(changed) != raw else flipped(world, raw)


def resealed(world: World, operation: dict[str, Any]) -> SealedOperation:
    """Sealed by whoever knows the public sealing key, which is everybody."""
    return world.phone.seal(operation)


def bits_of_the_blob(world: World) -> SealedOperation:
    sealed = world.sealed[world.one()]
    return sealed.model_copy(update={"blob": sealing.to_base64url(flipped(world, sealing.from_base64url(sealed.blob)))})


def a_cut_or_longer_blob(world: World) -> SealedOperation:
    sealed = world.sealed[world.one()]
    raw = sealing.from_base64url(sealed.blob)
    cut = world.numbers.randrange(len(raw))
    other = sealing.from_base64url(world.sealed[world.one()].blob)
    changed = world.numbers.choice((raw[:cut], raw[cut:][1:], raw + world.numbers.randbytes(16), raw + other))
    return sealed.model_copy(update={"blob": sealing.to_base64url(changed)})


def the_blob_of_another(world: World) -> SealedOperation:
    first, second = world.numbers.sample(world.sealed, 2)
    return first.model_copy(update={"blob": second.blob})


def an_id_of_the_header(world: World) -> SealedOperation:
    sealed, other = world.numbers.sample(world.sealed, 2)
    change: dict[str, Any] = world.numbers.choice(
        [
            {"op_id": other.op_id}, {"op_id": world.uuid()}, {"device_id": world.other.device_id},
            {"device_id": world.uuid()}, {"program_id": OTHER_PROGRAM}, {"seq": other.seq},
            {"seq": sealed.seq + world.numbers.randrange(1, 1000)},
            {"key_id": next(key_id for key_id in world.keys if key_id != sealed.key_id)},
            {"op_id": other.op_id, "seq": other.seq}, {"seq": -sealed.seq},
        ]
    )  # fmt: skip
    return sealed.model_copy(update=change)


def the_content_under_another_header(world: World) -> SealedOperation:
    """Sealed anew under a header that is true to itself, around what another header belongs to."""
    first, second = world.numbers.sample(world.operations, 2)
    header = resealed(world, first)
    suite_info = header.model_copy(update={"blob": "AA"})
    blob = sealing._SUITE.encrypt(canonical(second), world.phone.sealing_key, suite_info.info())
    return header.model_copy(update={"blob": sealing.to_base64url(blob)})


def bits_of_the_signature(world: World) -> SealedOperation:
    operation = dict(world.operations[world.one()])
    operation["sig"] = sealing.to_base64url(flipped(world, sealing.from_base64url(operation["sig"])))
    return resealed(world, operation)


def the_signature_of_another(world: World) -> SealedOperation:
    first, second = world.numbers.sample(world.operations, 2)
    return resealed(world, first | {"sig": second["sig"]})


def a_signature_of_nothing(world: World) -> SealedOperation:
    raw = world.numbers.choice((bytes(64), bytes(32) + b"\x01" * 32, b"\xff" * 64, world.numbers.randbytes(64)))
    return resealed(world, world.operations[world.one()] | {"sig": sealing.to_base64url(raw)})


def an_envelope_under_its_old_signature(world: World) -> SealedOperation:
    """Author, referral, kind, payload, base or clock changed, with a digest that fits."""
    operation, other = world.numbers.sample(world.operations, 2)
    change: dict[str, Any] = world.numbers.choice(
        [
            {"user_id": world.other.user_id}, {"user_id": world.uuid()}, {"referral_id": world.uuid()},
            {"kind": other["kind"], "payload": other["payload"]}, {"base": {world.uuid(): 7}}, {"saw": [world.uuid()]},
            {"made_at": "2026-04-30T02:15:00Z"}, {"prev": world.uuid()}, {"clock_off_ms": 3_600_000},
            {"salt": f"{world.numbers.getrandbits(128):032x}"}, {"app": {"version": "evil", "pack": None}},
        ]
    )  # fmt: skip
    changed = operation | change
    return resealed(world, changed | {"digest": digest_of(changed)})


def another_phones_hand(world: World) -> SealedOperation:
    """Signed by the other phone, in the first one's name."""
    changed = {name: value for name, value in world.operations[world.one()].items() if name not in ("digest", "sig")}
    changed["payload"] = dict(changed["payload"])
    return resealed(world, sealing.sign(changed, world.numbers.choice((world.other.key, fresh_key()))))


def no_signature(world: World) -> SealedOperation:
    changed = {name: value for name, value in world.operations[world.one()].items() if name not in ("digest", "sig")}
    return resealed(world, sealing.unsigned(changed))


def a_digest_that_does_not_fit(world: World) -> SealedOperation:
    operation = world.operations[world.one()]
    return resealed(world, operation | {"digest": f"{world.numbers.getrandbits(256):064x}"})


WAYS: tuple[Callable[[World], SealedOperation], ...] = (
    bits_of_the_blob, a_cut_or_longer_blob, the_blob_of_another, an_id_of_the_header, the_content_under_another_header,
    bits_of_the_signature, the_signature_of_another, a_signature_of_nothing, an_envelope_under_its_old_signature,
    another_phones_hand, no_signature, a_digest_that_does_not_fit,
)  # fmt: skip


def arrived(world: World, sealed: SealedOperation) -> Incoming:
    """As the server takes it in from the first phone's connection."""
    return take_in_item(sealed.model_dump(), world.keys, world.phone.key.public_key())


def test_what_the_phone_wrote_is_taken(world: World) -> None:
    """The positive control: untouched, each of them opens and verifies."""
    for sealed, operation in zip(world.sealed, world.operations, strict=True):
        incoming = arrived(world, sealed)
        assert incoming.fault is None
        assert incoming.envelope == operation


def test_ten_thousand_tamperings_are_all_found(world: World) -> None:
    found: Counter[str] = Counter()
    accepted = []
    for number in range(TAMPERINGS):
        way = WAYS[number % len(WAYS)]
        incoming = arrived(world, way(world))
        if incoming.fault is None:
            accepted.append((SEED, number, way.__name__))
        else:
            found[incoming.fault.reason] += 1
    assert accepted == []
    assert found.total() == TAMPERINGS
    expected = {"cannot_open", "header", "header_mismatch", "wrong_digest", "signature", "unsigned"}
    assert expected <= found.keys(), "each wall has been run against"


def test_what_is_unsigned_is_never_applied_without_a_person(world: World) -> None:
    incoming = arrived(world, no_signature(world))
    assert incoming.fault is not None
    assert incoming.fault.status == "held"


def test_replayed_to_another_phone_it_does_not_verify(world: World) -> None:
    for sealed in world.sealed:
        assert take_in(sealed, world.keys, world.other.key.public_key()).fault is not None


def test_without_its_sealing_key_it_stays_on_the_phone(world: World) -> None:
    sealed = world.sealed[0]
    keys = {key_id: key for key_id, key in world.keys.items() if key_id != sealed.key_id}
    incoming = take_in(sealed, keys, world.phone.key.public_key())
    assert incoming.fault is not None
    assert (incoming.fault.status, incoming.fault.reason) == ("retry", "unknown_key")


@pytest.mark.parametrize("spelling", ["padding", "standard", "space", "newline", "loose bits"])
def test_a_blob_has_one_spelling(world: World, spelling: str) -> None:
    """Else the same operation could be kept under many hashes."""
    sealed = next(one for one in world.sealed if len(sealing.from_base64url(one.blob)) % 3)
    raw = sealing.from_base64url(sealed.blob)
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spelt = {
        "padding": base64.urlsafe_b64encode(raw).decode(), "standard": "+/" + sealed.blob[2:],
        "space": sealed.blob + " ", "newline": sealed.blob + "\n",
        "loose bits": sealed.blob[:-1] + last[last.index(sealed.blob[-1]) ^ 1],
    }[spelling]  # fmt: skip
    item = json.loads(sealed.model_dump_json()) | {"blob": spelt}
    try:
        SealedOperation.model_validate(item)
    except ValidationError:
        return
    assert arrived(world, sealed.model_copy(update={"blob": spelt})).fault is not None
