"""Reading, checking, installing and withdrawing rule packs over HTTP, and what phones are given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import text
from sqlmodel import Session, select

from api.database import Database
from api.problems import Conflict
from api.rules import service
from api.rules.service import Author
from api.tables.audit import AuditEvent
from api.tables.people import Program
from api.tables.rules import InstalledPack, ShippedPack
from eligibility_rules.catalog import Catalog
from eligibility_rules.load import load_pack
from sync.operations import canonical
from tests.api.at_once import PATIENCE_SECONDS, until_blocked
from tests.api.conftest import OTHER_PROGRAM, PROGRAM, Cast, FakeClock, SignIn
from tests.api.rule_packs import TODAY, TOMORROW, pack_text

NOBODY = Author(None, "test")


def put(client: TestClient, pack: str) -> Response:
    answer: Response = client.post("/api/rules", json={"text": pack})
    return answer


def installed(client: TestClient, pack: str) -> str:
    answer = put(client, pack)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["hash"])


def listed(client: TestClient) -> dict[str, dict[str, Any]]:
    return {entry["hash"]: entry for entry in client.get("/api/rules").json()["packs"]}


def withdrawn(client: TestClient, pack_hash: str, reason: str = "A rule was misread.") -> Response:
    answer: Response = client.post(f"/api/rules/{pack_hash}/withdraw", json={"reason": reason})
    return answer


def rows(database: Database) -> list[InstalledPack]:
    with database.read() as session:
        return list(session.exec(select(InstalledPack)))


def second_waits(database: Database, first: Callable[[Session], Any], second: Callable[[Session], Any]) -> Any:
    """Two administrators at once: the second begins before the first has committed, and hears of a conflict.

    On SQLite it cannot even begin. On PostgreSQL the first commits once the second is seen waiting for it.
    """

    def act() -> None:
        with database.write() as session:
            second(session)

    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            answer = first(session)
            session.flush()
            waiting = pool.submit(act)
            if not database.embedded:
                until_blocked(database)
        with pytest.raises(Conflict):
            waiting.result(PATIENCE_SECONDS)
    return answer


def shipped_hash() -> str:
    pack = Catalog.shipped().in_force("denver", datetime(2026, 4, 29, tzinfo=UTC).date())
    assert pack is not None
    return pack.hash


class TestReading:
    def test_the_shipped_pack_is_in_force_until_another_is_installed(self, sign_in: SignIn, cast: Cast) -> None:
        administrator = sign_in("administrator")
        before = administrator.get("/api/rules").json()
        assert before["in_force"] == shipped_hash()
        assert [(pack["state"], pack["shipped"]) for pack in before["packs"]] == [("in_force", True)]
        new = installed(administrator, pack_text())
        after = sign_in("officer").get("/api/rules").json()
        assert after["in_force"] == new
        told = [(pack["hash"], pack["state"], pack["shipped"], pack["installed_by"]) for pack in after["packs"]]
        assert told == [
            (new, "in_force", False, "Administrator Example"), (shipped_hash(), "past", True, None),
        ]  # fmt: skip
        assert after["packs"][0]["version"] == after["packs"][0]["effective_from"] == TODAY
        assert (after["packs"][0]["effective_until"], after["packs"][0]["official"]) == (None, True)
        assert after["packs"][0]["source"] == "A page for tests"
        assert after["packs"][0]["installed_at"] == "2026-04-30T02:14:00.000Z"

    def test_a_document_hashes_to_the_name_that_it_was_asked_by(self, sign_in: SignIn) -> None:
        own = installed(sign_in("administrator"), pack_text())
        for name in (own, shipped_hash()):
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

    def test_it_does_so_when_it_starts(self, app: FastAPI, database: Database) -> None:
        with TestClient(app), database.read() as session:
            kept = set(session.exec(select(ShippedPack.hash)))
        assert shipped_hash() in kept

    def test_a_program_of_no_shipped_rules_lists_its_own_alone(self, sign_in: SignIn, database: Database) -> None:
        with database.write() as session:
            program = session.get(Program, PROGRAM)
            assert program is not None
            program.config = program.config | {"pack": None}
            session.add(program)
        administrator = sign_in("administrator")
        assert administrator.get("/api/rules").json() == {"in_force": None, "packs": []}
        assert administrator.get(f"/api/rules/{shipped_hash()}").status_code == 404
        name = installed(administrator, pack_text())
        assert list(listed(administrator)) == [name]


class TestChecking:
    def test_a_sound_pack_has_no_problem_and_tells_what_it_changes(self, sign_in: SignIn, database: Database) -> None:
        answer = sign_in("administrator").post("/api/rules/check", json={"text": pack_text()}).json()
        assert (answer["problems"], len(answer["hash"])) == ([], 64)
        told = "\n".join(answer["changes"])
        assert "Trespassing" in told, "a charge that is gone"
        assert "no_restitution" in told, "a rule that is gone"
        assert len(answer["changes"]) > 10
        assert rows(database) == []

    def test_changes_are_told_in_spanish_too(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        body = {"text": pack_text(), "language": "es"}
        assert "Entrada sin autorización" in str(administrator.post("/api/rules/check", json=body).json()["changes"])
        assert administrator.post("/api/rules/check", json=body | {"language": "fr"}).status_code == 422

    def test_against_no_pack_there_is_nothing_to_compare(self, sign_in: SignIn, database: Database) -> None:
        with database.write() as session:
            program = session.get(Program, PROGRAM)
            assert program is not None
            program.config = program.config | {"pack": None}
            session.add(program)
        answer = sign_in("administrator").post("/api/rules/check", json={"text": pack_text()}).json()
        assert (answer["problems"], answer["changes"]) == ([], [])

    def test_every_problem_has_its_line_and_what_to_do(self, sign_in: SignIn) -> None:
        broken = pack_text().replace("tier: bars", "tier: harsh").replace("[adult, is, true]", "[adlut, is, true]")
        broken = broken.replace("official: true", "official: true\nmood: good")
        answer = sign_in("administrator").post("/api/rules/check", json={"text": broken})
        assert answer.status_code == 200
        assert answer.json()["hash"] is None
        problems = answer.json()["problems"]
        assert len(problems) >= 2
        lines = broken.splitlines()
        for problem in problems:
            assert problem["what"]
            assert problem["next_step"]
            assert 1 <= problem["line"] <= len(lines)
        assert any("mood" in lines[problem["line"] - 1] for problem in problems)

    def test_what_only_the_program_can_tell_is_told_before_installing(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        late = pack_text("2026-04-28", program="elsewhere")
        problems = administrator.post("/api/rules/check", json={"text": late}).json()["problems"]
        assert [problem["line"] for problem in problems] == [2, 4]
        name = installed(administrator, pack_text())
        again = administrator.post("/api/rules/check", json={"text": pack_text()}).json()
        assert (again["hash"], len(again["problems"])) == (name, 1)
        same_day = administrator.post("/api/rules/check", json={"text": pack_text(why="Other words.")}).json()
        assert [problem["line"] for problem in same_day["problems"]] == [4]


HOSTILE = {
    "nothing": "",
    "no YAML": "program: [",
    "a bomb": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
    "a key twice": pack_text() + "program: denver\n",
    "a control character": pack_text() + "\x00",
    "a lone surrogate": pack_text().replace("Adults", "\ud800"),
    "nested deep": "[" * 5000,
    "too long": pack_text() + "#" * 200_000,
    "a float": pack_text().replace("[adult, is, true]", "[adult, is, 1.5]"),
    "a date that does not exist": pack_text("2026-02-30"),
}


class TestInstalling:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_what_is_no_sound_pack_is_refused_and_nothing_changes(
        self, sign_in: SignIn, database: Database, name: str
    ) -> None:
        content = ascii_json(HOSTILE[name])
        administrator = sign_in("administrator")
        answer = administrator.post("/api/rules", content=content, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        document = answer.json()
        assert document["type"].endswith("unsound-pack")
        assert document["problems"]
        assert all(set(problem) == {"line", "what", "next_step"} for problem in document["problems"])
        checked = administrator.post("/api/rules/check", content=content, headers={"Content-Type": "application/json"})
        assert checked.status_code == 200
        assert [*checked.json()["problems"]] == document["problems"]
        assert rows(database) == []

    def test_a_body_that_is_no_text_is_malformed(self, sign_in: SignIn) -> None:
        for body in ({}, {"text": 1}, {"text": "x", "hash": "y"}):
            answer = sign_in("administrator").post("/api/rules", json=body)
            assert (answer.status_code, answer.json()["type"]) == (422, "urn:handoff:problem:malformed")

    @pytest.mark.parametrize(("begins", "status"), [(TODAY, 201), (TOMORROW, 201), ("2026-04-28", 422)])
    def test_a_pack_begins_today_or_later_by_the_programs_own_calendar(
        self, sign_in: SignIn, begins: str, status: int
    ) -> None:
        answer = put(sign_in("administrator"), pack_text(begins))
        assert answer.status_code == status
        if status == 422:
            [problem] = answer.json()["problems"]
            assert problem["line"] == 4

    def test_another_programs_pack_is_refused(self, sign_in: SignIn, database: Database) -> None:
        answer = put(sign_in("administrator"), pack_text(program="dona-ana"))
        assert answer.status_code == 422
        assert [problem["line"] for problem in answer.json()["problems"]] == [2]
        assert rows(database) == []

    def test_the_same_day_and_the_same_text_are_taken(self, sign_in: SignIn, database: Database) -> None:
        administrator = sign_in("administrator")
        installed(administrator, pack_text())
        for again in (pack_text(), pack_text(why="Other words.")):
            answer = put(administrator, again)
            assert (answer.status_code, answer.json()["type"]) == (409, "urn:handoff:problem:conflict")
            assert len(answer.json()["problems"]) == 1
        assert len(rows(database)) == 1

    def test_the_day_of_a_shipped_pack_is_taken_too(self, database: Database, cast: Cast) -> None:
        begins = Catalog.shipped().of("denver")[-1].effective_from
        pack, then = pack_text(begins.isoformat()), datetime(begins.year, begins.month, begins.day, 18, tzinfo=UTC)
        with pytest.raises(Conflict), database.write() as session:
            service.install(session, PROGRAM, service.read(pack), pack, NOBODY, then)
        assert rows(database) == []

    def test_after_a_withdrawal_the_day_is_free_and_the_text_is_not(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        assert withdrawn(administrator, installed(administrator, pack_text())).status_code == 204
        assert put(administrator, pack_text()).status_code == 409
        assert put(administrator, pack_text(why="Corrected.")).status_code == 201

    def test_another_program_may_install_the_same_text(self, sign_in: SignIn) -> None:
        name = installed(sign_in("administrator"), pack_text())
        assert installed(sign_in("other_administrator"), pack_text()) == name

    def test_it_is_audited_by_its_hash_alone(self, sign_in: SignIn, database: Database, cast: Cast) -> None:
        administrator = sign_in("administrator")
        name = installed(administrator, pack_text())
        withdrawn(administrator, name, "Because of Kit Sample.")
        with database.read() as session:
            events = [event for event in session.exec(select(AuditEvent)) if event.action.startswith("rules.")]
        assert [(event.action, event.subject, event.actor_id) for event in events] == [
            ("rules.install", name, cast["administrator"].user_id),
            ("rules.withdraw", name, cast["administrator"].user_id),
        ]
        assert {event.program_id for event in events} == {PROGRAM}

    def test_the_stored_pack_cannot_be_changed_or_deleted(self, sign_in: SignIn, database: Database) -> None:
        installed(sign_in("administrator"), pack_text())
        for statement in (
            "UPDATE installed_pack SET document = '{}'", "UPDATE installed_pack SET effective_from = '2020-01-01'",
            "DELETE FROM installed_pack",
        ):  # fmt: skip
            with pytest.raises(Exception, match="never changed"), database.write() as session:
                session.execute(text(statement))
        assert rows(database)[0].yaml == pack_text()

    @pytest.mark.parametrize("why", ["Adults only.", "Other words."])
    def test_of_two_at_once_the_second_waits_and_is_told(
        self, database: Database, cast: Cast, clock: FakeClock, why: str
    ) -> None:
        def act(session: Session, pack: str) -> str:
            return service.install(session, PROGRAM, service.read(pack), pack, NOBODY, clock.now())

        first = second_waits(database, lambda one: act(one, pack_text()), lambda two: act(two, pack_text(why=why)))
        assert [row.hash for row in rows(database)] == [first]


class TestWithdrawing:
    def test_the_one_before_is_in_force_again(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        name = installed(administrator, pack_text())
        assert withdrawn(administrator, name, "A rule was misread.").status_code == 204
        assert administrator.get("/api/rules").json()["in_force"] == shipped_hash()
        entry = listed(administrator)[name]
        assert (entry["state"], entry["withdrawn_reason"]) == ("withdrawn", "A rule was misread.")
        assert entry["withdrawn_at"] == "2026-04-30T02:14:00.000Z"
        assert sign_in("officer").get("/api/program").json()["pack"]["hash"] == shipped_hash()

    def test_twice_is_a_conflict_and_keeps_the_first_reason(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        name = installed(administrator, pack_text())
        withdrawn(administrator, name, "The first reason.")
        assert withdrawn(administrator, name, "The second reason.").status_code == 409
        assert listed(administrator)[name]["withdrawn_reason"] == "The first reason."

    def test_a_shipped_pack_cannot_be_withdrawn(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        answer = withdrawn(administrator, shipped_hash())
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:handoff:problem:conflict")
        assert administrator.get("/api/rules").json()["in_force"] == shipped_hash()

    def test_an_unknown_pack_and_another_programs_look_alike(self, sign_in: SignIn, database: Database) -> None:
        name = installed(sign_in("administrator"), pack_text())
        other = sign_in("other_administrator")
        for unknown in ("0" * 64, "x", "%00", "A" * 64):
            for theirs, nobodys in (
                (withdrawn(other, name), withdrawn(other, unknown)),
                (other.get(f"/api/rules/{name}"), other.get(f"/api/rules/{unknown}")),
            ):
                assert theirs.status_code == nobodys.status_code == 404, unknown
                assert theirs.content == nobodys.content
        assert rows(database)[0].withdrawn_at is None
        assert name not in listed(other)

    @pytest.mark.parametrize("reason", ["", "   ", "x" * 301, "two\nlines", "a\u0000b", None, 5])
    def test_it_needs_a_reason_of_one_line(self, sign_in: SignIn, database: Database, reason: Any) -> None:
        administrator = sign_in("administrator")
        name = installed(administrator, pack_text())
        answer = administrator.post(f"/api/rules/{name}/withdraw", json={"reason": reason})
        assert answer.status_code == 422
        assert rows(database)[0].withdrawn_at is None

    def test_of_two_at_once_the_second_waits_and_is_told(
        self, sign_in: SignIn, database: Database, clock: FakeClock
    ) -> None:
        name = installed(sign_in("administrator"), pack_text())

        def act(session: Session, reason: str) -> None:
            service.withdraw(session, PROGRAM, name, reason, NOBODY, clock.now())

        second_waits(database, lambda one: act(one, "The first."), lambda two: act(two, "The second."))
        assert rows(database)[0].withdrawn_reason == "The first."


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
        assert document["pack"]["hash"] == shipped_hash()
        clock.advance(days=13, hours=23)
        assert sign_in("officer").get("/api/program").json()["pack"]["hash"] == shipped_hash(), (
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
        with database.write() as session:
            program = session.get(Program, PROGRAM)
            assert program is not None
            program.config = program.config | {"approval_numbers": {"sergeant": "303-555-0142"}}
            session.add(program)
        assert sign_in("officer").get("/api/program").json()["approval_numbers"] == {"sergeant": "303-555-0142"}


def test_the_other_programs_list_is_its_own(sign_in: SignIn, app: FastAPI, cast: Cast) -> None:
    name = installed(sign_in("administrator"), pack_text())
    assert cast["other_administrator"].program_id == OTHER_PROGRAM
    assert name not in listed(sign_in("other_administrator"))


def ascii_json(content: str) -> str:
    """The text in a JSON body that may hold half characters."""
    return json.dumps({"text": content}, ensure_ascii=True)
