"""Who may look and decide: supervisors of the program alone, and never at what is inside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api import exchange_world as world
from tests.api.conftest import PEOPLE, PROGRAM, Enrol, FakeClock, SignIn
from tests.api.device import TestDevice
from tests.api.quarantine.conftest import WHY, Desk, Late, op_ids

OTHERS = [login for login, role, program, _ in PEOPLE if program == PROGRAM and role != "supervisor"]
CANARY = "Canary Of Content"


@pytest.mark.parametrize("login", OTHERS)
def test_no_other_role_sees_or_decides_anything(login: str, late: Late, sign_in: SignIn) -> None:
    _, operations = late()
    client = sign_in(login)
    body = {"items": op_ids(operations), "reason": WHY}
    settle = {"device_id": operations[0]["device_id"], "count": 1, "reason": WHY}
    answers = [
        client.get("/api/quarantine"),
        client.get("/api/quarantine/unarrived"),
        client.get(f"/api/quarantine/{operations[0]['op_id']}/sealed"),
        client.post("/api/quarantine/adopt", json=body),
        client.post("/api/quarantine/dismiss", json=body),
        client.post("/api/quarantine/unarrived/settle", json=settle),
    ]
    assert {answer.status_code for answer in answers} == {403}


def test_another_programs_supervisor_finds_nothing(
    desk: Desk, late: Late, removed: TestDevice, sign_in: SignIn
) -> None:
    _, operations = late()
    world.post_items(removed, [world.sealed(removed, removed.create()) | {"blob": "AAAA"}])
    sealed = next(one["id"] for one in desk.items() if one["sealed"])
    other = Desk(sign_in("other_supervisor"))
    assert other.look() == {"items": [], "by_reason": {}, "decided": []}
    for verb in ("adopt", "dismiss"):
        for ids in (op_ids(operations), [sealed], ["0" * 64], [operations[0]["op_id"], "0" * 64]):
            assert other.post(verb, ids).status_code == 404, (verb, ids)
    assert other.client.get(f"/api/quarantine/{sealed}/sealed").status_code == 404
    settle = {"device_id": removed.device_id, "count": 1, "reason": WHY}
    assert other.client.post("/api/quarantine/unarrived/settle", json=settle).status_code == 404
    assert len(desk.items()) == 5


def test_one_id_that_is_not_here_stops_all(desk: Desk, late: Late) -> None:
    _, operations = late()
    assert desk.post("adopt", [*op_ids(operations), "0" * 64]).status_code == 404
    assert len(desk.items()) == 4


def test_nothing_of_the_content_is_told(desk: Desk, removed: TestDevice) -> None:
    referral_id, operations = removed.submission(CANARY)
    grant = operations[1]["op_id"]
    removed.push(
        *operations, removed.set(referral_id, {"name": CANARY, "needs": ["shelter"]}, saw=[grant]),
        world.note(removed, referral_id, CANARY),
    )  # fmt: skip
    assert CANARY not in json.dumps(desk.look())
    desk.adopt(*(one["id"] for one in desk.items()))
    assert CANARY not in json.dumps(desk.look())


def test_what_was_expunged_is_nobodys_to_decide(desk: Desk, late: Late, database: Any) -> None:
    _, operations = late()
    with database.write() as session:
        for operation in operations:
            header = session.get(type(world.header(database, operation["op_id"])), operation["op_id"])
            header.state, header.reason = "rejected", "expunged"
            session.add(header)
    assert desk.items() == []
    assert desk.post("adopt", op_ids(operations)).status_code == 409
    assert desk.post("dismiss", op_ids(operations)).status_code == 409


def test_an_export_wants_a_fresh_proof(desk: Desk, officer: TestDevice, clock: FakeClock, enrol: Enrol) -> None:
    world.post_items(officer, [world.sealed(officer, officer.create()) | {"blob": "AAAA"}])
    [item] = desk.items()
    clock.advance(minutes=6)
    answer = desk.client.get(f"/api/quarantine/{item['id']}/sealed")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:handoff:problem:proof-needed")
