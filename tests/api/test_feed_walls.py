"""Who is shown what: a canary in every field group, looked for in everything that each role is sent."""

from __future__ import annotations

import json
from uuid import uuid4

from api.auth.permissions import ROLES, groups_left, readable_groups
from api.database import Database
from sync.fields import FIELDS, Group
from tests.api import exchange_world as world
from tests.api.conftest import AGENCY, OTHER_PROGRAM, PROGRAM, Cast, Enrol, FakeClock, SignIn
from tests.api.feed_reading import CANARIES, FIELD_CANARIES, SHOWN, pull, puts, whole_referral, whole_submission


def test_each_role_is_sent_its_own_groups_and_no_others(enrol: Enrol, sign_in: SignIn, cast: Cast) -> None:
    referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    for login, member in cast.items():
        document = pull(sign_in(login))
        sent = json.dumps(document["items"])
        expected: set[Group] = set()
        if member.program_id == PROGRAM and login != "officer2":
            expected = SHOWN.get(member.role, set())
        found = {group for group, canary in CANARIES.items() if canary in sent}
        assert found == expected, login
        sees_it = member.program_id == PROGRAM and member.role in SHOWN and login != "officer2"
        assert (referral_id in sent) == sees_it, login
    assert set(SHOWN) < set(ROLES)


def test_the_words_that_no_one_outside_health_is_ever_sent() -> None:
    """The walls of DESIGN 8, said once more apart from the table that draws them."""
    clinical: set[Group] = {"needs", "notes", "contacts", "assessment", "demographics"}
    assert not readable_groups("officer") & (clinical | {"decision"})
    assert readable_groups("sergeant") == {"origin", "status", "approvals"}
    assert readable_groups("prosecutor") == {"origin", "case", "approvals"}
    assert not readable_groups("supervisor") & (clinical | {"identity", "safety"})
    assert groups_left("officer", accepted=True) == {"origin", "case", "status"}
    for role in ("administrator", "evaluator"):
        assert readable_groups(role) == frozenset()


def test_a_sergeant_is_sent_status_words_approvals_and_origin_only(enrol: Enrol, sign_in: SignIn) -> None:
    referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    view = puts(pull(sign_in("sergeant")))[referral_id]["view"]
    assert set(view["registers"]) == {"origin", "status"}
    assert {entry["kind"] for entry in view["entries"].values()} == {"override.add"}
    assert (view["strikes"], view["consent"], view["conflicts"]) == ({}, {}, {})


def test_a_prosecutor_is_sent_arrests_and_nothing_else(enrol: Enrol, sign_in: SignIn) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    arrest = whole_referral(officer, coordinator)
    social, community = officer.create(pathway="social_contact"), coordinator.create(pathway="community")
    officer.push(social, officer.set(social["referral_id"], {"unit": "canary-social"}))
    coordinator.push(community)
    items = pull(sign_in("prosecutor"))["items"]
    assert [(item["t"], item["id"]) for item in items] == [("put", arrest)], "neither pages nor other pathways"
    view = items[0]["view"]
    assert set(view["registers"]) == {"origin", "case_number", "unit"}
    assert {entry["kind"] for entry in view["entries"].values()} == {"override.add"}
    assert (view["consent"], view["blocked"], view["consented"]) == ({}, False, False)
    assert "canary-social" not in json.dumps(items)


def test_an_arrest_reaches_the_prosecutors_of_its_own_program(enrol: Enrol, database: Database) -> None:
    for login in ("officer", "other_officer"):
        whole_submission(enrol(login))
    scopes = {row.scope for row in world.feed(database) if row.scope.startswith("prosecutor:")}
    assert scopes == {f"prosecutor:{PROGRAM}", f"prosecutor:{OTHER_PROGRAM}"}


def test_what_the_coordinator_found_out_is_for_the_health_side_alone(enrol: Enrol, sign_in: SignIn) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id = whole_referral(officer, coordinator)
    coordinator.pull()
    found = {"review_facts": {"canary_review": True, "birth_date": "1990-05-01"}}
    assert coordinator.push(coordinator.set(referral_id, found))[0]["status"] == "applied"
    for login in SHOWN:
        sent = json.dumps(pull(sign_in(login))["items"])
        assert ("canary_review" in sent) == (login in ("coordinator", "case_manager")), login
    [answer] = officer.push(officer.set(referral_id, {"review_facts": {"warrant": True}}))
    assert (answer["status"], answer["reason"]) == ("rejected", "not_permitted")


def test_community_referrals_reach_health_and_their_author_and_no_police(
    enrol: Enrol, sign_in: SignIn, database: Database, cast: Cast
) -> None:
    partner, coordinator = enrol("partner"), enrol("coordinator")
    for author in (partner, coordinator):
        created = author.create(pathway="community")
        named = author.set(created["referral_id"], {"name": "canary-community"})
        assert [one["status"] for one in author.push(created, named)] == ["applied", "applied"]
    for login in ("officer", "officer2", "sergeant", "other_coordinator", "evaluator"):
        assert pull(sign_in(login))["items"] == [], login
    assert len(puts(pull(sign_in("coordinator2")))) == 2
    assert "canary-community" not in json.dumps(pull(sign_in("supervisor"))["items"])
    assert len(puts(pull(sign_in("partner")))) == 1
    scopes = {row.scope.partition(":")[0] for row in world.feed(database) if row.kind == "put"}
    assert scopes == {"partner", "health", "program"}, "nothing under own: or agency:"


def test_a_coordinator_who_becomes_an_officer_leaves_community_referrals_behind(
    enrol: Enrol, sign_in: SignIn, database: Database, cast: Cast, clock: FakeClock
) -> None:
    coordinator = enrol("coordinator")
    coordinator.push(coordinator.create(pathway="community"))
    clock.advance(minutes=1)
    world.end_roles(database, cast["coordinator"].user_id, clock.now())
    world.give_role(database, cast["coordinator"].user_id, PROGRAM, "officer", AGENCY, clock.now())
    assert puts(pull(sign_in("coordinator"))) == {}


def test_a_withdrawal_takes_the_content_from_every_screen(enrol: Enrol, sign_in: SignIn) -> None:
    officer = enrol("officer")
    referral_id = whole_referral(officer, enrol("coordinator"))
    officer.pull()
    assert officer.push(world.withdraw(officer, referral_id))[0]["status"] == "applied"
    hidden = {"identity", "needs", "notes", "contacts", "assessment", "demographics", "safety", "approvals"}
    for login in SHOWN:
        sent = pull(sign_in(login))
        assert puts(sent)[referral_id]["view"]["blocked"] is (login != "prosecutor"), (
            "who sees no status hears of no withdrawal"
        )
        assert not any(CANARIES[group] in json.dumps(sent["items"]) for group in hidden), login  # type: ignore[index]


def test_other_programs_share_nothing(enrol: Enrol, sign_in: SignIn, cast: Cast) -> None:
    whole_submission(enrol("officer"))
    other = enrol("other_officer")
    other_id = whole_submission(other)
    assert set(puts(pull(sign_in("other_coordinator")))) == {other_id}
    assert other_id not in puts(pull(sign_in("coordinator")))
    assert cast["other_officer"].program_id == OTHER_PROGRAM
    foreign = enrol("coordinator")
    [receipt] = foreign.push(world.note(foreign, other_id))
    [unknown] = foreign.push(world.note(foreign, str(uuid4())))
    assert (receipt["status"], receipt["reason"], receipt["detail"]) == (
        unknown["status"], unknown["reason"], unknown["detail"],
    )  # fmt: skip


def test_every_field_belongs_to_a_group_with_a_canary() -> None:
    assert {field.group for field in FIELDS.values()} <= set(CANARIES)


def test_names_are_those_of_people_one_may_know(enrol: Enrol, sign_in: SignIn, cast: Cast) -> None:
    def named(login: str) -> set[str]:
        people = pull(sign_in(login))["people"]
        by_id = {member.user_id: name for name, member in cast.items()}
        return {by_id[user_id] for user_id in people}

    staff = {"coordinator", "coordinator2", "case_manager", "supervisor"}
    assert named("officer") == staff | {"officer"}
    assert named("sergeant") == staff | {"sergeant", "officer"}
    assert {"officer", "officer2", "sergeant", "partner"} | staff <= named("coordinator")
    assert named("partner") == staff | {"partner"}
    assert not named("supervisor") & {"other_officer", "other_coordinator", "administrator"}


def test_a_prosecutor_knows_the_officers_of_the_program_by_name(sign_in: SignIn, cast: Cast) -> None:
    people = pull(sign_in("prosecutor"))["people"]
    assert {cast["officer"].user_id, cast["officer2"].user_id, cast["prosecutor"].user_id} <= people.keys()
    assert not {cast["sergeant"].user_id, cast["partner"].user_id, cast["other_officer"].user_id} & people.keys()


ACCEPTED = {"outcome": "accepted", "reason": None}
STATE_ONLY = {"case"}
"""The groups with canaries that an officer still reads once the program has accepted the person."""


def test_an_officer_sees_the_state_only_once_the_program_has_accepted_the_person(enrol: Enrol, sign_in: SignIn) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id = whole_referral(officer, coordinator)
    before = set(puts(pull(sign_in("officer")))[referral_id]["view"]["registers"])
    coordinator.pull()
    assert coordinator.push(coordinator.write(referral_id, "decision.record", ACCEPTED))[0]["status"] == "applied"
    view = puts(pull(sign_in("officer")))[referral_id]["view"]
    assert set(view["registers"]) == {"origin", "status", "case_number", "unit"} < before
    assert (view["entries"], view["strikes"], view["consent"], view["conflicts"]) == ({}, {}, {}, {})
    assert (view["consented"], view["blocked"]) == (True, False), "yes or no, and nothing of how"
    sent = json.dumps(view)
    assert {group for canary, group in FIELD_CANARIES.items() if canary in sent} == STATE_ONLY
    coordinator.pull()
    other = {"outcome": "redirected", "reason": None}
    coordinator.push(coordinator.write(referral_id, "decision.record", other))
    assert set(puts(pull(sign_in("officer")))[referral_id]["view"]["registers"]) < before, "nor is it shown again"
    history = sign_in("officer").get(f"/api/referrals/{referral_id}/history").json()
    assert {group for entry in history for group in entry["groups"]} <= {"origin", "case", "status"}


def test_an_officer_s_late_details_are_taken_and_overwrite_nothing_unseen(enrol: Enrol, database: Database) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id = whole_referral(officer, coordinator)
    [grant] = list(world.state(database, referral_id)["consent"])
    coordinator.pull()
    named = coordinator.set(referral_id, {"name": "Kit Sample"}, saw=[grant])
    accepted = coordinator.write(referral_id, "decision.record", ACCEPTED)
    assert {one["status"] for one in coordinator.push(named, accepted)} == {"applied"}
    coordinator.push(coordinator.write(referral_id, "handoff.record", {"outcome": "in_person"}))
    officer.pull()  # the status that he sees is later than the name that he does not
    late = officer.set(referral_id, {"name": "Kay", "alias": "K."}, saw=[grant])
    [receipt] = officer.push(late)
    assert receipt["status"] == "merged"
    state = world.state(database, referral_id)
    assert state["registers"]["name"]["value"] == "Kit Sample"
    assert [conflict["lost_value"] for conflict in state["conflicts"].values()] == ["Kay"]
    assert state["registers"]["alias"]["value"] == "K.", "what nobody else touched is his own to write"
    world.check_projection(database)


def test_what_a_withdrawal_hid_from_its_author_is_not_overwritten_in_silence(enrol: Enrol, database: Database) -> None:
    officer, first, second = enrol("officer"), enrol("coordinator"), enrol("coordinator2")
    referral_id, operations = officer.submission()
    officer.push(*operations)
    grant = operations[1]["op_id"]
    first.pull()
    named, withdrawal = first.set(referral_id, {"name": "Kit Sample"}, saw=[grant]), world.withdraw(first, referral_id)
    assert {one["status"] for one in first.push(named, withdrawal)} == {"applied"}
    second.pull()  # its vector holds the withdrawal, and with it the number of the name that it never showed
    again = officer.grant(referral_id, saw=[withdrawal["op_id"]])
    assert officer.push(again)[0]["status"] == "applied"
    written = second.set(referral_id, {"name": "Kay"}, saw=[again["op_id"]])
    [receipt] = second.push(written)
    assert receipt["status"] == "merged", "also where consent has been given again in the meantime"
    assert world.state(database, referral_id)["registers"]["name"]["value"] == "Kit Sample"
    world.check_projection(database)
