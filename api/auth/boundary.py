"""The outermost wall: security headers on every answer, one log line a request, and crashes that give nothing away.

It stands outside everything, so that a crash carries the headers too. The headers are those of the browser's own
protections: no third-party origin, no inline code, one Trusted Types policy (for the service worker's address). The policy
names no place for reports: strangers could write there, and the browser tests find what the app itself would break.
"""

import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import logs, problems
from api.confinement import confined

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types handoff-sw",
    )
)
DENIED_FEATURES = (
    "accelerometer", "autoplay", "bluetooth", "browsing-topics", "clipboard-read", "display-capture",
    "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
    "payment", "picture-in-picture", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
OWN_FEATURES = ("camera", "geolocation", "publickey-credentials-create", "publickey-credentials-get")
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        [*(f"{feature}=(self)" for feature in OWN_FEATURES), *(f"{feature}=()" for feature in DENIED_FEATURES)]
    ),
}
TRANSPORT = "max-age=63072000; includeSubDomains"
"""Strict-Transport-Security, for two years. A developer's localhost would keep it for every other program there."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
NO_STORE = "no-store"


class Boundary:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.monotonic()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                if not _on_loopback(scope):
                    headers["Strict-Transport-Security"] = TRANSPORT
                headers.setdefault("Cache-Control", NO_STORE)
            await send(message)

        request_id = str(uuid.uuid4())
        try:
            with confined():
                await self.app(scope, receive, send_with_headers)
        except Exception as error:
            logs.error("crash", error, request_id=request_id, method=scope["method"], route=_route(scope))
            if status == 0:
                detail = "This is a fault of the server. What is on the phone stays there; try again."
                answer = problems.response(500, "crash", problems.Problem.title, detail)
                await answer(scope, receive, send_with_headers)
        finally:
            milliseconds = round((time.monotonic() - began) * 1000)
            logs.info(
                "request",
                request_id=request_id,
                method=scope["method"],
                route=_route(scope),
                status=status,
                ms=milliseconds,
            )


def _on_loopback(scope: Scope) -> bool:
    host = Headers(scope=scope).get("host", "")
    return host.rpartition(":")[0] in LOOPBACK or host in LOOPBACK


def _route(scope: Scope) -> str:
    """The route's template, never the path: a path may hold ids, and a query anything."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", "none"))
