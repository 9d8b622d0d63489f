"""Pages of two referrals of one person: who answers for the person answers for both, and never before somebody did."""

from __future__ import annotations

import pytest
from sqlmodel import select

from api.auth.cookies import token_hash
from api.database import Database
from api.paging import service as paging
from api.tables.paging import Delivery, Page
from tests.api.conftest import Enrol, FakeClock
from tests.api.merging_world import SamePerson, check


@pytest.fixture
def same(enrol: Enrol, database: Database) -> SamePerson:
    return SamePerson(enrol, database)


def answer(same: SamePerson, referral_id: str, eta_minutes: int = 20) -> None:
    same.coordinator.pull()
    same.apply(same.coordinator, same.coordinator.acknowledge(referral_id, eta_minutes))


def shown_page(same: SamePerson) -> dict[str, object]:
    """What the second officer's phone is told of the page."""
    items = same.second.pull()["items"]
    found: dict[str, object] = next(item["page"] for item in items if item["t"] == "page" and item["id"] == same.other)
    return found


def test_while_nobody_has_the_other_the_page_goes_on_calling(same: SamePerson) -> None:
    same.merge()
    assert (same.page(same.other).state, same.page(same.into).state) == ("open", "open")
    assert shown_page(same)["acknowledged_by"] is None


def test_merged_into_one_that_somebody_has_its_officer_is_told_who_comes(
    same: SamePerson, clock: FakeClock, database: Database
) -> None:
    answer(same, same.into, 30)
    clock.advance(minutes=10)
    same.merge()
    page = same.page(same.other)
    assert (page.state, page.acknowledged_by, page.eta_minutes) == ("acknowledged", same.coordinator.user_id, 20)
    assert page.ack_expires_at is None, "opening it is asked for on the other page"
    assert shown_page(same)["acknowledged_by"] == same.coordinator.user_id
    check(database)


def test_an_answer_in_sight_of_both_answers_both(same: SamePerson, database: Database) -> None:
    same.merge()
    answer(same, same.into)
    assert (same.page(same.into).state, same.page(same.other).state) == ("acknowledged", "acknowledged")
    view = same.second.views()[same.other]
    assert view["registers"]["status"]["value"] == "acknowledged"
    assert view["registers"]["holder"]["value"]["user_id"] == same.coordinator.user_id
    assert same.happened(same.other)[-1] == "merged"
    check(database)


def test_an_answer_that_had_not_seen_the_merge_leaves_the_other_calling(same: SamePerson, enrol: Enrol) -> None:
    second = enrol("coordinator2")
    second.pull()
    same.merge()
    same.apply(second, second.acknowledge(same.into))
    assert (same.page(same.into).state, same.page(same.other).state) == ("acknowledged", "open")
    assert same.second.views()[same.other]["registers"]["status"]["value"] == "submitted"


def test_a_tap_on_a_lock_screen_answers_both(same: SamePerson, clock: FakeClock, database: Database) -> None:
    same.merge()
    with database.write() as session:
        page = session.exec(select(Page).where(Page.subject == same.into)).one()
        token = "a-token"
        delivery = Delivery(
            id="d" * 36, page_id=page.id, kind="page", text="officer_waiting", program_id=page.program_id,
            user_id=same.coordinator.user_id, target_id="t", due_at=clock.now(), lease_until=clock.now(),
            created_at=clock.now(), token_hash=token_hash(token),
        )  # fmt: skip
        session.add(delivery)
        session.flush()
        done = paging.acknowledge_by_token(session, page.id, token, clock.now())
    assert done is not None
    assert done[0] == "acknowledged"
    assert same.page(same.other).state == "acknowledged"
    check(database)


def test_an_answer_that_runs_out_calls_for_both_again(same: SamePerson, clock: FakeClock, database: Database) -> None:
    same.merge()
    answer(same, same.into)
    later = clock.advance(hours=3)
    with database.write() as session:
        paging.advance(session, same.page(same.into).id, later)
    assert (same.page(same.into).state, same.page(same.other).state) == ("open", "open")
    check(database)


def test_met_in_sight_of_both_nobody_is_called_any_more(same: SamePerson) -> None:
    same.merge()
    same.apply(same.coordinator, same.coordinator.write(same.into, "handoff.record", {"outcome": "in_person"}))
    assert (same.page(same.into).state, same.page(same.other).state) == ("closed", "closed")
    assert same.second.views()[same.other]["registers"]["status"]["value"] == "handed_off"


@pytest.mark.parametrize("met", [False, True])
def test_parted_what_was_answered_elsewhere_calls_again(same: SamePerson, database: Database, met: bool) -> None:
    same.merge()
    answer(same, same.into)
    if met:
        same.coordinator.pull()
        same.apply(same.coordinator, same.coordinator.write(same.into, "handoff.record", {"outcome": "in_person"}))
    same.part()
    page = same.page(same.other)
    assert (page.state, page.acknowledged_by) == ("open", None)
    assert "parted" in same.happened(same.other)
    assert same.page(same.into).state == ("closed" if met else "acknowledged")
    assert same.second.views()[same.other]["registers"]["status"]["value"] == "submitted"
    check(database)


def test_parted_what_had_an_answer_of_its_own_keeps_it(same: SamePerson) -> None:
    answer(same, same.other)
    same.merge()
    answer(same, same.into)
    same.part()
    assert same.page(same.other).state == "acknowledged"
    assert "parted" not in same.happened(same.other)


def test_a_new_call_on_the_merged_one_calls_again(same: SamePerson, database: Database) -> None:
    same.merge()
    answer(same, same.into)
    same.coordinator.pull()
    same.apply(same.coordinator, same.coordinator.write(same.into, "handoff.record", {"outcome": "in_person"}))
    same.apply(same.second, same.second.alert(same.other))
    assert same.page(same.other).state == "open"
    assert same.second.views()[same.other]["registers"]["status"]["value"] == "submitted"
    check(database)
