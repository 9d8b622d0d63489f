"""The demo: invented people whose referrals went through the real write path, once, and only in demo mode."""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api import commands
from api.auth.permissions import ROLES
from api.database import Database
from api.demo.acts import STORIES
from api.demo.cast import ACCOUNTS, PASSPHRASE
from api.demo.load import CONFIGS, holds_demo, load
from api.settings import Settings
from api.tables.records import OperationHeader, Quarantine, Referral
from eligibility_rules.catalog import Catalog
from tests.api.conftest import JOINED, Cast, FakeClock, new_client


def test_outside_the_demo_nothing_of_it_is_told(client: TestClient) -> None:
    assert client.get("/api/bootstrap").json() == {"demo": False, "name": "Warm Handoff"}
    assert client.post("/api/session", json={"login": ACCOUNTS[0].login, "password": PASSPHRASE}).status_code == 401


def test_every_story_is_accepted_by_the_real_write_path(
    app: FastAPI, database: Database, clock: FakeClock, client: TestClient
) -> None:
    assert load(database, app.state.keys, clock.now())
    with database.read() as session:
        headers = session.exec(select(OperationHeader)).all()
        referrals = session.exec(select(Referral)).all()
        assert session.exec(select(Quarantine)).all() == []
    assert len(referrals) == len(STORIES) == 12
    assert len(headers) == sum(len(story.acts) for story in STORIES)
    assert {header.state for header in headers} == {"applied", "merged"}
    states = Counter(referral.state["registers"]["status"]["value"] for referral in referrals)
    assert set(states) == {"submitted", "acknowledged", "handed_off", "deferred", "not_met", "closed"}
    assert sum(bool(referral.state["conflicts"]) for referral in referrals) == 1
    assert {referral.program_id for referral in referrals} == {"denver", "san-luis-valley", "dona-ana"}
    withdrawn = [event for referral in referrals for event in referral.state["consent"].values()]
    assert Counter(event["kind"] for event in withdrawn)["withdrawal"] == 1
    assert [referral.agency_id for referral in referrals if referral.pathway == "community"] == [None]
    assert max(referral.received_at for referral in referrals) == clock.now() - timedelta(minutes=3)
    answer = client.post("/api/session", json={"login": "denver.officer", "password": PASSPHRASE})
    assert answer.status_code == 200


def test_a_second_start_changes_nothing(app: FastAPI, database: Database, clock: FakeClock) -> None:
    assert load(database, app.state.keys, clock.now())
    with database.read() as session:
        before = session.exec(select(col(Referral.id), col(Referral.received_at))).all()
    assert not load(database, app.state.keys, clock.advance(days=1))
    with database.read() as session:
        assert session.exec(select(col(Referral.id), col(Referral.received_at))).all() == before


def test_charges_and_facts_are_the_packs_own() -> None:
    for story in STORIES:
        for act in story.acts:
            fields = act.payload.get("fields", {})
            name = CONFIGS[story.program].pack
            pack = None if name is None else Catalog.shipped().in_force(name, JOINED.date())
            if "charges" in fields and pack is not None:
                assert set(fields["charges"]) <= {charge.code for charge in pack.charges}, story.title


def test_every_role_can_be_tried_in_every_program() -> None:
    everybody = {role for role in ROLES if role != "server"}
    for program in CONFIGS:
        assert {account.role for account in ACCOUNTS if account.program == program} == everybody, program
    for attribute in ("login", "name"):
        assert len({getattr(account, attribute) for account in ACCOUNTS}) == len(ACCOUNTS), attribute


def test_a_prosecutor_was_told_what_somebody_released_and_a_supervisor_reads_of_it(
    app: FastAPI, database: Database, clock: FakeClock
) -> None:
    assert load(database, app.state.keys, clock.now())
    prosecutor, supervisor = new_client(app), new_client(app)
    for client, login in ((prosecutor, "denver.prosecutor"), (supervisor, "denver.supervisor")):
        assert client.post("/api/session", json={"login": login, "password": PASSPHRASE}).status_code == 200
    [released] = prosecutor.get("/api/prosecution/referrals").json()["referrals"]
    assert released["case_number"] == "DEMO-0970"
    told = supervisor.get(f"/api/referrals/{released['id']}/disclosures").json()["entries"]
    assert [entry["to"] for entry in told] == ["Percy Example"] * 2, "in the demo's past, and just now"


def test_every_name_is_visibly_invented() -> None:
    for account in ACCOUNTS:
        assert "Demo" in account.name or "Example" in account.name
    for story in STORIES:
        for act in story.acts:
            name = act.payload.get("fields", {}).get("name", "Sample")
            assert name.endswith(("Sample", "Ejemplo")), name


def test_a_demo_cannot_be_served_as_if_it_were_real(
    app: FastAPI, database: Database, clock: FakeClock, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not holds_demo(database)
    load(database, app.state.keys, clock.now())
    assert holds_demo(database)
    assert commands.serve(Namespace(), settings) == 2
    assert "demo accounts" in capsys.readouterr().err


def test_the_demo_does_not_start_on_a_database_of_real_people(
    cast: Cast, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cast["officer"].program_id == "denver"
    assert commands.demo(Namespace(), settings) == 2
    assert "real people" in capsys.readouterr().err
