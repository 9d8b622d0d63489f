"""What a prosecutor hears of a referral that was merged with another of the same person."""

from __future__ import annotations

from api.database import Database
from tests.api import exchange_world as world
from tests.api.disclosures.conftest import Case, lines


def merged(case: Case) -> str:
    """A second arrest of the same person, into which the case is merged."""
    into, operations = case.officer.submission()
    case.apply(case.officer, *operations)
    case.coordinator.pull()
    case.apply(case.coordinator, case.coordinator.write(case.id, "referral.merge", {"into": into}))
    case.coordinator.pull()
    return into


def test_what_became_of_the_person_is_told_wherever_it_was_written(case: Case) -> None:
    case.release(information=["intake", "enrolled", "status"])
    into = merged(case)
    done = [
        case.coordinator.write(into, "decision.record", {"outcome": "accepted", "reason": None}),
        case.coordinator.write(into, "handoff.record", {"outcome": "in_person"}),
        case.coordinator.set(into, {"intake_on": "2026-05-02"}),
    ]
    case.apply(case.coordinator, *done)
    told = case.told()
    assert told is not None
    assert told["case_number"] == "24-117", "the packet stays the case's own"
    assert told["facts"]["intake"]["done_on"] == "2026-05-02"
    assert (told["facts"]["enrolled"], told["facts"]["status"]) == (True, "handed_off")


def test_a_release_is_told_on_the_referral_on_which_it_was_given(case: Case) -> None:
    case.release()
    into = merged(case)
    every = case.prosecutor.get("/api/prosecution/referrals").json()["referrals"]
    assert [each["id"] for each in every] == [case.id]
    assert case.prosecutor.get(f"/api/prosecution/referrals/{into}").status_code == 404


def test_a_withdrawal_on_the_other_referral_ends_it(case: Case, database: Database) -> None:
    case.release()
    into = merged(case)
    assert case.told() is not None
    count = len(lines(database))
    case.apply(case.officer, world.withdraw(case.officer, into))
    assert case.told() is None
    assert len(lines(database)) == count
