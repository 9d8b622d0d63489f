"""The feed: who is shown what, when a scope is touched, and cursors that neither lose nor repeat a final version."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, text
from sqlmodel import Session

from api.database import Database
from api.operations import queries
from api.tables.records import Head
from tests.api import exchange_world as world
from tests.api.conftest import PROGRAM, Cast, Enrol, FakeClock, SignIn
from tests.api.feed_reading import pull, puts, whole_referral, whole_submission


def test_a_scope_is_touched_only_when_its_view_changed(enrol: Enrol, database: Database) -> None:
    officer, coordinator = enrol("officer"), enrol("coordinator")
    referral_id = whole_referral(officer, coordinator)
    before = {row.scope.partition(":")[0]: row.position for row in world.feed(database) if row.kind == "put"}
    coordinator.push(world.note(coordinator, referral_id, "Only for health."))
    after = {row.scope.partition(":")[0]: row.position for row in world.feed(database) if row.kind == "put"}
    assert {scope for scope in after if after[scope] != before[scope]} == {"health"}
    officer.push(officer.alert(referral_id))
    last = {row.scope.partition(":")[0]: row.position for row in world.feed(database) if row.kind == "put"}
    touched = {scope for scope in last if last[scope] != after[scope]}
    assert touched == last.keys() - {"prosecutor"}, "everybody reads the status but the prosecutor"


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
    world.started_anew(database)
    assert pull(client, cursor)["resync"] is True, "the cursor stands beyond the head: an older database is back"
    with database.write() as session:
        found = session.get(Head, 1)
        assert found is not None
        found.position, found.epoch = found.position + 1, str(uuid4())
        session.add(found)
    world.started_anew(database)
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
            text(
                "INSERT INTO feed_row (scope, kind, item_id, position, digest, item)"
                " VALUES (:scope, 'put', :item, :position, 'd', '{}')"
            ),
            numbers,
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


def test_a_session_that_has_ended_pulls_nothing(enrol: Enrol, clock: FakeClock) -> None:
    officer = enrol("officer")
    whole_submission(officer)
    clock.advance(hours=13)
    body = {"protocol": 1, "epoch": None, "cursor": None, "limit": 1, "device_id": None}
    assert officer.client.post("/api/sync/pull", json=body).status_code == 401
    assert officer.post_push([]).status_code == 200, "the device cookie still sends"
    assert clock.now() - timedelta(hours=13) < clock.now()
