"""Who may read the audit, what of it, and that reading is an event too."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.audit.service import record
from api.auth.cookies import FRESH
from api.clock import rfc3339
from api.database import Database
from api.tables.audit import AuditEvent
from api.tables.people import User
from tests.api.conftest import OTHER_PROGRAM, PROGRAM, Cast, FakeClock, SignIn
from tests.api.device import TestDevice

REFERRAL = "01890000-0000-7000-8000-00000000000a"
OTHER_REFERRAL = "01890000-0000-7000-8000-00000000000b"
Ask = Callable[..., list[dict[str, Any]]]


def entries(client: TestClient, **query: object) -> list[dict[str, Any]]:
    answer = client.get("/api/audit", params={name.rstrip("_"): str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["entries"]
    return found


def actions(found: list[dict[str, Any]]) -> list[str]:
    return [each["action"] for each in found if not each["action"].startswith("audit.")]


@pytest.fixture
def past(database: Database, cast: Cast, clock: FakeClock) -> FakeClock:
    """An hour of one program, and a little of another."""
    ana, ben = cast["coordinator"].user_id, cast["officer"].user_id
    with database.write() as session:
        for minute, (action, subject, detail) in enumerate(
            [
                ("device.enrol", ben, None),
                ("sync.pull", "", {"referrals": f"{OTHER_REFERRAL} {REFERRAL}"}),
                ("referral.open", REFERRAL, {"opened_at_ms": 1777515247123}),
                ("referral.open", OTHER_REFERRAL, None),
                ("sync.push", "", {"applied": 2, "held": 1}),
            ]
        ):
            at = clock.now() + timedelta(minutes=minute)
            record(
                session,
                at,
                action,
                actor_id=ana,
                program_id=PROGRAM,
                subject=subject,
                source="192.0.2.1",
                detail=detail,
            )
        record(session, clock.now(), "referral.open", program_id=OTHER_PROGRAM, subject=REFERRAL)
    clock.advance(hours=1)
    return clock


class TestASupervisor:
    def test_reads_who_did_what_with_names(self, past: FakeClock, sign_in: SignIn, cast: Cast) -> None:
        push, other, opened, pull, enrolled = entries(
            sign_in("supervisor"), to=rfc3339(past.now() - timedelta(minutes=30))
        )[:5]
        assert (push["counts"], push["referrals"]) == ({"applied": 2, "held": 1}, [])
        assert (opened["actor_name"], opened["subject"]) == ("Coordinator Example", REFERRAL)
        assert (opened["opened_at"], other["opened_at"]) == ("2026-04-30T02:14:07.123Z", None)
        assert pull["referrals"] == [OTHER_REFERRAL, REFERRAL]
        assert (enrolled["subject_name"], enrolled["source"]) == ("Officer Example", "192.0.2.1")

    def test_finds_who_looked_at_one_referral(self, past: FakeClock, sign_in: SignIn) -> None:
        found = entries(sign_in("supervisor"), referral=REFERRAL)
        assert actions(found) == ["referral.open", "sync.pull"]

    def test_finds_what_one_person_did_and_what_was_done_to_them(
        self, past: FakeClock, sign_in: SignIn, cast: Cast
    ) -> None:
        found = entries(sign_in("supervisor"), person=cast["officer"].user_id)
        assert actions(found) == ["device.enrol", "person.create"]

    def test_narrows_to_a_time(self, past: FakeClock, sign_in: SignIn) -> None:
        begin = past.now() - timedelta(hours=1)
        query = {"from_": rfc3339(begin + timedelta(minutes=1)), "to": rfc3339(begin + timedelta(minutes=3))}
        assert actions(entries(sign_in("supervisor"), **query)) == ["referral.open", "sync.pull"]

    def test_turns_pages_without_a_gap(self, past: FakeClock, sign_in: SignIn) -> None:
        client = sign_in("supervisor")
        until = rfc3339(past.now())
        whole = entries(client, to=until)
        turned, cursor = [], None
        while True:
            page = client.get(
                "/api/audit", params={"to": until, "limit": 2} | ({"cursor": cursor} if cursor else {})
            ).json()
            turned += page["entries"]
            cursor = page["cursor"]
            if cursor is None:
                break
        assert turned == whole
        assert len(whole) > 4

    def test_never_sees_another_program(self, past: FakeClock, sign_in: SignIn, cast: Cast) -> None:
        there = entries(sign_in("other_supervisor"))
        assert actions(there).count("referral.open") == 1
        assert all(each["actor_id"] != cast["coordinator"].user_id for each in there)

    @pytest.mark.parametrize(
        "query",
        [{"cursor": 0}, {"limit": 201}, {"limit": 0}, {"person": "x"}, {"referral": "%"}, {"from": "2026-04-30T02:14:00"}],
    )  # fmt: skip
    def test_is_told_what_is_no_question(self, sign_in: SignIn, query: dict[str, Any]) -> None:
        assert sign_in("supervisor").get("/api/audit", params=query).status_code == 422

    def test_leaves_a_trace(self, past: FakeClock, sign_in: SignIn, cast: Cast, database: Database) -> None:
        entries(sign_in("supervisor"), person=cast["officer"].user_id)
        with database.read() as session:
            row = session.exec(select(AuditEvent).where(col(AuditEvent.action) == "audit.read")).one()
        assert (row.actor_id, row.subject, row.program_id) == (
            cast["supervisor"].user_id, cast["officer"].user_id, PROGRAM,
        )  # fmt: skip


class TestAnAdministrator:
    def test_reads_of_accounts_and_devices_alone(self, past: FakeClock, sign_in: SignIn) -> None:
        found = entries(sign_in("administrator"))
        assert "device.enrol" in actions(found)
        assert {each["action"].split(".")[0] for each in found} <= {
            "session",
            "person",
            "device",
            "program",
            "agency",
            "audit",
        }
        assert [each["referrals"] for each in found if each["referrals"]] == []

    def test_learns_nothing_by_asking_for_a_referral(
        self, past: FakeClock, sign_in: SignIn, database: Database
    ) -> None:
        assert entries(sign_in("administrator"), referral=REFERRAL) == []
        answer = sign_in("administrator").get("/api/audit.csv")
        assert REFERRAL not in answer.text
        with database.read() as session:
            read = session.exec(select(AuditEvent).where(col(AuditEvent.action) == "audit.read")).all()
        assert [each.subject for each in read] == [""]


@pytest.mark.parametrize(
    "who", ["officer", "sergeant", "coordinator", "case_manager", "prosecutor", "evaluator", "partner"]
)
@pytest.mark.parametrize("path", ["/api/audit", "/api/audit.csv"])
def test_nobody_else_reads_it(sign_in: SignIn, who: str, path: str) -> None:
    assert sign_in(who).get(path).status_code == 403


class TestTheFile:
    def test_it_holds_the_same_and_is_an_export(self, past: FakeClock, sign_in: SignIn, database: Database) -> None:
        client = sign_in("supervisor")
        until = rfc3339(past.now())
        answer = client.get("/api/audit.csv", params={"to": until})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
        assert answer.headers["cache-control"] == "no-store"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        shown = entries(client, to=until)
        assert [int(row["number"]) for row in rows] == [each["number"] for each in shown]
        assert rows[0]["counts"] == "applied=2 held=1"
        with database.read() as session:
            row = session.exec(select(AuditEvent).where(col(AuditEvent.action) == "audit.export")).one()
        assert row.detail == {"events": len(rows)}

    @pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
    def test_no_cell_is_a_formula(
        self, past: FakeClock, sign_in: SignIn, cast: Cast, database: Database, begin: str
    ) -> None:
        with database.write() as session:
            user = session.get_one(User, cast["coordinator"].user_id)
            user.name = begin + 'cmd|"x",1\n2'
            session.add(user)
        rows = list(csv.DictReader(io.StringIO(sign_in("supervisor").get("/api/audit.csv").text, newline="")))
        named = {row["actor_name"] for row in rows if row["actor_id"] == cast["coordinator"].user_id}
        assert named == {"'" + begin + 'cmd|"x",1\n2'}

    def test_lines_end_as_the_standard_says(self, past: FakeClock, sign_in: SignIn) -> None:
        text = sign_in("supervisor").get("/api/audit.csv").text
        assert text.endswith("\r\n")
        assert "\n" not in text.replace("\r\n", "")

    def test_it_needs_a_fresh_proof(self, past: FakeClock, sign_in: SignIn) -> None:
        client = sign_in("supervisor")
        past.advance(seconds=FRESH.total_seconds() + 1)
        answer = client.get("/api/audit.csv")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:handoff:problem:proof-needed")
        assert client.get("/api/audit").status_code == 200


class TestOpenings:
    @staticmethod
    def tell(client: TestClient, *openings: tuple[str, str]) -> int:
        body = {"openings": [{"referral_id": referral_id, "at": at} for referral_id, at in openings]}
        return int(client.post("/api/openings", json=body).status_code)

    @staticmethod
    def opened(database: Database) -> list[AuditEvent]:
        with database.read() as session:
            events = select(AuditEvent).where(col(AuditEvent.action) == "referral.open")
            return list(session.exec(events.order_by(col(AuditEvent.number))))

    def test_who_looked_at_whom(
        self, officer: TestDevice, refer: Callable[..., str], sign_in: SignIn, cast: Cast, database: Database
    ) -> None:
        referral_id = refer({"place": "Here"})
        client = sign_in("coordinator")
        assert self.tell(client, (referral_id, "2026-04-30T02:00:00.5Z"), (referral_id, "2031-01-01T00:00:00Z")) == 204
        first, second = self.opened(database)
        assert (first.actor_id, first.subject, first.outcome) == (cast["coordinator"].user_id, referral_id, "done")
        found = entries(sign_in("supervisor"), referral=referral_id)
        told = [each["opened_at"] for each in found if each["action"] == "referral.open"]
        assert told == [rfc3339(second.at), "2026-04-30T02:00:00.500Z"], "nobody opened it in the future"

    @pytest.mark.parametrize(
        "who", ["officer2", "other_coordinator", "other_supervisor", "evaluator", "administrator", "partner"]
    )
    def test_what_is_out_of_reach_is_answered_like_what_is_unknown(
        self, refer: Callable[..., str], sign_in: SignIn, database: Database, who: str
    ) -> None:
        known, unknown = refer({"place": "Here"}), REFERRAL
        client = sign_in(who)
        answers = [
            client.post("/api/openings", json={"openings": [{"referral_id": each, "at": "2026-04-30T02:00:00Z"}]})
            for each in (known, unknown)
        ]
        assert [(each.status_code, each.content) for each in answers] == [(204, b""), (204, b"")]
        assert [(each.outcome, each.subject, each.detail) for each in self.opened(database)] == [
            ("refused", "", {"count": 1}), ("refused", "", {"count": 1}),
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "body",
        [
            {"openings": []},
            {"openings": [{"referral_id": REFERRAL, "at": "2026-04-30T02:00:00Z"}] * 101},
            {"openings": [{"referral_id": REFERRAL, "at": "yesterday"}]},
            {"openings": [{"referral_id": REFERRAL, "at": "2026-04-30T02:00:00Z", "actor_id": "x"}]},
            {"openings": [{"referral_id": "x", "at": "2026-04-30T02:00:00Z"}]},
        ],
    )
    def test_what_is_not_well_formed_is_refused(self, sign_in: SignIn, body: dict[str, Any]) -> None:
        assert sign_in("coordinator").post("/api/openings", json=body).status_code == 422

    def test_a_day_that_does_not_exist_is_now(
        self, refer: Callable[..., str], sign_in: SignIn, database: Database
    ) -> None:
        assert self.tell(sign_in("coordinator"), (refer({"place": "Here"}), "2026-99-99T02:00:00Z")) == 204
        assert len(self.opened(database)) == 1

    def test_the_device_cookie_alone_tells_nothing(self, officer: TestDevice, refer: Callable[..., str]) -> None:
        referral_id = refer({"place": "Here"})
        officer.client.delete("/api/session")
        assert self.tell(officer.client, (referral_id, "2026-04-30T02:00:00Z")) == 401
