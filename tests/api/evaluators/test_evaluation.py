"""What an evaluator is shown: words that many share, of months that are over, and nothing that leads back to anybody."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from api.auth.cookies import FRESH
from api.database import Database
from api.evaluators import service
from api.evaluators.cells import SMALLEST_CELL, WITHHELD
from api.evaluators.models import Described
from api.tables.audit import AuditEvent
from api.tables.records import Referral
from tests.api import exchange_world as world
from tests.api.conftest import Cast, Enrol, FakeClock, SignIn
from tests.api.device import TestDevice
from tests.api.feed_reading import FIELD_CANARIES, whole_referral

PATH = "/api/evaluation"
NEXT_MONTH = timedelta(days=31)
OTHERS = (
    "officer", "sergeant", "coordinator", "case_manager", "supervisor", "administrator", "prosecutor", "partner",
)  # fmt: skip


def exported(client: TestClient) -> list[dict[str, str]]:
    answer = client.get(f"{PATH}.csv")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def begin(phone: TestDevice, count: int, fields: dict[str, Any] | None = None) -> list[str]:
    """So many referrals that are alike."""
    ids = []
    for _ in range(count):
        referral_id, operations = phone.submission()
        given = [] if fields is None else [phone.set(referral_id, fields, saw=[operations[1]["op_id"]])]
        answers = phone.push(*operations, *given)
        assert {answer["status"] for answer in answers} == {"applied"}, answers
        ids.append(referral_id)
    return ids


@pytest.fixture
def evaluator(sign_in: SignIn, clock: FakeClock) -> Any:
    """A session of the next month, when this one is over."""

    def later() -> TestClient:
        clock.advance(days=NEXT_MONTH.days)
        return sign_in("evaluator")

    return later


@pytest.mark.parametrize("count", [SMALLEST_CELL - 1, SMALLEST_CELL])
def test_below_the_threshold_there_is_nothing(enrol: Enrol, evaluator: Any, count: int) -> None:
    begin(enrol("officer"), count)
    client = evaluator()
    shown = client.get(PATH).json()
    assert (shown["smallest_cell"], shown["referrals"]) == (SMALLEST_CELL, 0 if count < SMALLEST_CELL else count)
    assert len(exported(client)) == shown["referrals"] == sum(group["count"] for group in shown["groups"])


def test_a_month_appears_once_it_is_over(enrol: Enrol, sign_in: SignIn, clock: FakeClock) -> None:
    """In the program's own zone: the first of May begins in Denver at six in the morning, UTC."""
    begin(enrol("officer"), SMALLEST_CELL)
    clock.advance(seconds=(datetime(2026, 5, 1, 6, tzinfo=UTC) - clock.now()).total_seconds() - 1)
    assert exported(sign_in("evaluator")) == []
    clock.advance(seconds=1)
    assert {row["month"] for row in exported(sign_in("evaluator"))} == {"2026-04"}


def test_a_row_is_made_of_words_that_many_share(enrol: Enrol, evaluator: Any) -> None:
    perceived = {"race_self": "White", "race_observed": "black", "gender_observed": "a tall fellow"}
    begin(enrol("officer"), SMALLEST_CELL, perceived)
    [group] = evaluator().get(PATH).json()["groups"]
    assert dict(zip(Described._fields, group["values"], strict=True)) == {
        "pathway": "arrest_diversion", "month": "2026-04", "agency": "Agency 0", "status": "submitted",
        "decision": "not_given", "minutes_to_answer": "not_answered", "race_self": "white", "ethnicity_self": "not_given",
        "gender_self": "not_given", "race_perceived": "black", "ethnicity_perceived": "not_given",
        "gender_perceived": "other",
    }  # fmt: skip


def test_a_small_agency_is_not_told_apart(enrol: Enrol, evaluator: Any) -> None:
    begin(enrol("officer"), SMALLEST_CELL)
    begin(enrol("officer2"), 1)
    assert Counter(row["agency"] for row in exported(evaluator())) == {WITHHELD: SMALLEST_CELL + 1}


def test_of_somebody_who_took_consent_back_nothing_of_the_person_is_told(enrol: Enrol, evaluator: Any) -> None:
    officer = enrol("officer")
    for referral_id in begin(officer, SMALLEST_CELL, {"race_observed": "black"}):
        assert officer.push(world.withdraw(officer, referral_id))[0]["status"] == "applied"
    assert {(row["status"], row["race_perceived"]) for row in exported(evaluator())} == {
        ("consent_withdrawn", "not_given")
    }


def test_nothing_that_somebody_wrote_and_no_id_gets_out(
    enrol: Enrol, evaluator: Any, database: Database, cast: Cast
) -> None:
    """Enough referrals that are alike in every text: small cells alone would not keep them back."""
    officer, coordinator = enrol("officer"), enrol("coordinator")
    for _ in range(SMALLEST_CELL):
        whole_referral(officer, coordinator)
    client = evaluator()
    told = client.get(PATH).text + client.get(f"{PATH}.csv").text
    assert told.count("arrest_diversion") > SMALLEST_CELL
    plain = told.replace("_", "-")
    assert [canary for canary in FIELD_CANARIES if canary.replace("_", "-") in plain] == []
    with database.read() as session:
        ids = {row.id for row in session.exec(select(Referral))} | {member.user_id for member in cast.values()}
    assert [each for each in ids if each in told] == []
    assert re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-", told) == []


@pytest.mark.parametrize("path", [PATH, f"{PATH}.csv"])
def test_evaluators_alone_see_them_and_it_is_written_down(
    enrol: Enrol, evaluator: Any, sign_in: SignIn, database: Database, cast: Cast, path: str
) -> None:
    begin(enrol("officer"), SMALLEST_CELL)
    client = evaluator()
    for login in OTHERS:
        assert sign_in(login).get(path).status_code == 403, login
    assert client.get(path).status_code == 200
    with database.read() as session:
        rows = session.exec(select(AuditEvent).where(col(AuditEvent.action).startswith("evaluation."))).all()
    act = "evaluation.export" if path.endswith("csv") else "evaluation.read"
    assert [(row.action, row.actor_id, row.detail) for row in rows] == [
        (act, cast["evaluator"].user_id, {"rows": SMALLEST_CELL})
    ]


def test_another_program_s_referrals_are_not_among_them(enrol: Enrol, evaluator: Any) -> None:
    begin(enrol("other_officer"), SMALLEST_CELL)
    assert evaluator().get(PATH).json()["referrals"] == 0


def test_the_file_needs_a_fresh_proof(evaluator: Any, clock: FakeClock) -> None:
    client = evaluator()
    clock.advance(seconds=FRESH.total_seconds() + 1)
    refused = client.get(f"{PATH}.csv")
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:handoff:problem:proof-needed")
    assert client.get(PATH).status_code == 200


def test_more_than_can_be_told_at_once_is_said(enrol: Enrol, evaluator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(enrol("officer"), SMALLEST_CELL)
    client = evaluator()
    for limit, status in ((SMALLEST_CELL - 1, 413), (SMALLEST_CELL, 200)):
        monkeypatch.setattr(service, "ROWS_LIMIT", limit)
        assert client.get(PATH).status_code == status


@pytest.mark.parametrize(("minutes", "word"), [
    (0, "under_5"), (4.99, "under_5"), (5, "5_to_14"), (14.99, "5_to_14"), (15, "15_to_59"), (59.99, "15_to_59"),
    (60, "60_or_more"), (600, "60_or_more"),
])  # fmt: skip
def test_minutes_are_told_coarsely(minutes: float, word: str) -> None:
    opened = datetime(2026, 4, 30, tzinfo=UTC)
    assert service.bucket((opened, opened + timedelta(minutes=minutes))) == word


@pytest.mark.parametrize(("written", "word"), [
    ("White", "white"), (" more than-one ", "more_than_one"), ("Hispanic", "hispanic"), ("", "not_given"),
    ("  ", "not_given"), (None, "not_given"), ("her name is Kit", "other"),
])  # fmt: skip
def test_only_known_words_are_told(written: str | None, word: str) -> None:
    state = {"registers": {"race_self": {"value": written}}, "consent": {}}
    referral = Referral(
        id="r", program_id="p", agency_id=None, author_id="a", pathway="arrest_diversion", number=1,
        received_at=datetime(2026, 4, 30, tzinfo=UTC), state=state,
    )  # fmt: skip
    assert service.describe(referral, "not_given", None, ZoneInfo("America/Denver")).race_self == word
