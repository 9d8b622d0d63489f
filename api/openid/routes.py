"""Signing in through a provider: the list for the first screen, the way there, the way back, and one's own links."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict

from api import logs
from api.auth.addresses import client_address
from api.auth.cookies import SESSION_ABSOLUTE, SESSION_COOKIE, TOKEN_MAX_CHARACTERS, give, token_hash
from api.auth.dependencies import Principal, parts, public, require
from api.clock import rfc3339
from api.openid import attempt, exchange, queries, service
from api.openid.directory import Directory
from api.openid.refusals import Reason, Refused
from api.openid.service import RETURN_PATH, Beginning, Way
from api.openid.web import NoAnswer
from api.problems import Unavailable
from sync.operations import Uuid

router = APIRouter()

HOME, LINKED, REFUSED = "/#/openid/in", "/#/openid/linked", "/#/openid/refused/"
PARAMETER_LIMIT = 4096
SEE_OTHER = 303


class ProviderEntry(BaseModel):
    """A way to sign in, as the first screen shows it."""

    id: str
    label: str


class OwnProvider(ProviderEntry):
    """The same for somebody signed in: since when the own account is linked there, if it is."""

    linked_at: str | None


class BeginRequest(BaseModel):
    """The device that this browser profile has for the person, if any."""

    model_config = ConfigDict(extra="forbid", strict=True)

    device_id: Uuid | None = None


class Departure(BaseModel):
    """Where to go now: an address at the provider."""

    address: str


@router.get("/api/openid/providers", dependencies=[public("the first screen, before anybody has signed in")])
def providers(request: Request) -> list[ProviderEntry]:
    """The providers that people may sign in through."""
    with parts(request).database.read() as session:
        return [ProviderEntry(id=each.id, label=each.label) for each in queries.providers(session)]


@router.post("/api/openid/{provider_id}/begin", dependencies=[public("signing in; limited by address")])
async def begin(provider_id: str, body: BeginRequest, request: Request, response: Response) -> Departure:
    """Open a way to a provider, to sign in."""
    former = request.cookies.get(SESSION_COOKIE)
    beginning = Beginning(_source(request), body.device_id, None if former is None else token_hash(former))
    return await _depart(request, response, provider_id, beginning)


@router.get("/api/openid/links")
def links(request: Request, principal: Annotated[Principal, require("openid", "R")]) -> list[OwnProvider]:
    """The providers that the own account can be linked to."""
    with parts(request).database.read() as session:
        return [
            OwnProvider(id=each.id, label=each.label, linked_at=None if at is None else rfc3339(at))
            for each, at in service.open_to(session, principal)
        ]


@router.post("/api/openid/link/{provider_id}")
async def begin_link(
    provider_id: str, request: Request, response: Response,
    principal: Annotated[Principal, require("openid", "C", fresh=True)],
) -> Departure:  # fmt: skip
    """Open a way to a provider, to link the own account."""
    return await _depart(request, response, provider_id, Beginning(_source(request), linker=principal))


@router.delete("/api/openid/link/{provider_id}", status_code=204)
def unlink(
    provider_id: str, request: Request, principal: Annotated[Principal, require("openid", "D", fresh=True)]
) -> None:
    """Take the own link back."""
    state = parts(request)
    with state.database.write() as session:
        service.unlink(session, principal, provider_id, _source(request), state.clock.now())


@router.get(
    RETURN_PATH, response_class=RedirectResponse, status_code=SEE_OTHER,
    dependencies=[public("from the provider; needs the cookie and the state of a way that this browser began")],
)  # fmt: skip
async def come_back(provider_id: str, request: Request) -> RedirectResponse:
    """Where the provider sends the browser back to.

    The session's cookie is Strict: this answer may set it, for it answers a top-level navigation (RFC 6265bis, 5.7), but what
    follows is still the provider's doing and does not carry it. So it leads to the app's page, which needs none; the page's
    own first request does carry it.
    """
    try:
        way = await _claim(request, provider_id)
        try:
            location, token = await _arrive(request, way)
        except (Refused, NoAnswer) as error:
            await run_in_threadpool(_note, request, way)
            raise Refused(error.reason if isinstance(error, Refused) else "unavailable") from error
    except Refused as refused:
        logs.info("openid.refused", reason=refused.reason)
        location, token = REFUSED + refused.reason, None
    answer = RedirectResponse(location, SEE_OTHER)
    attempt.take_back(answer)
    if token is not None:
        give(answer, SESSION_COOKIE, token, SESSION_ABSOLUTE)
    return answer


async def _depart(request: Request, response: Response, provider_id: str, beginning: Beginning) -> Departure:
    state, now = parts(request), parts(request).clock.now()

    def open_way() -> tuple[exchange.Client, str]:
        with state.database.write() as session:
            provider, handle = service.begin(session, provider_id, beginning, now)
            return service.client_of(provider, _origin(request)), handle

    client, handle = await run_in_threadpool(open_way)
    try:
        address = await exchange.address(_directory(request), client, handle, now)
    except NoAnswer as error:
        logs.warning("openid.unavailable", reason=str(error))
        raise Unavailable("The agency's sign-in does not answer. Use your passkey or your passphrase.") from error
    attempt.give(response, handle)
    return Departure(address=address)


async def _claim(request: Request, provider_id: str) -> Way:
    state, now = parts(request), parts(request).clock.now()
    handle = request.cookies.get(attempt.COOKIE, "")
    if not handle or len(handle) > TOKEN_MAX_CHARACTERS:
        raise Refused("again")

    def use_up() -> Way | Reason:
        with state.database.write() as session:
            given = _parameter(request, "state")
            return service.claim(session, provider_id, handle, given, _origin(request), _source(request), now)

    way = await run_in_threadpool(use_up)
    if not isinstance(way, Way):
        raise Refused(way)
    return way


async def _arrive(request: Request, way: Way) -> tuple[str, str | None]:
    """Where the browser goes, and the token of the session that was opened."""
    state, directory, now = parts(request), _directory(request), parts(request).clock.now()
    await exchange.check_issuer(directory, way.client, _parameter(request, "iss"), now)
    code = _parameter(request, "code")
    if code is None or _parameter(request, "error") is not None:
        raise Refused("declined")
    claims = await exchange.redeem(directory, way.client, code, way.handle, now)
    strong = exchange.strong(way.client, claims)

    def settle() -> tuple[str, str | None]:
        at = state.clock.now()
        with state.database.write() as session:
            if way.attempt.link_session is not None:
                refused = service.link(session, way, claims, at)
                return (LINKED if refused is None else REFUSED + refused), None
            entered = service.enter(session, way, claims, strong=strong, now=at)
            return (HOME, entered.token) if isinstance(entered, service.Entered) else (REFUSED + entered, None)

    return await run_in_threadpool(settle)


def _note(request: Request, way: Way) -> None:
    state = parts(request)
    with state.database.write() as session:
        service.note_refusal(session, way, state.clock.now())


def _parameter(request: Request, name: str) -> str | None:
    """One parameter of the provider's answer; None if it is missing, given twice (RFC 6749, 3.1) or too long."""
    given = request.query_params.getlist(name)
    return given[0] if len(given) == 1 and len(given[0]) <= PARAMETER_LIMIT else None


def _source(request: Request) -> str:
    return client_address(request, parts(request).settings.trusted_proxies)


def _origin(request: Request) -> str:
    settings = parts(request).settings
    return settings.origin.rstrip("/") or f"http://localhost:{settings.port}"


def _directory(request: Request) -> Directory:
    found: Directory = parts(request).openid
    return found
