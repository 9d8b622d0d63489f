"""What the administrative commands do, each in one transaction, with its audit event."""

import asyncio
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from api.accounts import first_administrator, people, queries
from api.accounts.people import COMMAND_LINE, NewPerson
from api.accounts.program import ProgramConfig, config_of
from api.at_rest import opened
from api.at_rest.rekey import catch_up, reseal
from api.at_rest.service import add_data_key, rewrap
from api.at_rest.wrapping import KeyPlace
from api.audit.service import record
from api.clock import SystemClock
from api.database import Database
from api.devices import service as devices
from api.devices.keys import SealingKeys, VapidKey, WebhookKey
from api.devices.sealing_rotation import retire, rotate
from api.invitations import codes
from api.invitations import service as invitations
from api.invitations.service import Drawn
from api.main import create_app, make_watchman, make_worker
from api.openid import providers
from api.openid.providers import NewProvider
from api.openid.service import return_address
from api.paging.bell import run_with_bell
from api.paging.channels.switchboard import available
from api.paging.channels.webhook import webhook_secret
from api.problems import NotFound
from api.retention.replay import replay
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
    origin = _origin(settings)
    minutes = int(first_administrator.LIFETIME.total_seconds() // 60)
    return f"Open within {minutes} minutes, once:\n{origin}{first_administrator.PATH}#{token}"


def _origin(settings: Settings) -> str:
    return settings.origin.rstrip("/") or f"http://localhost:{settings.port}"


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
    database: Database, settings: Settings, program: str, role: str, login: str, name: str, agency: str | None, callback: str
) -> str:  # fmt: skip
    """A new account, which its person opens with a passphrase of their own; again, until they have, another address."""
    drawn = Drawn.new()
    with database.write() as session:
        found = None if agency is None else queries.agency(session, program, agency)
        if agency is not None and found is None:
            raise NotFound(f"There is no agency {agency} in {program}.")
        person = NewPerson(login, name, role, program, None if found is None else found.id, callback)
        invitations.invite(session, person, drawn, SystemClock().now(), COMMAND_LINE, None)
    minutes = int(invitations.LIFETIME.total_seconds() // 60)
    address = codes.address(_origin(settings), drawn.token)
    code = codes.shown_code(drawn.code)
    return f"Login: {people.normal_login(login)}\nOpen within {minutes} minutes, once:\n{address}\nOr the code: {code}"


def deactivate_user(database: Database, login: str) -> str:
    """Close an account and revoke its devices, in one transaction."""
    now = SystemClock().now()
    with database.write() as session:
        for device in (closed := people.deactivate(session, login, now)):
            devices.revoke(session, device, now, actor_id=None, source=COMMAND_LINE)
    return f"Closed. Devices revoked: {len(closed)}"


def add_provider(database: Database, settings: Settings, new: NewProvider) -> str:
    """Enter a provider that people may sign in through, and say what has to be entered there."""
    with database.write() as session:
        row = providers.add(session, new, settings.private_targets, SystemClock().now())
    origin = _origin(settings)
    return f"Provider {row.id}. Enter there as the redirect address:\n{return_address(origin, row.id)}"


def remove_provider(database: Database, provider_id: str) -> str:
    """Remove such a provider."""
    with database.write() as session:
        gone = providers.remove(session, provider_id, SystemClock().now())
    return f"Removed. Links that ended with it: {gone}"


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


def rekey(database: Database, settings: Settings, *, data: bool, say: Callable[[str], None]) -> str:
    """Wrap the data keys with a new key-encryption key; with `data`, seal every row under a new data key instead.

    A change of data keys that was broken off is finished rather than begun again. Raises KeyFileError.
    """
    now, place = SystemClock().now(), KeyPlace.of(settings)
    unfinished = catch_up(database)
    if unfinished:
        say(f"Finished what was begun: {unfinished} rows sealed.")
    if not data:
        with database.write() as session:
            new = rewrap(session, place)
            record(session, now, "keys.rewrap", subject=new.kek_id, source=COMMAND_LINE)
        return f"The data keys are wrapped by {new.path}. Back it up apart from the database; keep the old one with old backups."
    if unfinished:
        return "Every row is under the newest data key."
    with database.write() as session:
        number = add_data_key(session, place, now)
        record(session, now, "keys.data", subject=str(number), source=COMMAND_LINE)
    changed = reseal(database, lambda table, rows: say(f"{table}: {rows}") if rows else None)
    return f"Data key {number} seals from now on; {changed} rows sealed anew."


def rotate_sealing_key(database: Database, settings: Settings) -> str:
    """Make the key that phones seal to from the next start on."""
    key_id = rotate(settings.keys_dir)
    with database.write() as session:
        record(session, SystemClock().now(), "keys.sealing", subject=key_id, source=COMMAND_LINE)
    return (
        f"{key_id} is made. Copy {settings.keys_dir} to every server and to the key backup with its files' times (cp -p), "
        "then restart all servers. "
        "The old keys go on opening what phones still hold."
    )


def retire_sealing_key(database: Database, settings: Settings, key_id: str) -> str:
    """Remove an old sealing key that nothing can be sealed to any more. Raises NotFound, Conflict."""
    now = SystemClock().now()
    with database.write() as session:
        record(session, now, "keys.retire", subject=key_id, source=COMMAND_LINE)
        retire(session, settings.keys_dir, key_id, now)
    return "Removed. Remove it from the key backup too."


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
    database = opened(settings)
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
    database = opened(settings)

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
    database = opened(settings)
    replay(database, SealingKeys.load(settings.keys_dir).by_id, SystemClock().now())

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
