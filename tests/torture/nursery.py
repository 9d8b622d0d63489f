"""Starts servers quickly: a process that has loaded the program once and becomes a new server whenever it is asked.

Each server is a process of its own, as `python -m api.cli serve` makes it; only the loading, which takes seconds, is not
repeated. Without this a server that is killed every second would never come to serve anybody.

    python -m tests.torture.nursery [NAME]

Reads one JSON object a line (`environment`, `log`), answers with the new process's id. NAME is one of `planted`.
"""

import json
import os
import signal
import sys

from api import cli
from tests.torture.planted import PLANTS, plant


def main() -> None:
    """Serve requests for servers until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the system
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if child == 0:
            _serve(asked["environment"], asked["log"])
        print(child, flush=True)


def _serve(environment: dict[str, str], log: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.environ.update(environment)
    for name in PLANTS:
        if name in sys.argv[1:]:
            plant(name)
    code = 1
    try:
        code = cli.main(["serve"])
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
