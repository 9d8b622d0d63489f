"""What every channel takes and gives: one message to one address, and what became of it.

The worker builds a `Message` from a row of the outbox and acts on the `Answer`; it knows no protocol. A channel knows one
protocol and no database. No channel raises for what the other side does, and none takes longer than `DEADLINE_SECONDS`,
which is shorter than a worker's lease.
"""

from dataclasses import dataclass, field
from typing import Literal

Channel = Literal["push", "sms", "voice", "email", "webhook"]
Language = Literal["en", "es"]
AnswerKind = Literal["accepted", "gone", "refused", "again", "never"]
DEADLINE_SECONDS = 10.0
CALLING_KINDS = frozenset({"page", "repage"})
"""The kinds of messages that ask somebody to answer."""


@dataclass(frozen=True)
class Answer:
    """What became of a message.

    accepted: the next carrier took it, no more is known. gone: the address is dead; forget it, tell its owner by another
    channel. refused: our own credentials or settings are refused; alarm, keep the address, try again. again: a temporary
    failure, to be tried after `retry_after_seconds` where the other side named a time. never: this message will not be
    taken however often it is sent; the address may be sound. `note`: a status code or an error's type, never an address.
    """

    kind: AnswerKind
    retry_after_seconds: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Message:
    """One delivery, ready for any channel. Nothing in it says who a referral is about, or where.

    `kind` is the delivery's (page, repage, taken, acknowledged, test, notice, code); `text` is a key of `texts.TITLES`.
    `address` is the push endpoint, the number in E.164, the mailbox, or the webhook's URL; `p256dh` and `auth` are the push
    subscription's keys. `token` acknowledges `page_id` once, for this recipient. `by`: initials of whoever answered, with
    `eta_minutes` until they arrive. `code`: what proves a new number or mailbox, in messages of that kind alone. `origin`:
    the application's public address without a slash at the end, empty where it is not known. `call` counts the page's calls.
    """

    delivery_id: str
    kind: str
    text: str
    address: str = field(repr=False)
    page_id: str | None = None
    token: str = field(default="", repr=False)
    p256dh: str = field(default="", repr=False)
    auth: str = field(default="", repr=False)
    language: Language = "en"
    by: str = ""
    eta_minutes: int | None = None
    code: str = field(default="", repr=False)
    program_id: str = ""
    origin: str = ""
    step: int = 0
    call: int = 0

    @property
    def calls(self) -> bool:
        """True if somebody is asked to answer."""
        return self.kind in CALLING_KINDS
