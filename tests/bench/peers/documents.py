"""pouchdb-server (leveldb) and rxdb-server (memory), each with its own client library, in Node."""

import json
import os
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Literal

from tests.bench.peers.records import Pulled, Pushed
from tests.browser.live_server import free_port

READY_SECONDS = 60.0
DRAIN_LIMIT_SECONDS = 1200.0


class DocumentPeer:
    """Either of the two; `folder` holds their node_modules."""

    def __init__(self, kind: Literal["pouchdb", "rxdb"], folder: Path) -> None:
        self._kind, self._folder = kind, folder
        self.name = {"pouchdb": "pouchdb-server 4.2 (leveldb)", "rxdb": "rxdb-server 15.22 (memory)"}[kind]
        self.note = {"pouchdb": "writes to disk", "rxdb": "writes nothing to disk; batches of 80"}[kind]

    def start(self) -> int:
        self._port = free_port()
        self._place = tempfile.TemporaryDirectory(prefix="peers-")
        command = {
            "pouchdb": [
                str(self._folder / "node_modules/.bin/pouchdb-server"), "--port", str(self._port), "--host", "127.0.0.1",
                "--dir", self._place.name, "--no-stdout-logs",
            ],
            "rxdb": ["node", "peer.mjs", "serve-rxdb", str(self._port)],
        }[self._kind]  # fmt: skip
        where = self._place.name if self._kind == "pouchdb" else self._folder
        with (self._folder / f"{self._kind}.log").open("w") as log:
            self._server = subprocess.Popen(command, cwd=where, stdout=log, stderr=log)
        deadline = time.monotonic() + READY_SECONDS
        while not _answers(self._port):
            if time.monotonic() > deadline or self._server.poll() is not None:
                raise RuntimeError(f"{self.name} did not start; see {self._folder / self._kind}.log")
            time.sleep(0.1)
        return self._port

    def push(self, port: int, records: int, clients: int) -> Pushed:
        return _pushed(self._client("push", port, records, clients))

    def pull(self, port: int) -> Pulled:
        said = self._client("pull", port)
        return Pulled(said["seconds"], said["records"])

    def drain(self, port: int, records: int) -> Pushed:
        return _pushed(self._client("drain", port, records, 1))

    def stop(self) -> None:
        self._server.kill()
        self._server.wait()
        self._place.cleanup()

    def _client(self, act: str, port: int, *numbers: int) -> dict[str, Any]:
        done = subprocess.run(
            ["node", "peer.mjs", f"{act}-{self._kind}", str(port), *map(str, numbers)],
            cwd=self._folder, env={**os.environ, "DIRECT": str(self._port)}, capture_output=True, text=True,
            timeout=DRAIN_LIMIT_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {done.stderr[-2000:]}")
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said


def _pushed(said: dict[str, Any]) -> Pushed:
    return Pushed(said["seconds"], said["acknowledged"], said["present"], said["doubled"])


def _answers(port: int) -> bool:
    """True once something answers there, be it with a refusal."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True
