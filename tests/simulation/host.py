"""The Node process in which all phones of a world live: built, started, led by lines of JSON."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

PWA = Path(__file__).parent.parent.parent / "pwa"


class HostCrashed(Exception):
    """The phones' host itself failed: a fault of the simulation, or of the phone's code where nobody catches it."""


@dataclass(frozen=True)
class Replacement:
    """A text in one file of the phone's code, and what a planted bug puts in its place."""

    file: str
    before: str
    after: str


def build(folder: Path, plants: Sequence[Replacement] = ()) -> Path:
    """Bundle host and tab into a folder. Raises HostCrashed where a plant's text is not in the code."""
    given = json.dumps([asdict(each) for each in plants])
    command = ["node", "simulation/build.mjs", str(folder), given]
    made = subprocess.run(command, cwd=PWA, check=False, capture_output=True, text=True)
    if made.returncode != 0:
        raise HostCrashed(made.stderr)
    return folder


@dataclass
class Answer:
    """What happened on the phones during one line of commands."""

    events: list[dict[str, Any]]
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: int = 0


class Host:
    """A running process. `with Host(build(folder)) as host: host.run([...], seed, now_ms)`."""

    def __init__(self, folder: Path) -> None:
        command = ["node", str(folder / "host.mjs"), str(folder / "tab.js"), str(folder / "tab-next.js")]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *exception: object) -> None:
        for pipe in (self._in, self._out):
            pipe.close()
        self._process.wait()

    def run(self, commands: list[dict[str, Any]], seed: int, now_ms: int) -> Answer:
        """Let the phones act until they wait for nothing but the network. Raises HostCrashed."""
        self._in.write(json.dumps({"seed": seed, "now_ms": now_ms, "commands": commands}) + "\n")
        self._in.flush()
        line = self._out.readline()
        if not line:
            raise HostCrashed(f"The host ended with {self._process.wait()}.")
        answer = json.loads(line)
        if "crash" in answer:
            raise HostCrashed(answer["crash"])
        return Answer(answer["events"], answer["seen"], answer["done"])

    @property
    def _in(self) -> IO[str]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout
