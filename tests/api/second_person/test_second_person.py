"""Two people: who may ask, who may decide, never the same one, not for ever, and of two decisions at once only one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlmodel import select

from api.auth.permissions import ROLES
from api.auth.sessions import Principal
from api.database import Database
from api.problems import Conflict, Forbidden, NotFound
from api.second_person import service
from api.second_person.service import KINDS, Asked, Kind
from api.tables.audit import AuditEvent
from api.tables.people import User
from sync.fields import Role
from tests.api.at_once import together
from tests.api.conftest import OTHER_PROGRAM, START, Cast, FakeClock, SignIn

SUBJECT = "5ab7ec70-0000-4000-8000-000000000001"
MAY_ASK: dict[Kind, set[Role]] = {
    "recovery": {"supervisor", "administrator"},
    "hold": {"supervisor"},
    "hold_end": {"supervisor"},
    "expunge": {"supervisor"},
    "break_glass": {"administrator"},
}
MAY_DECIDE: dict[Kind, set[Role]] = {
    "recovery": {"supervisor", "administrator"},
    "hold": {"supervisor", "administrator"},
    "hold_end": {"supervisor", "administrator"},
    "expunge": {"supervisor", "administrator"},
    "break_glass": {"supervisor"},
}

As = Callable[..., Principal]


@pytest.fixture
def as_role(cast: Cast) -> As:
    """Somebody of the cast with a role, `as_role("officer", role="supervisor")` where the cast has only one."""

    def principal(login: str, role: Role | None = None) -> Principal:
        member = cast[login]
        return Principal(
            user_id=member.user_id, program_id=member.program_id, role=role or member.role, agency_id=None,
            session_token_hash="", device_id=None, expires_at=START, seen_at=START, fresh_at=START,
        )  # fmt: skip

    return principal


@pytest.fixture
def asked(database: Database, as_role: As) -> Asked:
    """A supervisor asks for a hold."""
    with database.write() as session:
        return service.ask(session, as_role("supervisor"), "hold", SUBJECT, "A court asks.", START)


def state_of(database: Database, asked: Asked) -> str:
    with database.read() as session:
        return session.get_one(Asked, asked.id).state


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", [role for role in ROLES if role != "server"])
def test_each_kind_is_asked_and_decided_by_its_own_roles(
    database: Database, as_role: As, kind: Kind, role: Role
) -> None:
    asker: Role = next(iter(MAY_ASK[kind]))
    with database.write() as session:
        stands = service.ask(session, as_role("partner", asker), kind, SUBJECT, "Why.", START)
    with database.write() as session:
        reader = as_role("officer", role)
        if role in MAY_ASK[kind]:
            assert service.ask(session, reader, kind, str(uuid4()), "Why.", START).state == "asked"
        else:
            with pytest.raises(Forbidden):
                service.ask(session, reader, kind, str(uuid4()), "Why.", START)
        if role in MAY_DECIDE[kind]:
            assert service.approve(session, reader, stands.id, START).state == "approved"
        else:
            with pytest.raises(NotFound):
                service.approve(session, reader, stands.id, START)


def test_nobody_decides_what_they_asked_for(database: Database, as_role: As, asked: Asked) -> None:
    for role in ("supervisor", "administrator"):
        with pytest.raises(Forbidden), database.write() as session:
            service.approve(session, as_role("supervisor", role), asked.id, START)
    assert state_of(database, asked) == "asked"


def test_a_second_supervisor_or_an_administrator_decides(database: Database, as_role: As, asked: Asked) -> None:
    with database.write() as session:
        done = service.approve(session, as_role("coordinator", "supervisor"), asked.id, START + timedelta(hours=1))
    assert (done.state, done.decided_by, done.decided_at) == (
        "approved", as_role("coordinator").user_id, START + timedelta(hours=1),
    )  # fmt: skip


@pytest.mark.parametrize("act", [service.approve, service.decline])
def test_what_is_decided_stays_decided(
    database: Database, as_role: As, asked: Asked, act: Callable[..., Asked]
) -> None:
    with database.write() as session:
        first = act(session, as_role("administrator"), asked.id, START)
    for later in (service.approve, service.decline):
        with pytest.raises(Conflict), database.write() as session:
            later(session, as_role("coordinator", "supervisor"), asked.id, START)
    assert state_of(database, asked) == first.state


def test_a_request_is_good_for_two_days_and_not_a_moment_longer(
    database: Database, as_role: As, asked: Asked
) -> None:  # fmt: skip
    end = START + timedelta(hours=48)
    for act in (service.approve, service.decline):
        with pytest.raises(Conflict), database.write() as session:
            act(session, as_role("administrator"), asked.id, end)
    with database.write() as session:
        last = service.approve(session, as_role("administrator"), asked.id, end - timedelta(milliseconds=1))
    assert last.state == "approved"


def test_what_has_run_out_may_be_asked_anew_and_is_called_expired(
    database: Database, as_role: As, asked: Asked
) -> None:  # fmt: skip
    end = START + timedelta(hours=48)
    with pytest.raises(Conflict), database.write() as session:
        service.ask(
            session, as_role("coordinator", "supervisor"), "hold", SUBJECT, "Again.", end - timedelta(seconds=1)
        )
    assert service.state_of(asked, end) == "expired"
    assert service.state_of(asked, end - timedelta(seconds=1)) == "asked"
    with database.write() as session:
        service.ask(session, as_role("supervisor"), "hold", SUBJECT, "Again.", end)
    assert state_of(database, asked) == "expired"


def test_whoever_asked_may_take_it_back(database: Database, as_role: As, asked: Asked) -> None:
    with database.write() as session:
        service.decline(session, as_role("supervisor"), asked.id, START)
    with pytest.raises(Conflict), database.write() as session:
        service.approve(session, as_role("administrator"), asked.id, START)


def test_another_program_has_never_heard_of_it(database: Database, as_role: As, asked: Asked) -> None:
    for login in ("other_supervisor", "other_administrator"):
        for asked_id in (asked.id, str(uuid4())):
            for act in (service.approve, service.decline, service.one):
                arguments = (START,) if act is not service.one else ()
                with pytest.raises(NotFound), database.write() as session:
                    act(session, as_role(login), asked_id, *arguments)
        with database.read() as session:
            assert service.reached(session, as_role(login)) == []


def test_the_request_of_a_closed_account_is_not_approved(database: Database, as_role: As, asked: Asked) -> None:
    with database.write() as session:
        asker = session.get_one(User, asked.asked_by)
        asker.active = False
        session.add(asker)
    with pytest.raises(Conflict), database.write() as session:
        service.approve(session, as_role("administrator"), asked.id, START)


def test_what_was_not_approved_cannot_be_finished_and_nothing_twice(
    database: Database, as_role: As, asked: Asked
) -> None:  # fmt: skip
    with pytest.raises(Conflict), database.write() as session:
        service.finish(session, asked.id)
    with database.write() as session:
        service.approve(session, as_role("administrator"), asked.id, START)
        service.finish(session, asked.id)
    assert state_of(database, asked) == "done"
    with pytest.raises(Conflict), database.write() as session:
        service.finish(session, asked.id)


def test_of_two_decisions_at_the_same_moment_one_counts(database: Database, as_role: As) -> None:
    for number in range(10):
        with database.write() as session:
            asked = service.ask(session, as_role("supervisor"), "hold", f"subject {number}", "Why.", START)

        def decide(login: str, act: Callable[..., Asked], asked_id: str = asked.id) -> str | None:
            try:
                with database.write() as session:
                    return act(session, as_role(login, "administrator"), asked_id, START).state
            except Conflict:
                return None

        answers = together(
            [lambda: decide("administrator", service.approve), lambda: decide("coordinator", service.decline)]
        )
        counted = [answer for answer in answers if answer is not None]
        assert counted == [state_of(database, asked)], "exactly one of the two"


def test_asking_and_deciding_are_audited_by_ids_alone(database: Database, as_role: As, asked: Asked) -> None:
    with database.write() as session:
        service.approve(session, as_role("administrator"), asked.id, START, "192.0.2.1")
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.subject == SUBJECT)).all()
    assert [(event.action, event.actor_id) for event in events] == [
        ("hold.ask", as_role("supervisor").user_id),
        ("hold.approve", as_role("administrator").user_id),
    ]
    assert "court" not in "".join(event.model_dump_json() for event in events)


def test_the_list_shows_what_one_may_decide_or_asked(
    database: Database, as_role: As, cast: Cast, sign_in: SignIn, clock: FakeClock, asked: Asked
) -> None:
    with database.write() as session:
        service.ask(session, as_role("administrator"), "break_glass", SUBJECT, "A fault.", START)
        service.ask(session, as_role("administrator"), "recovery", cast["officer"].user_id, "Phone lost.", START)
    seen = {
        login: sign_in(login).get("/api/second-person").json()["requests"] for login in ("supervisor", "administrator")
    }
    shown = {
        login: {(entry["kind"], entry["own"], entry["may_decide"]) for entry in entries}
        for login, entries in seen.items()
    }
    assert shown == {
        "supervisor": {("hold", True, False), ("break_glass", False, True), ("recovery", False, True)},
        "administrator": {("hold", False, True), ("break_glass", True, False), ("recovery", True, False)},
    }
    by_kind = {entry["kind"]: entry for entry in seen["administrator"]}
    assert by_kind["recovery"]["subject_name"] == "Officer Example"
    assert by_kind["hold"]["subject_name"] is None
    assert {entry["number"] for entries in seen.values() for entry in entries} == {None}, "no such referral is here"
    assert by_kind["hold"]["asked_by_name"] == "Supervisor Example"
    clock.advance(hours=48)
    late = sign_in("administrator").get("/api/second-person").json()["requests"]
    assert {(entry["state"], entry["may_decide"]) for entry in late} == {("expired", False)}


@pytest.mark.parametrize(
    "login", ["officer", "sergeant", "coordinator", "case_manager", "prosecutor", "evaluator", "partner"]
)
def test_others_have_no_list(sign_in: SignIn, login: str) -> None:
    assert sign_in(login).get("/api/second-person").status_code == 403


def test_the_list_is_the_programs_own(sign_in: SignIn, asked: Asked) -> None:
    assert sign_in("other_administrator").get("/api/second-person").json() == {"requests": []}


def test_a_principal_of_another_program_cannot_borrow_an_id(database: Database, as_role: As, asked: Asked) -> None:
    borrowed = replace(as_role("administrator"), program_id=OTHER_PROGRAM)
    with pytest.raises(NotFound), database.write() as session:
        service.approve(session, borrowed, asked.id, START)
