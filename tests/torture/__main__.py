"""`make torture`: everything at length, on both databases; and each with a planted bug or a weaker setting, which must show.

python -m tests.torture [pages] [records] … [--kills N] [--database sqlite|postgresql|both] [--seed N]
"""

import argparse
import os
import random
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from api.database import migrate
from scripts import install
from scripts.programs import find_postgresql
from tests.browser.harness import ACTION_MS, LiveServer, Phone
from tests.browser.killing import kill_again_and_again
from tests.browser.officer_steps import sign_in
from tests.postgres import PostgresCluster
from tests.torture.disk_full import fill_up, small_disk
from tests.torture.planted import Planted
from tests.torture.power_loss import Synchronous, power_loss
from tests.torture.records import torture_records
from tests.torture.tailing import tail_writers
from tests.torture.torture import torture

PAGES_KILLS, RECORDS_KILLS, BROWSER_KILLS = 100, 250, 250
TAILED_SECONDS = 60.0
POWER_PUSHES, POWER_MOMENTS = 200, 1000
PLANTED_KILLS = 8
SERVERS = {"sqlite": 1, "postgresql": 3}
SHOWN = 10


def main() -> int:
    """0 if nothing was lost and every planted bug was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(PARTS)}; all if none is named")
    parser.add_argument(
        "--kills", type=int, help=f"{PAGES_KILLS} for pages and {RECORDS_KILLS} for records unless told"
    )
    parser.add_argument("--database", choices=[*SERVERS, "both"], default="both")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--only-planted", action="store_true", help="only the runs with a planted bug")
    asked = parser.parse_args()
    if strange := set(asked.parts) - PARTS.keys():
        parser.error(f"no such part: {', '.join(sorted(strange))}")
    outcomes = [PARTS[name](asked) for name in asked.parts or PARTS]  # every part, whatever the first one finds
    sound = all(outcomes)
    print("Nothing was lost." if sound else "This must not be: read above.")
    return 0 if sound else 1


def _pages(asked: argparse.Namespace) -> bool:
    sound = True
    for kind in _kinds(asked):
        for planted in (True,) if asked.only_planted else (False, True):
            kills = PLANTED_KILLS if planted else asked.kills or PAGES_KILLS
            with _empty(f"pages, {kind}", asked.seed, kind, planted="claimed is sent" if planted else None) as (
                url,
                folder,
            ):
                account = torture(
                    url, folder, kills=kills, servers=SERVERS[kind], seed=asked.seed, planted=planted,
                    say=_quiet if planted else _say,
                )  # fmt: skip
            _tell(account, account.lost)
            sound &= bool(account.lost) == planted
    return sound


def _records(asked: argparse.Namespace) -> bool:
    sound = True
    bug: Planted = "answers before the commit"
    for kind in _kinds(asked):
        for planted in (bug,) if asked.only_planted else (None, bug):
            kills = PLANTED_KILLS if planted else asked.kills or RECORDS_KILLS
            with _empty(f"records, {kind}", asked.seed, kind, planted=planted) as (url, folder):
                account = torture_records(
                    url, folder, kills=kills, servers=SERVERS[kind], seed=asked.seed, planted=planted,
                    say=_quiet if planted else _say,
                )  # fmt: skip
            _tell(account, account.wrong)
            sound &= bool(account.wrong) == bool(planted)
    return sound


def _browser(asked: argparse.Namespace) -> bool:
    kills = asked.kills or BROWSER_KILLS
    print(f"browser, seed {asked.seed}", flush=True)
    install.build()
    with tempfile.TemporaryDirectory() as name, LiveServer(Path(name) / "data") as server, sync_playwright() as driver:
        expect.set_options(timeout=ACTION_MS)
        phone = Phone(driver, server.url, Path(name) / "profile", name="officer")
        try:
            sign_in(phone)
            account = kill_again_and_again(phone, server, kills, random.Random(asked.seed), _say)
        finally:
            phone.dispose()
    _tell(account, account.wrong)
    return not account.wrong


def _power(asked: argparse.Namespace) -> bool:
    sound = True
    levels: dict[Synchronous, int] = {"FULL": 1, "NORMAL": 10, "OFF": 10}
    for synchronous, share in levels.items():
        with _empty("power cuts", asked.seed, "sqlite", planted=None) as (url, folder):
            account = power_loss(
                url, folder, pushes=POWER_PUSHES // share, moments=POWER_MOMENTS // share, seed=asked.seed,
                synchronous=synchronous,
            )  # fmt: skip
        _tell(account, account.lost[:1] + account.damaged[:1])
        sound &= bool(account.lost) == (synchronous != "FULL") and (synchronous != "FULL" or not account.damaged)
    return sound


def _tailing(asked: argparse.Namespace) -> bool:
    sound = True
    for planted in (True,) if asked.only_planted else (False, True):
        title = "tailing, with positions given out apart" if planted else "tailing"
        with _empty(title, asked.seed, "postgresql", planted=None) as (url, folder):
            account = tail_writers(url, folder, seconds=TAILED_SECONDS / (10 if planted else 1), planted=planted)
        _tell(account, account.wrong)
        sound &= bool(account.wrong) == planted
    return sound


def _full(asked: argparse.Namespace) -> bool:
    """On a real small disk, where this user may mount one."""
    if os.geteuid() != 0:
        print("full: only root may mount the small disk that this part needs; the short tests need none.")
        return True
    sound = True
    for kind in _kinds(asked):
        with (
            _empty(f"full disk, {kind}", asked.seed, kind, planted=None) as (url, folder),
            small_disk(url, folder) as disk,
        ):
            account = fill_up(disk.url, folder, disk.fill, disk.free, seed=asked.seed)
        _tell(account, account.wrong)
        sound &= not account.wrong and account.answers[503] > 0
    return sound


PARTS: Mapping[str, Callable[[argparse.Namespace], bool]] = {
    "pages": _pages,
    "records": _records,
    "browser": _browser,
    "power": _power,
    "tailing": _tailing,
    "full": _full,
}


def _kinds(asked: argparse.Namespace) -> list[str]:
    return list(SERVERS) if asked.database == "both" else [asked.database]


@contextmanager
def _empty(title: str, seed: int, kind: str, *, planted: Planted | None) -> Iterator[tuple[str, Path]]:
    """The address of an empty, migrated database, and a folder; both are gone afterwards."""
    print(f"{title}, seed {seed}{f', with a planted bug: {planted}' if planted else ''}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if kind == "sqlite":
            url = f"sqlite:///{folder / 'handoff.sqlite'}"
            migrate(url)
            yield url, folder
            return
        binaries = find_postgresql()
        assert binaries is not None, "PostgreSQL is not installed: choose --database sqlite"
        with PostgresCluster(binaries) as cluster:
            url = cluster.create("torture")
            migrate(url)
            yield url, folder


def _tell(account: object, wrong: list[str]) -> None:
    print(f"  {account}")
    for sentence in wrong[:SHOWN]:
        print(f"  {sentence}", flush=True)


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _quiet(_text: str) -> None:
    """A planted bug is expected to make noise."""


if __name__ == "__main__":
    raise SystemExit(main())
