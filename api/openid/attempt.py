"""What one way to a provider and back is made of.

The browser holds a random handle in a cookie; state, nonce and PKCE verifier are drawn from it, one way. So nothing that the
provider or an address bar sees leads to another of them, and the server keeps no more than the handle's hash.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Literal

from fastapi import Response

COOKIE = "__Host-openid"
LIFETIME = timedelta(minutes=10)

Drawn = Literal["state", "nonce", "verifier"]


def drawn(handle: str, what: Drawn) -> str:
    """One of the three values of a handle: 43 characters of base64url, as RFC 7636 asks of a verifier."""
    return _base64url(hmac.digest(handle.encode("utf-8", "replace"), f"handoff openid 1 {what}".encode(), "sha256"))


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier (RFC 7636, 4.2)."""
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def give(response: Response, handle: str) -> None:
    """Set the cookie. SameSite=Lax, because it is the provider's page that sends the browser back."""
    seconds = int(LIFETIME.total_seconds())
    response.set_cookie(COOKIE, handle, max_age=seconds, path="/", secure=True, httponly=True, samesite="lax")


def take_back(response: Response) -> None:
    """Clear the cookie."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
