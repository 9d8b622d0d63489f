"""The battery fails at any moment: what was called saved is on the phone when it starts again, and reaches the server once."""

from __future__ import annotations

import random
import secrets

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import LiveServer, Phone
from tests.browser.killing import kill_again_and_again
from tests.browser.officer_steps import sign_in

KILLS = 6


def test_what_was_saved_survives_every_death_of_the_browser_and_is_received_once(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "officer")
    sign_in(phone)
    seed = secrets.randbelow(10**6)
    account = kill_again_and_again(phone, live_server, KILLS, random.Random(seed))
    assert not account.wrong, f"seed {seed}: {account}\n" + "\n".join(account.wrong)
    assert account.saved, f"seed {seed}: nothing was ever saved"
