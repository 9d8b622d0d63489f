"""`make bench-peers`: the same records through this server and through others, in one run, on loopback only.

    python -m tests.bench.peers [--folder FOLDER] [--records N] [--drain]

`--drain` adds how long 40 referrals take over 20 kbit/s with every third segment lost: some minutes per peer, all at once.
"""

import argparse
import os
import platform
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from scripts.programs import find_postgresql
from tests.bench.peers.documents import DocumentPeer
from tests.bench.peers.installed import install
from tests.bench.peers.kinto import KintoPeer
from tests.bench.peers.ours import OurPeer, bundle
from tests.bench.peers.records import CLIENTS, DRAINED_REFERRALS, RECORDS, RECORDS_OF_A_REFERRAL, Peer, Pushed
from tests.bench.peers.wire import Line, Wire
from tests.browser.live_server import ROOT
from tests.postgres import PostgresCluster

COUNTED_RECORDS = 400
THIN = Line(bits_per_second=20_000, loss=0.3)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=ROOT / ".peers", help="where the peers are installed")
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--drain", action="store_true")
    parser.add_argument("--only", default="", help="a part of the names to measure")
    arguments = parser.parse_args()
    binaries = find_postgresql()
    if binaries is None:
        raise SystemExit("PostgreSQL is not installed; Kinto and half of the comparison need it.")
    install(arguments.folder)
    bundle(arguments.folder)
    print(
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores; {arguments.records:,} records of about 1 kB,"
    )
    print(f"{CLIENTS} clients, batches of 100. Stored: acknowledged and present. Wire: both ways, per record.")
    print(f"{'':30}{'stored/s':>10}{'pulled/s':>10}{'lost':>7}{'doubled':>9}{'wire':>9}")
    with PostgresCluster(binaries) as cluster:
        for peer in _named(arguments.only, _peers(arguments.folder, cluster)):
            _measure(peer, arguments.records)
        if arguments.drain:
            _drain(_named(arguments.only, _peers(arguments.folder, cluster)))


def _peers(folder: Path, cluster: PostgresCluster) -> Iterator[Peer]:
    yield OurPeer(folder, None)
    yield OurPeer(folder, cluster)
    yield DocumentPeer("pouchdb", folder)
    yield KintoPeer(folder, cluster)
    yield DocumentPeer("rxdb", folder)


def _named(part: str, peers: Iterator[Peer]) -> list[Peer]:
    return [peer for peer in peers if part.lower() in peer.name.lower()]


@contextmanager
def _serving(peer: Peer) -> Iterator[int]:
    port = peer.start()
    try:
        yield port
    finally:
        peer.stop()


def _measure(peer: Peer, records: int) -> None:
    with _serving(peer) as port:
        pushed = peer.push(port, records, CLIENTS)
        pulled = peer.pull(port)
    with _serving(peer) as port, Wire(port) as wire:
        counted = peer.push(wire.port, COUNTED_RECORDS, 1)
    rates = f"{pushed.present / pushed.seconds:>10,.0f}{pulled.records / pulled.seconds:>10,.0f}"
    wired = f"{wire.bytes / max(counted.acknowledged, 1):>7,.0f} B"
    print(f"{peer.name:30}{rates}{pushed.lost:>7}{pushed.doubled:>9}{wired}  {peer.note}", flush=True)


def _drain(peers: list[Peer]) -> None:
    """Everybody at once: each waits for its own thin wire, hardly ever for the processor."""
    records = DRAINED_REFERRALS * RECORDS_OF_A_REFERRAL
    print(f"{DRAINED_REFERRALS} referrals ({records} records) over 20 kbit/s, 30 % of the segments lost:")

    def drained(peer: Peer) -> Pushed:
        with _serving(peer) as port, Wire(port, THIN) as wire:
            return peer.drain(wire.port, records)

    with ThreadPoolExecutor(len(peers)) as pool:
        for peer, result in zip(peers, pool.map(drained, peers), strict=True):
            print(
                f"{peer.name:30}{result.seconds:>8,.0f} s, {result.present} of {records} present,"
                f" {result.lost} lost, {result.doubled} doubled",
                flush=True,
            )


if __name__ == "__main__":
    main()
