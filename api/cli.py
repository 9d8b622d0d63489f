"""The command line: `python -m api.cli <command>`, or `handoff <command>`. `--help` lists the commands."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from api import commands
from api.at_rest.key_files import KeyFileError
from api.backups import commands as commands_of_backups
from api.backups.manifest import BackupRefused
from api.commands import Command
from api.oversight import commands as commands_of_oversight
from api.problems import Problem
from api.settings import SettingsError, from_environment
from api.sole_user import AlreadyRunning


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    root = argparse.ArgumentParser(prog="handoff", description="Warm Handoff: field referrals for LEAD programs.")
    parts = root.add_subparsers(required=True, metavar="command")

    def command(name: str, act: Command) -> argparse.ArgumentParser:
        part = parts.add_parser(name, help=act.__doc__, description=act.__doc__)
        part.set_defaults(command=act)
        return part

    plain: dict[str, Command] = {
        "serve": commands.serve,
        "demo": commands.demo,
        "worker": commands.worker,
        "migrate": commands.migrate_schema,
    }
    plain |= {
        "bootstrap": commands.bootstrap,
        "doctor": commands.doctor,
        "permissions": commands.permissions,
    }
    for name, act in plain.items():
        command(name, act)
    command("add-program", commands.add_program).add_argument("--file", type=Path, required=True)
    configuration = command("configure-program", commands.configure_program)
    for part in (
        configuration,
        command("show-program", commands.show_program),
        command("webhook-secret", commands.webhook_secret),
    ):
        part.add_argument("program", metavar="ID")
    configuration.add_argument("--file", type=Path, required=True)
    command("watch", commands.watch).add_argument("--once", action="store_true")
    agency = command("add-agency", commands.add_agency)
    user = command("add-user", commands.add_user)
    for part, names in ((agency, ("program", "name")), (user, ("program", "role", "login", "name"))):
        for name in names:
            part.add_argument(f"--{name}", required=True)
    user.add_argument("--agency", help="id or name of the agency, for officers and sergeants")
    user.add_argument("--callback", default="", help="telephone number")
    provider = command("add-provider", commands.add_provider)
    provider.add_argument("program")
    for name in ("issuer", "client-id", "label"):
        provider.add_argument(f"--{name}", required=True)
    provider.add_argument("--client-secret-file", type=Path, required=True)
    provider.add_argument("--agency", help="id or name: only its members may then sign in there")
    for name in ("accept-acr", "accept-amr"):
        provider.add_argument(
            f"--{name}", action="append", default=[], help="a sign-in needs one of these; may be repeated"
        )
    command("remove-provider", commands.remove_provider).add_argument("provider_id")
    command("deactivate-user", commands.deactivate_user).add_argument("login")
    command("revoke-device", commands.revoke_device).add_argument("device_id")
    pack = command("install-pack", commands.install_pack)
    pack.add_argument("program")
    pack.add_argument("file", type=Path)
    withdrawal = command("withdraw-pack", commands.withdraw_pack)
    for name in ("program", "pack_hash", "reason"):
        withdrawal.add_argument(name)
    command("rekey", commands.rekey).add_argument("--data", action="store_true")
    command("rotate-sealing-key", commands.rotate_sealing_key)
    command("retire-sealing-key", commands.retire_sealing_key).add_argument("key_id")
    commands_of_oversight.register(command)
    commands_of_backups.register(command)
    command("types", commands.types).add_argument("--check", action="store_true")
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
    except (SettingsError, AlreadyRunning, KeyFileError, BackupRefused, OSError, ValueError) as error:
        print(error, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
