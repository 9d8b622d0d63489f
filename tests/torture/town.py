"""Who takes part: officers who push until they have their receipts, and coordinators whose phones fare differently."""

import http.client
import json
import queue
import random
import threading
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from uuid6 import uuid7

from api.auth.cookies import DEVICE_LIFETIME, device_cookie, new_token, token_hash
from api.clock import rfc3339
from api.database import Database
from api.demo.devices import ScriptedDevice
from api.paging import subscriptions
from api.paging.subscriptions import PushAddress
from api.tables.devices import Device
from api.tables.people import Membership, User
from tests.databases import opened_at
from tests.push_service import Behaviour, Message, PushService, Subscription
from tests.torture.ground import AGENCY, PROGRAM, settle

CONFIG = {
    "open_within_minutes": 120,
    "policies": [
        {"name": "all", "steps": [{"who": "on_call", "minutes": 1}, {"who": "everyone", "minutes": 2}]},
    ],
}
OFFICERS = 3
COORDINATORS: dict[str, Behaviour] = {"ana": "accept", "ben": "flaky", "cas": "slow", "dee": "hang"}
HUNG = "dee"
TAPPER = "ana"
TAPPED_SHARE = 0.8
PAUSE_SECONDS = (0.3, 1.5)
"""Between an officer's referrals."""
RETRY_SECONDS = 0.1
ANSWER_SECONDS = 5.0


@dataclass
class Phone:
    """Somebody's enrolled phone: what it seals with, its cookie, and where it is pushed."""

    device: ScriptedDevice
    cookie: str
    subscription: Subscription

    def headers(self) -> dict[str, str]:
        cookie = f"{device_cookie(self.device.device_id)}={self.cookie}"
        return {"X-Handoff": "1", "Content-Type": "application/json", "Cookie": cookie}


@dataclass
class Town:
    """The people, their push services (each behaviour one of its own), and what they did."""

    database_url: str
    folder: Path
    services: dict[str, PushService] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    received: list[str] = field(default_factory=list)
    """Ids of the referrals whose receipts came."""
    answered: set[str] = field(default_factory=set)
    """Ids of the pages that the server said were acknowledged."""
    taps: "queue.Queue[Message]" = field(default_factory=queue.Queue)

    @property
    def environment(self) -> dict[str, str]:
        """The servers' settings."""
        authorities = self.folder / "authorities.pem"
        authorities.write_text("".join(Path(one.ca_file).read_text() for one in self.services.values()))
        hosts = ",".join(service.host for service in self.services.values())
        return {
            "HANDOFF_DATABASE_URL": self.database_url,
            "HANDOFF_DATA_DIR": str(self.folder),
            "HANDOFF_SNAPSHOT_MINUTES": "0",
            "HANDOFF_PUSH_CA_FILE": str(authorities),
            "HANDOFF_PUSH_HOSTS": hosts,
            "HANDOFF_PRIVATE_HOSTS": hosts,
        }

    def messages(self) -> list[tuple[str, Message]]:
        """All that was accepted anywhere, each with its endpoint."""
        services = self.services.values()
        return [(f"https://{one.host}{message.path}", message) for one in services for message in one.received]


def found(database_url: str, folder: Path, stack: ExitStack, random_numbers: random.Random) -> Town:
    """Settle the town in an empty, migrated database."""
    town = Town(database_url, folder)
    town.services = {name: stack.enter_context(PushService()) for name in ("sound", "slow", "hung")}
    database = opened_at(database_url, folder)
    now = datetime.now(UTC)
    key = settle(database, folder, CONFIG, now)
    for number in range(OFFICERS):
        _settle(town, database, f"officer{number}", "officer", AGENCY, key, "accept", now)
    for name, behaviour in COORDINATORS.items():
        _settle(town, database, name, "coordinator", None, key, behaviour, now)
    _settle(town, database, "sol", "supervisor", None, key, "accept", now)
    database.close()
    chances = random.Random(random_numbers.random())
    tapper = town.phones[TAPPER].subscription.path

    def shown(message: Message) -> None:
        if message.path == tapper and message.body["kind"] in ("page", "repage") and chances.random() < TAPPED_SHARE:
            town.taps.put(message)

    town.services["sound"].on_message = shown
    return town


def _settle(
    town: Town, database: Database, name: str, role: str, agency_id: str | None, key: Any, behaviour: Behaviour,
    now: datetime,
) -> None:  # fmt: skip
    service = town.services[{"slow": "slow", "hang": "hung"}.get(behaviour, "sound")]
    subscription = service.subscribe()
    service.behave(subscription, behaviour)
    phone = Phone(ScriptedDevice(str(uuid.uuid4()), PROGRAM, key), new_token(), subscription)
    device = phone.device
    town.phones[name] = phone
    with database.write() as session:
        session.add(User(id=device.user_id, login=name, name=name.title(), password_hash="", created_at=now))
        session.flush()
        session.add(
            Membership(
                id=str(uuid.uuid4()), user_id=device.user_id, program_id=PROGRAM, agency_id=agency_id, role=role,
                from_at=now,
            )
        )  # fmt: skip
        session.add(
            Device(
                id=device.device_id, user_id=device.user_id, program_id=PROGRAM, public_key=device.public_key,
                cookie_hash=token_hash(phone.cookie), cookie_at=now, created_at=now, seen_at=now,
                expires_at=now + DEVICE_LIFETIME,
            )
        )  # fmt: skip
        session.flush()
        keys = subscription.keys
        address = PushAddress(subscription.endpoint, keys["p256dh"], keys["auth"])
        subscriptions.register(session, device.user_id, PROGRAM, device.device_id, address, now)


@dataclass
class Client:
    """Calls any of the servers until one answers; the body stays the same, as a phone's outbox keeps it."""

    ports: list[int]
    random_numbers: random.Random
    ended: threading.Event

    def insist(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
        """The 200 answer, however many servers die meanwhile. AssertionError for an answer that repeating cannot mend."""
        content = json.dumps(body)
        while True:
            try:
                status, text = self._post(path, content, headers)
            except (OSError, http.client.HTTPException):
                status, text = 0, ""
            if status == 200:
                document: dict[str, Any] = json.loads(text)
                return document
            assert status == 0 or status == 429 or status >= 500, f"{path}: {status} {text}"
            self.ended.wait(RETRY_SECONDS)

    def _post(self, path: str, content: str, headers: Mapping[str, str]) -> tuple[int, str]:
        port = self.random_numbers.choice(self.ports)
        connection = http.client.HTTPConnection("localhost", port, timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", path, content, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


def officer(town: Town, name: str, client: Client) -> Callable[[], None]:
    """Refers people until it is told to end; the last referral is pushed to its receipt, too."""

    def act() -> None:
        phone = town.phones[name]
        while not client.ended.is_set():
            referral_id, at = str(uuid7()), rfc3339(datetime.now(UTC))
            write = phone.device.write
            created = {"pathway": "arrest_diversion", "agency_id": AGENCY}
            operations = [
                write(referral_id, "referral.create", created, at),
                write(referral_id, "referral.alert", {"officer_waiting": True}, at),
            ]
            body = phone.device.push_body(operations)
            receipts = client.insist("/api/sync/push", body, phone.headers())["receipts"]
            statuses = {receipt["status"] for receipt in receipts}
            assert statuses <= {"applied", "duplicate"}, receipts
            town.received.append(referral_id)
            client.ended.wait(client.random_numbers.uniform(*PAUSE_SECONDS))

    return act


def coordinator(town: Town, client: Client) -> Callable[[], None]:
    """Says that the notice was seen and taps Acknowledge on it, until told to end."""

    def act() -> None:
        headers = {"X-Handoff": "1", "Content-Type": "application/json"}
        while not client.ended.is_set() or not town.taps.empty():
            try:
                message = town.taps.get(timeout=RETRY_SECONDS)
            except queue.Empty:
                continue
            page, body = message.body["page"], {"token": message.body["token"]}
            answer = client.insist(f"/api/pages/{page}/acknowledge", body, headers)
            assert answer["result"] in ("acknowledged", "already"), answer
            town.answered.add(page)

    return act
