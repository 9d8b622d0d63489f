"""The first administrator: a one-time address, made by a command, valid for minutes and only while nobody has an account.

The token travels in the address's fragment, which no server and no proxy ever sees. The page is plain HTML under the API's
path, so that no installed app answers in its place.
"""

from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlmodel import Session

from api.accounts import queries
from api.accounts.people import NewPerson, add_person
from api.audit.service import record
from api.auth.addresses import client_address
from api.auth.cookies import new_token, token_hash
from api.auth.dependencies import parts, public
from api.auth.passwords import PASSPHRASE_MAX_CHARACTERS, PASSPHRASE_MIN_CHARACTERS, check_choice, hashed
from api.problems import Conflict, NotFound
from api.tables.people import Bootstrap
from sync.operations import ProgramId

router = APIRouter()

LIFETIME = timedelta(minutes=15)
GONE = "This address no longer works. Run the bootstrap command again."
PATH = "/api/bootstrap-account"
_FOLDER = Path(__file__).parent
_ONE_LINE = r"^[^\x00-\x1f\x7f]+$"


class FirstAdministrator(BaseModel):
    """What the page sends."""

    model_config = ConfigDict(extra="forbid", strict=True)

    token: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    program_id: ProgramId
    login: Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=_ONE_LINE)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=_ONE_LINE)]
    password: Annotated[
        str, StringConstraints(min_length=PASSPHRASE_MIN_CHARACTERS, max_length=PASSPHRASE_MAX_CHARACTERS)
    ]


class Created(BaseModel):
    login: str


def issue(session: Session, now: datetime) -> str:
    """A new one-time token; a former unused one stops working. Raises Conflict once there is any account."""
    if queries.any_user(session):
        raise Conflict("There are accounts already: use add-user.")
    if not queries.programs(session):
        raise Conflict("Make the program first: add-program --file program.json.")
    token = new_token()
    row = queries.bootstrap(session) or Bootstrap(token_hash="", expires_at=now)
    row.token_hash, row.expires_at, row.used_at = token_hash(token), now + LIFETIME, None
    session.add(row)
    record(session, now, "bootstrap.issue", source="command line")
    return token


def check(session: Session, token: str, now: datetime) -> Bootstrap:
    """The standing link. NotFound if the token is unknown, used or too old, or if somebody has an account."""
    row = queries.bootstrap(session)
    if row is None or row.used_at is not None or row.expires_at <= now or row.token_hash != token_hash(token):
        raise NotFound(GONE)
    if queries.any_user(session):
        raise NotFound(GONE)
    return row


def redeem(session: Session, body: FirstAdministrator, password_hash: str, now: datetime, source: str) -> str:
    """Use the link up and return the administrator's id. Raises NotFound as `check` does."""
    row = check(session, body.token, now)
    row.used_at = now
    session.add(row)
    person = NewPerson(login=body.login, name=body.name, role="administrator", program_id=body.program_id)
    return add_person(session, person, password_hash, now, source).id


@router.get(
    PATH, response_class=HTMLResponse, dependencies=[public("the page of the one-time address; shows nothing secret")]
)
def page(request: Request) -> HTMLResponse:
    """The form; empty of programs once anybody has an account."""
    with parts(request).database.read() as session:
        programs = [] if queries.any_user(session) else queries.programs(session)
    options = "".join(f'<option value="{escape(program.id)}">{escape(program.name)}</option>' for program in programs)
    return HTMLResponse((_FOLDER / "first_administrator.html").read_text("utf-8").replace("<!--programs-->", options))


@router.get(PATH + ".js", response_class=Response, dependencies=[public("the script of that page")])
def script() -> Response:
    """What sends the form as JSON."""
    return Response((_FOLDER / "first_administrator.js").read_bytes(), media_type="text/javascript")


@router.post(PATH, status_code=201, dependencies=[public("needs the one-time token, while nobody has an account")])
def create(body: FirstAdministrator, request: Request) -> Created:
    """Make the first administrator."""
    state = parts(request)
    with state.database.write() as session:
        check(session, body.token, state.clock.now())  # before the costly part
    check_choice(body.password, (body.name, body.login))
    password_hash = hashed(body.password)
    with state.database.write() as session:
        source = client_address(request, state.settings.trusted_proxies)
        redeem(session, body, password_hash, state.clock.now(), source)
    return Created(login=body.login)
