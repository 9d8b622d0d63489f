"""`make torture`: at length, on both databases, and once with a planted bug, which must be found."""

import argparse
import secrets
import tempfile
from pathlib import Path

from api.database import migrate
from scripts.programs import find_postgresql
from tests.postgres import PostgresCluster
from tests.torture.torture import Account, torture

KILLS = 100
PLANTED_KILLS = 8
SERVERS = {"sqlite": 1, "postgresql": 3}


def main() -> int:
    """0 if nothing was lost and the planted bug was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--database", choices=[*SERVERS, "both"], default="both")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--only-planted", action="store_true", help="only the run with the planted bug")
    asked = parser.parse_args()
    kinds = list(SERVERS) if asked.database == "both" else [asked.database]
    sound = True
    for kind in kinds:
        if not asked.only_planted:
            account = _run(kind, asked.kills, asked.seed, planted=False)
            sound &= not account.lost
        planted = _run(kind, PLANTED_KILLS, asked.seed, planted=True)
        sound &= bool(planted.lost)
    print("Nothing was lost." if sound else "This must not be: read above.")
    return 0 if sound else 1


def _run(kind: str, kills: int, seed: int, *, planted: bool) -> Account:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{kind}, seed {seed}{', with a planted bug' if planted else ''}", flush=True)
        options = {"kills": kills, "servers": SERVERS[kind], "seed": seed}
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'handoff.sqlite'}"
            account = _tortured(url, folder, planted=planted, **options)
        else:
            binaries = find_postgresql()
            assert binaries is not None, "PostgreSQL is not installed: choose --database sqlite"
            with PostgresCluster(binaries) as cluster:
                account = _tortured(cluster.create("torture"), folder, planted=planted, **options)
    print(f"  {account}")
    for loss in account.lost[:10]:
        print(f"  {loss}")
    return account


def _tortured(url: str, folder: Path, *, kills: int, servers: int, seed: int, planted: bool) -> Account:
    migrate(url)

    def say(text: str) -> None:
        if not planted:
            print(f"  {text}", flush=True)

    return torture(url, folder, kills=kills, servers=servers, seed=seed, planted=planted, say=say)


if __name__ == "__main__":
    raise SystemExit(main())
