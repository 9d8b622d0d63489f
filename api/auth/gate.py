"""What every request passes before a route sees it: the host, forgery, the kind of content, and its size.

Refuses state-changing requests that a foreign page could have caused. SameSite cookies are the first wall; a header that a
form cannot send, the browser's own word on the origin, and JSON as the only content are the others.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import problems
from api.auth.addresses import crosses_origin, wrong_host

BODY_LIMIT_BYTES = 1024 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADER = "x-handoff"
PLAIN = "identity"
PROBES = frozenset({"/healthz", "/readyz"})
"""Asked by the machine itself, by address."""


class Gate:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, public_origin: str) -> None:
        self.app = app
        self.public_origin = public_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        refused = self._refusal(request)
        if refused is None and request.method not in SAFE_METHODS:
            body = await _whole_body(request, receive)
            if body is None:
                refused = _problem(problems.TooLarge, f"A request has at most {BODY_LIMIT_BYTES} bytes.")
            elif request.headers.get("content-encoding", PLAIN).lower() != PLAIN:
                # Nothing here unpacks a body, so none can grow to many times what was counted.
                refused = problems.response(415, "encoded", "Send it plain", "A request's body must not be compressed.")
            elif body and not _is_json(request):
                refused = problems.response(415, "not-json", "Send JSON", "The content type must be application/json.")
            else:
                receive = _replay(body, receive)
        await (refused or self.app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.url.path not in PROBES and wrong_host(request, self.public_origin):
            return problems.response(
                421, "other-host", "This server has another name", "Use the program's own address."
            )
        if request.method in SAFE_METHODS:
            return None
        if request.headers.get(HEADER) != "1" or crosses_origin(request, self.public_origin):
            return problems.response(403, "cross-site", "Refused", "Only the app itself may do this.")
        declared = request.headers.get("content-length", "0")
        if not declared.isdigit() or int(declared) > BODY_LIMIT_BYTES:
            return _problem(problems.TooLarge, f"A request has at most {BODY_LIMIT_BYTES} bytes.")
        return None


def _problem(kind: type[problems.Problem], detail: str) -> Response:
    return problems.response(kind.status, kind.code, kind.title, detail)


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


async def _whole_body(request: Request, receive: Receive) -> bytes | None:
    """The body, or None as soon as it is over the limit, whatever length was declared."""
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        part = message.get("body", b"")
        size += len(part)
        if size > BODY_LIMIT_BYTES:
            return None
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
