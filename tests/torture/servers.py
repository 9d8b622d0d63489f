"""The servers that are killed: started by the nursery, on the same port and data each time."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.browser.live_server import ROOT, free_port
from tests.torture.planted import Planted

READY_SECONDS = 60.0
GONE_SECONDS = 20.0
LOOK_SECONDS = 0.02
LOG_TAIL_CHARACTERS = 6000


class Nursery:
    """The process that becomes servers."""

    def __init__(self, *, planted: Planted | None) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
        arguments = [sys.executable, "-m", "tests.torture.nursery", *([planted] if planted else [])]
        self._process = subprocess.Popen(
            arguments, cwd=ROOT, env=inherited, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def bear(self, environment: Mapping[str, str], log: Path) -> int:
        """A new server's process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"environment": dict(environment), "log": str(log)}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        """End it; its servers must have ended."""
        self._process.communicate()


class Server:
    """One server process, or none while it is dead."""

    def __init__(self, nursery: Nursery, environment: Mapping[str, str], log: Path) -> None:
        self._nursery, self._log, self.port = nursery, log, free_port()
        self._environment = {**environment, "PORT": str(self.port)}
        self._pid: int | None = None

    @property
    def log(self) -> str:
        """All that it has printed, over all its lives."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def start(self) -> None:
        """Begin to live; `wait_until_ready` tells when it serves."""
        self._pid = self._nursery.bear(self._environment, self._log)

    def wait_until_ready(self) -> None:
        """Returns when /readyz answers 200."""
        deadline = time.monotonic() + READY_SECONDS
        while not self._ready():
            if time.monotonic() > deadline or not self._lives():
                raise AssertionError(f"the server is not ready:\n{self.log[-LOG_TAIL_CHARACTERS:]}")
            time.sleep(LOOK_SECONDS)

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """SIGKILL ends it between two instructions, SIGTERM in an orderly way; returns when the process is gone."""
        if self._pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self._pid, how)
        deadline = time.monotonic() + GONE_SECONDS
        while self._lives():
            if time.monotonic() > deadline:
                how = signal.SIGKILL
                os.kill(self._pid, how)
            time.sleep(LOOK_SECONDS)
        self._pid = None

    def _lives(self) -> bool:
        assert self._pid is not None
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return True

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
