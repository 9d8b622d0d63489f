"""A paging world with a rota: Monday to Monday, Ana and Ben in turn. It is Wednesday 29 April 2026, 20:14 in Denver."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from sqlmodel import col, select
from uuid6 import uuid7

from api.paging.channels.switchboard import available
from api.rota.model import Level
from api.settings import Settings
from api.tables.paging import ContactPoint, Delivery, ShiftTest, WorkerBeat
from api.tables.people import Program
from api.tables.rota import RotaChange, RotaRule
from api.watch import shift_tests
from api.watch.findings import Finding, findings
from tests.api.paging_world import PagingWorld, Person, paging_world
from tests.bench.world import PROGRAM
from tests.push_service import PushService

WEEK = {"weekday": 0, "start": "08:00", "end": "08:00", "days": 7}
TELEPHONE = Settings(sms_account="AC1", sms_token=SecretStr("t"), sms_from="+15550100", voice_from="+15550100")
"""A server that has SMS and voice calls beside push, and no e-mail."""


class WatchWorld:
    """What a test sets up and asks; everybody is known by a short name."""

    def __init__(self, paging: PagingWorld) -> None:
        self.paging = paging
        self.database, self.clock = paging.database, paging.clock
        self._place = 0

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def add(self, name: str, role: str = "coordinator", *, phone: bool = True) -> Person:
        return self.paging.add(name, role, subscribed=phone)

    def id(self, name: str) -> str:
        return self.paging.people[name].user_id

    def configure(self, **config: Any) -> None:
        """The program's settings as far as paging reads them."""
        with self.database.write() as session:
            program = session.get_one(Program, PROGRAM)
            program.config = {"time_zone": "America/Denver", **config}

    def rule(self, *names: str, level: Level = "on_call", turns: Sequence[dict[str, Any]] = (WEEK,)) -> None:
        """A weekly rule from long ago; a week each."""
        terms = {
            "zone": "America/Denver", "turns": list(turns), "people": [self.id(name) for name in names],
            "advance": "week", "first_week": "2026-04-27", "ends": None,
        }  # fmt: skip
        with self.database.write() as session:
            row = RotaRule(id=str(uuid7()), program_id=PROGRAM, level=level, rule=terms, created_at=self.now)
            session.add(row)

    def change(
        self, kind: str, start: datetime, end: datetime, *, of: str = "", to: str = "", level: str = "on_call"
    ) -> None:
        """An accepted change of the rota."""
        self._place += 1
        with self.database.write() as session:
            session.add(
                RotaChange(
                    id=str(uuid7()), program_id=PROGRAM, level=level, kind=kind, starts_at=start, ends_at=end,
                    user_id=self.id(of) if of else None, to_user_id=self.id(to) if to else None, state="accepted",
                    place=self._place, made_by="", made_at=self.now,
                )
            )  # fmt: skip

    def contact(self, name: str, channel: str, *, proven: bool = True) -> str:
        """A number or mailbox of somebody; its id."""
        contact_id = str(uuid7())
        address = f"+1555{len(name):03}{len(channel):04}"
        with self.database.write() as session:
            session.add(
                ContactPoint(
                    id=contact_id, user_id=self.id(name), channel=channel, address=address, created_at=self.now,
                    verified_at=self.now if proven else None,
                )
            )  # fmt: skip
        return contact_id

    def beat(self) -> None:
        """A worker looks for work now."""
        with self.database.write() as session:
            found = session.get(WorkerBeat, "w") or WorkerBeat(worker_id="w", at=self.now)
            found.at = self.now
            session.add(found)

    def found(self, settings: Settings = TELEPHONE) -> list[Finding]:
        with self.database.read() as session:
            return findings(session, PROGRAM, available(settings), self.now)

    def codes(self) -> list[str]:
        return [finding.code for finding in self.found()]

    def one(self, code: str) -> dict[str, Any]:
        """The values of the only finding of a code."""
        [finding] = [each for each in self.found() if each.code == code]
        return dict(finding.values)

    def test_shifts(self) -> None:
        shift_tests.run(self.database, self.now)

    def tests(self) -> list[tuple[str, str, str]]:
        """(who, level, outcome) of every shift test."""
        names = {person.user_id: name for name, person in self.paging.people.items()}
        with self.database.read() as session:
            rows = session.exec(select(ShiftTest).order_by(col(ShiftTest.sent_at), col(ShiftTest.id)))
            return sorted((names[row.user_id], row.level, row.outcome) for row in rows)

    def sent(self, kind: str) -> list[tuple[str, str, str]]:
        """(who, channel, text) of the messages of a kind in the outbox."""
        names = {person.user_id: name for name, person in self.paging.people.items()}
        rows = [row for row in self.paging.deliveries() if row.kind == kind]
        return sorted((names[row.user_id], row.channel, row.text) for row in rows)

    def see(self, name: str) -> None:
        """The person's phone shows the latest message that it was sent."""
        with self.database.write() as session:
            rows = session.exec(
                select(Delivery).where(Delivery.user_id == self.id(name), Delivery.channel == "push")
            ).all()
            rows[-1].seen_at = self.now

    def deliver(self, state: str, *, due: timedelta, **changes: Any) -> None:
        """A row of the outbox as a worker would leave it; `due` from now."""
        with self.database.write() as session:
            fields: dict[str, Any] = {
                "id": str(uuid7()), "kind": "page", "text": "officer_waiting", "channel": "push", "program_id": PROGRAM,
                "user_id": "", "target_id": "t", "origin": "push.example", "state": state, "due_at": self.now + due,
                "lease_until": self.now, "created_at": self.now + due,
            }  # fmt: skip
            session.add(Delivery(**fields | changes))


@pytest.fixture(scope="module")
def push_service() -> Iterator[PushService]:
    """One for all tests of a file: each subscribes phones of its own."""
    with PushService() as service:
        yield service


@pytest.fixture
def bare(database_url: str, push_service: PushService) -> Iterator[WatchWorld]:
    """An officer, and nobody else yet; no rota. A worker has just looked."""
    paging = paging_world(database_url, push_service)
    world = WatchWorld(paging)
    world.configure()
    world.beat()
    paging.officer()
    yield world
    paging.database.close()


@pytest.fixture
def world(bare: WatchWorld) -> WatchWorld:
    """Ana and Ben are on call in turn, each with a phone; all is well."""
    bare.add("ana")
    bare.add("ben")
    bare.add("sol", "supervisor")
    bare.rule("ana", "ben")
    return bare
