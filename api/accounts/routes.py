"""Signing in and out, who one is, and the program's document."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, StringConstraints

from api.accounts import queries, service
from api.accounts.program import AfterHoursEntry, Phone, Script, after_hours_of, config_of
from api.auth.addresses import client_address
from api.auth.cookies import SESSION_ABSOLUTE, SESSION_COOKIE, give, take_back, token_hash
from api.auth.dependencies import Principal, parts, public, require
from api.auth.permissions import may_begin
from api.clock import rfc3339
from api.credentials.models import ONE_LINE, Assertion, ChallengeId, Code, Passphrase
from api.credentials.routes import party_of
from api.problems import SignInNeeded
from api.rota.hours import WeeklyWindow
from api.rules.packs import PackDocument
from eligibility_rules.practice import Approver
from sync.fields import Pathway, Role
from sync.operations import Uuid

router = APIRouter()

APP_NAME = "Warm Handoff"


class SignInRequest(BaseModel):
    """A login and its passphrase; the device that this browser profile has for the person, if any.

    `code` is asked for with `code-needed` where the person has an authenticator app.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    login: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=ONE_LINE)]
    password: Passphrase
    device_id: Uuid | None = None
    code: Code | None = None


class PasskeySignInRequest(BaseModel):
    """A passkey's answer to a challenge from `/api/session/passkey-options`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    challenge_id: ChallengeId
    credential: Assertion
    device_id: Uuid | None = None


class SessionUser(BaseModel):
    id: str
    login: str
    name: str
    role: Role
    program_id: str
    agency_id: str | None
    callback: str


class SessionDocument(BaseModel):
    """Who is signed in, until when at the latest, and the server's epoch and time.

    `second_factor_needed`: nothing is open but the program and the person's own credentials until one is added or proved.
    """

    user: SessionUser
    device_id: str | None
    expires_at: str
    second_factor_needed: bool
    demo: bool
    epoch: str
    server_time: str


class DemoAccount(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    login: str
    password: str
    role: Role
    program: str
    name: str


class BootstrapDocument(BaseModel):
    """What the first screen needs before anybody has signed in; `accounts` only in the demo."""

    demo: bool
    name: str
    accounts: list[DemoAccount] | None = None


class AgencyEntry(BaseModel):
    id: str
    name: str


class PersonEntry(BaseModel):
    id: str
    name: str
    role: Role


class SealingKeyDocument(BaseModel):
    """The key that operations are sealed to: a raw P-256 point in base64url."""

    key_id: str
    public_key: str
    suite: str


class ProgramDocument(BaseModel):
    """What a phone keeps of its program, for use without a network; `coming` are packs that begin within two weeks."""

    id: str
    name: str
    call_number: str
    call_name: str
    time_zone: str
    languages: list[Literal["en", "es"]]
    agencies: list[AgencyEntry]
    page_minutes: int
    nobody_after_minutes: int
    script: Script
    pathways: list[Pathway]
    pack: PackDocument | None
    coming: list[PackDocument]
    approval_numbers: dict[Approver, Phone]
    service_hours: list[WeeklyWindow]
    after_hours: list[AfterHoursEntry]
    text_number: str | None
    sealing_key: SealingKeyDocument
    vapid_public_key: str
    people: list[PersonEntry]


@router.get(
    "/api/bootstrap",
    response_model_exclude_none=True,
    dependencies=[public("the first screen, before anybody has signed in")],
)
def bootstrap(request: Request) -> BootstrapDocument:
    """The app's name, and the demo's accounts where this is the demo."""
    state = parts(request)
    accounts = [DemoAccount.model_validate(account) for account in state.demo_accounts] or None
    return BootstrapDocument(demo=state.settings.demo, name=APP_NAME, accounts=accounts)


@router.post("/api/session", dependencies=[public("signing in; limited by account and by address")])
def sign_in(body: SignInRequest, request: Request, response: Response) -> SessionDocument:
    """Open a session and set its cookie."""
    state = parts(request)
    visit = visit_of(request, body.device_id)
    signed_in = service.sign_in(state.database, body.login, body.password, body.code, visit, state.clock.now())
    give(response, SESSION_COOKIE, signed_in.token, SESSION_ABSOLUTE)
    return session_document(request, signed_in.principal)


@router.post("/api/session/passkey", dependencies=[public("signing in; limited by address")])
def sign_in_by_passkey(body: PasskeySignInRequest, request: Request, response: Response) -> SessionDocument:
    """Open a session and set its cookie; the login is the passkey's."""
    state = parts(request)
    visit = visit_of(request, body.device_id)
    signed_in = service.sign_in_by_passkey(
        state.database, party_of(request), body.challenge_id, body.credential, visit, state.clock.now()
    )
    give(response, SESSION_COOKIE, signed_in.token, SESSION_ABSOLUTE)
    return session_document(request, signed_in.principal)


@router.get("/api/session")
def session(request: Request, principal: Annotated[Principal, require("session", "R")]) -> SessionDocument:
    """Who is signed in."""
    return session_document(request, principal)


@router.delete("/api/session", status_code=204)
def sign_out(request: Request, response: Response, principal: Annotated[Principal, require("session", "D")]) -> None:
    """End the session. What waits on the phone stays there."""
    state = parts(request)
    with state.database.write() as session:
        service.sign_out(session, principal, state.clock.now(), client_address(request, state.settings.trusted_proxies))
    take_back(response, SESSION_COOKIE)
    response.headers["Clear-Site-Data"] = '"cache"'  # never "storage": what waits on the phone lives there


@router.get("/api/program")
def program(request: Request, principal: Annotated[Principal, require("program", "R")]) -> ProgramDocument:
    """The person's program as the phone keeps it."""
    state = parts(request)
    with state.database.read() as session:
        facts = service.program_facts(session, principal, state.clock.now())
    config = config_of(facts.program)
    begun = [pathway for pathway in config.pathways if pathway in may_begin(principal.role)]
    return ProgramDocument(
        id=facts.program.id, name=facts.program.name, call_number=config.call_number, call_name=config.call_name,
        time_zone=config.time_zone, languages=config.languages, page_minutes=config.page_minutes,
        nobody_after_minutes=config.nobody_after_minutes, script=facts.script, pathways=facts.pathways,
        pack=facts.packs.pack, coming=facts.packs.coming, approval_numbers=config.approval_numbers,
        service_hours=list(config.service_hours), after_hours=after_hours_of(config, begun),
        text_number=config.text_number,
        agencies=[AgencyEntry(id=agency_id, name=name) for agency_id, name in facts.agencies],
        sealing_key=SealingKeyDocument.model_validate(state.keys.active.document()),
        vapid_public_key=state.vapid.public_key,
        people=[PersonEntry.model_validate({"id": id, "name": name, "role": role}) for id, name, role in facts.people],
    )  # fmt: skip


def visit_of(request: Request, device_id: str | None) -> service.Visit:
    former = request.cookies.get(SESSION_COOKIE)
    address = client_address(request, parts(request).settings.trusted_proxies)
    return service.Visit(address, device_id, None if former is None else token_hash(former))


def session_document(request: Request, principal: Principal) -> SessionDocument:
    state = parts(request)
    with state.database.read() as session:
        user = queries.user(session, principal.user_id)
        epoch = queries.epoch(session)
    if user is None:
        raise SignInNeeded("Your session has ended.")
    return SessionDocument(
        user=SessionUser(
            id=user.id, login=user.login, name=user.name, role=principal.role, program_id=principal.program_id,
            agency_id=principal.agency_id, callback=user.callback,
        ),
        device_id=principal.device_id, expires_at=rfc3339(principal.expires_at),
        second_factor_needed=principal.second_factor_needed, demo=state.settings.demo, epoch=epoch,
        server_time=rfc3339(state.clock.now()),
    )  # fmt: skip
