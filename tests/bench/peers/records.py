"""What everybody has to carry: the same records of about a kilobyte, and what is asked of each peer."""

from dataclasses import dataclass
from typing import Any, Protocol

RECORDS = 2000
CLIENTS = 4
BATCH = 100
TEXT = "Sits by the loading dock most nights and asks for the blue blanket. " * 14
RECORDS_OF_A_REFERRAL = 5
DRAINED_REFERRALS = 40


def record(number: int) -> dict[str, Any]:
    """One record; about a kilobyte as JSON."""
    return {"id": f"{number:08x}-0000-4000-8000-000000000000", "n": number, "text": TEXT[:950]}


@dataclass
class Pushed:
    """What one push of `RECORDS` records by `CLIENTS` clients came to."""

    seconds: float
    acknowledged: int
    """Records that a client was told are stored."""
    present: int
    """Of those, the ones that a fresh look finds."""
    doubled: int = 0

    @property
    def lost(self) -> int:
        """Acknowledged and not there."""
        return self.acknowledged - self.present


@dataclass
class Pulled:
    """What a fresh client fetched."""

    seconds: float
    records: int


class Peer(Protocol):
    """One server with its own clients. `start` gives its address; the rest speaks to whatever address it is given."""

    name: str
    note: str

    def start(self) -> int:
        """Begin to serve; the port on loopback."""

    def push(self, port: int, records: int, clients: int) -> Pushed:
        """All records, in batches of `BATCH`, by so many clients at once; then look what is there."""

    def pull(self, port: int) -> Pulled:
        """A client that has nothing fetches everything."""

    def drain(self, port: int, records: int) -> Pushed:
        """One client sends over a link that is not to be trusted, until it believes that all has arrived."""

    def stop(self) -> None:
        """End the server."""
