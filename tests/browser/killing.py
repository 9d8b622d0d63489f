"""A phone that dies again and again under its officer's fingers, and what must be on it and on the server afterwards.

The browser is killed between two instructions while a referral is written, submitted or sent, over a link that loses things, and
is started again on the same profile. What the screen had called saved is there each time, and in the end the server has it once.
"""

from __future__ import annotations

import os
import random
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from tests.browser.harness import LiveServer, Phone
from tests.browser.link import CAPTIVE_PORTAL, EMPTY_ANSWER, LOST_ANSWER, Fault, Request
from tests.browser.officer_steps import (
    agreed_before,
    alert,
    at_question,
    begin_arrest,
    button,
    card,
    cards,
    choose_charge,
    english,
    go_on,
    heading,
    open_card,
    pattern,
    progress,
    unlock,
)
from tests.browser.server_side import ALERT, log_of, referrals_of

LIFE_STEPS = 14
"""How many taps a browser lives at most; the way to an alert has about ten."""
LAST_SECONDS = 0.6
"""How long after the last of them it may still live."""
PATIENCE_SECONDS = 60.0
LOOK_MS = 100
LOSSES: tuple[tuple[Fault | None, int], ...] = (
    (None, 70), (Fault(answer=b""), 10), (LOST_ANSWER, 14), (Fault(cut_after_bytes=200), 2), (CAPTIVE_PORTAL, 2),
    (EMPTY_ANSWER, 2),
)  # fmt: skip


@dataclass
class Account:
    """What came of it. `wrong` names each loss and doubling in words; an empty list is what must be."""

    kills: int = 0
    saved: list[str] = field(default_factory=list)
    """Places of the referrals that the screen called saved, or that were found saved after a death."""
    in_doubt: str | None = None
    """The place of the referral that was under the finger when the browser died."""
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.kills} kills of the browser, {len(self.saved)} referrals saved, {len(self.wrong)} wrong"


def kill_again_and_again(
    phone: Phone, server: LiveServer, kills: int, numbers: random.Random, say: Callable[[str], None] = lambda _: None
) -> Account:
    """The phone is signed in; the server holds nothing of its officer that this phone does not know."""
    account = Account()
    before = set(referrals_of(server))
    lossy(phone, numbers)
    for number in range(kills):
        with Death(phone, numbers.randrange(LIFE_STEPS), numbers.uniform(0, LAST_SECONDS)) as death:
            _use(phone.page, account, number, death)
        account.kills += 1
        phone.launch()
        lossy(phone, numbers)
        unlock(phone.goto("/"))
        _look(phone.page, account)
        if account.kills % 25 == 0:
            say(str(account))
    phone.link.up()
    _compare(phone.page, server, before, account)
    return account


class Death:
    """Comes for the browser a moment after so many taps, wherever it is by then; what it does breaks off there."""

    def __init__(self, phone: Phone, taps: int, seconds: float) -> None:
        self._phone, self._taps = phone, taps
        self._timer = threading.Timer(seconds, os.killpg, [os.getpgid(phone.pid), signal.SIGKILL])

    def tap(self) -> None:
        """One more of the officer's taps is about to come."""
        if self._taps == 0:
            self._timer.start()
        self._taps -= 1

    def __enter__(self) -> Death:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> bool:
        """True for what the death itself broke off."""
        expected = isinstance(error, PlaywrightError | AssertionError) and self._timer.finished.is_set()
        if self._taps < 0:
            self._timer.join()
        self._phone.kill()
        return expected


def lossy(phone: Phone, numbers: random.Random) -> None:
    """Requests of the exchange, and answers to them, get lost from now on."""
    fates = random.Random(numbers.random())

    def fate(request: Request) -> Fault | None:
        if not request.path.startswith("/api/sync/"):
            return None
        return fates.choices([fault for fault, _ in LOSSES], [weight for _, weight in LOSSES])[0]

    phone.link.meddle(fate)


def _use(page: Page, account: Account, number: int, death: Death) -> None:
    """Goes on with the draft, or begins one, and alerts; then the next, until the browser dies."""
    turn = 0
    while True:
        death.tap()
        drafts = card(page, english("word_draft"))
        if drafts.count():
            open_card(page, english("word_draft"))
            expect(heading(page)).not_to_have_text(english("officer_home"))
        else:
            begin_arrest(page)
        place = f"Corner {number}-{turn}"
        while heading(page).inner_text() != english("officer_alert"):
            death.tap()
            _step(page)
        account.in_doubt = place
        death.tap()
        alert(page, place)
        account.saved.append(place)
        account.in_doubt = None
        page.evaluate("location.hash = '#/'")
        expect(heading(page)).to_have_text(english("officer_home"))
        turn += 1


def _step(page: Page) -> None:
    """One step of the way to the alert, wherever the draft stands."""
    now = heading(page).inner_text()
    if now == english("officer_decide"):
        button(page, english("officer_divert")).click()
    elif now == english("officer_charge"):
        choose_charge(page)
        go_on(page)
    elif progress(page, pattern(english("officer_question_of"))).count():
        at_question(page)
        button(page, english("dont_know")).first.click()
    elif now == english("officer_read_aloud"):
        button(page, english("officer_agrees")).click()
    elif now == english("officer_how_agreed"):
        agreed_before(page, "Sergeant Demo Cedar")
        go_on(page)
    else:  # the result, whatever it says
        go_on(page)
    expect(heading(page)).not_to_have_text(now)


def _look(page: Page, account: Account) -> None:
    """After a death: each saved referral is on the home screen once; what was in doubt is a draft, or saved, never both."""
    expect(heading(page)).to_have_text(english("officer_home"))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        texts = cards(page).all_inner_texts()
        saved = [text for text in texts if english("word_draft") not in text]
        shown = Counter(match for text in saved for match in re.findall(r"Corner \d+-\d+", text))
        missing = [place for place in account.saved if shown[place] != 1]
        if not missing or time.monotonic() > deadline:
            break
        page.wait_for_timeout(LOOK_MS)
    account.wrong += [f"after kill {account.kills}: {place} is there {shown[place]} times" for place in missing]
    if account.in_doubt is not None and shown[account.in_doubt]:
        account.saved.append(account.in_doubt)
        if len(texts) - len(saved):
            account.wrong.append(f"after kill {account.kills}: {account.in_doubt} is saved and a draft")
    account.in_doubt = None


def _compare(page: Page, server: LiveServer, before: set[str], account: Account) -> None:
    """In the end the server has each saved referral once, whole, and nothing else."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        logs = [log_of(server, referral_id) for referral_id in referrals_of(server) if referral_id not in before]
        if sum(map(len, logs)) >= len(ALERT) * len(account.saved) or time.monotonic() > deadline:
            break
        page.wait_for_timeout(LOOK_MS)
    places = Counter(
        each["operation"]["payload"]["fields"]["place"]
        for log in logs for each in log if each["kind"] == "referral.set" and "place" in each["operation"]["payload"]["fields"]
    )  # fmt: skip
    for place in {*account.saved, *places}:
        if places[place] != account.saved.count(place):
            account.wrong.append(
                f"{place} was saved {account.saved.count(place)} times and received {places[place]} times"
            )
    account.wrong += [
        f"not the whole of it: {[each['kind'] for each in log]}" for log in logs if len(log) != len(ALERT)
    ]
    numbers = Counter((each["device_id"], each["seq"]) for log in logs for each in log)
    account.wrong += [
        f"{device}, seq {seq} is there {count} times" for (device, seq), count in numbers.items() if count > 1
    ]
