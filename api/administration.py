"""What the administrative commands do, each in one transaction, with its audit event."""

import asyncio
import signal
import tempfile
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from api.accounts import first_administrator, people, queries
from api.accounts.people import COMMAND_LINE, NewPerson
from api.accounts.program import ProgramConfig, config_of
from api.audit.service import record
from api.clock import SystemClock
from api.database import Database
from api.devices import service as devices
from api.devices.keys import VapidKey, WebhookKey
from api.main import create_app, make_watchman, make_worker
from api.paging.bell import run_with_bell
from api.paging.channels.switchboard import available
from api.paging.channels.webhook import webhook_secret
from api.problems import NotFound
from api.rules import service as rules
from api.rules.service import Author
from api.settings import Settings
from api.tables.devices import Device
from api.tables.people import Program
from api.watch.watchman import everything
from api.watch.words import sentence


def bootstrap(database: Database, settings: Settings) -> str:
    """The one-time address. Raises Conflict once there is any account."""
    with database.write() as session:
        token = first_administrator.issue(session, SystemClock().now())
    origin = settings.origin.rstrip("/") or f"http://localhost:{settings.port}"
    minutes = int(first_administrator.LIFETIME.total_seconds() // 60)
    return f"Open within {minutes} minutes, once:\n{origin}{first_administrator.PATH}#{token}"


def add_program(database: Database, program_id: str, name: str, config: ProgramConfig) -> str:
    """A new program."""
    with database.write() as session:
        people.add_program(session, program_id, name, config, SystemClock().now())
    return program_id


def add_agency(database: Database, program_id: str, name: str) -> str:
    """A new agency's id."""
    with database.write() as session:
        return people.add_agency(session, program_id, name, SystemClock().now()).id


def add_user(
    database: Database, program: str, role: str, login: str, name: str, agency: str | None, callback: str
) -> str:
    """A new account with a generated passphrase."""
    words, password_hash = people.new_passphrase()
    with database.write() as session:
        found = None if agency is None else queries.agency(session, program, agency)
        if agency is not None and found is None:
            raise NotFound(f"There is no agency {agency} in {program}.")
        person = NewPerson(login, name, role, program, None if found is None else found.id, callback)
        user = people.add_person(session, person, password_hash, SystemClock().now())
        return f"Login: {user.login}\nPassphrase, shown only now: {words}"


def deactivate_user(database: Database, login: str) -> str:
    """Close an account and revoke its devices, in one transaction."""
    now = SystemClock().now()
    with database.write() as session:
        for device in (closed := people.deactivate(session, login, now)):
            devices.revoke(session, device, now, actor_id=None, source=COMMAND_LINE)
    return f"Closed. Devices revoked: {len(closed)}"


def revoke_device(database: Database, device_id: str) -> str:
    """Revoke one device."""
    with database.write() as session:
        device = session.exec(select(Device).where(Device.id == device_id)).first()
        if device is None:
            raise NotFound(f"There is no device {device_id}.")
        devices.revoke(session, device, SystemClock().now(), actor_id=None, source=COMMAND_LINE)
    return "Revoked."


def install_pack(database: Database, program: str, text: str) -> str:
    """Install a rule pack; its hash. Raises Unsound or Conflict with every problem."""
    pack = rules.read(text)
    with database.write() as session:
        return rules.install(session, program, pack, text, Author(None, COMMAND_LINE), SystemClock().now())


def withdraw_pack(database: Database, program: str, pack_hash: str, reason: str) -> str:
    """Take an installed pack back."""
    with database.write() as session:
        rules.withdraw(session, program, pack_hash, reason, Author(None, COMMAND_LINE), SystemClock().now())
    return "Withdrawn."


def openapi() -> dict[str, Any]:
    """The application's OpenAPI document. It needs no database: an unused one is made and thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder)))
        document: dict[str, Any] = app.openapi()
        app.state.database.close()
    return document


def configure_program(database: Database, program_id: str, config: ProgramConfig) -> str:
    """Put settings in the place of a program's. Pages that are open keep the policy they opened with. Raises NotFound."""
    with database.write() as session:
        program = _program(session, program_id)
        program.config = config.model_dump()
        session.add(program)
        record(
            session, SystemClock().now(), "program.configure", program_id=program_id, subject=program_id,
            source=COMMAND_LINE,
        )  # fmt: skip
    return "Configured."


def show_program(database: Database, program_id: str) -> str:
    """A program's settings as `configure-program` takes them. Raises NotFound."""
    with database.read() as session:
        return config_of(_program(session, program_id)).model_dump_json(indent=2)


def webhook_secret_of(database: Database, settings: Settings, program_id: str) -> str:
    """What the receiver of a program's webhook checks signatures with. Raises NotFound."""
    with database.read() as session:
        _program(session, program_id)
    return webhook_secret(WebhookKey.load(settings.keys_dir).master, program_id)


def _program(session: Session, program_id: str) -> Program:
    found = queries.program(session, program_id)
    if found is None:
        raise NotFound(f"There is no program {program_id}.")
    return found


def examine_once(settings: Settings) -> list[str]:
    """What is wrong right now, a line each, with the program it is about."""
    database = Database(settings.url)
    try:
        found = everything(database, available(settings), SystemClock().now())
    finally:
        database.close()
    return [
        f"{program_id}: {sentence(each)}".removeprefix(": ")
        for (program_id, _, _), each in sorted(found.items(), key=lambda item: item[0])
        if each.alarms
    ]


def watch(settings: Settings) -> int:
    """Watch in this process until told to stop. Beside an embedded database it only reads: its server sends the tests."""
    database = Database(settings.url)

    async def until_told() -> None:
        watchman = make_watchman(settings, SystemClock(), database, tests=not database.embedded)
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signal_number, watchman.stop)
        await watchman.run()

    try:
        asyncio.run(until_told())
    finally:
        database.close()
    return 0


def work(settings: Settings) -> int:
    """Run the paging worker in this process until told to stop; what is being sent is finished."""
    database = Database(settings.url)

    async def until_told() -> None:
        worker = make_worker(settings, SystemClock(), database, VapidKey.load(settings.keys_dir))
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signal_number, worker.stop)
        await run_with_bell(worker, settings.url)

    try:
        asyncio.run(until_told())
    finally:
        database.close()
    return 0
