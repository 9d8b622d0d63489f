"""The two cookies: a person's session, and a device's permission to append.

Both are 256 random bits of which only the SHA-256 is stored; `__Host-`, HttpOnly, Secure, SameSite=Strict, Path=/. A device
has a cookie of its own name, so that two officers on one phone never push each other's cookie out.
"""

import hashlib
import secrets
from datetime import timedelta

from fastapi import Response

SESSION_COOKIE = "__Host-session"
DEVICE_COOKIE_PREFIX = "__Host-device-"
SESSION_IDLE = timedelta(minutes=30)
SESSION_ABSOLUTE = timedelta(hours=12)
FRESH = timedelta(minutes=5)
"""How long after proving who they are a person may do what asks for a fresh proof (a step-up)."""
DEVICE_LIFETIME = timedelta(days=90)
TOKEN_BYTES = 32
TOKEN_MAX_CHARACTERS = 64


def new_token() -> str:
    """A fresh secret for a cookie or a one-time link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is stored of a token. It is random, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def device_cookie(device_id: str) -> str:
    """The cookie's name for a device: the first eight hex digits of its id."""
    return DEVICE_COOKIE_PREFIX + device_id.replace("-", "")[:8]


def give(response: Response, name: str, token: str, lifetime: timedelta) -> None:
    """Set one of the cookies."""
    seconds = int(lifetime.total_seconds())
    response.set_cookie(name, token, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict")


def take_back(response: Response, name: str) -> None:
    """Clear one of the cookies."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="strict")
