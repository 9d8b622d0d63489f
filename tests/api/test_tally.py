"""Counts of declined offers: each counted once, and nothing kept that could name anybody."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from api.database import Database
from api.exchange.models import DEMOGRAPHIC_KEYS, TALLY_LIMIT
from api.tables.records import Tally
from tests.api import exchange_world as world
from tests.api.conftest import AGENCY, JOINED, OTHER_AGENCY, PROGRAM, Enrol
from tests.api.device import TestDevice


def entry(**changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()), "agency_id": AGENCY, "month": "2026-04", "pathway": "arrest_diversion", "answer": "declined",
        "reason": "not_today", "demographics": {"race_self": "asian", "gender_observed": "woman"},
    } | changes  # fmt: skip


def send(officer: TestDevice, *entries: dict[str, Any]) -> list[str]:
    body = {"protocol": 1, "device_id": officer.device_id, "tallies": list(entries)}
    answer = officer.client.post("/api/sync/tally", json=body)
    assert answer.status_code == 200, answer.text
    accepted: list[str] = answer.json()["accepted"]
    return accepted


def counted(database: Database) -> dict[tuple[str, ...], int]:
    with database.read() as session:
        return {
            (row.program_id, row.agency_id, row.month, row.pathway, row.answer, row.reason, row.demographics): row.count
            for row in session.exec(select(Tally))
        }


KEY = (PROGRAM, AGENCY, "2026-04", "arrest_diversion", "declined", "not_today")
PEOPLE = '{"gender_observed":"woman","race_self":"asian"}'


def test_each_is_counted_once_however_often_it_is_sent(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    first, second, third = entry(), entry(), entry()
    assert send(officer, first, second) == [first["id"], second["id"]]
    assert send(officer, second, third, third) == [second["id"], third["id"], third["id"]]
    assert counted(database) == {(*KEY, PEOPLE): 3}


def test_what_differs_is_counted_apart(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    send(
        officer, entry(), entry(answer="walked_away"), entry(month="2026-05"), entry(pathway="social_contact"),
        entry(reason=None), entry(demographics={}), entry(agency_id=None), entry(demographics={"race_self": "asian"}),
    )  # fmt: skip
    assert len(counted(database)) == 8
    assert set(counted(database).values()) == {1}


def test_an_agency_of_another_program_counts_under_none(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    send(officer, entry(agency_id=OTHER_AGENCY), entry(agency_id=str(uuid4())), entry(agency_id=None))
    assert {key[1]: number for key, number in counted(database).items()} == {"": 3}


def test_no_officer_device_or_moment_is_kept_with_a_count() -> None:
    assert set(Tally.model_fields) == {
        "program_id", "agency_id", "month", "pathway", "answer", "reason", "demographics", "count",
    }  # fmt: skip
    assert all(key.endswith(("_self", "_observed")) or key == "age_band" for key in DEMOGRAPHIC_KEYS)


def test_it_leaves_no_operation_and_no_feed_item(database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    before = world.head(database).position
    send(officer, entry())
    assert (world.log_size(database), world.feed(database), world.head(database).position) == (0, [], before)


def test_at_most_so_many_at_once(enrol: Enrol) -> None:
    officer = enrol("officer")
    assert len(send(officer, *(entry() for _ in range(TALLY_LIMIT)))) == TALLY_LIMIT
    body = {"protocol": 1, "device_id": officer.device_id, "tallies": [entry() for _ in range(TALLY_LIMIT + 1)]}
    assert officer.client.post("/api/sync/tally", json=body).status_code == 422


@pytest.mark.parametrize("state", ["revoked", "expired", "without its cookie"])
def test_it_needs_the_devices_cookie(state: str, database: Database, enrol: Enrol) -> None:
    officer = enrol("officer")
    if state == "revoked":
        world.set_device(database, officer.device_id, state="revoked")
        assert send(officer, entry()) != [], "a count from a revoked phone is still a count"
        return
    if state == "expired":
        world.set_device(database, officer.device_id, expires_at=JOINED)
    else:
        officer.client.cookies.clear()
    body = {"protocol": 1, "device_id": officer.device_id, "tallies": [entry()]}
    assert officer.client.post("/api/sync/tally", json=body).status_code == 401
