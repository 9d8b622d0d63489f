"""A full disk: 503 and nothing stored, on both databases; then everything arrives once."""

from pathlib import Path

from tests.torture.disk_full import Account, fill_up, switch_beside, switch_in


def test_a_full_disk_under_sqlite_delays_and_loses_nothing(sqlite_url: str, tmp_path: Path) -> None:
    fill, free = switch_beside(sqlite_url)
    _assert_sound(fill_up(sqlite_url, tmp_path, fill, free, seed=1, planted="a disk that fills up"))


def test_a_full_disk_under_postgresql_delays_and_loses_nothing(postgresql_url: str, tmp_path: Path) -> None:
    fill, free = switch_in(postgresql_url)
    _assert_sound(fill_up(postgresql_url, tmp_path, fill, free, seed=1))


def _assert_sound(account: Account) -> None:
    assert not account.wrong, f"{account}\n" + "\n".join(account.wrong)
    assert account.answers[503] > 0, account
    assert account.waited > 0, account
