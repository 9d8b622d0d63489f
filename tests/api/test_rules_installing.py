"""Checking, installing and withdrawing rule packs over HTTP, one at a time and two at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from api.database import Database
from api.problems import Conflict
from api.rules import service
from api.rules.service import Author
from api.tables.audit import AuditEvent
from eligibility_rules.catalog import Catalog
from tests.api.at_once import PATIENCE_SECONDS, until_blocked
from tests.api.conftest import PROGRAM, Cast, FakeClock, SignIn
from tests.api.rule_packs import TODAY, TOMORROW, pack_text
from tests.api.rules_world import configure, installed, listed, put, rows, shipped, withdrawn

NOBODY = Author(None, "test")


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


def ascii_json(content: str) -> str:
    """The text in a JSON body that may hold half characters."""
    return json.dumps({"text": content}, ensure_ascii=True)


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
        configure(database, pack=None)
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
        assert administrator.get("/api/rules").json()["in_force"] == shipped().hash
        entry = listed(administrator)[name]
        assert (entry["state"], entry["withdrawn_reason"]) == ("withdrawn", "A rule was misread.")
        assert entry["withdrawn_at"] == "2026-04-30T02:14:00.000Z"
        assert sign_in("officer").get("/api/program").json()["pack"]["hash"] == shipped().hash

    def test_twice_is_a_conflict_and_keeps_the_first_reason(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        name = installed(administrator, pack_text())
        withdrawn(administrator, name, "The first reason.")
        assert withdrawn(administrator, name, "The second reason.").status_code == 409
        assert listed(administrator)[name]["withdrawn_reason"] == "The first reason."

    def test_a_shipped_pack_cannot_be_withdrawn(self, sign_in: SignIn) -> None:
        administrator = sign_in("administrator")
        answer = withdrawn(administrator, shipped().hash)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:handoff:problem:conflict")
        assert administrator.get("/api/rules").json()["in_force"] == shipped().hash

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
