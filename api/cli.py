"""The command line: `python -m api.cli <command>`, or `handoff <command>`. `--help` lists the commands."""

import argparse
import json
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from api import administration, logs, typescript
from api.accounts.program import ProgramConfig
from api.auth.permissions import matrix
from api.clock import SystemClock
from api.database import Database, migrate
from api.demo.cast import ACCOUNTS, PASSPHRASE
from api.demo.load import holds_demo, load
from api.devices.keys import KeyFileError
from api.doctor import examine
from api.main import SNAPSHOTS_FOLDER, create_app
from api.operations.snapshots import SnapshotFailed, mark_durable, snapshot
from api.paging.channels.webhook import check_webhook
from api.problems import Problem
from api.serving import AlreadyRunning, prepare, run, sole_user
from api.settings import Settings, SettingsError, from_environment
from sync.operations import ProgramId

SCHEMA = Path(__file__).resolve().parent.parent / "pwa" / "src" / "transport" / "schema.d.ts"
Command = Callable[[argparse.Namespace, Settings], int]


class ProgramFile(BaseModel):
    """What `add-program --file` reads, as JSON or TOML."""

    model_config = ConfigDict(extra="forbid")

    id: ProgramId
    name: str
    config: ProgramConfig


def serve(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the server. The embedded database is migrated first."""
    with sole_user(settings):
        prepare(settings)
        app = create_app(settings)
        if not settings.demo and holds_demo(app.state.database):
            print("This database holds demo accounts, whose passphrase is public: use another one.", file=sys.stderr)
            return 2
        run(app, settings)
    return 0


def demo(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the server with invented people and referrals, which are loaded into an empty database."""
    settings = settings.model_copy(update={"demo": True})
    with sole_user(settings):
        prepare(settings)
        migrate(settings.url)
        app = create_app(settings)
        _play(app)
        if not holds_demo(app.state.database):
            print("This database belongs to real people: give the demo one of its own.", file=sys.stderr)
            return 2
        _announce(settings)
        run(app, settings)
    return 0


def _play(app: FastAPI) -> None:
    load(app.state.database, app.state.keys, app.state.clock.now())


def _announce(settings: Settings) -> None:
    width = max(len(account.login) for account in ACCOUNTS)
    lines = [
        f"  {account.login:<{width}}  {account.role:<13}  {account.name}, {account.program}" for account in ACCOUNTS
    ]
    print(f"Warm Handoff, DEMO with invented people: http://localhost:{settings.port}", *lines, sep="\n")
    print(f"Passphrase of every demo account: {PASSPHRASE}", flush=True)


def worker(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the paging worker apart from the server (PostgreSQL)."""
    if settings.url.startswith("sqlite"):
        print("The embedded database allows one process: its server runs the worker itself.", file=sys.stderr)
        return 2
    prepare(settings)
    return administration.work(settings)


def watch(arguments: argparse.Namespace, settings: Settings) -> int:
    """Look whether all is well, apart from the server; with --once, say what is not and end (1), for cron."""
    if not arguments.once:
        logs.configure(settings.log_level)
        return administration.watch(settings)
    try:
        found = administration.examine_once(settings)
    except SQLAlchemyError as error:
        found = [f"The database cannot be read: {type(error).__name__}. Is it there, and migrated?"]
    for line in found:
        print(line)
    return 1 if found else 0


def migrate_schema(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Bring the database's schema up to date."""
    migrate(settings.url)
    return 0


def bootstrap(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Print the one-time address that makes the first administrator."""
    return _administer(settings, lambda database: administration.bootstrap(database, settings))


def add_program(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make a program from a file."""
    program = ProgramFile.model_validate(_document(arguments.file))
    return _administer(settings, lambda at: administration.add_program(at, program.id, program.name, program.config))


def _document(path: Path) -> Any:
    text = path.read_text("utf-8")
    return tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)


def configure_program(arguments: argparse.Namespace, settings: Settings) -> int:
    """Set a program's whole configuration from a file: policies, hours, numbers."""
    config = ProgramConfig.model_validate(_document(arguments.file))
    if config.webhook_url is not None:
        check_webhook(config.webhook_url, settings.private_targets)
    return _administer(settings, lambda at: administration.configure_program(at, arguments.program, config))


def show_program(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print a program's configuration as JSON."""
    return _administer(settings, lambda at: administration.show_program(at, arguments.program))


def webhook_secret(arguments: argparse.Namespace, settings: Settings) -> int:
    """Print the secret with which a program's webhook is signed."""
    return _administer(settings, lambda at: administration.webhook_secret_of(at, settings, arguments.program))


def add_agency(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make an agency in a program; prints its id."""
    return _administer(settings, lambda at: administration.add_agency(at, arguments.program, arguments.name))


def add_user(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make an account; prints its passphrase, once."""
    return _administer(settings, lambda at: administration.add_user(at, **_without_command(arguments)))


def deactivate_user(arguments: argparse.Namespace, settings: Settings) -> int:
    """Close an account at once and revoke its devices."""
    return _administer(settings, lambda at: administration.deactivate_user(at, arguments.login))


def revoke_device(arguments: argparse.Namespace, settings: Settings) -> int:
    """Revoke a device: it wipes itself at the next contact, and what it still sends goes to a person."""
    return _administer(settings, lambda at: administration.revoke_device(at, arguments.device_id))


def install_pack(arguments: argparse.Namespace, settings: Settings) -> int:
    """Install a rule pack in a program, from the day on which it begins; prints its hash."""
    text = arguments.file.read_text("utf-8")
    return _administer(settings, lambda at: administration.install_pack(at, arguments.program, text))


def withdraw_pack(arguments: argparse.Namespace, settings: Settings) -> int:
    """Take an installed rule pack back; the one before it is in force again."""
    return _administer(settings, lambda at: administration.withdraw_pack(at, **_without_command(arguments)))


def types(arguments: argparse.Namespace, settings: Settings) -> int:
    """Write the phone's API types, or with --check compare them."""
    text = typescript.declarations(administration.openapi())
    if arguments.check:
        current = SCHEMA.exists() and SCHEMA.read_text("utf-8") == text
        print("API types are current." if current else "API types are stale: run make types.", file=sys.stderr)
        return 0 if current else 1
    SCHEMA.parent.mkdir(parents=True, exist_ok=True)
    SCHEMA.write_text(text, "utf-8")
    return 0


def doctor(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Examine settings, keys, disk and database; tells what to do about each."""
    findings = examine(settings)
    for finding in findings:
        print(f"{finding.verdict:<5} {finding.about}: {finding.words}")
    return 1 if any(finding.verdict == "wrong" for finding in findings) else 0


def take_snapshot(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Copy and verify the embedded database now."""
    now = SystemClock().now()
    return _administer(settings, lambda at: str(snapshot(at, settings.data_dir / SNAPSHOTS_FOLDER, now)))


def say_durable(arguments: argparse.Namespace, settings: Settings) -> int:
    """Tell the phones that a verified backup holds everything up to a position."""
    return _administer(settings, lambda at: mark_durable(at, arguments.position))


def permissions(_arguments: argparse.Namespace, _settings: Settings) -> int:
    """Print who may do what, as a table for the README."""
    heading, *rows = matrix()
    print("| " + " | ".join(heading) + " |", "|" + "---|" * len(heading), sep="\n")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return 0


def _administer(settings: Settings, act: Callable[[Database], str | None]) -> int:
    database = Database(settings.url)
    try:
        said = act(database)
    finally:
        database.close()
    if said is not None:
        print(said)
    return 0


def _without_command(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(arguments).items() if name != "command"}


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    root = argparse.ArgumentParser(prog="handoff", description="Warm Handoff: field referrals for LEAD programs.")
    commands = root.add_subparsers(required=True, metavar="command")

    def command(name: str, act: Command) -> argparse.ArgumentParser:
        part = commands.add_parser(name, help=act.__doc__, description=act.__doc__)
        part.set_defaults(command=act)
        return part

    plain: dict[str, Command] = {"serve": serve, "demo": demo, "worker": worker, "migrate": migrate_schema}
    plain |= {"bootstrap": bootstrap, "doctor": doctor, "snapshot": take_snapshot, "permissions": permissions}
    for name, act in plain.items():
        command(name, act)
    command("add-program", add_program).add_argument("--file", type=Path, required=True)
    configuration = command("configure-program", configure_program)
    for part in (configuration, command("show-program", show_program), command("webhook-secret", webhook_secret)):
        part.add_argument("program", metavar="ID")
    configuration.add_argument("--file", type=Path, required=True)
    command("watch", watch).add_argument("--once", action="store_true")
    agency = command("add-agency", add_agency)
    user = command("add-user", add_user)
    for part, names in ((agency, ("program", "name")), (user, ("program", "role", "login", "name"))):
        for name in names:
            part.add_argument(f"--{name}", required=True)
    user.add_argument("--agency", help="id or name of the agency, for officers and sergeants")
    user.add_argument("--callback", default="", help="telephone number")
    command("deactivate-user", deactivate_user).add_argument("login")
    command("revoke-device", revoke_device).add_argument("device_id")
    pack = command("install-pack", install_pack)
    pack.add_argument("program")
    pack.add_argument("file", type=Path)
    withdrawal = command("withdraw-pack", withdraw_pack)
    for name in ("program", "pack_hash", "reason"):
        withdrawal.add_argument(name)
    command("types", types).add_argument("--check", action="store_true")
    command("mark-durable", say_durable).add_argument("position", type=int)
    return root


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; 0 if it worked, 1 if it was refused or something needs attention, 2 for wrong use."""
    arguments = parser().parse_args(words)
    try:
        return int(arguments.command(arguments, from_environment()))
    except ValidationError as error:
        faults = [f"  {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        print("The file needs attention:", *faults, sep="\n", file=sys.stderr)
    except Problem as error:
        print(f"{error.title}. {error.detail}", file=sys.stderr)
        for problem in error.problems:
            place = "" if problem["line"] is None else f"line {problem['line']}: "
            print(f"  {place}{problem['what']} {problem['next_step']}", file=sys.stderr)
    except (SettingsError, AlreadyRunning, KeyFileError, SnapshotFailed, OSError, ValueError) as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
