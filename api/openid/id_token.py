"""Reading an ID token: OpenID Connect Core 1.0, 3.1.3.7, taken at its strictest.

Pure but for the key, which is asked for by the id in the token's header. Whatever is wrong, the caller learns one thing: it
does not hold.
"""

import hmac
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import extract_compact
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.auth.cookies import FRESH
from api.openid.directory import PublicKey
from api.openid.refusals import Refused

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures by a private key, and nothing that a client's secret or nobody at all can make."""
CLOCKS_APART = timedelta(minutes=1)
OLDEST = timedelta(minutes=10)
"""A token older than a whole way through a provider was not made for it, whatever its own expiry says."""
TOKEN_LIMIT_BYTES = 32 * 1024
_SUBJECT = re.compile(r"[!-~]{1,255}")

FindKey = Callable[[str | None], Awaitable[PublicKey | None]]


@dataclass(frozen=True)
class Expected:
    """What the token must say."""

    issuer: str
    client_id: str
    nonce: str


class Claims(BaseModel):
    """What is read of a token. Numbers are seconds since 1970."""

    model_config = ConfigDict(frozen=True, strict=True)

    iss: str
    sub: str
    aud: str | list[str]
    exp: int | float = Field(allow_inf_nan=False)
    iat: int | float = Field(allow_inf_nan=False)
    auth_time: int | float = Field(allow_inf_nan=False)
    nonce: str
    nbf: int | float | None = Field(default=None, allow_inf_nan=False)
    azp: str | None = None
    acr: str | None = None
    amr: list[str] = []


async def read(token: str, expected: Expected, find_key: FindKey, now: datetime) -> Claims:
    """The claims of a token that holds. Raises Refused("not_verified"), and NoAnswer as `find_key` does."""
    claims = _claims(await _verified(token, find_key))
    at, apart = now.timestamp(), CLOCKS_APART.total_seconds()
    holds = (
        claims.iss == expected.issuer,
        claims.aud in (expected.client_id, [expected.client_id]),  # no other audience is trusted with it
        claims.azp in (None, expected.client_id),
        hmac.compare_digest(claims.nonce.encode("utf-8", "replace"), expected.nonce.encode()),
        _SUBJECT.fullmatch(claims.sub),
        at < claims.exp + apart,
        at - OLDEST.total_seconds() - apart <= claims.iat <= at + apart,
        claims.nbf is None or claims.nbf <= at + apart,
        at - FRESH.total_seconds() - apart <= claims.auth_time <= at + apart,
    )
    if not all(holds):
        raise Refused("not_verified")
    return claims


async def _verified(token: str, find_key: FindKey) -> dict[str, Any]:
    """The content of a token whose signature holds, by the key that its header names and an allowed algorithm."""
    try:
        if len(token) > TOKEN_LIMIT_BYTES:
            raise ValueError
        header = extract_compact(token.encode("ascii")).headers()
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or not isinstance(key_id, str | None):
            raise ValueError
        key = await find_key(key_id)
        if key is None or key.get("alg", algorithm) != algorithm:
            raise ValueError
        return jwt.decode(token, key, algorithms=[algorithm]).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise Refused("not_verified") from error


def _claims(content: dict[str, Any]) -> Claims:
    try:
        return Claims.model_validate(content)
    except ValidationError as error:
        raise Refused("not_verified") from error
