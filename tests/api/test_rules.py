"""Reading rule packs over HTTP, and what phones are given."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlmodel import select

from api.database import Database
from api.rules import service
from api.tables.rules import ShippedPack
from eligibility_rules.catalog import Catalog
from eligibility_rules.load import load_pack
from sync.operations import canonical
from tests.api.at_once import together
from tests.api.conftest import OTHER_PROGRAM, Cast, FakeClock, SignIn
from tests.api.rule_packs import TODAY, TOMORROW, pack_text
from tests.api.rules_world import configure, installed, listed, shipped, withdrawn


class TestReading:
    def test_the_shipped_pack_is_in_force_until_another_is_installed(self, sign_in: SignIn, cast: Cast) -> None:
        administrator = sign_in("administrator")
        before = administrator.get("/api/rules").json()
        assert before["in_force"] == shipped().hash
        assert [(pack["state"], pack["shipped"]) for pack in before["packs"]] == [("in_force", True)]
        new = installed(administrator, pack_text())
        after = sign_in("officer").get("/api/rules").json()
        assert after["in_force"] == new
        told = [(pack["hash"], pack["state"], pack["shipped"], pack["installed_by"]) for pack in after["packs"]]
        assert told == [
            (new, "in_force", False, "Administrator Example"), (shipped().hash, "past", True, None),
        ]  # fmt: skip
        assert after["packs"][0]["version"] == after["packs"][0]["effective_from"] == TODAY
        assert (after["packs"][0]["effective_until"], after["packs"][0]["official"]) == (None, True)
        assert after["packs"][0]["source"] == "A page for tests"
        assert after["packs"][0]["installed_at"] == "2026-04-30T02:14:00.000Z"

    def test_a_document_hashes_to_the_name_that_it_was_asked_by(self, sign_in: SignIn) -> None:
        own = installed(sign_in("administrator"), pack_text())
        for name in (own, shipped().hash):
            for reader in ("officer", "sergeant", "prosecutor", "supervisor", "coordinator"):
                pack = sign_in(reader).get(f"/api/rules/{name}").json()
                assert pack["hash"] == name == hashlib.sha256(canonical(pack["document"])).hexdigest()

    def test_a_withdrawn_pack_can_still_be_read(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        name = installed(administrator, pack_text())
        assert withdrawn(administrator, name).status_code == 204
        assert administrator.get(f"/api/rules/{name}").json()["hash"] == name

    def test_a_pack_of_an_earlier_release_is_listed_and_can_be_read(self, sign_in: SignIn, database: Database) -> None:
        former = {**load_pack(pack_text("2020-01-01"), "former").document(), "no longer": "a key of packs"}
        row = ShippedPack(hash="f" * 64, slug="denver", document=former, first_seen_at=datetime(2020, 1, 1, tzinfo=UTC))
        other = ShippedPack(hash="e" * 64, slug="elsewhere", document=former, first_seen_at=row.first_seen_at)
        with database.write() as session:
            session.add(row)
            session.add(other)
        client = sign_in("supervisor")
        entry = listed(client)["f" * 64]
        assert (entry["state"], entry["shipped"], entry["effective_from"]) == ("past", True, "2020-01-01")
        assert client.get(f"/api/rules/{'f' * 64}").json()["document"] == former
        assert "e" * 64 not in listed(client)
        assert client.get(f"/api/rules/{'e' * 64}").status_code == 404

    def test_the_server_remembers_what_it_was_shipped_with_once(self, database: Database, clock: FakeClock) -> None:
        for _ in range(2):
            with database.write() as session:
                service.remember_shipped(session, clock.now())
            clock.advance(days=1)
        with database.read() as session:
            kept = list(session.exec(select(ShippedPack)))
        catalog = Catalog.shipped()
        assert {row.hash for row in kept} == {pack.hash for slug in catalog.programs for pack in catalog.of(slug)}
        assert {row.first_seen_at for row in kept} == {datetime(2026, 4, 30, 2, 14, tzinfo=UTC)}

    def test_servers_that_start_together_remember_it_once(self, database: Database, clock: FakeClock) -> None:
        def remember() -> None:
            with database.write() as session:
                service.remember_shipped(session, clock.now())

        together([remember] * 8)
        with database.read() as session:
            kept = [row.hash for row in session.exec(select(ShippedPack))]
        assert shipped().hash in kept
        assert len(kept) == len(set(kept))

    def test_it_does_so_when_it_starts(self, app: FastAPI, database: Database) -> None:
        with TestClient(app), database.read() as session:
            kept = set(session.exec(select(ShippedPack.hash)))
        assert shipped().hash in kept

    def test_a_program_of_no_shipped_rules_lists_its_own_alone(self, sign_in: SignIn, database: Database) -> None:
        configure(database, pack=None)
        administrator = sign_in("administrator")
        assert administrator.get("/api/rules").json() == {"in_force": None, "packs": []}
        assert administrator.get(f"/api/rules/{shipped().hash}").status_code == 404
        name = installed(administrator, pack_text())
        assert list(listed(administrator)) == [name]


class TestPhones:
    def test_a_pack_is_told_two_weeks_ahead_and_changes_over_at_midnight(
        self, sign_in: SignIn, clock: FakeClock
    ) -> None:
        name = installed(sign_in("administrator"), pack_text("2026-05-14"))
        officer = sign_in("officer")
        assert officer.get("/api/program").json()["coming"] == [], "fifteen days ahead"
        clock.advance(hours=4)
        document = sign_in("officer").get("/api/program").json()
        assert [pack["hash"] for pack in document["coming"]] == [name]
        assert document["coming"][0]["document"]["effective_from"] == "2026-05-14"
        assert document["pack"]["hash"] == shipped().hash
        clock.advance(days=13, hours=23)
        assert sign_in("officer").get("/api/program").json()["pack"]["hash"] == shipped().hash, (
            "an hour before midnight"
        )
        clock.advance(hours=1)
        document = sign_in("officer").get("/api/program").json()
        assert (document["pack"]["hash"], document["coming"]) == (name, [])

    def test_withdrawn_packs_and_other_programs_are_not_told(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        withdrawn(administrator, installed(administrator, pack_text(TOMORROW)))
        installed(sign_in("other_administrator"), pack_text(TOMORROW))
        assert sign_in("officer").get("/api/program").json()["coming"] == []

    def test_a_program_names_whom_to_call_for_an_approval(self, sign_in: SignIn, database: Database) -> None:
        assert sign_in("officer").get("/api/program").json()["approval_numbers"] == {}
        configure(database, approval_numbers={"sergeant": "303-555-0142"})
        assert sign_in("officer").get("/api/program").json()["approval_numbers"] == {"sergeant": "303-555-0142"}


def test_the_other_programs_list_is_its_own(sign_in: SignIn, app: FastAPI, cast: Cast) -> None:
    name = installed(sign_in("administrator"), pack_text())
    assert cast["other_administrator"].program_id == OTHER_PROGRAM
    assert name not in listed(sign_in("other_administrator"))
