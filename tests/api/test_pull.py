"""The feed: who is shown what, when a scope is touched, and cursors that neither lose nor repeat a final version."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from api.auth.permissions import ROLES, readable_groups
from api.database import Database
from api.operations import queries
from api.tables.records import Head
from sync.fields import ASSESSMENT_ITEMS, FIELDS, Group
from tests.api import exchange_world as world
from tests.api.conftest import AGENCY, OTHER_PROGRAM, PROGRAM, Cast, Enrol, FakeClock, SignIn
from tests.api.device import TestDevice

CANARIES: dict[Group, str] = {
    "case": "canary-case", "place": "canary-place", "identity": "canary-identity", "needs": "family_safety",
    "demographics": "canary-demographics", "safety": "canary-safety", "notes": "canary-notes",
    "contacts": "canary-contacts", "consent": "canary-consent", "decision": "canary-decision",
    "assessment": "canary-assessment",
}  # fmt: skip
SHOWN: dict[str, set[Group]] = {
    "officer": {"case", "place", "identity", "safety", "consent"},
    "coordinator": set(CANARIES),
    "case_manager": set(CANARIES),
    "supervisor": {"case", "place", "consent", "decision"},
    "sergeant": set(),
}
"""What each role's phone may be sent; everybody else is sent nothing."""


def whole_referral(officer: TestDevice, coordinator: TestDevice) -> str:
    """A referral with a canary in every group."""
    created = officer.create()
    referral_id: str = created["referral_id"]
    grant = officer.write(referral_id, "consent.grant", world.GRANT | {"witness": CANARIES["consent"]})
    cites = [grant["op_id"]]
    fields = {
        "unit": CANARIES["case"], "place": CANARIES["place"], "name": CANARIES["identity"],
        "needs": [CANARIES["needs"]], "race_self": CANARIES["demographics"],
    }  # fmt: skip
    observed = {
        "about": "other", "text": CANARIES["safety"], "observed_at": "2026-04-30T02:00:00Z",
        "expires_at": "2026-05-01T02:00:00Z",
    }  # fmt: skip
    receipts = officer.push(
        created, grant, officer.set(referral_id, fields, saw=cites), officer.write(referral_id, "safety.add", observed),
        world.note(officer, referral_id, CANARIES["notes"]), officer.alert(referral_id),
    )  # fmt: skip
    assert {receipt["status"] for receipt in receipts} == {"applied"}
    coordinator.pull()
    spoke = {"how": "phone", "result": "reached", "text": CANARIES["contacts"]}
    assessed = {f"assessment.{ASSESSMENT_ITEMS[0]}": {"answer": "yes", "text": CANARIES["assessment"]}}
    decided = {"outcome": "waitlist", "reason": CANARIES["decision"]}
    receipts = coordinator.push(
        coordinator.acknowledge(referral_id), coordinator.write(referral_id, "contact.add", spoke),
        coordinator.set(referral_id, assessed), coordinator.write(referral_id, "decision.record", decided),
    )  # fmt: skip
    assert {receipt["status"] for receipt in receipts} == {"applied"}
    return referral_id


def pull(client: Any, cursor: str | None = None, limit: int = 500) -> dict[str, Any]:
    body = {"protocol": 1, "epoch": None, "cursor": cursor, "limit": limit, "device_id": None}
    answer = client.post("/api/sync/pull", json=body)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def puts(document: dict[str, Any]) -> dict[str, Any]:
    return {item["id"]: item for item in document["items"] if item["t"] == "put"}


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
    assert readable_groups("sergeant") == {"origin", "status"}
    assert not readable_groups("supervisor") & (clinical | {"identity", "safety"})
    for role in ("administrator", "prosecutor", "evaluator"):
        assert readable_groups(role) == frozenset()  # type: ignore[arg-type]  # a tuple of texts


def test_a_sergeant_is_sent_status_words_and_origin_only(enrol: Enrol, sign_in: SignIn) -> None:
    referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    view = puts(pull(sign_in("sergeant")))[referral_id]["view"]
    assert set(view["registers"]) == {"origin", "status"}
    assert (view["entries"], view["strikes"], view["consent"], view["conflicts"]) == ({}, {}, {}, {})


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
    hidden = {"identity", "needs", "notes", "contacts", "assessment", "demographics", "safety"}
    for login in SHOWN:
        sent = pull(sign_in(login))
        assert puts(sent)[referral_id]["view"]["blocked"] is True
        assert not any(CANARIES[group] in json.dumps(sent["items"]) for group in hidden), login  # type: ignore[index]


def test_a_scope_is_touched_only_when_its_view_changed(enrol: Enrol, database: Database) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id = whole_referral(officer, coordinator)
    before = {row.scope.partition(":")[0]: row.position for row in world.feed(database) if row.kind == "put"}
    coordinator.push(world.note(coordinator, referral_id, "Only for health."))
    after = {row.scope.partition(":")[0]: row.position for row in world.feed(database) if row.kind == "put"}
    assert {scope for scope in after if after[scope] != before[scope]} == {"health"}
    officer.push(officer.alert(referral_id))
    last = {row.scope.partition(":")[0]: row.position for row in world.feed(database) if row.kind == "put"}
    assert all(last[scope] > after[scope] for scope in last), "everybody reads the status"


def read_on(client: Any, cursor: str | None, limit: int) -> tuple[list[dict[str, Any]], str, int]:
    items: list[dict[str, Any]] = []
    pages, more = 0, True
    while more:
        document = pull(client, cursor, limit)
        assert len(document["items"]) <= limit
        items += document["items"]
        cursor, more, pages = document["cursor"], document["more"], pages + 1
    assert cursor is not None
    return items, cursor, pages


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 500])
def test_paging_gives_the_final_version_of_every_item_once(limit: int, enrol: Enrol, sign_in: SignIn) -> None:
    officer = enrol("officer")
    ids = [whole_submission(officer) for _ in range(5)]
    client = sign_in("coordinator")
    whole = {(item["t"], item["id"]): item for item in pull(client)["items"]}
    items, cursor, pages = read_on(client, None, limit)
    assert len(items) == len(whole)
    assert {(item["t"], item["id"]): item for item in items} == whole
    assert set(puts({"items": items})) == set(ids)
    assert pages == max(1, -(-len(items) // limit))
    quiet = pull(client, cursor, limit)
    assert (quiet["items"], quiet["more"], quiet["resync"]) == ([], False, False)


def whole_submission(officer: TestDevice) -> str:
    referral_id, operations = officer.submission()
    assert {receipt["status"] for receipt in officer.push(*operations)} == {"applied"}
    return referral_id


def test_an_item_that_moves_while_it_is_paged_arrives_in_its_last_form(enrol: Enrol, sign_in: SignIn) -> None:
    officer = enrol("officer")
    ids = [whole_submission(officer) for _ in range(4)]
    client = sign_in("coordinator")
    seen: dict[str, Any] = {}
    cursor, more, turn = None, True, 0
    while more:
        document = pull(client, cursor, 1)
        seen |= puts(document)
        cursor, more = document["cursor"], document["more"]
        if turn < len(ids):
            officer.push(officer.set(ids[turn], {"place": f"moved {turn}"}))
            more = True
        turn += 1
    assert {key: item["view"]["registers"]["place"]["value"] for key, item in seen.items()} == {
        referral_id: f"moved {number}" for number, referral_id in enumerate(ids)
    }


def test_a_reader_is_told_to_start_anew_when_the_cursor_means_nothing(
    enrol: Enrol, sign_in: SignIn, database: Database, cast: Cast
) -> None:
    officer = enrol("officer")
    whole_submission(officer)
    client = sign_in("coordinator")
    fresh = pull(client)
    assert fresh["resync"] is False or fresh["items"], "a first pull starts at the beginning"
    cursor = fresh["cursor"]
    assert pull(client, cursor)["resync"] is False
    for foreign in ("garbage", "", pull(sign_in("supervisor"))["cursor"], pull(sign_in("coordinator2"))["cursor"]):
        again = pull(client, foreign)
        assert again["resync"] is True
        assert len(again["items"]) == len(fresh["items"])
    with database.write() as session:
        found = session.get(Head, 1)
        assert found is not None
        found.position -= 1
        session.add(found)
    assert pull(client, cursor)["resync"] is True, "the cursor stands beyond the head: an older database is back"
    with database.write() as session:
        found = session.get(Head, 1)
        assert found is not None
        found.position, found.epoch = found.position + 1, str(uuid4())
        session.add(found)
    again = pull(client, cursor)
    assert (again["resync"], again["epoch"] == fresh["epoch"]) == (True, False)


def test_a_change_of_agency_starts_the_sergeants_feed_anew(
    enrol: Enrol, sign_in: SignIn, database: Database, cast: Cast, clock: FakeClock
) -> None:
    whole_submission(enrol("officer"))
    client = sign_in("sergeant")
    cursor = pull(client)["cursor"]
    assert len(puts(pull(client))) == 1
    clock.advance(minutes=1)
    world.end_roles(database, cast["sergeant"].user_id, clock.now())
    world.give_role(
        database, cast["sergeant"].user_id, PROGRAM, "sergeant", "aaaaaaaa-0000-4000-8000-000000000002", clock.now()
    )
    after = pull(sign_in("sergeant"), cursor)
    assert (after["resync"], after["items"]) == (True, [])


def test_known_ranges_are_told_to_the_devices_owner_only(enrol: Enrol, sign_in: SignIn) -> None:
    officer = enrol("officer")
    whole_submission(officer)
    body = {"protocol": 1, "epoch": None, "cursor": None, "limit": 1, "device_id": officer.device_id}
    own = officer.client.post("/api/sync/pull", json=body).json()
    assert own["known"] == {officer.device_id: [[1, 4]]}
    assert sign_in("officer2").post("/api/sync/pull", json=body).json()["known"] == {}
    assert sign_in("coordinator").post("/api/sync/pull", json=body | {"device_id": str(uuid4())}).json()["known"] == {}


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


def test_an_acknowledgement_reaches_the_officer_as_a_page_item(enrol: Enrol, cast: Cast) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id = whole_submission(officer)
    first = officer.pull()
    pages = {item["id"]: item["page"] for item in first["items"] if item["t"] == "page"}
    assert pages[referral_id]["state"] == "open"
    coordinator.pull()
    coordinator.push(coordinator.acknowledge(referral_id, 20))
    later = officer.pull(first["cursor"])
    [page] = [item["page"] for item in later["items"] if item["t"] == "page"]
    assert (page["state"], page["acknowledged_by"]) == ("acknowledged", cast["coordinator"].user_id)
    assert later["people"][cast["coordinator"].user_id]["name"] == "Coordinator Example"


def plan(database: Database, session: Session, statement: str, values: Any) -> str:
    """The database's plan for a statement as the driver received it."""
    prefix = "EXPLAIN QUERY PLAN " if database.embedded else "EXPLAIN "
    rows = session.connection().exec_driver_sql(prefix + statement, values)
    return "\n".join(" ".join(str(part) for part in row) for row in rows)


def captured(session: Session, act: Any) -> tuple[str, Any]:
    """The last statement that an act sends."""
    sent: list[tuple[str, Any]] = []
    connection = session.connection()

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        sent.append((statement, values))

    event.listen(connection, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return sent[-1]


def fill_feed(database: Database, rows: int) -> None:
    """Many items of other people, as after years."""
    with database.write() as session:
        numbers = [
            {"scope": f"health:{number % 7}", "item": f"{number:036d}", "position": 1_000_000 + number}
            for number in range(rows)
        ]
        session.execute(
            text("INSERT INTO feed_row VALUES (:scope, 'put', :item, :position, 'd', '{}')"),
            numbers,  # type: ignore[arg-type]  # a list of rows is allowed
        )
        session.execute(text("UPDATE head SET position = 2000000"))
    with database.write() as session:
        session.execute(text("ANALYZE"))


def test_an_empty_pull_reads_one_place_of_the_index_whatever_the_size(database: Database) -> None:
    fill_feed(database, 5000)
    with database.read() as session:
        statement = captured(session, lambda: queries.feed_between(session, "health:3", 2_000_000, 2_000_000, 501))
        found = plan(database, session, *statement)
    assert "ix_feed_scope_position" in found, found
    assert "SCAN" not in found
    assert "Seq Scan" not in found
    assert "TEMP B-TREE" not in found, "the index gives the order"
    if database.embedded:
        assert "scope=? AND position>?" in found, found
    else:
        assert "Sort" not in found, found


def test_a_push_looks_feed_items_up_by_their_key(database: Database) -> None:
    fill_feed(database, 5000)
    keys = [(scope, "put", str(uuid4())) for scope in ("own:a", "health:1", "program:1") for _ in range(20)]
    with database.read() as session:
        statement = captured(session, lambda: queries.feed_digests(session, keys))
        found = plan(database, session, *statement)
    assert "Seq Scan" not in found, found
    assert "SCAN feed_row" not in found, found
    assert "item_id" in found, "all three parts of the key are searched for"


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


def test_a_session_that_has_ended_pulls_nothing(enrol: Enrol, clock: FakeClock) -> None:
    officer = enrol("officer")
    whole_submission(officer)
    clock.advance(hours=13)
    body = {"protocol": 1, "epoch": None, "cursor": None, "limit": 1, "device_id": None}
    assert officer.client.post("/api/sync/pull", json=body).status_code == 401
    assert officer.post_push([]).status_code == 200, "the device cookie still sends"
    assert clock.now() - timedelta(hours=13) < clock.now()


def test_every_field_belongs_to_a_group_with_a_canary() -> None:
    assert {field.group for field in FIELDS.values()} <= set(CANARIES)
