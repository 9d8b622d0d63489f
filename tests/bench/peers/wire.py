"""A wire between a client and a server that counts bytes, and that can be as thin and lossy as a radio in a canyon.

Loss is modelled where it happens: a segment that is lost is sent again after a wait that doubles, and what follows it waits,
as TCP has it. Nothing is ever altered, so whatever is missing afterwards was lost by the peers.
"""

import random
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

SEGMENT_BYTES = 1400
FIRST_WAIT_SECONDS = 1.0
GIVE_UP_AFTER = 6
"""Losses of one segment in a row; then the connection is cut, as an impatient radio does."""


@dataclass(frozen=True)
class Line:
    """How fast the wire is in each direction (0: as fast as it can), and which share of the segments is lost."""

    bits_per_second: int = 0
    loss: float = 0.0


class Wire:
    """Listens on `port` and passes everything on to another. `with Wire(8000) as wire:`"""

    def __init__(self, target: int, line: Line | None = None, seed: int = 1) -> None:
        self._target, self._line = target, line or Line()
        self._random = random.Random(seed)
        self._turns = {"up": threading.Lock(), "down": threading.Lock()}
        self._counting = threading.Lock()
        self.bytes = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> "Wire":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                return
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, sink, way in ((client, server, "up"), (server, client, "down")):
                threading.Thread(target=self._pass, args=(source, sink, way), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket, way: str) -> None:
        with suppress(OSError):
            while part := source.recv(SEGMENT_BYTES if self._line.bits_per_second else 65_536):
                with self._counting:
                    self.bytes += len(part)
                if not self._carried(part, way):
                    break
                sink.sendall(part)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _carried(self, part: bytes, way: str) -> bool:
        """Wait as long as the line takes; False if it gives up. The line's width is shared, a lost segment's wait is not."""
        wait = FIRST_WAIT_SECONDS
        for _ in range(GIVE_UP_AFTER):
            with self._turns[way]:
                if self._line.bits_per_second:
                    time.sleep(len(part) * 8 / self._line.bits_per_second)
                lost = self._random.random() < self._line.loss
            if not lost:
                return True
            time.sleep(wait)
            wait *= 2
        return False
