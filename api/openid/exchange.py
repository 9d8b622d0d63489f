"""The talk with a provider: where the browser is sent, and what comes of the code that it brings back."""

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from api.auth.cookies import FRESH
from api.openid.attempt import challenge, drawn
from api.openid.directory import OK, Directory, Metadata, PublicKey
from api.openid.id_token import Claims, Expected, read
from api.openid.refusals import Refused
from api.openid.web import NoAnswer

SERVER_FAULT = 500


@dataclass(frozen=True)
class Client:
    """What this server is to one provider. `redirect` is where the provider sends browsers back to."""

    issuer: str
    client_id: str
    secret: str
    redirect: str
    accepted_acr: tuple[str, ...] = ()
    accepted_amr: tuple[str, ...] = ()


async def address(directory: Directory, client: Client, handle: str, now: datetime) -> str:
    """Where the browser goes. Raises NoAnswer.

    The person is always asked anew, and the token must say when: on a shared phone the provider may still know the former
    shift's officer, and a session that opens counts as a fresh proof.
    """
    metadata = await directory.metadata(client.issuer, now)
    fields = {
        "response_type": "code", "client_id": client.client_id, "redirect_uri": client.redirect, "scope": "openid",
        "state": drawn(handle, "state"), "nonce": drawn(handle, "nonce"),
        "code_challenge": challenge(drawn(handle, "verifier")), "code_challenge_method": "S256",
        "prompt": "login", "max_age": str(int(FRESH.total_seconds())),
    }  # fmt: skip
    if client.accepted_acr:
        fields["acr_values"] = " ".join(client.accepted_acr)
    base = metadata.authorization_endpoint
    return base + ("&" if "?" in base else "?") + urlencode(fields)


async def check_issuer(directory: Directory, client: Client, named: str | None, now: datetime) -> None:
    """RFC 9207: an answer names its issuer where the provider says it does, and never another. Raises Refused, NoAnswer."""
    metadata = await directory.metadata(client.issuer, now)
    announced = metadata.authorization_response_iss_parameter_supported
    if named != client.issuer and (named is not None or announced):
        raise Refused("not_verified")


async def redeem(directory: Directory, client: Client, code: str, handle: str, now: datetime) -> Claims:
    """What the provider says of the person, verified. Raises Refused, NoAnswer."""
    metadata = await directory.metadata(client.issuer, now)
    token = await _id_token(directory, metadata, client, code, drawn(handle, "verifier"))

    async def find_key(key_id: str | None) -> PublicKey | None:
        return await directory.key(client.issuer, key_id, now)

    return await read(token, Expected(client.issuer, client.client_id, drawn(handle, "nonce")), find_key, now)


def strong(client: Client, claims: Claims) -> bool:
    """True if the provider vouches for more than one factor, as the operator wants it said. Raises Refused if it should."""
    if not client.accepted_acr and not client.accepted_amr:
        return False
    if client.accepted_acr and claims.acr not in client.accepted_acr:
        raise Refused("weak")
    if client.accepted_amr and not set(claims.amr) & set(client.accepted_amr):
        raise Refused("weak")
    return True


async def _id_token(directory: Directory, metadata: Metadata, client: Client, code: str, verifier: str) -> str:
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": client.redirect,
        "code_verifier": verifier,
    }
    ways = metadata.token_endpoint_auth_methods_supported
    basic = "client_secret_basic" in ways or "client_secret_post" not in ways
    if not basic:
        fields |= {"client_id": client.client_id, "client_secret": client.secret}
    credentials = (client.client_id, client.secret) if basic else None
    answer = await directory.web.post_form(metadata.token_endpoint, fields, credentials)
    if answer.status >= SERVER_FAULT or answer.status < OK:
        raise NoAnswer(f"token {answer.status}")
    if answer.status != OK:
        raise Refused("not_verified")  # a code that was used, that is not ours, or a verifier that does not fit
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise NoAnswer("token") from error
    token = said.get("id_token") if isinstance(said, dict) else None
    if not isinstance(token, str):
        raise NoAnswer("token")
    return token
