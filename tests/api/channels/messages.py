"""Messages and channels for the tests of channels."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from api.paging.channels.answers import Answer, Message
from api.paging.channels.posting import Poster
from api.paging.channels.public import Names
from tests.http_service import HttpService

NOW = datetime(2026, 4, 30, 2, 15, tzinfo=UTC)
PAGE = "0196a1b2-0000-7000-8000-000000000001"
DELIVERY = "0196a1b2-0000-7000-8000-00000000000d"
TOKEN = "0123456789abcdef0123456789abcdef"
ORIGIN = "https://handoff.example.org"


def message(address: str = "", **other: Any) -> Message:
    """A page to somebody, with whatever a test cares about."""
    valid: dict[str, Any] = {
        "delivery_id": DELIVERY, "kind": "page", "text": "officer_waiting", "address": address, "page_id": PAGE,
        "token": TOKEN, "origin": ORIGIN, "program_id": "denver", "step": 1, "call": 2,
    }  # fmt: skip
    return Message(**valid | other)


def trusting(ca_file: str) -> ssl.SSLContext:
    """A context that trusts the test's authority beside the usual ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(ca_file)
    return context


def posting(
    service: HttpService, send: Callable[[Poster], Awaitable[Answer]], *, trusted: bool = True, excepted: bool = True
) -> Answer:
    """What a channel answers that posts to this service, on a loop of its own."""

    async def run() -> Answer:
        names = Names()
        context = trusting(service.ca_file) if trusted else ssl.create_default_context()
        targets = frozenset({("localhost", service.port)}) if excepted else frozenset()
        poster = Poster(names.lookup, targets, context, now=lambda: NOW)
        try:
            return await send(poster)
        finally:
            await poster.close()
            names.close()

    return asyncio.run(run())
