"""After an upgrade states are folded and views shown anew: what a role may no longer read leaves its feed before a request."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from api.database import Database
from api.operations import projection, reprojection
from api.operations.reprojection import FORM, project_anew
from api.tables.records import Head
from sync.fields import Group
from sync.records import State
from tests.api import exchange_world as world
from tests.api.conftest import START, Enrol, SignIn
from tests.api.feed_reading import pull, puts, whole_referral

FORMERLY: frozenset[Group] = frozenset({"origin", "case", "circumstances", "status", "approvals"})


def form(database: Database) -> int:
    with database.read() as session:
        return session.exec(select(Head.projection)).one()


def test_what_a_role_may_no_longer_read_leaves_its_feed(enrol: Enrol, sign_in: SignIn, database: Database) -> None:
    with pytest.MonkeyPatch.context() as patch:
        now_shown = projection.shown_to
        patch.setattr(
            projection, "shown_to",
            lambda role, state: FORMERLY if role == "prosecutor" else now_shown(role, state),
        )  # fmt: skip
        referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    before = pull(sign_in("prosecutor"))
    assert {"status", "property_held"} <= puts(before)[referral_id]["view"]["registers"].keys()
    assert project_anew(database, START) == 1
    after = pull(sign_in("prosecutor"), cursor=before["cursor"])
    assert set(puts(after)[referral_id]["view"]["registers"]) == {"origin", "unit", "case_number"}
    assert form(database) == FORM
    head = world.head(database).position
    assert project_anew(database, START) == 0
    assert world.head(database).position == head
    world.check_projection(database)


def test_a_state_of_an_older_fold_is_folded_anew(enrol: Enrol, database: Database) -> None:
    referral_id = whole_referral(enrol("officer"), enrol("coordinator"))
    found = world.referral(database, referral_id)
    assert found is not None
    older: State = found.state  # type: ignore[assignment]  # stored JSON
    older["vectors"]["case"] = older["vectors"].pop("circumstances")
    with database.write() as session:
        stored = session.merge(found)
        stored.state = {**older}
        session.add(stored)
    project_anew(database, START)
    world.check_projection(database)


def test_broken_off_it_begins_again(enrol: Enrol, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = enrol("officer")
    created = [officer.create() for _ in range(3)]
    officer.push(*created)
    monkeypatch.setattr(reprojection, "BATCH_REFERRALS", 2)
    assert project_anew(database, START) == 3
    with database.write() as session:
        session.execute(update(Head).where(col(Head.id) == 1).values(projection=0))
    head = world.head(database).position
    assert project_anew(database, START) == 3
    assert world.head(database).position == head, "what is as it should be is not touched"
