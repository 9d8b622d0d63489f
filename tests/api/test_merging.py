"""Two officers referred the same person: merged, worked on as one, parted again, and nobody learns what is not theirs."""

from __future__ import annotations

from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, update
from sqlmodel import col

from api.database import Database
from api.operations.reprojection import project_anew
from api.tables.records import Head, ReferralAlias
from sync.merging import MERGED_LIMIT
from sync.operations import canonical
from tests.api import exchange_world as world
from tests.api.at_once import on_postgresql, pusher, together
from tests.api.conftest import OTHER_PROGRAM, PROGRAM, START, Enrol, SignIn
from tests.api.feed_reading import FIELD_CANARIES, pull, puts, whole_referral
from tests.api.merging_world import SamePerson, aliases, check, shown, without_merging

HEALTH, DESK = f"health:{PROGRAM}", f"program:{PROGRAM}"


@pytest.fixture
def same(enrol: Enrol, database: Database) -> SamePerson:
    return SamePerson(enrol, database)


def test_merged_they_are_worked_on_as_one_and_each_officer_sees_the_own_as_before(
    same: SamePerson, database: Database
) -> None:
    before = shown(database)
    same.merge()
    after = shown(database)
    whole = after[HEALTH, same.into]
    assert {key.partition("|")[0] for key in whole["conflicts"]} == {"name", "place"}
    assert set(whole["consent"]) == {same.into_grant, same.other_grant}
    assert after[HEALTH, same.other]["registers"]["merged_into"]["value"] == same.into
    assert after[HEALTH, same.other]["registers"]["name"]["value"] == "Anna"
    assert after[DESK, same.other]["registers"]["merged_into"]["value"] == same.into
    others = [key for key in after if key[0] not in (HEALTH, DESK)]
    assert others
    assert all(canonical(after[key]) == canonical(before[key]) for key in others)
    assert aliases(database) == {same.other: same.into}
    check(database)


def test_what_is_decided_on_the_whole_stands_there_and_a_late_word_is_told_again(
    same: SamePerson, database: Database
) -> None:
    same.merge()
    whole = shown(database)[HEALTH, same.into]
    of_name = sorted(key for key in whole["conflicts"] if key.startswith("name|"))
    settled = {"key": "name", "value": "Ana Maria", "conflicts": of_name}
    same.apply(same.coordinator, same.coordinator.write(same.into, "conflict.resolve", settled, saw=[same.into_grant]))
    whole = shown(database)[HEALTH, same.into]
    assert whole["registers"]["name"]["value"] == "Ana Maria"
    assert not [key for key in whole["conflicts"] if key.startswith("name|")]
    assert shown(database)[HEALTH, same.other]["registers"]["name"]["value"] == "Anna"
    same.apply(same.second, same.second.set(same.other, {"name": "Anne"}, saw=[same.other_grant]))
    whole = shown(database)[HEALTH, same.into]
    lost = [of["lost_value"] for key, of in whole["conflicts"].items() if key.startswith("name|")]
    assert (whole["registers"]["name"]["value"], lost) == ("Ana Maria", ["Anne"])
    check(database)


def test_parted_both_are_as_if_they_never_had_been_merged(same: SamePerson, database: Database) -> None:
    before = shown(database)
    same.merge()
    same.part()
    after = shown(database)
    assert before.keys() == after.keys()
    for key, view in after.items():
        told_of_merging = key in ((HEALTH, same.other), (DESK, same.other))
        # Whoever sees that it was merged once also counts the two operations that said so.
        assert without_merging(view, vector=not told_of_merging) == without_merging(
            before[key], vector=not told_of_merging
        ), key
    assert aliases(database) == {}
    check(database)


@pytest.mark.parametrize("side", ["into", "other"])
def test_a_withdrawal_on_either_blocks_both_until_a_grant_names_it(
    same: SamePerson, database: Database, side: str
) -> None:
    same.merge()
    officer, referral_id = (same.first, same.into) if side == "into" else (same.second, same.other)
    withdrawn = world.withdraw(officer, referral_id)
    same.apply(officer, withdrawn)
    for key, view in shown(database).items():
        if not key[0].startswith(("agency", "prosecutor")):
            assert (view["blocked"], view["consented"]) == (True, False), key
        assert "name" not in view["registers"], key
    same.coordinator.pull()
    same.apply(same.coordinator, same.coordinator.grant(same.into, saw=[withdrawn["op_id"]]))
    after = shown(database)
    assert {after[HEALTH, one]["blocked"] for one in (same.into, same.other)} == {False}
    assert after[f"own:{same.second.user_id}", same.other]["registers"]["name"]["value"] == "Anna"
    check(database)


def test_neither_police_nor_prosecutor_learns_of_the_other_referral(
    enrol: Enrol, database: Database, sign_in: SignIn
) -> None:
    """A community referral full of canaries and an arrest are merged, either way; every police cell is looked at."""
    coordinator, partner, officer = enrol("coordinator"), enrol("case_manager"), enrol("officer")
    told = whole_referral(enrol("officer2"), coordinator)
    begun = partner.create(pathway="community")
    name = partner.set(begun["referral_id"], {"name": "canary-community", "referrer_name": "canary-mother"})
    mine, operations = officer.submission()
    assert {one["status"] for one in partner.push(begun, name)} == {"applied"}
    officer.push(*operations)
    before = shown(database)
    coordinator.pull()
    for one, into in permutations((mine, begun["referral_id"], told), 2):
        merged = coordinator.write(one, "referral.merge", {"into": into})
        assert coordinator.push(merged)[0]["status"] in ("applied", "merged")
        coordinator.pull()
        after = shown(database)
        for scope, view in ((key, view) for key, view in after.items() if key[0] not in (HEALTH, DESK)):
            assert canonical(view) == canonical(before[scope]), scope
        parted = coordinator.write(one, "referral.unmerge", {"into": into})
        assert coordinator.push(parted)[0]["status"] == "applied"
        coordinator.pull()
    coordinator.push(coordinator.write(mine, "referral.merge", {"into": begun["referral_id"]}))
    coordinator.pull()
    coordinator.push(coordinator.write(begun["referral_id"], "handoff.record", {"outcome": "in_person"}))
    assert puts(officer.pull())[mine]["view"]["registers"]["status"]["value"] == "handed_off", "their referral goes on"
    foreign = [begun["referral_id"], partner.user_id, begun["op_id"], "canary-community", "canary-mother", "community"]
    for client in (officer.client, sign_in("sergeant"), sign_in("prosecutor")):
        text = canonical([item for item in pull(client)["items"] if item["id"] != told]).decode()
        assert not [one for one in [*foreign, *FIELD_CANARIES] if one in text and one not in ("consent", "place")]
    check(database)


def test_only_those_who_meet_people_merge(same: SamePerson, enrol: Enrol, database: Database) -> None:
    for login in ("officer", "supervisor", "sergeant"):
        phone = enrol(login)
        for kind in ("referral.merge", "referral.unmerge"):
            receipt = phone.push(phone.write(same.other, kind, {"into": same.into}))[0]
            assert (receipt["status"], receipt["reason"]) == ("rejected", "not_permitted"), login
    manager = enrol("case_manager")
    manager.pull()
    same.merge(by=manager)
    assert aliases(database) == {same.other: same.into}


def test_a_referral_is_not_merged_into_itself_nor_across_programs_nor_into_nothing_readable(
    same: SamePerson, enrol: Enrol, database: Database
) -> None:
    phone = same.coordinator
    itself = phone.push(phone.write(same.other, "referral.merge", {"into": same.other}))[0]
    assert (itself["status"], itself["reason"]) == ("rejected", "payload")
    stranger = enrol("other_officer")
    foreign, operations = stranger.submission()
    assert {one["status"] for one in stranger.push(*operations)} == {"applied"}
    before = shown(database)
    for nowhere in (foreign, str(uuid4())):  # one answer for both: nothing tells that there is such an id elsewhere
        assert phone.push(phone.write(same.other, "referral.merge", {"into": nowhere}))[0]["status"] == "applied"
        phone.pull()
        after = shown(database)
        assert canonical(after[HEALTH, same.into]) == canonical(before[HEALTH, same.into])
        elsewhere = (f"health:{OTHER_PROGRAM}", foreign)
        assert canonical(after[elsewhere]) == canonical(before[elsewhere])
    check(database)


def test_merged_into_one_that_comes_later_counts_when_it_arrives(same: SamePerson, database: Database) -> None:
    late, operations = same.first.submission("Somewhere else")
    same.merge(into=late)
    assert not shown(database)[HEALTH, same.other]["conflicts"]
    same.apply(same.first, *operations)
    whole = shown(database)[HEALTH, late]
    assert whole["registers"]["name"]["value"] == "Anna"
    assert {key.partition("|")[0] for key in whole["conflicts"]} == {"place"}
    check(database)


@pytest.mark.parametrize("first", [0, 1])
def test_merged_into_each_other_by_two_the_result_is_the_same_in_either_order(
    same: SamePerson, enrol: Enrol, database: Database, first: int
) -> None:
    second = enrol("coordinator2")
    second.pull()
    merges = [
        (same.coordinator, same.coordinator.write(same.other, "referral.merge", {"into": same.into})),
        (second, second.write(same.into, "referral.merge", {"into": same.other})),
    ]
    for phone, operation in merges if first == 0 else merges[::-1]:
        same.apply(phone, operation)
    root = min(same.into, same.other)
    after = shown(database)
    assert "merged_into" not in after[HEALTH, root]["registers"]
    assert set(after[HEALTH, root]["consent"]) == {same.into_grant, same.other_grant}
    check(database)


def test_merged_into_one_that_was_merged_comes_to_the_last_one(same: SamePerson, database: Database) -> None:
    third, operations = same.second.submission("A third place")
    same.apply(same.second, *operations)
    same.merge()
    same.merge(other=third, into=same.other)
    whole = shown(database)[HEALTH, same.into]
    assert len(whole["consent"]) == 3
    places = [of["lost_value"] for key, of in whole["conflicts"].items() if key.startswith("place|")]
    assert sorted(places) == ["A third place", "Under the bridge"]
    same.part()
    assert set(shown(database)[HEALTH, same.into]["consent"]) == {same.into_grant}
    assert len(shown(database)[HEALTH, same.other]["consent"]) == 2
    check(database)


def test_identity_may_cite_the_consent_that_was_given_on_the_other_referral(
    same: SamePerson, database: Database
) -> None:
    bare = same.first.create()
    same.apply(same.first, bare)
    same.merge(into=bare["referral_id"])
    contact = same.coordinator.set(bare["referral_id"], {"contact": "555 0199"}, saw=[same.other_grant])
    assert same.coordinator.push(contact)[0]["status"] == "applied"
    same.part()
    assert shown(database)[HEALTH, bare["referral_id"]]["registers"]["contact"]["value"] == "555 0199"
    check(database)


def test_too_many_are_not_merged_into_one(same: SamePerson, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.admission.MERGED_LIMIT", 2)
    assert MERGED_LIMIT > 2
    third, operations = same.second.submission()
    same.apply(same.second, *operations)
    same.merge()
    receipt = same.coordinator.push(same.coordinator.write(third, "referral.merge", {"into": same.other}))[0]
    assert (receipt["status"], receipt["reason"]) == ("rejected", "payload")


def test_after_an_upgrade_links_and_views_are_worked_out_anew(same: SamePerson, database: Database) -> None:
    same.merge()
    expected = shown(database)
    with database.write() as session:
        session.execute(delete(ReferralAlias))
        session.execute(update(Head).where(col(Head.id) == 1).values(projection=0))
    project_anew(database, START)
    assert aliases(database) == {same.other: same.into}
    assert canonical([*shown(database).values()]) == canonical([expected[key] for key in shown(database)])
    check(database)


@on_postgresql
def test_merging_while_the_other_is_written_to_loses_nothing(
    same: SamePerson, enrol: Enrol, app: FastAPI, database: Database
) -> None:
    """Merges, parts and late words on both at once, from several phones: the views end as the logs say."""
    push = pusher(database, app)
    phones = [same.first, same.second, same.coordinator, enrol("coordinator2")]

    def write(number: int) -> Any:
        phone = phones[number]
        target, other = (same.into, same.other) if number % 2 else (same.other, same.into)

        def act() -> None:
            for turn in range(8):
                if number < 2:
                    batch = [phone.set((same.into, same.other)[number], {"place": f"{number}-{turn}"})]
                else:
                    kind = "referral.unmerge" if turn % 3 == 2 else "referral.merge"
                    batch = [phone.write(target, kind, {"into": other}), world.note(phone, other, f"{number}-{turn}")]
                statuses = {receipt["status"] for receipt in push(phone, batch)}
                assert statuses <= {"applied", "merged"}, statuses

        return act

    together([write(number) for number in range(len(phones))])
    check(database)
