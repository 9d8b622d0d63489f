"""A short torture on SQLite: one server that is killed again and again, and a planted bug that must show."""

import secrets
from collections.abc import Callable
from pathlib import Path

from tests.torture.torture import torture

KILLS = 8
PLANTED_KILLS = 3


def test_no_page_is_lost_however_often_the_server_is_killed(
    sqlite_url: str, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    seed = secrets.randbelow(10**6)
    account = torture(sqlite_url, tmp_path, kills=KILLS, servers=1, seed=seed)
    tell(f"seed {seed}: {account}")
    assert not account.lost, f"seed {seed}: {account}\n" + "\n".join(account.lost)
    assert account.referrals > 0


def test_deliveries_that_count_as_sent_when_they_are_claimed_are_found_out(sqlite_url: str, tmp_path: Path) -> None:
    account = torture(sqlite_url, tmp_path, kills=PLANTED_KILLS, servers=1, seed=1, planted=True)
    assert any("nobody took it" in loss for loss in account.lost), account
