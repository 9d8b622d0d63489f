"""Who takes part in the torture of records: people with enrolled phones, each with a link of its own that loses things."""

import http.client
import json
import random
import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from api.auth import sessions
from api.auth.cookies import DEVICE_LIFETIME, SESSION_COOKIE, device_cookie, new_token, token_hash
from api.database import Database
from api.demo.devices import ScriptedDevice
from api.operations.projection import scope_for
from api.tables.devices import Device
from api.tables.people import Membership, User
from sync.fields import Role
from tests.browser.link import CAPTIVE_PORTAL, EMPTY_ANSWER, LOST_ANSWER, Fault, Link, Request
from tests.torture.ground import AGENCY, PROGRAM, settle
from tests.torture.outbox import Outbox

CONFIG = {"policies": [{"name": "all", "steps": [{"who": "everyone", "minutes": 1}]}]}
ROLES: dict[str, Role] = {
    "officer0": "officer", "officer1": "officer", "officer2": "officer", "coordinator0": "coordinator",
    "coordinator1": "coordinator", "sergeant": "sergeant", "supervisor": "supervisor", "prosecutor": "prosecutor",
}  # fmt: skip
ANSWER_SECONDS = 5.0
LOST_REQUEST = Fault(answer=b"")
CUT_BYTES = 3000


@dataclass
class Person:
    """Somebody with a phone. One thread at a time may be this person."""

    name: str
    role: Role
    outbox: Outbox
    cookies: str
    link: Link
    ports: list[int]
    chances: random.Random
    answers: Counter[int] = field(default_factory=Counter)
    """How often which status came."""

    @property
    def scopes(self) -> set[str]:
        """What this session's feed is made of."""
        device = self.outbox.device
        own = scope_for(self.role, device.user_id, PROGRAM, AGENCY if self.role in ("officer", "sergeant") else None)
        return {name for name in (own, f"user:{device.user_id}") if name is not None}

    def flush(self, at_most: int) -> None:
        """One push of the oldest that wait, whatever comes of it."""
        operations = self.outbox.batch(at_most)
        if operations:
            self.outbox.hear(self.ask("/api/sync/push", self.outbox.body(operations)))

    def ask(self, path: str, content: str) -> str:
        """The body of whatever came back from one of the servers; nothing if nothing came.

        AssertionError for a refusal that repeating cannot mend.
        """
        try:
            status, text = self._post(path, content)
        except (OSError, http.client.HTTPException):
            return ""
        self.answers[status] += 1
        assert status == 200 or "receipts" not in text, f"{self.name}: {path}: {status} {text}"
        assert status in (200, 429, 502) or status >= 500, f"{self.name}: {path}: {status} {text}"
        return text if status == 200 else ""

    def _post(self, path: str, content: str) -> tuple[int, str]:
        host, _, port = self.link.address.removeprefix("http://").partition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=ANSWER_SECONDS)
        try:
            headers = {"X-Handoff": "1", "Content-Type": "application/json", "Cookie": self.cookies}
            address = f"http://localhost:{self.chances.choice(self.ports)}{path}"
            connection.request("POST", address, content, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def lose_things(self) -> None:
        """From now on the link loses requests, answers and parts of answers, and is a captive portal at times."""
        fates: Mapping[Fault | None, int] = {
            None: 66, LOST_REQUEST: 9, LOST_ANSWER: 12, Fault(cut_after_bytes=self.chances.randrange(1, CUT_BYTES)): 8,
            CAPTIVE_PORTAL: 3, EMPTY_ANSWER: 2,
        }  # fmt: skip
        numbers = random.Random(self.chances.random())

        def fate(_request: Request) -> Fault | None:
            return numbers.choices(list(fates), list(fates.values()))[0]

        self.link.meddle(fate)


def gather(
    database: Database, folder: Path, stack: ExitStack, ports: list[int], numbers: random.Random
) -> list[Person]:
    """Settle everybody in an empty, migrated database, signed in and enrolled, with links that lose nothing yet."""
    now = datetime.now(UTC)
    key = settle(database, folder, CONFIG, now)
    people = []
    for name, role in ROLES.items():
        device = ScriptedDevice(str(uuid.uuid4()), PROGRAM, key)
        with database.write() as session:
            cookies = _enter(session, device, name, role, now)
        link = Link()
        stack.callback(link.close)
        people.append(Person(name, role, Outbox(device), cookies, link, ports, random.Random(numbers.random())))
    return people


def _enter(session: Session, device: ScriptedDevice, name: str, role: Role, now: datetime) -> str:
    """A person with a role, a phone and an open session; returns the cookies of both."""
    agency = AGENCY if role in ("officer", "sergeant") else None
    cookie = new_token()
    session.add(User(id=device.user_id, login=name, name=name.title(), password_hash="", created_at=now))
    session.flush()
    session.add(
        Membership(
            id=str(uuid.uuid4()), user_id=device.user_id, program_id=PROGRAM, agency_id=agency, role=role, from_at=now
        )
    )
    session.add(
        Device(
            id=device.device_id, user_id=device.user_id, program_id=PROGRAM, public_key=device.public_key,
            cookie_hash=token_hash(cookie), cookie_at=now, created_at=now, seen_at=now, expires_at=now + DEVICE_LIFETIME,
        )
    )  # fmt: skip
    session.flush()
    membership = session.exec(select(Membership).where(Membership.user_id == device.user_id)).one()
    token, _ = sessions.open_session(session, membership, device.device_id, now)
    return f"{SESSION_COOKIE}={token}; {device_cookie(device.device_id)}={cookie}"


class Reading:
    """What one person's phone holds of the feed: the last form of each item, by what it is about."""

    def __init__(self, person: Person) -> None:
        self.person, self.cursor = person, None
        self.items: dict[tuple[str, str], Any] = {}
        self.resyncs = 0
        self.head = 0
        """Where the feed stood at the last answer: what was touched since stands above it."""

    def step(self, limit: int) -> bool:
        """One pull; False once an answer came and there was no more."""
        body = {
            "protocol": 1, "epoch": self.person.outbox.epoch, "cursor": self.cursor, "limit": limit,
            "device_id": self.person.outbox.device.device_id,
        }  # fmt: skip
        try:
            answer = json.loads(self.person.ask("/api/sync/pull", json.dumps(body)))
        except ValueError:
            return True
        if not isinstance(answer, dict) or answer.get("protocol") != 1:
            return True
        self.resyncs += answer["resync"] and self.cursor is not None
        for item in answer["items"]:
            self.items[item["t"] if item["t"] != "drop" else "put", item["id"]] = item
        self.cursor, self.head = answer["cursor"], answer["head"]
        return bool(answer["more"] or answer["items"])
