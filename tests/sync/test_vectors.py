"""The shared vectors, read by Python: the fold, views, the overlay, canonical JSON and the vocabulary.

The phone reads the same files (`pwa/src/domain/*.test.ts`); see `tests/vectors/sync/README.md` for their form.
"""

from __future__ import annotations

import hashlib
from itertools import permutations
from typing import Any

import pytest

from sync.fold import apply, blocked, consented, empty, fold, overlay
from sync.in_force import releases_in_force
from sync.operations import MalformedOperation, Operation, canonical, digest_of, parse_canonical, signed_bytes
from sync.payloads import KINDS
from sync.records import State
from sync.views import render
from tests.sync import vectors

CASES = vectors.fold_cases()
CANONICAL = vectors.read("canonical.json")


def named(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.get("id") or case["name"])


def check(state: State, expect: dict[str, Any]) -> None:
    """Compare a state with what a case says of it."""
    assert set(state["conflicts"]) == set(expect["conflicts"])
    for key, value in expect.get("values", {}).items():
        assert canonical(state["registers"][key]["value"]) == canonical(value), key
    for key, op_id in expect.get("writers", {}).items():
        assert state["registers"][key]["op"] == op_id, key
    for conflict_id, value in expect.get("lost", {}).items():
        assert canonical(state["conflicts"][conflict_id]["lost_value"]) == canonical(value)
    if "was" in expect:
        assert {key: conflict["was"] for key, conflict in state["conflicts"].items() if "was" in conflict} == expect[
            "was"
        ]
    if "entries" in expect:
        assert set(state["entries"]) == set(expect["entries"])
    if "struck" in expect:
        assert {entry: strike["op"] for entry, strike in state["strikes"].items()} == expect["struck"]
    for op_id, text in expect.get("texts", {}).items():
        assert state["entries"][op_id]["payload"]["text"] == text
    for op_id, digest in expect.get("payload_sha256", {}).items():
        assert hashlib.sha256(canonical(state["entries"][op_id]["payload"])).hexdigest() == digest
    for name, answer in (("consented", consented), ("blocked", blocked)):
        if name in expect:
            assert answer(state) is expect[name], name
    for today, releases in expect.get("in_force", {}).items():
        assert set(releases_in_force(state, today)) == set(releases), today
    if "vectors" in expect:
        assert state["vectors"] == expect["vectors"]
    if "state" in expect:
        assert canonical(state) == canonical(expect["state"])


def test_there_are_cases_for_every_kind() -> None:
    kinds = {operation["kind"] for case in CASES for operation in case["log"]}
    assert kinds == set(KINDS)
    assert len(CASES) >= 60


@named(CASES)
def test_every_operation_of_the_vectors_is_well_formed(case: dict[str, Any]) -> None:
    for operation in [*case["log"], *case.get("pending", [])]:
        envelope = {key: value for key, value in operation.items() if key not in ("role", "blind", "timing")}
        Operation.model_validate(envelope)
        KINDS[operation["kind"]].model_validate(operation["payload"])
        assert len(canonical(operation["payload"])) <= 64 * 1024


@named([case for case in CASES if "pending" not in case])
def test_the_fold_says_what_the_case_says(case: dict[str, Any]) -> None:
    state = empty(case["log"][0]["referral_id"], case["log"][0]["program_id"])
    opened = [conflict_id for operation in case["log"] for conflict_id in apply(state, operation)]
    check(state, case["expect"])
    if "opened" in case["expect"]:
        assert opened == case["expect"]["opened"]


@named([case for case in CASES if "views" in case["expect"]])
def test_each_view_shows_its_groups_and_nothing_else(case: dict[str, Any]) -> None:
    state = fold(case["log"])
    for expected in case["expect"]["views"]:
        view = render(state, frozenset(expected["groups"]))
        for part in ("registers", "entries", "strikes", "consent", "conflicts"):
            assert set(view[part]) == set(expected[part]), (part, expected["groups"])
        assert view["vector"] == expected["vector"]
        assert view["blocked"] is expected["blocked"]
        assert view["consented"] is expected["consented"]


@named([case for case in CASES if case.get("any_order")])
def test_consent_is_the_same_in_every_order(case: dict[str, Any]) -> None:
    for order in permutations(case["log"]):
        state = fold(order)
        assert consented(state) is case["expect"]["consented"]
        assert blocked(state) is case["expect"]["blocked"]


@named([case for case in CASES if "pending" in case])
def test_the_overlay_says_what_the_case_says(case: dict[str, Any]) -> None:
    view = render(fold(case["log"]), frozenset(case["sees"])) if case["log"] else None
    assert canonical(view) == canonical(case["view"])
    check(overlay(case["view"], case["pending"]), case["expect"])


@named([case for case in CASES if "pending" in case])
def test_the_server_comes_to_what_the_phone_foretold(case: dict[str, Any]) -> None:
    groups = frozenset(case["sees"])
    foretold = render(overlay(case["view"], case["pending"]), groups)
    mine = sorted(case["pending"], key=lambda operation: operation["seq"])
    answered = render(fold(case["log"] if case.get("held") else [*case["log"], *mine]), groups)
    for part in ("registers", "entries", "strikes", "consent", "conflicts", "blocked", "consented"):
        assert canonical(foretold[part]) == canonical(answered[part]), part


@named(CANONICAL["texts"])
def test_canonical_texts_are_those_written_by_hand(case: dict[str, Any]) -> None:
    assert canonical(case["value"]) == case["canonical"].encode()
    assert hashlib.sha256(canonical(case["value"])).hexdigest() == case["sha256"]


@named(CANONICAL["envelopes"])
def test_digests_of_envelopes_are_those_of_other_tools(case: dict[str, Any]) -> None:
    assert signed_bytes(case["envelope"]) == case["signed"].encode()
    assert digest_of(case["envelope"]) == case["digest"]


@named(CANONICAL["refused"])
def test_what_has_no_canonical_form_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(MalformedOperation) as refusal:
        parse_canonical(case["json"].encode())
    assert refusal.value.reason == case["reason"]


def test_the_vocabulary_file_is_what_the_code_says() -> None:
    """If this fails: `python -m tests.sync.vectors`, then make `pwa/src/domain/fields.ts` follow."""
    assert vectors.read("fields.json") == vectors.fields_document()
