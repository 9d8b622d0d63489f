"""Compressed answers for the two documents that are long: the program's, and a rule pack's.

On a roadside link a pack in clear costs a third of a second. Everything else stays as it is: an answer that holds both what a
person typed and what somebody else may not know must not betray the one by the length of the other (BREACH).
"""

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

SHORT_BYTES = 1024
LEVEL = 6
LONG_DOCUMENTS = ("/api/program", "/api/rules/")


class Compression(GZipMiddleware):
    """Gzip, where the browser takes it, for the long documents alone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(LONG_DOCUMENTS):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
