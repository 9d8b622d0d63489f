"""Where a request comes from and where it was meant to go: the client's address, the host, the origin.

X-Forwarded-For is believed only from the proxies that the settings name, and only its right-most address that is not itself
one of them: everything further left was written by the client.
"""

import ipaddress
from functools import cache
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

UNKNOWN = "unknown"
SAME_ORIGIN = "same-origin"

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@cache
def proxies(setting: str) -> tuple[_Network, ...]:
    """The networks of a comma-separated setting; ValueError names one that is none."""
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in setting.split(",") if part.strip())


def client_address(connection: HTTPConnection, trusted_proxies: str) -> str:
    """The nearest address that is not a trusted proxy."""
    peer = connection.client.host if connection.client else UNKNOWN
    trusted = proxies(trusted_proxies)
    forwarded = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")
    hops = [hop.strip() for hop in forwarded if hop.strip()]
    address = peer
    while _within(address, trusted) and hops:
        address = hops.pop()
    return address


def _within(address: str, networks: tuple[_Network, ...]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed.version == network.version and parsed in network for network in networks)


def wrong_host(connection: HTTPConnection, public_origin: str) -> bool:
    """True if a public origin is set and the request names another host."""
    return bool(public_origin) and connection.headers.get("host", "") != urlsplit(public_origin).netloc


def crosses_origin(connection: HTTPConnection, public_origin: str) -> bool:
    """True if the browser says that another origin caused the request. Absent headers say nothing."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None and site != SAME_ORIGIN:
        return True
    origin = connection.headers.get("origin")
    if origin is None:
        return False
    if public_origin:
        return origin != public_origin.rstrip("/")
    return urlsplit(origin).netloc != connection.headers.get("host", "")
