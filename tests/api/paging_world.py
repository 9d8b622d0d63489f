"""A program with an officer, two coordinators and a supervisor, whose phones are subscribed at a real push service."""

import asyncio
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import select
from uuid6 import uuid7

from api.clock import rfc3339
from api.database import Database
from api.demo.devices import ScriptedDevice
from api.exchange.models import PushRequest
from api.paging import subscriptions
from api.paging.channels.switchboard import Channels
from api.paging.subscriptions import PushAddress
from api.paging.worker import Worker
from api.settings import from_environment
from api.tables.paging import Delivery, Page
from api.tables.records import Referral
from tests.bench.world import NOW, PROGRAM, World, add_member, found
from tests.databases import opened_at
from tests.push_service import PushService, Subscription


@dataclass
class FixedClock:
    """A clock that moves only when it is told to."""

    instant: datetime = NOW

    def now(self) -> datetime:
        return self.instant

    def forward(self, **amount: float) -> None:
        self.instant += timedelta(**amount)


@dataclass
class Person:
    """Somebody with a phone, and what that phone is pushed through."""

    user_id: str
    phone: ScriptedDevice
    subscription: Subscription | None


@dataclass
class PagingWorld:
    """Everything a page needs. `work` runs the real worker until nothing is due."""

    world: World
    service: PushService
    clock: FixedClock = field(default_factory=FixedClock)
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        return self.world.database

    def add(self, name: str, role: str, *, subscribed: bool = True) -> Person:
        """A member of the program with an enrolled phone."""
        phone = ScriptedDevice(str(uuid.uuid4()), PROGRAM, self.world.private.public_key())
        add_member(self.database, phone, name, role)
        person = Person(phone.user_id, phone, None)
        self.people[name] = person
        if subscribed:
            self.subscribe(person)
        return person

    def officer(self) -> Person:
        """The first officer of the world, subscribed."""
        phone = self.world.phones[0]
        person = Person(phone.user_id, phone, None)
        self.people["officer"] = person
        self.subscribe(person)
        return person

    def subscribe(self, person: Person) -> None:
        """Register a push address for the person's phone."""
        made = self.service.subscribe()
        person.subscription = made
        address = PushAddress(made.endpoint, made.keys["p256dh"], made.keys["auth"])
        with self.database.write() as session:
            subscriptions.register(session, person.user_id, PROGRAM, person.phone.device_id, address, self.clock.now())

    def push(self, person: Person, operations: list[dict[str, Any]]) -> list[str]:
        """Send finished operations; the statuses of their receipts."""
        body = PushRequest.model_validate(person.phone.push_body(operations))
        return self.world.push(person.phone, body, self.clock.now())

    def alert(self, officer: Person, *, waiting: bool = True) -> str:
        """An officer's referral reaches the server; its id."""
        referral_id, operations = self.sealed_alert(officer, waiting=waiting)
        assert self.push(officer, operations) == ["applied", "applied"]
        return referral_id

    def sealed_alert(self, officer: Person, *, waiting: bool = True) -> tuple[str, list[dict[str, Any]]]:
        """An officer's referral before it is sent: its id, and its operations as they travel."""
        referral_id, at = str(uuid7()), rfc3339(self.clock.now())
        created = {"pathway": "arrest_diversion", "agency_id": self.world.agency_id}
        return referral_id, [
            officer.phone.write(referral_id, "referral.create", created, at),
            officer.phone.write(referral_id, "referral.alert", {"officer_waiting": waiting}, at),
        ]

    def act(self, person: Person, referral_id: str, kind: str, payload: dict[str, Any]) -> str:
        """One operation on a referral by somebody who has seen everything so far; the receipt's status."""
        at = rfc3339(self.clock.now())
        base = {phone.device_id: phone.seq for phone in self._phones() if phone.seq}
        [status] = self.push(person, [person.phone.write(referral_id, kind, payload, at, base=base)])
        return status

    def _phones(self) -> list[ScriptedDevice]:
        return [person.phone for person in self.people.values()]

    def channels(self) -> Channels:
        """The real channels, allowed to call the test's push service."""
        settings = from_environment(self.service.environment())
        return Channels(settings, ec.generate_private_key(ec.SECP256R1()), bytes(32))

    def work(self) -> None:
        """Run the real worker until it finds nothing due at this instant."""

        async def run() -> None:
            channels = self.channels()
            worker = Worker(self.database, self.clock, channels)
            for _ in range(50):
                busy = await worker.tick()
                await worker.drain()
                if not busy:
                    break
            await channels.close()

        asyncio.run(run())

    def texts(self, name: str) -> list[tuple[str, str]]:
        """(kind, text) of what the person's phone was pushed, in order."""
        subscription = self.people[name].subscription
        assert subscription is not None, f"{name} is not subscribed"
        return [(m.body["kind"], m.body["text"]) for m in self.service.received if m.path == subscription.path]

    def page(self, referral_id: str) -> Page:
        """The page as it stands."""
        with self.database.read() as session:
            return session.exec(select(Page).where(Page.subject == referral_id)).one()

    def deliveries(self) -> list[Delivery]:
        """Every row of the outbox."""
        with self.database.read() as session:
            return list(session.exec(select(Delivery)).all())

    def state(self, referral_id: str) -> dict[str, Any]:
        """The referral's folded state."""
        with self.database.read() as session:
            row = session.get(Referral, referral_id)
            assert row is not None
            return row.state


def paging_world(url: str, service: PushService) -> PagingWorld:
    """The world on an empty, migrated database."""
    return PagingWorld(found(opened_at(url), officers=1), service)
