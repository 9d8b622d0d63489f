"""The real server as a process of its own, as an operator would start it.

Answers for starting it on a free port with its own data folder, waiting until it is really ready, stopping,
killing and starting it again on the same address and data. Which accounts and referrals it holds is the
demo's affair.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
STOP_SECONDS = 15.0
LOG_TAIL_BYTES = 8_000


class LiveServer:
    """`python -m api.cli demo` (or another command) on http://localhost:PORT, its data in `data_dir`.

    `environment` adds to or overrides the settings of the process; those of the tests' shell do
    not reach it. `localhost`, not an address, because service workers, Secure cookies and WebAuthn work
    there without TLS.
    """

    def __init__(
        self, data_dir: Path, environment: Mapping[str, str] | None = None, command: Sequence[str] = ("demo",)
    ) -> None:
        self.data_dir = data_dir
        self.environment = dict(environment or {})
        self.command = tuple(command)
        self.port = free_port()
        self.log_path = data_dir.parent / f"{data_dir.name}.log"
        self._log: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> LiveServer:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address without a slash at its end."""
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process id; only while it runs."""
        assert self._process is not None, "the server is not running"
        return self._process.pid

    @property
    def log(self) -> str:
        """Everything the server has printed, over all its starts."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def start(self) -> None:
        """Starts it and returns when /readyz answers 200; raises with the end of the log if it never does."""
        assert self._process is None, "the server is already running"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self._log = self.log_path.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", *self.command],
            cwd=ROOT,
            env=self._settings(),
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Asks it to end, as an operator would; kills it if it does not."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_SECONDS)
        self.kill()

    def kill(self) -> None:
        """Ends it and all its children between two instructions, as a power cut would."""
        if self._process is None:
            return
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def restart(self, environment: Mapping[str, str] | None = None) -> None:
        """Stops and starts it on the same address and data, with further settings if given."""
        self.stop()
        self.environment |= dict(environment or {})
        self.start()

    def _settings(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("HANDOFF_")}
        own = {"HANDOFF_DATA_DIR": str(self.data_dir), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        return inherited | own | self.environment

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_SECONDS
        while not self._ready():
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended while starting:\n{self.log[-LOG_TAIL_BYTES:]}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"not ready in {READY_SECONDS} s:\n{self.log[-LOG_TAIL_BYTES:]}")
            time.sleep(0.05)

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
