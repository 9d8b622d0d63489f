"""A short torture of records on PostgreSQL: three servers, of which any is killed at any time."""

import secrets
from collections.abc import Callable
from pathlib import Path

from tests.torture.records import torture_records

KILLS = 8
SERVERS = 3


def test_every_operation_is_in_the_log_once_whichever_server_is_killed(
    postgresql_url: str, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    seed = secrets.randbelow(10**6)
    account = torture_records(postgresql_url, tmp_path, kills=KILLS, servers=SERVERS, seed=seed)
    tell(f"seed {seed}: {account}")
    assert not account.wrong, f"seed {seed}: {account}\n" + "\n".join(account.wrong)
    assert account.repeats > 0, "no answer was ever lost"
