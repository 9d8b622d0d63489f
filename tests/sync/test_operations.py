"""What is a well-formed operation, what is refused and on which side of each limit, and what every kind must have."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sync.fields import FIELDS, GROUPS, STATUSES, FieldError, check_field, group_of
from sync.operations import (
    MalformedOperation,
    Operation,
    SealedOperation,
    canonical,
    digest_of,
    parse_canonical,
    signed_bytes,
)
from sync.payloads import KINDS, groups_of
from tests.sync import vectors
from tests.sync.factories import PAYLOADS, envelope

REFUSALS = vectors.read("refusals.json")
SEALED = {
    "op_id": "0ff1ce00-0000-4000-8000-000000000001",
    "device_id": "0ff1ce00-0000-4000-8000-000000000000",
    "seq": 1,
    "program_id": "denver",
    "key_id": "0123456789abcdef",
    "blob": "AAAA",
}

texts = st.text(max_size=8)
integers = st.integers(1 - 2**53, 2**53 - 1)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), integers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=12,
)
json_objects = st.dictionaries(texts, json_values, max_size=4)


def expanded(value: Any) -> Any:
    """The value with `{"$times": [part, n]}` written out."""
    if isinstance(value, dict):
        if value.keys() == {"$times"}:
            part, times = value["$times"]
            return part * times
        return {key: expanded(member) for key, member in value.items()}
    return [expanded(item) for item in value] if isinstance(value, list) else value


def changed(whole: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    made = whole | expanded(case.get("with", {}))
    return {key: value for key, value in made.items() if key not in case.get("without", [])}


def named(cases: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=lambda case: f"{case.get('kind', '')} {case['name']}".strip())


def judge(model: type[Any], value: dict[str, Any], accepted: bool) -> None:
    if accepted:
        assert model.model_validate(value).model_dump(exclude_unset=True) == value
    else:
        with pytest.raises(ValidationError):
            model.model_validate(value)


@named(REFUSALS["payloads"])
def test_payloads_stand_on_the_right_side_of_each_limit(case: dict[str, Any]) -> None:
    judge(KINDS[case["kind"]], changed(PAYLOADS[case["kind"]], case), case["accepted"])


@named(REFUSALS["envelopes"])
def test_envelopes_stand_on_the_right_side_of_each_limit(case: dict[str, Any]) -> None:
    judge(Operation, changed(envelope("referral.alert"), case), case["accepted"])


@named(REFUSALS["sealed"])
def test_headers_stand_on_the_right_side_of_each_limit(case: dict[str, Any]) -> None:
    judge(SealedOperation, changed(SEALED, case), case["accepted"])


def test_every_kind_and_every_field_has_refusals() -> None:
    refused = [case for case in REFUSALS["payloads"] if not case["accepted"]]
    assert {case["kind"] for case in refused} == set(KINDS)
    fields = {key for case in refused for key in case.get("with", {}).get("fields", {})}
    assessments = {key for key in FIELDS if key.startswith("assessment.")}
    assert fields >= set(FIELDS) - assessments
    assert fields & assessments


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_takes_its_example_and_has_groups(kind: str) -> None:
    judge(KINDS[kind], PAYLOADS[kind], True)
    groups = groups_of(kind, PAYLOADS[kind])
    assert groups
    assert groups <= set(GROUPS)


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_every_field_may_be_cleared_and_names_itself_when_it_refuses(key: str) -> None:
    check_field(key, None)
    with pytest.raises(FieldError, match=key.replace(".", r"\.")):
        check_field(key, {"no field": "takes this"})
    assert group_of(key) == FIELDS[key].group


def test_no_status_speaks_of_a_failed_test_or_relapse() -> None:
    assert set(STATUSES) == {"submitted", "acknowledged", "not_met", "deferred", "handed_off", "closed"}


def test_the_header_binds_the_ciphertext_to_everything_that_travels_in_clear() -> None:
    info = SealedOperation.model_validate(SEALED).info()
    assert info == (
        b"handoff/op/v1|denver|0ff1ce00-0000-4000-8000-000000000000"
        b"|0ff1ce00-0000-4000-8000-000000000001|1|0123456789abcdef"
    )


@given(json_objects)
def test_canonical_bytes_parse_back_to_the_same_value(value: dict[str, Any]) -> None:
    raw = canonical(value)
    assert canonical(parse_canonical(raw)) == raw


@given(st.binary(max_size=40))
def test_any_bytes_are_an_object_or_a_documented_refusal(raw: bytes) -> None:
    reason, value = None, None
    try:
        value = parse_canonical(raw)
    except MalformedOperation as refusal:
        reason = refusal.reason
    assert reason in ("not_json", "not_canonical") or canonical(value) == raw


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"\xff\xfe{}", "not_json"),
        (b'{"a":"\xed\xa0\x80"}', "not_canonical"),
        ('{"a":1}'.encode("utf-16"), "not_canonical"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "not_json"),
        (b'{"a":' + b"9" * 5_000 + b"}", "not_json"),
    ],
    ids=["not UTF-8", "a surrogate in UTF-8", "UTF-16", "nested without end", "a number without end"],
)
def test_hostile_bytes_are_refused(raw: bytes, reason: str) -> None:
    with pytest.raises(MalformedOperation) as refusal:
        parse_canonical(raw)
    assert refusal.value.reason == reason


@given(json_objects)
def test_the_digest_covers_everything_but_itself_and_the_signature(payload: dict[str, Any]) -> None:
    whole = envelope("note.add", payload)
    assert digest_of(whole | {"digest": "0" * 64, "sig": "A" * 86}) == whole["digest"]
    assert b'"sig"' not in signed_bytes(whole | {"payload": {}})
    for key in set(whole) - {"digest", "sig"}:
        assert digest_of(whole | {key: "another"}) != whole["digest"]
