"""Erasing, holding and keeping referrals of one person that were merged."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi import FastAPI

from api.database import Database
from api.retention.service import MERGED, purge
from tests.api import exchange_world as world
from tests.api.conftest import Enrol, FakeClock, SignIn
from tests.api.merging_world import SamePerson, aliases, shown
from tests.api.retention.conftest import Two


@pytest.fixture
def same(enrol: Enrol, database: Database) -> SamePerson:
    return SamePerson(enrol, database)


def is_expunged(database: Database, referral_id: str) -> bool:
    found = world.referral(database, referral_id)
    assert found is not None
    return bool(found.state.get("expunged"))


def test_what_is_merged_is_parted_before_one_of_them_is_expunged(
    same: SamePerson, two: Two, sign_in: SignIn, database: Database
) -> None:
    same.merge()
    for referral_id in (same.into, same.other):
        answer = sign_in("supervisor").post(f"/api/referrals/{referral_id}/expunge", json={"reason": "court_order"})
        assert (answer.status_code, answer.json()["detail"]) == (409, MERGED)
    same.part()
    before = shown(database)["health:denver", same.into]
    two.expunge(same.other)
    assert (is_expunged(database, same.other), is_expunged(database, same.into)) == (True, False)
    assert shown(database)["health:denver", same.into] == before


def test_merged_between_the_asking_and_the_approval_nothing_is_erased(
    same: SamePerson, two: Two, sign_in: SignIn, database: Database
) -> None:
    asked = two.ask(f"referrals/{same.other}/expunge", {"reason": "court_order"})
    same.merge()
    assert sign_in("administrator").post(f"/api/expunge/{asked}/approve").status_code == 409
    assert not is_expunged(database, same.other)


def closed(same: SamePerson) -> None:
    """Two officers' referrals of one person, merged and closed as one."""
    same.merge()
    same.apply(same.coordinator, same.coordinator.write(same.into, "referral.close", {"reason": "person_left"}))


def purged(app: FastAPI, clock: FakeClock, days: int = 3 * 366) -> int:
    """A look so many days later."""
    return purge(app.state.database, app.state.keys.by_id, clock.now() + timedelta(days=days))


def test_what_was_merged_is_kept_and_goes_together(
    same: SamePerson, app: FastAPI, clock: FakeClock, database: Database
) -> None:
    closed(same)
    assert purged(app, clock, days=1) == 0
    assert purged(app, clock) == 1
    assert (is_expunged(database, same.into), is_expunged(database, same.other)) == (True, True)
    assert aliases(database) == {}
    assert {view["t"] for view in shown(database).values()} == {"drop"}
    assert purged(app, clock) == 0


@pytest.mark.parametrize("side", ["into", "other"])
def test_a_hold_on_one_keeps_both(
    same: SamePerson, two: Two, app: FastAPI, clock: FakeClock, database: Database, side: str
) -> None:
    closed(same)
    clock.advance(days=3 * 366)
    two.hold(same.into if side == "into" else same.other, f"{clock.now().year}-12-01")
    assert purged(app, clock, days=0) == 0
    assert (is_expunged(database, same.into), is_expunged(database, same.other)) == (False, False)


def test_a_referral_that_goes_on_keeps_a_closed_one_that_was_merged_into_it(
    same: SamePerson, app: FastAPI, clock: FakeClock, database: Database
) -> None:
    closing = same.second.write(same.other, "referral.close", {"reason": "entered_by_mistake"})
    same.apply(same.second, closing)
    same.coordinator.pull()
    same.merge()
    assert purged(app, clock) == 0
    same.part()
    assert purged(app, clock) == 1
    assert (is_expunged(database, same.into), is_expunged(database, same.other)) == (False, True)
