"""The connections to one service: kept while they rest, and each lent to one request at a time.

httpcore's own pool looks through all of its connections for every request and promises one connection to several of them
at once, who then ask again; that was more than half of what a push cost.
"""

import asyncio
import ssl

import httpcore

CONNECTIONS_LIMIT = 64
"""To one service: more than a worker ever has under way to it, so that no message waits for a connection."""
KEEP_ALIVE_SECONDS = 60.0
"""How long an idle connection is kept: the repeats and answers of a page need no new handshake; routers forget it later."""


class Loan:
    """One request on a connection that nobody else has until `end`."""

    def __init__(self, lender: "Connections", connection: httpcore.AsyncHTTPConnection) -> None:
        self._lender, self._connection = lender, connection
        self._ended = False

    async def ask(self, request: httpcore.Request) -> httpcore.Response:
        """Send it. The loan ends when the answer has been closed. Raises httpcore's errors."""
        return await self._connection.handle_async_request(request)

    async def end(self) -> None:
        """Give the connection back, once the answer is closed or has failed."""
        if not self._ended:
            self._ended = True
            await self._lender.take_back(self._connection)


class Connections:
    """Lends connections to one origin; whoever asks for more than `CONNECTIONS_LIMIT` waits."""

    def __init__(self, origin: httpcore.Origin, context: ssl.SSLContext, network: httpcore.AsyncNetworkBackend) -> None:
        self._origin, self._context, self._network = origin, context, network
        self._resting: list[httpcore.AsyncHTTPConnection] = []
        self._places = asyncio.Semaphore(CONNECTIONS_LIMIT)
        self._closed = False

    async def lend(self) -> Loan:
        """The connection that rested last, which is the likeliest to be alive, or a new one."""
        await self._places.acquire()
        try:
            while self._resting:
                connection = self._resting.pop()
                if not connection.has_expired():  # by time, or because the other side has hung up
                    return Loan(self, connection)
                await connection.aclose()
        except BaseException:
            self._places.release()
            raise
        fresh = httpcore.AsyncHTTPConnection(
            self._origin, self._context, keepalive_expiry=KEEP_ALIVE_SECONDS, network_backend=self._network
        )
        return Loan(self, fresh)

    async def take_back(self, connection: httpcore.AsyncHTTPConnection) -> None:
        """Let it rest if its answer was read to the end; those that have rested too long are closed."""
        self._places.release()
        if connection.is_available():
            self._resting.append(connection)
        else:
            await connection.aclose()
        while self._resting and (self._closed or self._resting[0].has_expired()):
            await self._resting.pop(0).aclose()

    async def close(self) -> None:
        """Close what rests; what is lent is closed when it comes back."""
        self._closed = True
        while self._resting:
            await self._resting.pop().aclose()
