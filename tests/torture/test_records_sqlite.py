"""A short torture of records on SQLite: one server that is killed again and again, and a planted bug that must show."""

import secrets
from collections.abc import Callable
from pathlib import Path

from tests.torture.planted import Planted
from tests.torture.records import torture_records

KILLS = 6
PLANTED_KILLS = 6
ENOUGH_OPERATIONS = 50


def test_every_operation_is_in_the_log_once_however_often_the_server_is_killed(
    sqlite_url: str, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    seed = secrets.randbelow(10**6)
    account = torture_records(sqlite_url, tmp_path, kills=KILLS, servers=1, seed=seed)
    tell(f"seed {seed}: {account}")
    assert not account.wrong, f"seed {seed}: {account}\n" + "\n".join(account.wrong)
    assert account.authored > ENOUGH_OPERATIONS
    assert account.repeats > 0, "no answer was ever lost"


def test_a_server_that_answers_before_the_commit_is_found_out(sqlite_url: str, tmp_path: Path) -> None:
    bug: Planted = "answers before the commit"
    account = torture_records(sqlite_url, tmp_path, kills=PLANTED_KILLS, servers=1, seed=1, planted=bug)
    assert any("is not known any more" in one or "is not in the log" in one for one in account.wrong), account
