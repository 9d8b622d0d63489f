"""A way to a provider and back: opened by this browser, used once, ended by a session, a link or a refusal.

Every step on the database is one transaction; the talk with the provider happens between them, so that nobody else waits
for it. All of these run on a thread; `routes` holds them together with what must be awaited.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from api.accounts import service as accounts
from api.accounts.service import Visit
from api.audit.service import record
from api.auth import sessions
from api.auth.cookies import new_token, token_hash
from api.auth.limits import address_subject
from api.auth.sessions import Principal
from api.openid import queries
from api.openid.attempt import LIFETIME, drawn
from api.openid.exchange import Client
from api.openid.id_token import Claims
from api.openid.refusals import Reason
from api.problems import NotFound, TooMany
from api.tables.openid import OpenidAttempt, OpenidIdentity, OpenidProvider
from api.tables.people import Membership, User

WAYS_LIMIT = 30
WAYS_WINDOW = timedelta(hours=1)
"""Ways that an address may begin and not finish: a station has one address for everybody."""
RETURN_PATH = "/api/openid/{provider_id}/return"
NO_PROVIDER = "There is no such way to sign in here."


@dataclass(frozen=True)
class Beginning:
    """Who wants to go: a sign-in (with the phone it is on, and the session that it replaces), or a session that links."""

    source: str
    device_id: str | None = None
    replaces: str | None = None
    linker: Principal | None = None


@dataclass(frozen=True)
class Way:
    """A way that this browser has just used up, and what the provider is to us."""

    attempt: OpenidAttempt
    provider: OpenidProvider
    client: Client
    handle: str
    source: str

    @property
    def action(self) -> str:
        return "session.start" if self.attempt.link_session is None else "openid.link"


@dataclass(frozen=True)
class Entered:
    """A session that was opened; the token is for its cookie."""

    token: str


def client_of(provider: OpenidProvider, origin: str) -> Client:
    """What we are to a provider."""
    return Client(
        issuer=provider.issuer, client_id=provider.client_id, secret=provider.client_secret,
        redirect=return_address(origin, provider.id),
        accepted_acr=tuple(provider.accepted_acr), accepted_amr=tuple(provider.accepted_amr),
    )  # fmt: skip


def return_address(origin: str, provider_id: str) -> str:
    """Where a provider sends browsers back to. Each has its own address, so that none can answer for another (RFC 9700, 4.4)."""
    return origin + RETURN_PATH.format(provider_id=provider_id)


def begin(session: Session, provider_id: str, beginning: Beginning, now: datetime) -> tuple[OpenidProvider, str]:
    """Open a way; the provider, and the handle for the browser's cookie. Raises NotFound, TooMany."""
    provider = queries.provider(session, provider_id)
    linker = beginning.linker
    if provider is None or (linker is not None and not _admits(provider, linker.program_id, linker.agency_id)):
        raise NotFound(NO_PROVIDER)
    source = address_subject(beginning.source)
    queries.forget_attempts(session, now - WAYS_WINDOW)
    if queries.attempts_since(session, source, now - WAYS_WINDOW) >= WAYS_LIMIT:
        seconds = int(WAYS_WINDOW.total_seconds())
        raise TooMany("Too many tries. What you write on this phone is kept meanwhile.", retry_after_seconds=seconds)
    handle = new_token()
    row = OpenidAttempt(
        handle_hash=token_hash(handle), provider_id=provider.id, source=source, began_at=now,
        device_id=beginning.device_id, replaces=beginning.replaces,
        link_session=None if linker is None else linker.session_id,
    )  # fmt: skip
    session.add(row)
    return provider, handle


def claim(
    session: Session, provider_id: str, handle: str, state: str | None, origin: str, source: str, now: datetime
) -> Way | Reason:
    """Use up the way that this browser has open. A state that is not its own, as another's link would have, ends it."""
    provider = queries.provider(session, provider_id)
    attempt = None
    if provider is not None:
        attempt = queries.claim_attempt(session, token_hash(handle), provider.id, now - LIFETIME, now)
    if provider is None or attempt is None:
        return "again"
    way = Way(attempt, provider, client_of(provider, origin), handle, source)
    if state is None or not hmac.compare_digest(state.encode("utf-8", "replace"), drawn(handle, "state").encode()):
        note_refusal(session, way, now)
        return "again"
    return way


def note_refusal(session: Session, way: Way, now: datetime, actor_id: str | None = None) -> None:
    """A way that ended without a session is in the audit trail too."""
    program_id, provider_id = way.provider.program_id, way.provider.id
    record(
        session, now, way.action, "refused", actor_id=actor_id, program_id=program_id, subject=provider_id,
        source=way.source,
    )  # fmt: skip


def enter(session: Session, way: Way, claims: Claims, *, strong: bool, now: datetime) -> Entered | Reason:
    """Open a session for whom the provider's subject is here, or why not. `strong`: it vouches for two factors."""
    user = queries.user_of_identity(session, claims.iss, claims.sub)
    membership = None if user is None else _membership(session, user, way.provider, now)
    if user is None or membership is None:
        note_refusal(session, way, now, None if user is None else user.id)
        return "not_linked"
    queries.forget_attempt(session, way.attempt.handle_hash)
    visit = Visit(way.source, way.attempt.device_id, way.attempt.replaces)
    signed_in = accounts.begin(session, user, membership, visit, now, second_factor=strong, through=way.provider.id)
    return Entered(signed_in.token)


def link(session: Session, way: Way, claims: Claims, now: datetime) -> Reason | None:
    """Write down whose the subject is: the person's whose session asked for it, if it still stands; or why not."""
    asked_by = way.attempt.link_session or ""
    user = queries.user_of_session(session, asked_by, now)
    membership = None if user is None else _membership(session, user, way.provider, now)
    if user is None or membership is None:
        note_refusal(session, way, now)
        return "again"
    own = [each.subject for each in queries.identities_of(session, user.id) if each.issuer == claims.iss]
    standing = queries.identity(session, claims.iss, claims.sub)
    if (standing is not None and standing.user_id != user.id) or (own and own != [claims.sub]):
        note_refusal(session, way, now, user.id)
        return "taken"
    if standing is None:
        row = OpenidIdentity(issuer=claims.iss, subject=claims.sub, user_id=user.id, linked_at=now)
        session.add(row)
        record(
            session, now, "openid.link", actor_id=user.id, program_id=membership.program_id, subject=way.provider.id,
            source=way.source,
        )  # fmt: skip
    queries.forget_attempt(session, way.attempt.handle_hash)
    return None


def unlink(session: Session, principal: Principal, provider_id: str, source: str, now: datetime) -> None:
    """The person's identity at a provider no longer signs in. Raises NotFound."""
    provider = queries.provider(session, provider_id)
    if provider is None or provider.program_id != principal.program_id:
        raise NotFound(NO_PROVIDER)
    if not queries.forget_identities(session, provider.issuer, principal.user_id):
        raise NotFound(NO_PROVIDER)
    record(
        session, now, "openid.unlink", actor_id=principal.user_id, program_id=principal.program_id, subject=provider.id,
        source=source,
    )  # fmt: skip


def open_to(session: Session, principal: Principal) -> list[tuple[OpenidProvider, datetime | None]]:
    """The providers that a person may link, and since when they are."""
    linked = {each.issuer: each.linked_at for each in queries.identities_of(session, principal.user_id)}
    return [
        (each, linked.get(each.issuer))
        for each in queries.providers(session)
        if _admits(each, principal.program_id, principal.agency_id)
    ]


def _membership(session: Session, user: User, provider: OpenidProvider, now: datetime) -> Membership | None:
    """What the person is where the provider may speak: a police department's cannot sign in as somebody else's staff."""
    membership = sessions.standing_membership(session, user.id, now)
    if membership is None or not _admits(provider, membership.program_id, membership.agency_id):
        return None
    return membership


def _admits(provider: OpenidProvider, program_id: str, agency_id: str | None) -> bool:
    return provider.program_id == program_id and provider.agency_id in (None, agency_id)
