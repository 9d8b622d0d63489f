"""Connections to public addresses only, decided at the moment of connecting.

Push endpoints and webhooks are strangers' addresses: one that leads back into the operator's network would make this
server a door. A name is looked up once, every address is judged, and the socket goes to the very address that was judged,
so a name that changes its answer in between gains nothing. TLS is verified for the name all the same. Exceptions are
the operator's, by exact host and port. What cannot be seen from here is a router that translates a public address into a
private one.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpcore
import httpx

from api.paging.channels.connections import Connections, Loan

Target = tuple[str, int]
Lookup = Callable[[str, int], Awaitable[list[str]]]
ADDRESSES_TRIED = 4
LOOKUP_THREADS = 16
SERVICES_LIMIT = 64
_RELAYS_4 = ipaddress.ip_network("192.88.99.0/24")
_UNICAST_6 = ipaddress.ip_network("2000::/3")
_CARRIERS_6 = tuple(ipaddress.ip_network(text) for text in ("2002::/16", "2001::/32", "3fff::/20"))
"""6to4 and Teredo, which carry an IPv4 address inside, and the range for documents."""


class AddressNotPublic(httpx.ConnectError):
    """The name leads to no public address, and the operator has not excepted it."""


class _NotPublic(httpcore.ConnectError):
    """The same, before it leaves the transport."""


def is_public(address: str) -> bool:
    """True for an address that everybody on the internet means alike.

    IPv6 must lie in the allocated unicast range (RFC 4291), which leaves out IPv4-mapped, IPv4-compatible and NAT64
    forms; 6to4 and Teredo are left out because they too lead to an IPv4 address of somebody's choosing.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return parsed.is_global and not parsed.is_multicast and parsed not in _RELAYS_4
    return parsed.is_global and parsed in _UNICAST_6 and not any(parsed in network for network in _CARRIERS_6)


class Names:
    """Looks names up on threads of its own; whoever asks for a name that is being looked up waits for the same answer.

    A name server that hangs thus holds one thread per name, and never one of those that the database needs.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(LOOKUP_THREADS, thread_name_prefix="names")
        self._asked: dict[Target, asyncio.Future[list[str]]] = {}

    async def lookup(self, host: str, port: int) -> list[str]:
        """The addresses of a host, families taking turns. OSError if there are none."""
        target = (host, port)
        asked = self._asked.get(target)
        if asked is None:
            asked = asyncio.get_running_loop().run_in_executor(self._threads, _addresses, host, port)
            self._asked[target] = asked
            asked.add_done_callback(lambda _: self._asked.pop(target, None))
        return await asyncio.shield(asked)

    def close(self) -> None:
        """Stop; a lookup that hangs ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    families: dict[int, list[str]] = {}
    for family, _, _, _, place in found:
        families.setdefault(family, []).append(str(place[0]))
    turns = [
        (turn, order, address) for order, each in enumerate(families.values()) for turn, address in enumerate(each)
    ]
    return [address for _, _, address in sorted(turns)]


class Guard(httpcore.AsyncNetworkBackend):
    """httpcore's way to the network, with the judgement in between."""

    def __init__(self, lookup: Lookup, excepted: frozenset[Target]) -> None:
        self._lookup, self._excepted = lookup, excepted
        self._network = httpcore.AnyIOBackend()

    async def addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """Where a connection to this host may go, at most `ADDRESSES_TRIED`. Raises httpcore's errors."""
        try:
            async with asyncio.timeout(timeout):
                found = await self._lookup(host, port)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("name lookup") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("name lookup") from error
        allowed = found if (host.lower(), port) in self._excepted else [each for each in found if is_public(each)]
        if not allowed:
            raise _NotPublic("no public address")
        return allowed[:ADDRESSES_TRIED]

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers; one that is silent costs its share of the time."""
        addresses = await self.addresses(host, port, timeout)
        share = timeout / len(addresses) if timeout is not None else None
        failure: Exception = httpcore.ConnectError("no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """Never: a socket in the file system is the most private address there is."""
        raise _NotPublic("a socket in the file system")

    async def sleep(self, seconds: float) -> None:
        """As httpcore asks."""
        await self._network.sleep(seconds)


class PublicTransport(httpx.AsyncBaseTransport):
    """httpx's transport over guarded connections, kept for each service by itself.

    No proxy from the environment: it would connect in our place.
    """

    def __init__(self, context: ssl.SSLContext, guard: Guard) -> None:
        self._context, self._guard = context, guard
        self._services: dict[str, Connections] = {}

    async def _service(self, origin: httpcore.Origin) -> Connections:
        name = str(origin)
        if name not in self._services:
            if len(self._services) >= SERVICES_LIMIT:
                await self._services.pop(next(iter(self._services))).close()
            self._services[name] = Connections(origin, self._context, self._guard)
        return self._services[name]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One request, no redirects followed. Raises httpx's errors."""
        url = httpcore.URL(
            scheme=request.url.raw_scheme, host=request.url.raw_host, port=request.url.port, target=request.url.raw_path
        )
        if url.scheme not in (b"http", b"https"):
            raise httpx.UnsupportedProtocol("neither http nor https")
        asked = httpcore.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=request.extensions
        )
        loan = await (await self._service(url.origin)).lend()
        try:
            with _in_httpx_terms():
                answer = await loan.ask(asked)
        except BaseException:
            await loan.end()
            raise
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, loan), extensions=answer.extensions
        )  # fmt: skip

    async def aclose(self) -> None:
        """Give the connections back."""
        for service in self._services.values():
            await service.close()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: httpcore.Response, loan: Loan) -> None:
        self._answer, self._loan = answer, loan

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _in_httpx_terms():
            async for part in self._answer.aiter_stream():
                yield part

    async def aclose(self) -> None:
        try:
            await self._answer.aclose()
        finally:
            await self._loan.end()


@contextmanager
def _in_httpx_terms() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        twin = _as_httpx(error)
        if twin is error:
            raise  # not from itself: whoever follows the causes would never arrive
        raise twin from error


def _as_httpx(error: Exception) -> Exception:
    """httpcore's error under the name it has in httpx; anything else as it is."""
    if isinstance(error, _NotPublic):
        return AddressNotPublic(str(error))
    for kind in type(error).__mro__:
        twin = getattr(httpx, kind.__name__, None) if kind.__module__.startswith("httpcore") else None
        if twin is not None:
            return twin(str(error)) if isinstance(twin, type) and issubclass(twin, Exception) else error
    return error
