"""What the administrative commands do, each in one transaction, with its audit event."""

import asyncio
import signal
import tempfile
from pathlib import Path
from typing import Any

from sqlmodel import select

from api.accounts import first_administrator, people, queries
from api.accounts.people import COMMAND_LINE, NewPerson
from api.accounts.program import ProgramConfig
from api.clock import SystemClock
from api.database import Database
from api.devices import service as devices
from api.devices.keys import VapidKey
from api.main import create_app, make_worker
from api.problems import NotFound
from api.rules import service as rules
from api.rules.service import Author
from api.settings import Settings
from api.tables.devices import Device


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


def work(settings: Settings) -> int:
    """Run the paging worker in this process until told to stop; what is being sent is finished."""
    database = Database(settings.url)

    async def until_told() -> None:
        worker = make_worker(settings, SystemClock(), database, VapidKey.load(settings.keys_dir))
        for signal_number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(signal_number, worker.stop)
        await worker.run()

    try:
        asyncio.run(until_told())
    finally:
        database.close()
    return 0
