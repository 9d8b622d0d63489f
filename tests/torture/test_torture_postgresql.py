"""A short torture on PostgreSQL: three servers, each with its worker, of which any is killed at any time."""

import secrets
from collections.abc import Callable
from pathlib import Path

from tests.torture.torture import torture

KILLS = 8
SERVERS = 3


def test_no_page_is_lost_whichever_server_is_killed(
    postgresql_url: str, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    seed = secrets.randbelow(10**6)
    account = torture(postgresql_url, tmp_path, kills=KILLS, servers=SERVERS, seed=seed)
    tell(f"seed {seed}: {account}")
    assert not account.lost, f"seed {seed}: {account}\n" + "\n".join(account.lost)
    assert account.referrals > 0
