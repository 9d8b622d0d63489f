"""Writers in several processes on PostgreSQL, and readers of different appetites: nobody misses a row."""

from pathlib import Path

from tests.torture.tailing import tail_writers

SECONDS = 5.0


def test_no_reader_misses_a_row_while_writers_commit_at_full_speed(postgresql_url: str, tmp_path: Path) -> None:
    account = tail_writers(postgresql_url, tmp_path, seconds=SECONDS)
    assert not account.wrong, f"{account}\n" + "\n".join(account.wrong)
    assert account.commits > 0


def test_positions_that_are_given_out_apart_are_found_out(postgresql_url: str, tmp_path: Path) -> None:
    account = tail_writers(postgresql_url, tmp_path, seconds=SECONDS, planted=True)
    assert account.wrong, account
