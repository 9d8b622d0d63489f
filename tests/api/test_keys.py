"""The server's keys on an empty folder: made once, however many servers start at the same moment."""

from collections.abc import Callable
from pathlib import Path

import pytest

from api.devices.keys import SealingKeys, VapidKey, WebhookKey
from tests.api.at_once import together

SERVERS = 8


@pytest.mark.parametrize("load", [
    lambda folder: SealingKeys.load(folder).active.key_id,
    lambda folder: VapidKey.load(folder).public_key,
    lambda folder: WebhookKey.load(folder).master,
], ids=["sealing", "vapid", "webhook"])  # fmt: skip
def test_servers_that_start_together_have_one_key(tmp_path: Path, load: Callable[[Path], object]) -> None:
    for attempt in range(5):
        folder = tmp_path / str(attempt)
        assert len(set(together([lambda: load(folder)] * SERVERS))) == 1  # noqa: B023  called within the turn
        assert len(list(folder.iterdir())) == 1
