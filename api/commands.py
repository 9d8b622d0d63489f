"""What each command of the command line does. A command takes its arguments and the settings, and returns the exit code."""

import argparse
import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import SQLAlchemyError

from api import administration, logs, typescript
from api.accounts.program import ProgramConfig
from api.at_rest import opened
from api.auth.permissions import matrix
from api.database import Database, migrate
from api.demo.cast import ACCOUNTS, PASSPHRASE
from api.demo.load import holds_demo, load
from api.doctor import examine, refusals
from api.main import create_app
from api.openid.providers import NewProvider
from api.paging.channels.webhook import check_webhook
from api.serving import prepare, run
from api.settings import Settings
from api.sole_user import sole_user
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
    if _refused(settings):
        return 2
    with sole_user(settings):
        prepare(settings)
        app = create_app(settings)
        if not settings.demo and holds_demo(app.state.database):
            print("This database holds demo accounts, whose passphrase is public: use another one.", file=sys.stderr)
            return 2
        run(app, settings)
    return 0


def _refused(settings: Settings) -> bool:
    """True, with every reason said, if a server must not run like this outside the demo."""
    reasons = [] if settings.demo else list(refusals(settings))
    for finding in reasons:
        print(f"{finding.about}: {finding.words}", file=sys.stderr)
    return bool(reasons)


def demo(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Run the server with invented people and referrals, which are loaded into an empty database."""
    settings = settings.model_copy(update={"demo": True})
    with sole_user(settings):
        if not settings.url.startswith("sqlite"):
            migrate(settings.url)
        prepare(settings)
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
    if _refused(settings):
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
    """Make an account; prints the address at which its person chooses a passphrase."""
    return _administer(settings, lambda at: administration.add_user(at, settings, **_without_command(arguments)))


def add_provider(arguments: argparse.Namespace, settings: Settings) -> int:
    """Enter an agency's identity provider (OpenID Connect) that its members may sign in through, once they linked it."""
    new = NewProvider(
        program_id=arguments.program, agency=arguments.agency, issuer=arguments.issuer, client_id=arguments.client_id,
        client_secret=arguments.client_secret_file.read_text("utf-8").strip(), label=arguments.label,
        accepted_acr=arguments.accept_acr, accepted_amr=arguments.accept_amr,
    )  # fmt: skip
    return _administer(settings, lambda database: administration.add_provider(database, settings, new))


def remove_provider(arguments: argparse.Namespace, settings: Settings) -> int:
    """Remove an identity provider, and the links to it."""
    return _administer(settings, lambda database: administration.remove_provider(database, arguments.provider_id))


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


def rekey(arguments: argparse.Namespace, settings: Settings) -> int:
    """Wrap the data keys with a new key from outside the database; with --data, seal every row under a new data key."""
    with sole_user(settings):
        return _administer(settings, lambda at: administration.rekey(at, settings, data=arguments.data, say=print))


def rotate_sealing_key(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Make a new key for phones to seal to; the old ones go on opening."""
    return _administer(settings, lambda at: administration.rotate_sealing_key(at, settings))


def retire_sealing_key(arguments: argparse.Namespace, settings: Settings) -> int:
    """Remove an old sealing key, once no phone can still hold anything sealed to it."""
    return _administer(settings, lambda at: administration.retire_sealing_key(at, settings, arguments.key_id))


def permissions(_arguments: argparse.Namespace, _settings: Settings) -> int:
    """Print who may do what, as a table for the README."""
    heading, *rows = matrix()
    print("| " + " | ".join(heading) + " |", "|" + "---|" * len(heading), sep="\n")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return 0


def _administer(settings: Settings, act: Callable[[Database], str | None]) -> int:
    database = opened(settings)
    try:
        said = act(database)
    finally:
        database.close()
    if said is not None:
        print(said)
    return 0


def _without_command(arguments: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(arguments).items() if name != "command"}
