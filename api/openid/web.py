"""Requests to providers: to public addresses only, by https, never redirected, bounded in time and size.

Each goes over a connection of its own. Sign-ins are few, and what is asked for most of them is one request.
"""

import asyncio
import ssl
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx

from api.paging.channels.public import Guard, Names, PublicTransport, Target
from api.paging.channels.switchboard import trust
from api.settings import Settings

DEADLINE_SECONDS = 8.0
"""For one request with everything: somebody stands there and waits."""
BODY_LIMIT_BYTES = 256 * 1024
URL_LIMIT = 2000
PORTS = {"https": 443, "http": 80}


class NoAnswer(Exception):
    """The provider gave no answer that can be used; the message says the kind of failure and nothing of its content."""


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    body: bytes


def may_be_asked(url: str, excepted: frozenset[Target]) -> bool:
    """True for a plain https address; http is taken for the operator's private hosts alone."""
    try:
        parts = urlsplit(url)
        target = ((parts.hostname or "").lower(), parts.port or PORTS.get(parts.scheme, 0))
    except ValueError:
        return False
    plain = len(url) <= URL_LIMIT and url.isascii() and url.isprintable() and " " not in url
    if not plain or not target[0] or "@" in parts.netloc or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and target in excepted)


class Web:
    """The way out to providers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _context(self) -> ssl.SSLContext:
        return trust(self._settings)

    async def get(self, url: str) -> Answer:
        """Ask for a document. Raises NoAnswer."""
        return await self._ask("GET", url, b"", {}, None)

    async def post_form(self, url: str, fields: dict[str, str], basic: tuple[str, str] | None) -> Answer:
        """Send a form; `basic` is a client's id and secret, encoded as RFC 6749, 2.3.1 asks. Raises NoAnswer."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        auth = None if basic is None else (quote_plus(basic[0]), quote_plus(basic[1]))
        return await self._ask("POST", url, urlencode(fields).encode(), kind, auth)

    async def _ask(
        self, method: str, url: str, content: bytes, headers: dict[str, str], auth: tuple[str, str] | None
    ) -> Answer:
        if not may_be_asked(url, self._settings.private_targets):
            raise NoAnswer("address")
        names = Names()
        transport = PublicTransport(self._context, Guard(names.lookup, self._settings.private_targets))
        asked = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "warm-handoff", **headers}
        try:
            async with (
                asyncio.timeout(DEADLINE_SECONDS),
                httpx.AsyncClient(transport=transport, follow_redirects=False, trust_env=False) as client,
                client.stream(method, url, content=content, headers=asked, auth=auth) as response,
            ):
                body = bytearray()
                async for part in response.aiter_raw():
                    body += part
                    if len(body) > BODY_LIMIT_BYTES:
                        raise NoAnswer("too long")
                return Answer(response.status_code, bytes(body))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise NoAnswer(type(error).__name__) from error
        finally:
            names.close()
