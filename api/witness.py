"""Which database this process serves, and noticing that another one has taken its place under it.

A file put over the embedded database, a PostgreSQL restored under the same name: the process would go on with keys, positions
and promises of the one it opened, and what it still acknowledges would be gone. So it compares the file at every transaction,
before it and again before anybody hears that it was committed; and the epoch and the position whenever they are read.

Once anything is another, nothing is read or written until the process is started anew. It does not go on with whatever it
finds there: nobody has said whose that is or how far it goes. A start looks at all of it, and phones send again what it lacks.
"""

import os
import threading
from pathlib import Path

from api import logs
from api.problems import Unavailable

RETRY_AFTER_SECONDS = 30


class Replaced(Unavailable):
    code, title = "database-replaced", "The server must be started anew"


class Witness:
    """What one process knows of its database. `path` is the embedded database's file, None for PostgreSQL.

    `position`: the highest that was seen committed. A transaction takes note of it before it begins and may see no lower one.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._one_look = threading.Lock()
        """A look is finished before the next begins: of two at once, the older would find the file shorter than the newer."""
        self.forget()

    def forget(self) -> None:
        """Whoever opens the database after this begins anew, as a new process does."""
        self._file: tuple[int, int] | None = None
        self._bytes = 0
        self._epoch = ""
        self.position = 0
        self.says = ""
        """What was noticed, in words for an operator; empty as long as all is well."""

    def opened(self) -> None:
        """A connection has been opened: the first one tells which file it is. Raises Replaced for another one."""
        with self._one_look:
            if self._path is not None and self._file is None:
                found = os.stat(self._path)
                self._file = (found.st_dev, found.st_ino)
        self.check()

    def check(self) -> None:
        """Raises Replaced if the file is another one, or shorter than it was: somebody has copied an older one over it."""
        with self._one_look:
            if not self.says and self._file is not None:
                self._look()
        if self.says:
            raise Replaced(self.says, retry_after_seconds=RETRY_AFTER_SECONDS)

    def _look(self) -> None:
        assert self._path is not None
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            self._notice("file_gone", "the database file was removed under the server")
            return
        if (found.st_dev, found.st_ino) != self._file:
            self._notice("file_replaced", "the database file was replaced under the server")
        elif found.st_size < self._bytes:
            self._notice("file_shorter", "the database file was written over under the server")
        self._bytes = found.st_size

    def shortened(self) -> None:
        """The file may be shorter from now on: it was vacuumed."""
        with self._one_look:
            self._bytes = 0

    def began_epoch(self) -> None:
        """The epoch is another one from now on, by this process's own doing."""
        with self._one_look:
            self._epoch = ""

    def saw(self, epoch: str, position: int, floor: int, *, committed: bool) -> None:
        """An epoch and a position were read in a transaction that began when `floor` had been seen. Raises Replaced.

        `committed`: nothing of the transaction's own is in them.
        """
        with self._one_look:
            self._epoch = self._epoch or epoch
            if epoch != self._epoch:
                self._notice("epoch", "a restored database was put in place under the server")
            elif position < floor:
                self._notice("position", "an older database was put in place under the server")
            elif committed and position > self.position:
                self.position = position
        if self.says:
            raise Replaced(self.says, retry_after_seconds=RETRY_AFTER_SECONDS)

    def _notice(self, reason: str, words: str) -> None:
        self.says = f"{words}: start it anew"
        logs.error("database.replaced", reason=reason)
