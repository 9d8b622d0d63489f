"""Every id of one program, tried as everybody of another, on every route: the same answer as for an id that nobody has.

The routes are taken from the application, so a new one is tried by itself; one that wants a body must be given one in
`BODIES`. What is tried is every id that stands in any row of the foreign program, whatever kind of thing the route asks for.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlmodel import SQLModel

from api.auth.dependencies import SessionGuard
from api.auth.permissions import may
from api.database import Database
from api.tables.credentials import Passkey
from api.tables.invitations import Invitation
from api.tables.openid import OpenidProvider
from api.tables.paging import ContactPoint
from api.tables.retention import BreakGlass, LegalHold
from api.tables.rota import RotaChange
from api.tables.rules import InstalledPack
from api.tables.second_person import SecondPerson
from sync.fields import Role
from tests.api.conftest import OTHER_PROGRAM, PEOPLE, PROGRAM, START, Cast, Enrol, SignIn
from tests.api.test_routes import ROUTES, guards_of, method_of

REASON = "A reason long enough to be read"
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/api/pages/{page_id}/acknowledge"): {"token": "0" * 32},
    ("POST", "/api/pages/{page_id}/seen"): {"token": "0" * 32},
    ("POST", "/api/channels/{contact_id}/verify"): {"code": "123456"},
    ("POST", "/api/rules/{pack_hash}/withdraw"): {"reason": REASON},
    ("POST", "/api/referrals/{referral_id}/expunge"): {"reason": "mistake"},
    ("POST", "/api/referrals/{referral_id}/hold"): {"reason": "litigation", "until": "2026-12-31"},
    ("PATCH", "/api/people/{user_id}"): {"active": False},
}
NAMED_IN_BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/recovery"): {"user_id": "ID", "reason": REASON},
    ("POST", "/api/openings"): {"openings": [{"referral_id": "ID", "at": "2026-04-30T02:14:00Z"}]},
}
"""Bodies that name somebody or something; `ID` stands for the id that is tried."""
UNCHANGED_BUT = frozenset({"audit_event", "audit_head", "session", "openid_attempt", "head", "signinattempt"})
"""Tables in which asking itself may leave a row."""
BEFORE_ANYBODY_IS_KNOWN = frozenset({"/api/openid/{provider_id}/begin", "/api/openid/{provider_id}/return"})
"""Providers are listed on the first screen, all of them."""
FOREIGN_PEOPLE = tuple(login for login, _, program, _ in PEOPLE if program == OTHER_PROGRAM)
INTRUDERS = tuple(login for login, _, program, _ in PEOPLE if program == PROGRAM and not login.endswith("2"))


@pytest.fixture
def foreign(database: Database, cast: Cast, enrol: Enrol) -> None:
    """One of everything in the other program."""
    phone = enrol("other_officer")
    created = phone.create()
    referral_id = created["referral_id"]
    phone.push(created, phone.grant(referral_id), phone.alert(referral_id))
    until = START + timedelta(days=30)
    supervisor, administrator = cast["other_supervisor"].user_id, cast["other_administrator"].user_id
    asked = {kind: str(uuid4()) for kind in ("recovery", "hold", "hold_end", "expunge", "break_glass")}
    placed = {"program_id": OTHER_PROGRAM, "referral_id": referral_id, "number": 1}
    rows: list[SQLModel] = [
        SecondPerson(
            id=asked_id, program_id=OTHER_PROGRAM, kind=kind, subject=referral_id, reason=REASON, asked_by=supervisor,
            asked_at=START, expires_at=until,
        )
        for kind, asked_id in asked.items()
    ]  # fmt: skip
    rows += [
        Passkey(
            id=str(uuid4()), user_id=supervisor, credential_id="c", public_key="p", sign_count=0, label="", prf=True,
            device_bound=True, created_at=START,
        ),
        Invitation(
            id=str(uuid4()), program_id=OTHER_PROGRAM, user_id=supervisor, purpose="join", token_hash="0" * 64,
            code_hash="", made_at=START, expires_at=until,
        ),
        ContactPoint(
            id=str(uuid4()), user_id=cast["other_coordinator"].user_id, channel="email", address="a@example.org",
            created_at=START, code_hash="0" * 64, code_expires_at=until,
        ),
        OpenidProvider(
            id=str(uuid4()), program_id=OTHER_PROGRAM, issuer="https://id.example.org", client_id="c", client_secret="s",
            label="Elsewhere", created_at=START,
        ),
        RotaChange(
            id=str(uuid4()), program_id=OTHER_PROGRAM, level="on_call", kind="on", user_id=supervisor, starts_at=START,
            ends_at=until, asked_of=supervisor, made_by=supervisor, made_at=START,
        ),
        InstalledPack(
            program_id=OTHER_PROGRAM, hash="e" * 64, slug="dona-ana", document={}, yaml="", effective_from="2026-05-01",
            installed_at=START,
        ),
    ]  # fmt: skip
    bound: list[SQLModel] = [
        LegalHold(
            id=asked["hold"], reason="litigation", asked_by=supervisor, approved_by=administrator, from_at=START,
            until_at=until, **placed,
        ),
        BreakGlass(
            id=asked["break_glass"], user_id=administrator, approved_by=supervisor, from_at=START, until_at=until, **placed,
        ),
    ]  # fmt: skip
    with database.write() as session:
        session.add_all(rows)
        session.flush()
        session.add_all(bound)


def foreign_rows(database: Database, cast: Cast) -> dict[str, list[dict[str, Any]]]:
    """The other program's rows, by table: those that name it, or one of its people."""
    people = {cast[login].user_id for login in FOREIGN_PEOPLE}
    found = {}
    with database.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            rows = [dict(row) for row in session.execute(select(table)).mappings()]
            found[table.name] = [
                row
                for row in rows
                if row.get("program_id") == OTHER_PROGRAM or people & {row.get("user_id"), row.get("id")}
            ]
    return found


def ids_of(rows: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Whatever looks like an id in those rows, and does not stand in rows of everybody's."""
    values = {value for table in rows.values() for row in table for value in row.values() if isinstance(value, str)}
    return sorted(
        value for value in values if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}", value)
    )


def fingerprint(rows: dict[str, list[dict[str, Any]]]) -> str:
    kept = {name: part for name, part in rows.items() if name not in UNCHANGED_BUT}
    return hashlib.sha256(json.dumps(kept, default=str, sort_keys=True).encode()).hexdigest()


def with_ids() -> Iterator[tuple[str, str, Any]]:
    """Method, path and guard of every route of the API that takes an id."""
    for route in ROUTES:
        method, path = method_of(route), route.path
        if path in BEFORE_ANYBODY_IS_KNOWN:
            continue
        if path.startswith("/api/") and ("_id}" in path or "_hash}" in path or (method, path) in NAMED_IN_BODIES):
            yield method, path, guards_of(route)[0]


def lets_in(guard: Any, role: Role) -> bool:
    return not isinstance(guard, SessionGuard) or may(role, guard.resource, guard.right)


SHAPES = (str(uuid4()), "0" * 64)


def unknown(like: str) -> str:
    return str(uuid4()) if "-" in like else hashlib.sha256(like.encode()).hexdigest()


def ask(client: TestClient, method: str, path: str, tried: str) -> tuple[int, str]:
    """Status and text of the answer, with the tried id taken out of it."""
    body = BODIES.get((method, path))
    if (method, path) in NAMED_IN_BODIES:
        body = json.loads(json.dumps(NAMED_IN_BODIES[method, path]).replace("ID", tried))
    answer = client.request(method, re.sub(r"\{[^}]+\}", tried, path), json=body)
    return answer.status_code, answer.text.replace(tried, "…")


def test_an_id_of_another_program_is_answered_like_one_that_nobody_has(
    database: Database, cast: Cast, sign_in: SignIn, foreign: None, tell: Callable[[str], None]
) -> None:
    before = foreign_rows(database, cast)
    ids, tried, refused = ids_of(before), 0, 0
    assert len(ids) > 20
    reached = set()
    for login in INTRUDERS:
        client, role = sign_in(login), cast[login].role
        for method, path, guard in with_ids():
            allowed = lets_in(guard, role)
            nobodys = {like: ask(client, method, path, unknown(like)) for like in SHAPES}
            for tried_id in ids if allowed else ids[:1]:
                status, text = ask(client, method, path, tried_id)
                tried += 1
                refused += status in (403, 404)
                assert (status, text) == nobodys[SHAPES["-" not in tried_id]], (login, method, path, tried_id)
                if allowed and status != 422:
                    reached.add((method, path))
    after = foreign_rows(database, cast)
    changed = {name for name in after if name not in UNCHANGED_BUT and after[name] != before[name]}
    assert not changed
    missed = {(method, path) for method, path, _ in with_ids()} - reached
    assert not missed, "give these a body that is well formed"
    tell(f"{tried} tries with {len(ids)} ids, {refused} of them refused outright")
