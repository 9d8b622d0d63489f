"""When something was done, as well as can be told: the shared vectors, and what the fold makes of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync.fold import apply, empty
from sync.records import Committed, State
from sync.times import CLOCK_OFF_MS, LATE_MS, Timing, estimated_ms, timing
from tests.sync.factories import PROGRAM, REFERRAL, Phone
from tests.sync.server import NOW, OFFICER, Server, a_server, story, write

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "times.json").read_text())
LATE: Timing = {"at": "2026-04-30T02:14:00.000Z", "received": "2026-04-30T05:14:00.000Z", "off_ms": -94694400000}


def ms(text: str | None) -> int:
    return (
        0
        if text is None
        else (datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    )


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["name"]))
def test_the_estimate_and_what_is_told_are_those_of_the_case(case: dict[str, Any]) -> None:
    enrolled_at = None if case["enrolled_at"] is None else datetime.fromisoformat(case["enrolled_at"])
    received_at = datetime.fromisoformat(case["received_at"])
    found = estimated_ms(ms(case["made_at"]), case["clock_off_ms"], ms(case["enrolled_at"]), ms(case["received_at"]))
    assert found == ms(case["estimated"])
    assert timing(case["made_at"], case["clock_off_ms"], enrolled_at, received_at) == case["told"]


def test_the_thresholds_are_those_of_the_vectors() -> None:
    assert (VECTORS["clock_off_ms"], VECTORS["late_ms"]) == (CLOCK_OFF_MS, LATE_MS)


def told(part: Any) -> dict[str, Any]:
    return {key: part[key] for key in ("at", "received", "off_ms") if key in part}


def test_every_part_of_a_state_tells_the_times_of_its_operation() -> None:
    phone, state = Phone("0ff1ce00", "officer"), empty(REFERRAL, PROGRAM)

    def late(kind: str, **more: Any) -> Committed:
        operation = phone.write(kind, **more)
        operation["timing"] = LATE
        return operation

    note = late("note.add")
    for operation in (
        late("referral.set"), note, late("consent.grant"),
        late("entry.strike", payload={"entry": note["op_id"], "entry_kind": "note.add", "reason": "Wrong."}),
    ):  # fmt: skip
        apply(state, operation)
    assert told(state["registers"]["place"]) == LATE
    assert [told(part) for kind in ("entries", "strikes", "consent") for part in state[kind].values()] == [LATE] * 3


def test_a_conflict_tells_the_times_of_the_side_that_lost() -> None:
    state = empty(REFERRAL, PROGRAM)
    other, late = Phone("c00d0000", "coordinator"), Phone("0ff1ce00", "officer")
    apply(state, other.write("referral.set", {"fields": {"name": "Roza"}}))
    operation = late.write("referral.set", {"fields": {"name": "Rosa"}})
    operation["timing"] = LATE
    [opened] = apply(state, operation)
    conflict = state["conflicts"][opened]
    assert (conflict["lost_at"], conflict["lost_received"], conflict["lost_off_ms"]) == (
        LATE["at"], LATE["received"], LATE["off_ms"],
    )  # fmt: skip


def stored(server: Server) -> State:
    assert server.known is not None
    return server.known.referrals[REFERRAL].state


def test_what_arrives_late_from_a_wrong_clock_is_folded_with_its_estimate_and_folds_anew_to_the_same() -> None:
    server = a_server()
    server.push(OFFICER, story()[0])
    made = NOW - timedelta(hours=3) + timedelta(days=1096)
    off = -timedelta(days=1096) // timedelta(milliseconds=1)
    server.push(OFFICER, write(OFFICER, 9, "referral.set", made_at=made.isoformat(), clock_off_ms=off))
    place = stored(server)["registers"]["place"]
    expected = (NOW - timedelta(hours=3)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert (place["at"], place["off_ms"]) == (expected, off)
    assert place["received"].startswith(NOW.isoformat(timespec="seconds")[:19])
    assert server.folded_anew() == stored(server)


def test_a_prompt_operation_keeps_nothing_besides_its_own_time() -> None:
    server = a_server()
    server.push(OFFICER, story()[0])
    server.push(OFFICER, write(OFFICER, 2, "referral.set", made_at=NOW.isoformat(), clock_off_ms=200))
    place = stored(server)["registers"]["place"]
    assert told(place) == {"at": NOW.isoformat()}
