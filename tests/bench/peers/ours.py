"""Warm Handoff itself: the real server, phones that seal and sign beforehand, and the phone's own push loop for the drain.

A record is one operation of the usual referral of five (tests.bench.world): sealed, signed, opened, verified, folded, written
with full fsync, audited. What a coordinator pulls is views, each of which holds a referral's five records.
"""

import json
import subprocess
import tempfile
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import text
from sqlmodel import Session, col, select, update

from api.auth.cookies import SESSION_COOKIE, device_cookie, new_token, token_hash
from api.auth.sessions import open_session
from api.database import Database, migrate
from api.demo.devices import ScriptedDevice
from api.devices.keys import SealingKeys
from api.tables.devices import Device
from api.tables.people import Agency, Membership, Program
from sync import sealing
from tests.bench.peers.records import CLIENTS, RECORDS_OF_A_REFERRAL, Pulled, Pushed
from tests.bench.world import PROGRAM, World, add_member, batches
from tests.browser.live_server import ROOT, LiveServer
from tests.databases import opened_at
from tests.postgres import PostgresCluster

REQUEST_SECONDS = 120.0
DRAIN_LIMIT_SECONDS = 1200.0
STORED = ("applied", "duplicate")
NOTE = "Sits by the loading dock most nights and asks for the blue blanket. " * 6


class OurPeer:
    """On SQLite, or on PostgreSQL where a cluster is given."""

    note = "sealed, signed, folded, by role, audited; writes to disk"

    def __init__(self, folder: Path, cluster: PostgresCluster | None) -> None:
        self.name = f"Warm Handoff ({'SQLite' if cluster is None else 'PostgreSQL'})"
        self._folder, self._cluster = folder, cluster

    def start(self) -> int:
        self._place = tempfile.TemporaryDirectory(prefix="peers-")
        data = Path(self._place.name) / "data"
        data.mkdir()
        url = (
            f"sqlite:///{data / 'handoff.sqlite'}"
            if self._cluster is None
            else self._cluster.create(f"ours_{uuid.uuid4().hex}")
        )
        migrate(url)
        self._database = opened_at(url, data)
        self._key = SealingKeys.load(data / "keys").active.private
        self._settle()
        settings = {"HANDOFF_DATABASE_URL": url, "HANDOFF_SNAPSHOT_MINUTES": "0"}
        self._server = LiveServer(data, settings, ("serve",))
        self._server.start()
        return self._server.port

    def push(self, port: int, records: int, clients: int) -> Pushed:
        sealed: list[list[tuple[ScriptedDevice, bytes, list[str]]]] = [[] for _ in range(clients)]
        for number, (phone, body) in enumerate(batches(self._world, records)):
            op_ids = [str(each["op_id"]) for each in body.operations]
            sealed[number % clients].append((phone, body.model_dump_json().encode(), op_ids))
        began = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            told = [op_id for op_ids in pool.map(lambda share: self._send(port, share), sealed) for op_id in op_ids]
        return self._look(time.perf_counter() - began, told)

    def pull(self, port: int) -> Pulled:
        headers = {"X-Handoff": "1", "Cookie": f"{SESSION_COOKIE}={self._session}"}
        found, cursor, more = 0, None, True
        began = time.perf_counter()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=REQUEST_SECONDS) as client:
            while more:
                body = {"protocol": 1, "epoch": None, "cursor": cursor, "limit": 500, "device_id": None}
                answer = client.post("/api/sync/pull", json=body).raise_for_status().json()
                found += sum(item["t"] == "put" for item in answer["items"])
                cursor, more = answer["cursor"], answer["more"]
        return Pulled(time.perf_counter() - began, found)

    def drain(self, port: int, records: int) -> Pushed:
        script = self._folder / "drain" / "drain.js"
        with subprocess.Popen(
            ["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            phone = json.loads(process.stdout.readline())
            token = self._enrol(phone)
            point = sealing.to_base64url(sealing.raw_point(self._key.public_key()))
            process.stdin.write(
                json.dumps(
                    {
                        "origin": f"http://127.0.0.1:{port}", "cookie": f"{device_cookie(phone['device_id'])}={token}",
                        "program_id": PROGRAM, "agency_id": self._world.agency_id, "user_id": phone["user_id"],
                        "sealing_key": {"key_id": sealing.key_id_of(self._key.public_key()), "public_key": point},
                        "referrals": records // RECORDS_OF_A_REFERRAL, "text": NOTE,
                    }
                )
                + "\n"
            )  # fmt: skip
            process.stdin.flush()
            said, _ = process.communicate(timeout=DRAIN_LIMIT_SECONDS)
        result: dict[str, Any] = json.loads(said)
        return self._look(result["seconds"], result["op_ids"])

    def stop(self) -> None:
        self._server.stop()
        self._database.close()
        self._place.cleanup()

    def _settle(self) -> None:
        now = datetime.now(UTC)
        agency_id = str(uuid.uuid4())
        phones = [ScriptedDevice(str(uuid.uuid4()), PROGRAM, self._key.public_key()) for _ in range(CLIENTS)]
        with self._database.write() as session:
            session.add(Program(id=PROGRAM, name="Bench", config={}, created_at=now))
            session.flush()
            session.add(Agency(id=agency_id, program_id=PROGRAM, name="Bench Police"))
        self._tokens: dict[str, str] = {}
        for number, phone in enumerate(phones):
            add_member(self._database, phone, f"officer{number}", "officer", agency_id)
            self._tokens[phone.device_id] = _given_cookie(self._database, phone.device_id, now)
        reader = ScriptedDevice(str(uuid.uuid4()), PROGRAM, self._key.public_key())
        add_member(self._database, reader, "coordinator", "coordinator")
        with self._database.write() as session:
            self._session = _signed_in(session, reader.user_id, now)
        self._world = World(self._database, self._key, agency_id, phones)

    def _enrol(self, phone: dict[str, str]) -> str:
        """The phone of the drain, as an officer's."""
        device = ScriptedDevice(phone["user_id"], PROGRAM, self._key.public_key(), device_id=phone["device_id"])
        add_member(self._database, device, phone["user_id"], "officer", self._world.agency_id)
        with self._database.write() as session:
            session.execute(
                update(Device).where(col(Device.id) == phone["device_id"]).values(public_key=phone["public_key"])
            )
        return _given_cookie(self._database, phone["device_id"], datetime.now(UTC))

    def _send(self, port: int, share: list[tuple[ScriptedDevice, bytes, list[str]]]) -> list[str]:
        """The ids whose receipts count."""
        told: list[str] = []
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=REQUEST_SECONDS) as client:
            for phone, body, _ in share:
                cookie = f"{device_cookie(phone.device_id)}={self._tokens[phone.device_id]}"
                headers = {"X-Handoff": "1", "Content-Type": "application/json", "Cookie": cookie}
                answer = client.post("/api/sync/push", content=body, headers=headers).raise_for_status()
                told += [each["op_id"] for each in answer.json()["receipts"] if each["status"] in STORED]
        return told

    def _look(self, seconds: float, told: list[str]) -> Pushed:
        with self._database.read() as session:
            there = [
                row[0] for row in session.execute(text("SELECT op_id FROM operation_header WHERE state = 'applied'"))
            ]
        return Pushed(seconds, len(told), len(set(told) & set(there)), len(there) - len(set(there)))


def _given_cookie(database: Database, device_id: str, now: datetime) -> str:
    """A device's cookie, as enrolling gives it."""
    token = new_token()
    held = {"cookie_hash": token_hash(token), "cookie_at": now, "seen_at": now, "expires_at": now + timedelta(days=90)}
    with database.write() as session:
        session.execute(update(Device).where(col(Device.id) == device_id).values(**held))
    return token


def _signed_in(session: Session, user_id: str, now: datetime) -> str:
    membership = session.exec(select(Membership).where(col(Membership.user_id) == user_id)).one()
    return open_session(session, membership, None, now)[0]


def bundle(folder: Path) -> None:
    """Make the phone's push loop runnable by Node, from its sources."""
    place = json.dumps(str(folder / "drain"))
    script = (
        "import { build } from 'vite';"
        "await build({ configFile: false, logLevel: 'error', ssr: { noExternal: true },"
        f" build: {{ ssr: 'build/drain.ts', outDir: {place}, emptyOutDir: true, target: 'node20' }} }});"
    )
    subprocess.run(["node", "--input-type=module", "--eval", script], cwd=ROOT / "pwa", check=True)
    (folder / "drain" / "package.json").write_text('{"type":"module"}')
