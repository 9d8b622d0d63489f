"""Everything that may be wrong with one pushed operation: the documented reason and status, and how to make it wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from api.database import Database
from sync import sealing
from sync.operations import canonical
from tests.api import exchange_world as world
from tests.api.conftest import AGENCY, OTHER_PROGRAM, SECOND_AGENCY, Cast, FakeClock
from tests.api.device import TestDevice

Item = dict[str, Any]


@dataclass
class Scene:
    """An officer with an applied referral, before something goes wrong on it."""

    database: Database
    cast: Cast
    officer: TestDevice
    referral_id: str
    grant_id: str
    clock: FakeClock

    def note(self, **changes: Any) -> dict[str, Any]:
        return world.note(self.officer, self.referral_id, **changes)

    def broken(self, **changes: Any) -> Item:
        """A note with parts of its envelope replaced, completed and sealed again."""
        return world.sealed(self.officer, world.signed(self.officer, self.note(), **changes))

    def plain(self, operation: dict[str, Any]) -> Item:
        return world.sealed(self.officer, operation)


def _raw(make: Callable[[bytes], bytes]) -> Callable[[Scene], Item]:
    def build(scene: Scene) -> Item:
        operation = scene.note()
        return world.seal_bytes(scene.officer, make(canonical(operation)), **world.header_of(operation))

    return build


def _damaged(scene: Scene) -> Item:
    item = scene.plain(scene.note())
    blob = item["blob"]
    return item | {"blob": blob[:40] + ("A" if blob[40] != "A" else "B") + blob[41:]}


def _unknown_key(scene: Scene) -> Item:
    strange = replace(scene.officer.phone, sealing_key=world.strange_key().public_key())
    return strange.seal(scene.note()).model_dump()


def _forged(scene: Scene) -> Item:
    rest = {key: value for key, value in scene.note().items() if key not in ("digest", "sig")}
    return scene.plain(sealing.sign(rest, world.strange_key()))


def _epoch_device(scene: Scene) -> Item:
    return scene.broken(device_id=world.head(scene.database).epoch)


def _of_another_program(scene: Scene) -> Item:
    return scene.broken(program_id=OTHER_PROGRAM)


def _set(scene: Scene, fields: dict[str, Any], **changes: Any) -> Item:
    return scene.plain(scene.officer.set(scene.referral_id, fields, **changes))


def _settled(scene: Scene, key: str, value: Any) -> Item:
    payload = {"key": key, "value": value, "conflicts": ["status|a|b"]}
    return scene.plain(scene.officer.write(scene.referral_id, "conflict.resolve", payload))


def _confirms(scene: Scene, entry: str) -> Item:
    return scene.plain(
        scene.officer.write(scene.referral_id, "approval.confirm", {"entry": entry, "answer": "confirmed"})
    )


def _set_aside(scene: Scene, **changes: Any) -> Item:
    payload = {
        "rule": "no_known_contact_order", "reason": "Seen before.", "by_name": "Coordinator Example",
        "by_role": "coordinator", "how": "phone", "given_at": "2026-04-30T02:10:00Z",
    }  # fmt: skip
    return scene.plain(scene.officer.write(scene.referral_id, "override.add", payload | changes))


def _create(scene: Scene, **payload: Any) -> Item:
    referral_id = payload.pop("referral_id", str(uuid4()))
    whole = {"pathway": "arrest_diversion", "agency_id": AGENCY} | payload
    return scene.plain(scene.officer.write(referral_id, "referral.create", whole))


NOTE_ON_UNKNOWN = str(uuid4())

# name: (reason, status, build). Where it is stored follows from the reason; see `KEPT`.
CASES: dict[str, tuple[str, str, Callable[[Scene], Item]]] = {
    "sealed to a key the server does not hold": ("unknown_key", "retry", _unknown_key),
    "an envelope of a newer version": ("newer_version", "retry", lambda s: s.broken(v=2)),
    "a kind that is newer than the server": ("newer_kind", "retry", lambda s: s.broken(kind="referral.split")),
    "an earlier operation that has not arrived": ("missing_prev", "retry", lambda s: s.broken(prev=str(uuid4()))),
    "a damaged blob": ("cannot_open", "rejected", _damaged),
    "a blob that is too short to be one": ("cannot_open", "rejected", lambda s: s.plain(s.note()) | {"blob": "AA"}),
    "a blob that is not base64url": ("cannot_open", "rejected", lambda s: s.plain(s.note()) | {"blob": "A" * 201}),
    "sealed under another header": ("cannot_open", "rejected", lambda s: s.plain(s.note()) | {"seq": 999}),
    "content that is not JSON": ("not_json", "rejected", _raw(lambda raw: raw[:-1])),
    "content that is no text": ("not_json", "rejected", _raw(lambda raw: b"\xff\xfe\x00")),
    "content that is a list": ("not_json", "rejected", _raw(lambda raw: b"[" + raw + b"]")),
    "content nested a thousandfold": ("not_json", "rejected", _raw(lambda raw: b"[" * 20_000 + b"]" * 20_000)),
    "a space in the content": ("not_canonical", "rejected", _raw(lambda raw: raw.replace(b":", b": ", 1))),
    "a float in the content": ("not_canonical", "rejected", _raw(lambda raw: raw.replace(b'"v":1', b'"v":1.0'))),
    "a huge number in the content": ("not_canonical", "rejected", _raw(lambda raw: raw.replace(b'"v":1', b'"v":' + b"9" * 30))),
    "a number of five thousand digits": ("not_json", "rejected", _raw(lambda raw: raw.replace(b'"v":1', b'"v":' + b"9" * 5000))),
    "a lone surrogate": ("not_canonical", "rejected", _raw(lambda raw: raw.replace(b"socks", b"\\ud800"))),
    "a key that stands twice": ("not_canonical", "rejected", _raw(lambda raw: raw.replace(b'"v":1', b'"v":1,"v":1'))),
    "an unknown field in the envelope": ("envelope", "rejected", lambda s: s.broken(mood="\u0000good")),
    "a header that is not well formed": ("header", "rejected", lambda s: s.plain(s.note()) | {"seq": "1"}),
    "a header with a strange name": ("header", "rejected", lambda s: s.plain(s.note()) | {"\u0000\ud800": "\ud800", "seq": 2.5}),
    "a header with an unknown name": ("header", "rejected", lambda s: s.plain(s.note()) | {"\u0000 Kit Sample": 1}),
    "content of another operation": ("header_mismatch", "rejected", lambda s: world.sealed(s.officer, s.note(), seq=4444)),
    "a wrong digest": ("wrong_digest", "rejected", lambda s: s.plain(s.note() | {"digest": "0" * 64})),
    "a forged signature": ("signature", "rejected", _forged),
    "a signature of zeros": ("signature", "rejected", lambda s: s.plain(s.note() | {"sig": "A" * 86})),
    "no signature": ("unsigned", "held", lambda s: s.plain(s.note(signed=False))),
    "the server's own device": ("reserved_device", "rejected", _epoch_device),
    "another device": ("not_this_device", "rejected", lambda s: s.broken(device_id=str(uuid4()))),
    "another user": ("not_this_device", "rejected", lambda s: s.broken(user_id=s.cast["coordinator"].user_id)),
    "another program": ("not_this_device", "rejected", _of_another_program),
    "a kind that only the server writes": ("reserved_device", "rejected", lambda s: s.plain(
        s.officer.write(s.referral_id, "page.expire", {"acknowledgement": str(uuid4())}))),
    "an acknowledgement in another's name": ("reserved_device", "rejected", lambda s: s.plain(s.officer.write(
        s.referral_id, "page.acknowledge", {"eta_minutes": 5, "user_id": s.cast["coordinator"].user_id}))),
    "an unknown field in the payload": ("payload", "rejected", lambda s: s.broken(payload={"text": "x", "mood": 1})),
    "a field that no program has": ("payload", "rejected", lambda s: _set(s, {"informant\u0000": "x"})),
    "a value of the wrong type": ("payload", "rejected", lambda s: _set(s, {"wait_minutes": "soon"})),
    "a settlement with a status that is none": ("payload", "rejected", lambda s: _settled(s, "status", [["closed"]])),
    "a settlement with a holder that is none": ("payload", "rejected", lambda s: _settled(s, "holder", {"user_id": None})),
    "a settlement with a hand-off that is none": ("payload", "rejected", lambda s: _settled(s, "handoff", {"outcome": "won"})),
    "a payload over the limit": ("too_large", "rejected", lambda s: s.broken(payload={"text": "a" * 66_000})),
    "an act of another role": ("not_permitted", "rejected", lambda s: s.plain(
        s.officer.write(s.referral_id, "handoff.record", {"outcome": "phone"}))),
    "a decision by somebody who may not read it": ("not_permitted", "rejected", lambda s: s.plain(
        s.officer.write(s.referral_id, "decision.record", {"outcome": "accepted", "reason": None}))),
    "a settlement of what one cannot see": ("not_permitted", "rejected", lambda s: _settled(s, "needs", ["food"])),
    "a rule set aside by a role that one does not hold": ("not_permitted", "rejected", lambda s: _set_aside(
        s, how="self", by_name=None)),
    "a rule set aside by somebody without a name": ("payload", "rejected", lambda s: _set_aside(s, by_name=None)),
    "the server's own evaluation": ("reserved_device", "rejected", lambda s: s.plain(s.officer.write(
        s.referral_id, "determination.check",
        {"verdict": "agrees", "outcome": None, "pack": None, "of": s.grant_id}))),
    "a birth date among the facts": ("payload", "rejected", lambda s: _set(s, {"facts": {"birth_date": "1990-05-01"}})),
    "an approval that is not here": ("unknown_entry", "held", lambda s: _confirms(s, str(uuid4()))),
    "a community referral by an officer": ("not_permitted", "rejected", lambda s: _create(
        s, pathway="community", agency_id=None)),
    "a referral for another agency": ("not_permitted", "rejected", lambda s: _create(s, agency_id=SECOND_AGENCY)),
    "a referral for no agency": ("not_permitted", "rejected", lambda s: _create(s, agency_id=None)),
    "a referral that is not here": ("unknown_referral", "held", lambda s: s.plain(world.note(s.officer, NOTE_ON_UNKNOWN))),
    "a referral created twice": ("already_created", "rejected", lambda s: _create(s, referral_id=s.referral_id)),
    "identity without a consent": ("consent_missing", "held", lambda s: _set(s, {"name": "Kit Sample"})),
    "identity that cites something else": ("consent_missing", "held", lambda s: _set(
        s, {"name": "Kit Sample"}, saw=[str(uuid4())])),
}  # fmt: skip

UNDER_ITS_HASH = {
    "cannot_open", "not_json", "not_canonical", "envelope", "header", "header_mismatch", "wrong_digest", "signature",
    "unsigned", "not_this_device", "op_id_reuse", "too_large",
}  # fmt: skip
ELSEWHERE = {"device_revoked", "user_inactive", "no_role", "op_id_reuse", "server_fault", "not_alerted", "expunged"}
"""Reasons with a test of their own in `test_push` or, for the last two, `test_departure` and `retention/test_expunging`."""
