"""The server under test: a fixed clock, a fixed cast in two programs, and people who sign in and enrol phones.

Fixtures (each runs on SQLite and on PostgreSQL)
    clock        a `FakeClock`; `clock.advance(minutes=5)`
    settings, app, client    the application; `client` belongs to nobody yet
    cast         the people: `cast["officer"].user_id`, and the ids of programs and agencies. Made once: the database and
                 the keys (in the test's folder "data") of a test that asks for it are copies
    sign_in      `sign_in("officer")` gives that person's own client with an open session
    enrol        `enrol("officer")` gives a TestDevice that writes, seals, pushes and pulls
    officer, refer    the officer's one phone; `refer({"place": "Here"})` gives the id of a referral that it sent
"""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.accounts import people
from api.accounts.people import NewPerson
from api.accounts.program import ProgramConfig
from api.database import Database
from api.demo.devices import ScriptedDevice
from api.main import create_app
from api.settings import Settings
from sync.fields import Role
from tests.api.device import TestDevice
from tests.conftest import settled
from tests.postgres import PostgresCluster

PROGRAM, OTHER_PROGRAM = "denver", "dona-ana"
AGENCY = "aaaaaaaa-0000-4000-8000-000000000001"
SECOND_AGENCY = "aaaaaaaa-0000-4000-8000-000000000002"
OTHER_AGENCY = "aaaaaaaa-0000-4000-8000-000000000003"
PASSPHRASE = "plain words for tests"
START = datetime(2026, 4, 30, 2, 14, tzinfo=UTC)
JOINED = START - timedelta(days=60)
WITH_CAST = "handoff_cast"

# The cheapest hash that the real code accepts: the parameters travel inside it.
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSPHRASE)

PEOPLE: tuple[tuple[str, Role, str, str | None], ...] = (
    ("officer", "officer", PROGRAM, AGENCY),
    ("officer2", "officer", PROGRAM, SECOND_AGENCY),
    ("sergeant", "sergeant", PROGRAM, AGENCY),
    ("coordinator", "coordinator", PROGRAM, None),
    ("coordinator2", "coordinator", PROGRAM, None),
    ("case_manager", "case_manager", PROGRAM, None),
    ("supervisor", "supervisor", PROGRAM, None),
    ("administrator", "administrator", PROGRAM, None),
    ("prosecutor", "prosecutor", PROGRAM, None),
    ("evaluator", "evaluator", PROGRAM, None),
    ("partner", "partner", PROGRAM, None),
    ("other_officer", "officer", OTHER_PROGRAM, OTHER_AGENCY),
    ("other_coordinator", "coordinator", OTHER_PROGRAM, None),
    ("other_supervisor", "supervisor", OTHER_PROGRAM, None),
    ("other_administrator", "administrator", OTHER_PROGRAM, None),
)


class FakeClock:
    """Stands still until told."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, **amount: float) -> datetime:
        """Move on by an amount as `timedelta` takes it."""
        self._now += timedelta(**amount)
        return self._now


@dataclass(frozen=True)
class Member:
    """One of the cast."""

    user_id: str
    login: str
    role: Role
    program_id: str
    agency_id: str | None


Cast = Mapping[str, Member]
SignIn = Callable[[str], TestClient]
Enrol = Callable[[str], TestDevice]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=database_url, worker=False, snapshot_minutes=0)


@pytest.fixture
def app(settings: Settings, clock: FakeClock) -> Iterator[FastAPI]:
    application = create_app(settings, clock)
    yield application
    application.state.database.close()


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


@cache
def _loop() -> BlockingPortal:
    """One event loop for all clients, as a server has; without it, every request would begin and end one."""
    running = ExitStack()
    atexit.register(running.close)
    return running.enter_context(start_blocking_portal())


def new_client(app: FastAPI) -> TestClient:
    """A browser of its own: cookies of others do not reach it."""
    client = TestClient(app, base_url="https://testserver", headers={"X-Handoff": "1"})
    client.portal = _loop()
    return client


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return new_client(app)


@dataclass(frozen=True)
class Gathered:
    """Where a database with the cast is kept, and the folder with its keys."""

    members: Cast
    database: str
    """A SQLite file's path, or the name of a database on PostgreSQL."""
    folder: Path

    def lend(self, request: pytest.FixtureRequest) -> str:
        """The database, its keys being copied to where the test's settings look for them."""
        shutil.copytree(self.folder, request.getfixturevalue("tmp_path") / "data")
        return self.database


def _gather(url: str, folder: Path) -> Cast:
    """Two programs with their agencies and people, in an empty database."""
    config = ProgramConfig(
        call_number="303-555-0100",
        call_name="On call",
        time_zone="America/Denver",
        pathways=["arrest_diversion", "social_contact", "community"],
        pack="denver",
        second_factor="optional",
    )
    settings = Settings(data_dir=folder, database_url=url, worker=False, snapshot_minutes=0)
    members: dict[str, Member] = {}
    with closing(create_app(settings, FakeClock()).state.database) as database, database.write() as session:
        for program_id, agencies in ((PROGRAM, (AGENCY, SECOND_AGENCY)), (OTHER_PROGRAM, (OTHER_AGENCY,))):
            people.add_program(session, program_id, program_id.title(), config, JOINED)
            for number, agency_id in enumerate(agencies):
                people.add_agency(session, program_id, f"Agency {number}", JOINED, agency_id=agency_id)
        for login, role, program_id, own_agency in PEOPLE:
            person = NewPerson(login, f"{login.title()} Example", role, program_id, own_agency, "303-555-0111")
            user = people.add_person(session, person, QUICK_HASH, JOINED)
            members[login] = Member(user.id, login, role, program_id, own_agency)
    return members


@pytest.fixture(scope="session")
def _gathered_sqlite(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Gathered:
    folder = tmp_path_factory.mktemp("cast")
    path = Path(shutil.copyfile(_sqlite_template, folder / "cast.db"))
    members = _gather(f"sqlite:///{path}", folder / "data")
    return Gathered(members, str(settled(path)), folder / "data")


@pytest.fixture(scope="session")
def _gathered_postgresql(
    postgres_cluster: PostgresCluster, _postgresql_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Gathered:
    folder = tmp_path_factory.mktemp("cast")
    members = _gather(postgres_cluster.create(WITH_CAST, template=_postgresql_template), folder)
    return Gathered(members, WITH_CAST, folder)


@pytest.fixture
def gathered(database_kind: str, request: pytest.FixtureRequest) -> Gathered:
    """For `cast` alone: a test that has this one begins with the cast in its database."""
    found: Gathered = request.getfixturevalue(f"_gathered_{database_kind}")
    return found


@pytest.fixture
def sqlite_source(sqlite_source: Path, request: pytest.FixtureRequest) -> Path:
    if "gathered" not in request.fixturenames:
        return sqlite_source
    return Path(request.getfixturevalue("_gathered_sqlite").lend(request))


@pytest.fixture
def postgresql_source(postgresql_source: str, request: pytest.FixtureRequest) -> str:
    if "gathered" not in request.fixturenames:
        return postgresql_source
    return str(request.getfixturevalue("_gathered_postgresql").lend(request))


@pytest.fixture
def cast(gathered: Gathered, database_url: str) -> Cast:
    return gathered.members


@pytest.fixture
def sign_in(app: FastAPI, cast: Cast) -> SignIn:
    def enter(login: str) -> TestClient:
        own = new_client(app)
        answer = own.post("/api/session", json={"login": cast[login].login, "password": PASSPHRASE})
        assert answer.status_code == 200, answer.text
        return own

    return enter


@pytest.fixture
def enrol(app: FastAPI, cast: Cast, sign_in: SignIn, clock: FakeClock) -> Enrol:
    def take_phone(login: str) -> TestDevice:
        member = cast[login]
        own = sign_in(login)
        phone = ScriptedDevice(member.user_id, member.program_id, app.state.keys.active.private.public_key())
        body = {"device_id": phone.device_id, "public_key": phone.public_key, "label": "Test phone"}
        answer = own.post("/api/devices", json=body)
        assert answer.status_code == 201, answer.text
        return TestDevice(own, phone, clock.now, member.agency_id)

    return take_phone


@pytest.fixture
def officer(enrol: Enrol) -> TestDevice:
    return enrol("officer")


@pytest.fixture
def refer(officer: TestDevice) -> Callable[..., str]:
    """A referral with these fields; every operation is applied, whatever the rules say."""

    def push(fields: dict[str, Any], pathway: str = "arrest_diversion", **changes: Any) -> str:
        created = officer.create(pathway=pathway)
        answers = officer.push(created, officer.set(created["referral_id"], fields, **changes))
        assert [answer["status"] for answer in answers] == ["applied", "applied"]
        return str(created["referral_id"])

    return push
