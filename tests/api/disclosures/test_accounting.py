"""The accounting to read and to take away: who reaches it, what it says, and that reading it is an event."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.auth.cookies import FRESH
from api.database import Database
from api.disclosures import service
from api.tables.audit import AuditEvent
from tests.api.conftest import Cast, FakeClock, SignIn
from tests.api.disclosures.conftest import LIST, Case

READERS = ("coordinator", "case_manager", "supervisor")
OTHERS = ("officer", "sergeant", "administrator", "prosecutor", "evaluator", "partner")


def path_of(referral_id: str, suffix: str = "") -> str:
    return f"/api/referrals/{referral_id}/disclosures{suffix}"


def file_rows(client: TestClient, referral_id: str) -> list[dict[str, str]]:
    answer = client.get(path_of(referral_id, ".csv"))
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def read_events(database: Database) -> list[tuple[str, str | None, str, Any]]:
    with database.read() as session:
        rows = session.exec(select(AuditEvent).where(col(AuditEvent.action).startswith("disclosure.")))
        return [(row.action, row.actor_id, row.subject, row.detail) for row in rows if row.action != "disclosure.made"]


@pytest.fixture
def told(case: Case) -> str:
    """The id of the release under which the prosecutor was told once."""
    release = case.release(information=["intake"])
    assert case.prosecutor.get(f"{LIST}/{case.id}").status_code == 200
    return release


def test_a_line_says_who_was_told_what_when_under_which_release(case: Case, told: str, sign_in: SignIn) -> None:
    answer = sign_in("supervisor").get(path_of(case.id)).json()
    assert answer == {
        "entries": [
            {
                "at": "2026-04-30T02:14:00.000Z", "to": "Prosecutor Example", "to_role": "prosecutor",
                "information": ["intake"], "release": told, "recipient": "canary-recipient",
                "purpose": "canary-release", "expires_on": "2026-10-31",
            }
        ],
        "more": False,
    }  # fmt: skip


def test_a_release_that_was_taken_back_still_names_its_purpose(case: Case, told: str, sign_in: SignIn) -> None:
    desk = case.coordinator
    case.apply(desk, desk.write(case.id, "release.revoke", {"release": told, "reason": "Asked us to."}))
    [entry] = sign_in("supervisor").get(path_of(case.id)).json()["entries"]
    assert (entry["release"], entry["purpose"]) == (told, "canary-release")


@pytest.mark.parametrize("suffix", ["", ".csv"])
def test_whoever_reads_it_is_written_down_and_nobody_else_reads_it(
    case: Case, told: str, sign_in: SignIn, cast: Cast, database: Database, suffix: str
) -> None:
    for login in OTHERS:
        assert sign_in(login).get(path_of(case.id, suffix)).status_code == 403, login
    assert read_events(database) == []
    for login in READERS:
        assert sign_in(login).get(path_of(case.id, suffix)).status_code == 200
    act, detail = ("disclosure.export", {"lines": 1}) if suffix else ("disclosure.read", None)
    assert read_events(database) == [(act, cast[login].user_id, case.id, detail) for login in READERS]


@pytest.mark.parametrize("suffix", ["", ".csv"])
def test_unknown_and_somebody_elses_look_alike(
    case: Case, told: str, sign_in: SignIn, database: Database, suffix: str
) -> None:
    client = sign_in("other_supervisor")
    foreign, unknown = (client.get(path_of(each, suffix)) for each in (case.id, str(uuid4())))
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert read_events(database) == []


def test_the_file_holds_the_same_with_the_referral_s_number(case: Case, told: str, sign_in: SignIn) -> None:
    client = sign_in("supervisor")
    answer = client.get(path_of(case.id, ".csv"))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="disclosures.csv"'
    assert answer.headers["cache-control"] == "no-store"
    [row], [entry] = file_rows(client, case.id), client.get(path_of(case.id)).json()["entries"]
    assert row == {"number": "1"} | entry | {"information": "intake"}


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t"])
def test_no_cell_of_the_file_is_a_formula(case: Case, sign_in: SignIn, begin: str) -> None:
    case.release(purpose=f'{begin}HYPERLINK("x")', recipient={"kind": "prosecutor", "name": f"{begin}1+1"})
    assert case.prosecutor.get(f"{LIST}/{case.id}").status_code == 200
    [row] = file_rows(sign_in("supervisor"), case.id)
    assert (row["purpose"], row["recipient"]) == (f'\'{begin}HYPERLINK("x")', f"'{begin}1+1")


def test_the_file_needs_a_fresh_proof(case: Case, told: str, sign_in: SignIn, clock: FakeClock) -> None:
    client = sign_in("supervisor")
    clock.advance(seconds=FRESH.total_seconds() + 1)
    refused = client.get(path_of(case.id, ".csv"))
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:handoff:problem:proof-needed")
    assert client.get(path_of(case.id)).status_code == 200


def test_a_long_accounting_is_cut_on_the_screen_alone(
    case: Case, told: str, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert case.prosecutor.get(f"{LIST}/{case.id}").status_code == 200
    client = sign_in("supervisor")
    for limit, more in ((1, True), (2, False)):
        monkeypatch.setattr(service, "ACCOUNTING_LIMIT", limit)
        shown = client.get(path_of(case.id)).json()
        assert (len(shown["entries"]), shown["more"]) == (limit, more)
    assert len(file_rows(client, case.id)) == 2
    monkeypatch.setattr(service, "EXPORT_LIMIT", 1)
    assert client.get(path_of(case.id, ".csv")).status_code == 413


def test_of_an_erased_referral_the_accounting_is_left_to_supervisors(
    case: Case, told: str, sign_in: SignIn, app: Any
) -> None:
    asks, agrees = sign_in("supervisor"), sign_in("administrator")
    asked = asks.post(f"/api/referrals/{case.id}/expunge", json={"reason": "participant"}).json()["asked_id"]
    assert agrees.post(f"/api/expunge/{asked}/approve").status_code == 204
    [entry] = asks.get(path_of(case.id)).json()["entries"]
    assert (entry["to"], entry["release"], entry["information"]) == ("Prosecutor Example", told, ["intake"])
    assert (entry["recipient"], entry["purpose"], entry["expires_on"]) == (None, None, None), "that was erased with it"
    assert len(file_rows(asks, case.id)) == 1
    assert sign_in("coordinator").get(path_of(case.id)).status_code == 404
