"""The power is cut under SQLite: our settings lose nothing that was acknowledged, weaker ones do."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.torture.power_loss import Synchronous, power_loss

PUSHES = 45
MOMENTS = 40


def test_nothing_acknowledged_is_lost_whenever_the_power_fails(
    sqlite_url: str, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    seed = secrets.randbelow(10**6)
    account = power_loss(sqlite_url, tmp_path, pushes=PUSHES, moments=MOMENTS, seed=seed)
    tell(f"seed {seed}: {account}")
    assert not account.lost + account.damaged, f"seed {seed}: {account}\n" + "\n".join(account.lost + account.damaged)
    assert account.checkpoints > 0, "the log never went into the file"


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_weaker_settings_lose_what_was_acknowledged(sqlite_url: str, tmp_path: Path, synchronous: Synchronous) -> None:
    account = power_loss(
        sqlite_url, tmp_path, pushes=PUSHES // 2, moments=MOMENTS // 3, seed=1, synchronous=synchronous
    )  # fmt: skip
    assert account.lost, account
