"""Passkeys: asking an authenticator for one, keeping it, and believing what it says later.

Answers for WebAuthn's two ceremonies with user verification; what a proof opens is the caller's affair. A counter that goes
back is written down and refuses nothing: synchronised passkeys do not count, and some authenticators share one counter.
"""

import secrets
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from sqlmodel import Session, col, select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    options_to_json_dict,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from api.audit.service import record
from api.auth.sessions import Principal
from api.credentials import challenges, queries
from api.credentials.models import (
    Assertion,
    CreationChallenge,
    CreationOptions,
    NewCredential,
    RequestChallenge,
    RequestOptions,
)
from api.credentials.relying_party import NAME, RelyingParty
from api.problems import Conflict, NotFound
from api.tables.credentials import Passkey, UserHandle
from api.tables.people import User

PASSKEYS_PER_PERSON = 10
HANDLE_BYTES = 32
RSA_MIN_BITS = 2048
TIMEOUT_MS = int(challenges.LIFETIME.total_seconds() * 1000)
NOT_ACCEPTED = "The passkey was not accepted. Begin again; if it stays so, take another authenticator."
COPIED = "Your agency takes only passkeys that stay on one device. Use a security key or this device's own."

_Unreadable = (WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, LookupError, AttributeError)
"""What the library lets through from the parsers beneath it, besides its own errors, when an authenticator talks nonsense."""


@dataclass(frozen=True)
class Attested:
    """A passkey that an authenticator has made, before anybody has it."""

    credential_id: str
    public_key: str
    sign_count: int
    prf: bool
    device_bound: bool


def ask_for_proof(session: Session, party: RelyingParty, asked_by: str, now: datetime) -> RequestChallenge:
    """A challenge for whichever passkey the phone has for this server. Raises TooMany."""
    issued = challenges.issue(session, "prove", asked_by, now)
    options = generate_authentication_options(
        rp_id=party.id, challenge=issued.challenge, timeout=TIMEOUT_MS,
        user_verification=UserVerificationRequirement.REQUIRED,
    )  # fmt: skip
    return RequestChallenge(
        challenge_id=issued.id, options=RequestOptions.model_validate(options_to_json_dict(options))
    )


def ask_for_new(session: Session, user: User, party: RelyingParty, now: datetime) -> CreationChallenge:
    """A challenge for a new passkey on an authenticator that holds none of the person's yet. Raises TooMany."""
    issued = challenges.issue(session, "add", user.id, now)
    present = [base64url_to_bytes(passkey.credential_id) for passkey in queries.passkeys_of(session, user.id)]
    options = generate_registration_options(
        rp_id=party.id, rp_name=NAME, user_name=user.login, user_display_name=user.name, challenge=issued.challenge,
        user_id=base64url_to_bytes(_handle(session, user.id)), timeout=TIMEOUT_MS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential_id) for credential_id in present],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )  # fmt: skip
    document = options_to_json_dict(options) | {"extensions": {"prf": {}}}
    return CreationChallenge(challenge_id=issued.id, options=CreationOptions.model_validate(document))


def _handle(session: Session, user_id: str) -> str:
    handle = queries.handle_of(session, user_id)
    if handle is None:
        handle = secrets.token_urlsafe(HANDLE_BYTES)
        session.add(UserHandle(user_id=user_id, handle=handle))
    return handle


def read_new(
    credential: NewCredential, challenge: bytes | None, party: RelyingParty, *, device_bound: bool
) -> Attested:
    """The passkey that an authenticator made for this challenge. Raises Conflict.

    `device_bound` refuses one that may be copied to other devices.
    """
    if challenge is None:
        raise Conflict("This try has run out. Begin again.")
    try:
        verified = verify_registration_response(
            credential=credential.model_dump(), expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=list(party.origins), require_user_verification=True,
        )  # fmt: skip
        key = decoded_public_key_to_cryptography(decode_credential_public_key(verified.credential_public_key))
        framed = _from_a_frame(credential.response.clientDataJSON)
    except _Unreadable as error:
        raise Conflict(NOT_ACCEPTED) from error
    weak = isinstance(key, RSAPublicKey) and key.key_size < RSA_MIN_BITS
    if framed or weak or bytes_to_base64url(verified.credential_id) != credential.id:
        raise Conflict(NOT_ACCEPTED)
    single = verified.credential_device_type == CredentialDeviceType.SINGLE_DEVICE
    if device_bound and not single:
        raise Conflict(COPIED)
    return Attested(
        credential_id=credential.id, public_key=bytes_to_base64url(verified.credential_public_key),
        sign_count=verified.sign_count, prf=credential.clientExtensionResults.prf.enabled, device_bound=single,
    )  # fmt: skip


def keep(session: Session, principal: Principal, made: Attested, label: str, now: datetime, source: str) -> Passkey:
    """Give a passkey to the person. Raises Conflict if they have many, or if the authenticator is known already."""
    _hold(session, principal.user_id)
    if len(queries.passkeys_of(session, principal.user_id)) >= PASSKEYS_PER_PERSON:
        raise Conflict(f"You have {PASSKEYS_PER_PERSON} passkeys. Remove one first.")
    if queries.passkey_of_credential(session, made.credential_id) is not None:
        raise Conflict("This passkey is here already.")
    passkey = Passkey(id=str(uuid.uuid4()), user_id=principal.user_id, label=label, created_at=now, **asdict(made))
    session.add(passkey)
    record(
        session, now, "passkey.add", actor_id=principal.user_id, program_id=principal.program_id, subject=passkey.id,
        source=source,
    )  # fmt: skip
    return passkey


def remove(session: Session, principal: Principal, passkey_id: str, now: datetime, source: str) -> None:
    """Take a passkey from the person. Raises NotFound, and Conflict for the last way in."""
    user = _hold(session, principal.user_id)
    present = queries.passkeys_of(session, principal.user_id)
    passkey = next((each for each in present if each.id == passkey_id), None)
    if passkey is None:
        raise NotFound("You have no such passkey.")
    if len(present) == 1 and not user.password_hash:
        raise Conflict("This is your only way in. Add another passkey first.")
    session.delete(passkey)
    record(
        session, now, "passkey.remove", actor_id=principal.user_id, program_id=principal.program_id, subject=passkey_id,
        source=source,
    )  # fmt: skip


def _hold(session: Session, user_id: str) -> User:
    """The person, locked: two changes at once would each count what the other is about to change."""
    return session.exec(select(User).where(col(User.id) == user_id).with_for_update()).one()


def proven(
    session: Session, party: RelyingParty, challenge: bytes | None, assertion: Assertion, now: datetime, source: str
) -> Passkey | None:
    """The passkey that signed this challenge, its use written down; None for whatever does not fit."""
    passkey = queries.passkey_of_credential(session, assertion.id)
    if challenge is None or passkey is None:
        return None
    if assertion.response.userHandle != queries.handle_of(session, passkey.user_id):
        return None
    try:
        verified = verify_authentication_response(
            credential=assertion.model_dump(), expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=list(party.origins), credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=0, require_user_verification=True,
        )  # fmt: skip
        framed = _from_a_frame(assertion.response.clientDataJSON)
    except _Unreadable:
        return None
    if framed:
        return None
    if verified.new_sign_count <= passkey.sign_count and passkey.sign_count > 0:
        record(session, now, "passkey.count", "noted", actor_id=passkey.user_id, subject=passkey.id, source=source)
    passkey.sign_count, passkey.last_used_at = verified.new_sign_count, now
    session.add(passkey)
    return passkey


def _from_a_frame(client_data: str) -> bool:
    """True if a page of another origin held the page that asked; the library leaves this to its caller."""
    return bool(parse_client_data_json(base64url_to_bytes(client_data)).cross_origin)
