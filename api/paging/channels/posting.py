"""One request to somebody else's server: bounded in time and in what is read of the answer, never redirected, never raising.

Push, telephone and webhook all speak through this. It says what came back; each channel says what that means.
"""

import asyncio
import math
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from api.paging.channels.answers import DEADLINE_SECONDS, Answer, AnswerKind
from api.paging.channels.public import AddressNotPublic, Guard, Lookup, PublicTransport, Target

BODY_LIMIT_BYTES = 16 * 1024
CONNECT_SECONDS = 5.0
RETRY_AFTER_LIMIT_SECONDS = 3600.0
"""Push services ask for up to an hour; whoever asks for a year would silence a page for good."""
BRIEF_TROUBLE = (408, 425, 429)
_DIGITS = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Reply:
    """What came back. `status` is 0 where nothing did, and `error` then names why; `body` is at most its first 16 KiB."""

    status: int
    retry_after_seconds: float | None = None
    body: bytes = b""
    error: str = ""

    @property
    def note(self) -> str:
        """The status or the error's name: all that may be written down of it."""
        return str(self.status) if self.status else self.error

    def answer(self, kind: AnswerKind, note: str = "") -> Answer:
        """This reply, judged."""
        return Answer(kind, self.retry_after_seconds, f"{self.note} {note}".rstrip())


def usual_kind(reply: Reply) -> AnswerKind:
    """What a status means to every service here; "never" for what each service must judge itself.

    A redirect counts as trouble that passes: it is never followed, and networks that put one in the way take it away again.
    """
    if reply.error == AddressNotPublic.__name__ or reply.status in (401, 403):
        return "refused"
    if 200 <= reply.status < 300:
        return "accepted"
    if reply.status < 400 or reply.status >= 500 or reply.status in BRIEF_TROUBLE:
        return "again"
    return "never"


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """Retry-After as seconds or as an HTTP date (RFC 9110, 10.2.3); None for anything else, never below 0 or above an hour."""
    text = value.strip()
    if _DIGITS.fullmatch(text):
        return min(float(text), RETRY_AFTER_LIMIT_SECONDS)
    try:
        until = parsedate_to_datetime(text)
        seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, math.ceil(seconds)), RETRY_AFTER_LIMIT_SECONDS)


class Poster:
    """One client for everything that is posted; connections are kept."""

    def __init__(
        self,
        lookup: Lookup,
        excepted: frozenset[Target],
        context: ssl.SSLContext,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._now = now
        self._client = httpx.AsyncClient(
            transport=PublicTransport(context, Guard(lookup, excepted)),
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(DEADLINE_SECONDS, connect=CONNECT_SECONDS),
        )

    async def post(
        self,
        url: str,
        content: bytes,
        headers: dict[str, str],
        auth: tuple[str, str] | None = None,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> Reply:
        """Send it once. The deadline counts everything: a server that answers one byte a minute gains nothing."""
        return await self._ask("POST", url, content, headers, auth, deadline_seconds)

    async def get(self, url: str, deadline_seconds: float = DEADLINE_SECONDS) -> Reply:
        """Ask once, as `post`."""
        return await self._ask("GET", url, b"", {}, None, deadline_seconds)

    async def _ask(
        self,
        method: str,
        url: str,
        content: bytes,
        headers: dict[str, str],
        auth: tuple[str, str] | None,
        deadline_seconds: float,
    ) -> Reply:
        reply = Reply(0, error="NoAnswer")
        asked = {"Accept-Encoding": "identity", "User-Agent": "warm-handoff", **headers}
        try:
            async with (
                asyncio.timeout(deadline_seconds),
                self._client.stream(method, url, content=content, headers=asked, auth=auth) as response,
            ):
                wait = retry_after_seconds(response.headers.get("Retry-After", ""), self._now())
                reply = Reply(response.status_code, wait)
                body = b""
                async for part in response.aiter_raw():
                    body += part[: BODY_LIMIT_BYTES - len(body)]
                    reply = replace(reply, body=body)
                    if len(body) >= BODY_LIMIT_BYTES:
                        break
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            # Once there is a status it stands, however the rest of the answer broke off.
            return reply if reply.status else Reply(0, error=_name(error))
        return reply

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


def _name(error: BaseException) -> str:
    """The error's type; a failed certificate is named as such, however deep it lies."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return type(cause).__name__
        cause = cause.__cause__ or cause.__context__
    return type(error).__name__
