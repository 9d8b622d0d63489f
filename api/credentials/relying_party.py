"""Who this server is to authenticators: the host that passkeys are bound to, and the origins that they may answer from."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from api.problems import Malformed

NAME = "Warm Handoff"
LOCAL = "localhost"


@dataclass(frozen=True)
class RelyingParty:
    """`id` is a host without its port; `origins` are exact."""

    id: str
    origins: tuple[str, ...]


def relying_party(connection: HTTPConnection, public_origin: str) -> RelyingParty:
    """From the public origin, or from the host that the request names where none is set. Raises Malformed for none.

    A proxy may have ended TLS, so the request's own scheme says nothing: browsers give passkeys to https alone, and to
    localhost.
    """
    host = urlsplit(public_origin).netloc if public_origin else connection.headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if not name:
        raise Malformed("Use the program's own address: passkeys are bound to its name.")
    if public_origin:
        return RelyingParty(name, (public_origin.rstrip("/"),))
    origins = (f"https://{host}", f"http://{host}") if name == LOCAL else (f"https://{host}",)
    return RelyingParty(name, origins)
