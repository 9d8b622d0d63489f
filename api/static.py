"""The built PWA: its files from memory, compressed beforehand, and index.html for every navigation but the rescue page's.

Files whose name carries a hash never change and may be kept for ever; the rest is asked for again each time and answered
with 304 where nothing changed. Nothing of the API is ever served from here.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.auth.dependencies import parts, public
from api.problems import NotFound

router = APIRouter()

DIST = Path(__file__).resolve().parent.parent / "pwa" / "dist"
PAGES = {"": "index.html", "rescue": "rescue.html"}
"""The pages that have a file of their own."""
HASHED_FOLDER = "assets/"
IMMUTABLE = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
COMPRESSIBLE = ("text/", "application/json", "application/manifest+json", "image/svg+xml")
NOT_SERVED = (".map", ".br")
TYPES = {
    ".js": "text/javascript",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
}
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Warm Handoff</title>
<h1>The app is not built yet</h1>
<p>The server runs, but the folder pwa/dist is empty. Run <code>make build</code> and start again.</p>
"""


@dataclass(frozen=True)
class StaticFile:
    """One file, ready to be sent."""

    body: bytes
    packed: dict[str, bytes]
    """The same as other encodings, the smallest first."""
    media_type: str
    etag: str
    cache_control: str


@cache
def installed() -> dict[str, StaticFile]:
    """What `load` finds beside this program, read once by a process."""
    return load(DIST)


def load(folder: Path) -> dict[str, StaticFile]:
    """Every file of the built PWA by its path; empty if it is not built."""
    if not (folder / "index.html").is_file():
        return {}
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix not in NOT_SERVED)
    return {path.relative_to(folder).as_posix(): _file(path, path.relative_to(folder).as_posix()) for path in paths}


def _file(path: Path, name: str) -> StaticFile:
    body = path.read_bytes()
    media_type = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    cache_control = IMMUTABLE if name.startswith(HASHED_FOLDER) else ASK_AGAIN
    return StaticFile(body, _packed(path, body, media_type), media_type, etag, cache_control)


def _packed(path: Path, body: bytes, media_type: str) -> dict[str, bytes]:
    packed: dict[str, bytes] = {}
    # Brotli is made by the build; Python's own library has none.
    brotli = path.with_name(f"{path.name}.br")
    if brotli.is_file():
        packed["br"] = brotli.read_bytes()
    if media_type.startswith(COMPRESSIBLE):
        packed["gzip"] = gzip.compress(body, 9, mtime=0)
    return {encoding: content for encoding, content in packed.items() if len(content) < len(body)}


@router.api_route(
    "/{path:path}", methods=["GET", "HEAD"], include_in_schema=False, dependencies=[public("the app itself, no data")]
)
def serve(path: str, request: Request) -> Response:
    """A file of the PWA; index.html for a navigation; NotFound for anything else."""
    files: dict[str, StaticFile] = parts(request).files
    if path == "api" or path.startswith("api/"):
        raise NotFound("The server has no such address.")
    found = files.get(PAGES.get(path, path))
    if found is not None:
        return _send(found, request)
    if "text/html" not in request.headers.get("accept", ""):
        raise NotFound("The app has no such file.")
    if not files:
        return HTMLResponse(NOT_BUILT, status_code=503)
    return _send(files["index.html"], request)


def _send(file: StaticFile, request: Request) -> Response:
    headers = {"Cache-Control": file.cache_control, "ETag": file.etag, "Vary": "Accept-Encoding"}
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    accepted = _accepted(request.headers.get("accept-encoding", ""))
    encoding = next((each for each in file.packed if each in accepted), None)
    if encoding is None:
        return Response(file.body, headers=headers, media_type=file.media_type)
    headers["Content-Encoding"] = encoding
    return Response(file.packed[encoding], headers=headers, media_type=file.media_type)


def _accepted(header: str) -> set[str]:
    """The encodings named and not refused with `q=0`."""
    named = (each.replace(" ", "").lower().partition(";") for each in header.split(","))
    return {name for name, _, weight in named if not re.fullmatch(r"q=0(\.0*)?", weight)}
