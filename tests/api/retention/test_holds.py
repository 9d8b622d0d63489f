"""Legal holds: two people, a day at which they end by themselves, and nothing erased while they stand."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from api.database import Database
from tests.api import exchange_world as world
from tests.api.conftest import FakeClock, SignIn
from tests.api.retention.conftest import CANARIES, Told, Two

LAST = "2026-06-01"
"""The first of June ends in Denver at 06:00 UTC on the second."""


def test_while_it_stands_nothing_may_be_expunged(
    database: Database, two: Two, told: Callable[[], Told], sign_in: SignIn
) -> None:
    subject = told()
    path = f"/api/referrals/{subject.referral_id}/expunge"
    waiting = two.ask(f"referrals/{subject.referral_id}/expunge", {"reason": "court_order"})
    hold = two.hold(subject.referral_id)
    refused = sign_in("administrator").post(f"/api/expunge/{waiting}/approve")
    assert refused.status_code == 409
    assert "legal hold" in refused.json()["detail"]
    assert sign_in("supervisor").post(path, json={"reason": "mistake"}).status_code == 409
    assert world.state(database, subject.referral_id)["registers"]
    two.end(hold)
    two.approve(f"expunge/{waiting}")
    assert world.state(database, subject.referral_id)["expunged"] is True


def test_it_ends_with_its_day_in_the_programs_time(
    two: Two, told: Callable[[], Told], sign_in: SignIn, clock: FakeClock
) -> None:  # fmt: skip
    subject = told()
    two.hold(subject.referral_id, LAST)
    path, body = f"/api/referrals/{subject.referral_id}/expunge", {"reason": "mistake"}
    clock.advance(days=33, hours=3, minutes=46, milliseconds=-1)
    assert sign_in("supervisor").post(path, json=body).status_code == 409
    clock.advance(milliseconds=1)
    assert sign_in("supervisor").post(path, json=body).status_code == 201
    [entry] = sign_in("supervisor").get("/api/holds").json()["holds"]
    assert (entry["state"], entry["until_at"]) == ("over", "2026-06-02T06:00:00.000Z")


def test_one_person_alone_holds_nothing(
    two: Two, told: Callable[[], Told], sign_in: SignIn, database: Database
) -> None:  # fmt: skip
    subject = told()
    asked = two.ask(f"referrals/{subject.referral_id}/hold", {"reason": "audit", "until": LAST})
    assert sign_in("supervisor").post(f"/api/holds/{asked}/approve").status_code == 403
    [entry] = sign_in("supervisor").get("/api/holds").json()["holds"]
    assert (entry["state"], entry["from_at"], entry["approved_by_name"]) == ("asked", None, None)
    two.expunge(subject.referral_id)
    assert sign_in("administrator").post(f"/api/holds/{asked}/approve").status_code == 409, "it came too late"


@pytest.mark.parametrize(
    ("until", "status"),
    [
        ("2026-04-28", 422), ("2026-04-29", 201), ("2028-04-29", 201), ("2028-04-30", 422), ("2026-02-30", 422),
        ("26-05-01", 422), ("9999-12-31", 422), ("2026-05-01T00:00", 422),
    ],
)  # fmt: skip
def test_a_hold_ends_within_two_years(
    told: Callable[[], Told], sign_in: SignIn, until: str, status: int
) -> None:  # fmt: skip
    """It is the evening of the 29th of April in Denver."""
    path = f"/api/referrals/{told().referral_id}/hold"
    answer = sign_in("supervisor").post(path, json={"reason": "complaint", "until": until})
    assert answer.status_code == status, answer.text


def test_refusals(two: Two, told: Callable[[], Told], sign_in: SignIn, clock: FakeClock) -> None:
    subject = told()
    path, body = f"/api/referrals/{subject.referral_id}/hold", {"reason": "litigation", "until": LAST}
    for login in ("officer", "coordinator", "administrator", "prosecutor", "evaluator"):
        assert sign_in(login).post(path, json=body).status_code == 403, login
    assert sign_in("other_supervisor").post(path, json=body).status_code == 404
    for wrong in ({**body, "reason": "because"}, {"reason": "audit"}, {**body, "until": 5}, {**body, "more": 1}):
        assert sign_in("supervisor").post(path, json=wrong).status_code == 422
    hold = two.hold(subject.referral_id)
    assert sign_in("administrator").post(f"/api/holds/{hold}/approve").status_code == 409, "once"
    assert sign_in("administrator").post(f"/api/holds/{hold}/end").status_code == 403
    assert sign_in("other_supervisor").post(f"/api/holds/{hold}/end").status_code == 404
    assert sign_in("supervisor").post(f"/api/holds/{uuid4()}/end").status_code == 404
    asked = two.ask(f"holds/{hold}/end")
    assert sign_in("supervisor").post(f"/api/hold-ends/{asked}/approve").status_code == 403
    late = sign_in("administrator")
    clock.advance(minutes=5, milliseconds=1)
    assert late.post(f"/api/hold-ends/{asked}/approve").status_code == 403
    two.approve(f"hold-ends/{asked}")
    assert sign_in("supervisor").post(f"/api/holds/{hold}/end").status_code == 409, "it is over"


def test_what_is_declined_goes_on_as_it_was(two: Two, told: Callable[[], Told], sign_in: SignIn) -> None:
    subject = told()
    asked = two.ask(f"referrals/{subject.referral_id}/hold", {"reason": "audit", "until": LAST})
    assert sign_in("administrator").post(f"/api/holds/{asked}/decline").status_code == 204
    hold = two.hold(subject.referral_id)
    end = two.ask(f"holds/{hold}/end")
    assert sign_in("supervisor").post(f"/api/hold-ends/{end}/decline").status_code == 204, "taken back"
    entries = sign_in("administrator").get("/api/holds").json()["holds"]
    assert {entry["id"]: entry["state"] for entry in entries} == {asked: "over", hold: "stands"}


def test_both_roles_see_the_list_and_nothing_of_the_content(
    two: Two, told: Callable[[], Told], sign_in: SignIn
) -> None:  # fmt: skip
    subject = told()
    hold = two.hold(subject.referral_id)
    for login in ("supervisor", "administrator"):
        answer = sign_in(login).get("/api/holds")
        [entry] = answer.json()["holds"]
        assert (entry["id"], entry["referral_id"], entry["state"]) == (hold, subject.referral_id, "stands")
        assert (entry["asked_by_name"], entry["approved_by_name"]) == ("Supervisor Example", "Administrator Example")
        assert not any(canary in answer.text for canary in CANARIES)
    assert sign_in("other_supervisor").get("/api/holds").json() == {"holds": []}
    assert sign_in("coordinator").get("/api/holds").status_code == 403
