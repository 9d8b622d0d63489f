"""SMS and voice by a Twilio-compatible API: one form post per message, read again by nobody.

The API promises no idempotency for these posts (the header I-Twilio-Idempotency-Token is one that it sends, with its own
callbacks), so a message whose answer was lost is sent again: twice called is better than not called. Its list of error
codes changes, as it says itself; a code that is not known here ends this message and leaves the number alone.
"""

import json
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode
from xml.etree import ElementTree

from api.paging.channels.answers import Answer, AnswerKind, Message
from api.paging.channels.posting import Poster, Reply, usual_kind
from api.paging.channels.texts import short, spoken

RING_SECONDS = 30
TIMES_SAID = 2
SERVICE_PREFIX = "MG"
"""The id of a pool of senders; it goes in a field of its own."""
VOICES = {"en": "en-US", "es": "es-MX"}
GONE = frozenset({21211, 21217, 21401, 21610, 21614})
"""The number is none, or takes no messages, or its owner said stop."""
OURS = frozenset(
    {20003, 20005, 20404, 21210, 21212, 21215, 21216, 21219, 21408, 21603, 21606, 21608, 21659, 21660, 21661}
)
"""The account, its sender, or what it is allowed to reach."""
FULL = frozenset({20429, 21611})
_CONTENT_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class TelephoneAccount:
    """The operator's account. `url` without a slash at the end; `sms_from` a number or a pool of senders."""

    url: str
    account: str
    token: str = field(repr=False)
    sms_from: str = ""
    voice_from: str = ""


class Telephone:
    """One of the two ways to ring somebody's telephone."""

    def __init__(self, poster: Poster, account: TelephoneAccount, way: Literal["sms", "voice"]) -> None:
        self._poster, self._account, self._way = poster, account, way

    async def send(self, message: Message) -> Answer:
        """`accepted` means that the provider queued it."""
        place, form = ("Messages", self._text(message)) if self._way == "sms" else ("Calls", self._call(message))
        url = f"{self._account.url}/2010-04-01/Accounts/{self._account.account}/{place}.json"
        login = (self._account.account, self._account.token)
        return _judged(await self._poster.post(url, urlencode(form).encode(), _CONTENT_TYPE, login))

    def _text(self, message: Message) -> dict[str, str]:
        sender = self._account.sms_from
        field_name = "MessagingServiceSid" if sender.startswith(SERVICE_PREFIX) else "From"
        return {"To": message.address, field_name: sender, "Body": short(message)}

    def _call(self, message: Message) -> dict[str, str]:
        form = {"To": message.address, "From": self._account.voice_from, "Timeout": str(RING_SECONDS)}
        return form | {"Twiml": script(message)}


def script(message: Message) -> str:
    """What the voice says, twice: whoever wakes up misses the beginning."""
    response = ElementTree.Element("Response")
    say = ElementTree.SubElement(response, "Say", language=VOICES[message.language], loop=str(TIMES_SAID))
    say.text = spoken(message)
    return ElementTree.tostring(response, encoding="unicode")


def _judged(reply: Reply) -> Answer:
    code = _code(reply)
    kind: AnswerKind
    if not 400 <= reply.status < 500:
        kind = usual_kind(reply)
    elif code in GONE:
        kind = "gone"
    elif code in FULL:
        kind = "again"
    elif code in OURS or reply.status == 404:  # an account that is not there
        kind = "refused"
    else:
        kind = usual_kind(reply)
    return reply.answer(kind, str(code) if code else "")


def _code(reply: Reply) -> int:
    """The provider's error code; 0 for a success and for whatever cannot be read."""
    if reply.status < 400:
        return 0
    try:
        said = json.loads(reply.body)
    except (ValueError, RecursionError):
        return 0
    code = said.get("code") if isinstance(said, dict) else None
    return code if isinstance(code, int) and 0 < code < 1_000_000 else 0
