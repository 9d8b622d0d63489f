"""A person's own credentials and open sessions. Opening a session is in `accounts.routes`."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from api.auth import sessions
from api.auth.addresses import client_address
from api.auth.cookies import SESSION_COOKIE, give
from api.auth.dependencies import Principal, parts, public, require
from api.auth.limits import address_subject
from api.clock import rfc3339
from api.credentials import passkeys, queries, service
from api.credentials.models import (
    CreationChallenge,
    NewPasskey,
    OpenSession,
    OpenSessions,
    PasskeyDocument,
    PasskeyList,
    PasskeyProof,
    PassphraseChange,
    PassphraseProof,
    RequestChallenge,
    TotpConfirmation,
    TotpSecret,
)
from api.credentials.relying_party import RelyingParty, relying_party
from api.tables.credentials import Passkey
from api.tables.people import User
from sync.operations import Uuid

router = APIRouter()


@router.post("/api/session/passkey-options", dependencies=[public("before signing in; limited by address")])
def passkey_options(request: Request) -> RequestChallenge:
    """A challenge for any passkey of this server, to sign in or to prove again who one is."""
    state = parts(request)
    asked_by = address_subject(_address(request))
    with state.database.write() as session:
        return passkeys.ask_for_proof(session, party_of(request), asked_by, state.clock.now())


@router.post("/api/session/step-up", status_code=204)
def step_up(
    body: PassphraseProof | PasskeyProof,
    request: Request,
    response: Response,
    principal: Annotated[Principal, require("session", "U")],
) -> None:
    """Prove again who one is: for five minutes what asks for it is open. The cookie is changed."""
    state = parts(request)
    now, address = state.clock.now(), _address(request)
    if isinstance(body, PassphraseProof):
        token = service.step_up_by_passphrase(state.database, principal, body, address, now)
    else:
        token = service.step_up_by_passkey(state.database, principal, party_of(request), body, address, now)
    _give(response, request, principal, token)


@router.get("/api/passkeys")
def own_passkeys(request: Request, principal: Annotated[Principal, require("credentials", "R")]) -> PasskeyList:
    """What the person can prove themselves with."""
    with parts(request).database.read() as session:
        user = session.get_one(User, principal.user_id)
        present = queries.passkeys_of(session, principal.user_id)
        totp = queries.confirmed_code(session, principal.user_id) is not None
    return PasskeyList(
        passkeys=[_document(passkey) for passkey in present], totp=totp, passphrase=bool(user.password_hash)
    )


@router.post("/api/passkeys/options")
def new_passkey_options(
    request: Request, principal: Annotated[Principal, require("credentials", "C")]
) -> CreationChallenge:
    """A challenge for a new passkey."""
    state = parts(request)
    with state.database.write() as session:
        service.check_may_change(session, principal)
        user = session.get_one(User, principal.user_id)
        return passkeys.ask_for_new(session, user, party_of(request), state.clock.now())


@router.post("/api/passkeys", status_code=201)
def add_passkey(
    body: NewPasskey,
    request: Request,
    response: Response,
    principal: Annotated[Principal, require("credentials", "C", fresh=True)],
) -> PasskeyDocument:
    """Keep a new passkey. The cookie is changed if the session lacked its second factor until now."""
    state = parts(request)
    passkey, token = service.add_passkey(
        state.database, principal, party_of(request), body, _address(request), state.clock.now(),
        device_bound=state.settings.device_bound_passkeys,
    )  # fmt: skip
    _give(response, request, principal, token)
    return _document(passkey)


@router.delete("/api/passkeys/{passkey_id}", status_code=204)
def remove_passkey(
    passkey_id: Uuid, request: Request, principal: Annotated[Principal, require("credentials", "D", fresh=True)]
) -> None:
    """Remove a passkey; 409 for the only way in."""
    state = parts(request)
    with state.database.write() as session:
        service.check_may_change(session, principal)
        passkeys.remove(session, principal, passkey_id, state.clock.now(), _address(request))


@router.post("/api/totp")
def begin_totp(
    request: Request, principal: Annotated[Principal, require("credentials", "C", fresh=True)]
) -> TotpSecret:
    """A secret for an authenticator app; it counts once confirmed. 409 if there is one already."""
    state = parts(request)
    with state.database.write() as session:
        secret, uri = service.begin_totp(session, principal, state.clock.now(), _address(request))
    return TotpSecret(secret=secret, uri=uri)


@router.post("/api/totp/confirm", status_code=204)
def confirm_totp(
    body: TotpConfirmation,
    request: Request,
    response: Response,
    principal: Annotated[Principal, require("credentials", "C")],
) -> None:
    """The app's first code; 409 if it does not fit. The cookie is changed if the session lacked its second factor."""
    state = parts(request)
    with state.database.write() as session:
        token = service.confirm_totp(session, principal, body.code, state.clock.now(), _address(request))
    _give(response, request, principal, token)


@router.delete("/api/totp", status_code=204)
def end_totp(request: Request, principal: Annotated[Principal, require("credentials", "D", fresh=True)]) -> None:
    """Remove the authenticator app."""
    state = parts(request)
    with state.database.write() as session:
        service.end_totp(session, principal, state.clock.now(), _address(request))


@router.put("/api/passphrase", status_code=204)
def change_passphrase(
    body: PassphraseChange,
    request: Request,
    response: Response,
    principal: Annotated[Principal, require("credentials", "U")],
) -> None:
    """Change the passphrase. Other sessions end; the cookie is changed."""
    state = parts(request)
    token = service.change_passphrase(state.database, principal, body, _address(request), state.clock.now())
    _give(response, request, principal, token)


@router.get("/api/sessions")
def open_sessions(request: Request, principal: Annotated[Principal, require("session", "R")]) -> OpenSessions:
    """The person's open sessions, the one used last first."""
    state = parts(request)
    with state.database.read() as session:
        rows = sessions.of_user(session, principal.user_id, state.clock.now())
    return OpenSessions(
        sessions=[
            OpenSession(
                id=row.id, created_at=rfc3339(row.created_at), seen_at=rfc3339(row.seen_at), label=label,
                current=row.id == principal.session_id,
            )
            for row, label in rows
        ]
    )  # fmt: skip


@router.delete("/api/sessions/{session_id}", status_code=204)
def end_session(session_id: Uuid, request: Request, principal: Annotated[Principal, require("session", "D")]) -> None:
    """End one of the person's sessions."""
    state = parts(request)
    with state.database.write() as session:
        service.end_session(session, principal, session_id, state.clock.now(), _address(request))


def party_of(request: Request) -> RelyingParty:
    """Who this server is to authenticators."""
    return relying_party(request, parts(request).settings.origin)


def _address(request: Request) -> str:
    return client_address(request, parts(request).settings.trusted_proxies)


def _give(response: Response, request: Request, principal: Principal, token: str | None) -> None:
    if token is not None:
        left = principal.expires_at - parts(request).clock.now()
        give(response, SESSION_COOKIE, token, left)


def _document(passkey: Passkey) -> PasskeyDocument:
    used = passkey.last_used_at
    return PasskeyDocument(
        id=passkey.id, credential_id=passkey.credential_id, label=passkey.label, created_at=rfc3339(passkey.created_at),
        last_used_at=None if used is None else rfc3339(used), prf=passkey.prf, device_bound=passkey.device_bound,
    )  # fmt: skip
