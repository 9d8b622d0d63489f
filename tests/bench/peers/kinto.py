"""Kinto on PostgreSQL, spoken to over its batch endpoint as its own clients do."""

import json
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

from tests.bench.peers.records import BATCH, Pulled, Pushed, record
from tests.browser.live_server import free_port
from tests.postgres import PostgresCluster

READY_SECONDS = 60.0
REQUEST_SECONDS = 120.0
RETRY_SECONDS = 1.0
STORED = (200, 201)
COLLECTION = "/v1/buckets/bench/collections/records"
SETTINGS = """[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}
threads = 8

[app:main]
use = egg:kinto
multiauth.policies = basicauth
kinto.userid_hmac_secret = bench
kinto.batch_max_requests = 100
kinto.paginate_by = 500
kinto.bucket_create_principals = system.Everyone
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.cache_backend = kinto.core.cache.memory
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
"""


class KintoPeer:
    """Kinto 26.5. `folder` holds its virtual environment."""

    name = "Kinto 26.5 (PostgreSQL)"
    note = "writes to disk"

    def __init__(self, folder: Path, cluster: PostgresCluster) -> None:
        self._programs, self._folder, self._cluster = folder / "kinto" / "bin", folder, cluster

    def start(self) -> int:
        self._port = free_port()
        url = self._cluster.create(f"kinto_{uuid.uuid4().hex}").replace("postgresql+psycopg://", "postgresql://")
        settings = self._folder / "kinto.ini"
        settings.write_text(SETTINGS.format(port=self._port, url=url))
        with (self._folder / "kinto.log").open("w") as log:
            migrate = [str(self._programs / "kinto"), "migrate", "--ini", str(settings)]
            subprocess.run(migrate, stdout=log, stderr=log, check=True)
            command = [str(self._programs / "kinto"), "start", "--ini", str(settings), "--port", str(self._port)]
            self._server = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{self._port}/v1/", timeout=2).raise_for_status()
                break
            except httpx.HTTPError:
                if time.monotonic() > deadline or self._server.poll() is not None:
                    raise RuntimeError(f"Kinto did not start; see {self._folder / 'kinto.log'}") from None
                time.sleep(0.1)
        with self._client(self._port) as client:
            writable = {"permissions": {"write": ["system.Everyone"]}}
            client.put("/v1/buckets/bench", json=writable).raise_for_status()
            client.put(COLLECTION, json=writable).raise_for_status()
        return self._port

    def push(self, port: int, records: int, clients: int) -> Pushed:
        shares = [[number for number in range(records) if number % clients == client] for client in range(clients)]
        began = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            told = [name for names in pool.map(lambda share: self._send(port, share), shares) for name in names]
        seconds = time.perf_counter() - began
        return self._look(seconds, set(told))

    def pull(self, port: int) -> Pulled:
        began = time.perf_counter()
        found = self._all(port)
        return Pulled(time.perf_counter() - began, len(found))

    def drain(self, port: int, records: int) -> Pushed:
        told: set[str] = set()
        began = time.perf_counter()
        while len(told) < records:
            waiting = [number for number in range(records) if record(number)["id"] not in told]
            try:
                told |= set(self._send(port, waiting))
            except httpx.HTTPError:
                time.sleep(RETRY_SECONDS)
        return self._look(time.perf_counter() - began, told)

    def stop(self) -> None:
        self._server.kill()
        self._server.wait()

    def _client(self, port: int) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{port}", auth=("bench", "bench"), timeout=REQUEST_SECONDS)

    def _send(self, port: int, numbers: list[int]) -> list[str]:
        """The ids that the server said are stored."""
        told: list[str] = []
        with self._client(port) as client:
            for start in range(0, len(numbers), BATCH):
                batch = [record(number) for number in numbers[start : start + BATCH]]
                requests = [
                    {
                        "method": "PUT", "path": f"{COLLECTION}/records/{each['id']}", "body": {"data": each},
                        "headers": {"If-None-Match": "*"},
                    }
                    for each in batch
                ]  # fmt: skip
                answer = client.post("/v1/batch", json={"requests": requests})
                if answer.status_code != 200:
                    continue
                told += [
                    each["id"]
                    for each, part in zip(batch, answer.json()["responses"], strict=True)
                    # 412: there already, from a batch whose answer was lost.
                    if part["status"] in (*STORED, 412)
                ]
        return told

    def _all(self, port: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        with self._client(port) as client:
            address: str | None = f"{COLLECTION}/records"
            while address:
                answer = client.get(address)
                answer.raise_for_status()
                found += json.loads(answer.text)["data"]
                address = answer.headers.get("Next-Page")
        return found

    def _look(self, seconds: float, told: set[str]) -> Pushed:
        there = [each["id"] for each in self._all(self._port)]
        return Pushed(seconds, len(told), len(told & set(there)), len(there) - len(set(there)))
