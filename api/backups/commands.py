"""The commands `backup`, `verify`, `restore` and `mark-durable`, and what they say."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from api.backups import restoring, service
from api.backups.manifest import Manifest
from api.backups.postgresql import CannotProve
from api.backups.restoring import Restored
from api.backups.service import EVERYTHING, Made
from api.clock import SystemClock
from api.database import Database
from api.settings import Settings
from api.sole_user import sole_user

Command = Callable[[argparse.Namespace, Settings], int]
MEGABYTE = 1_000_000


def register(command: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """Add them to the command line."""
    made = command("backup", backup)
    made.add_argument("--to", type=Path, metavar="FOLDER", help="where to, if not where the settings say")
    made.add_argument("--no-verify", action="store_true", help="copy only: phones forget nothing because of it")
    command("verify", verify).add_argument("file", type=Path)
    put_back = command("restore", restore)
    put_back.add_argument("file", type=Path)
    put_back.add_argument(
        "--anyway", action="store_true", help="also a copy that is older than phones were told is safe, or not whole"
    )
    command("mark-durable", mark_durable).add_argument("position", type=int)


def backup(arguments: argparse.Namespace, settings: Settings) -> int:
    """Copy the database, prove that the copy can be restored, and let phones forget what it holds. Servers go on working."""
    folder: Path = arguments.to or settings.backup_folder
    try:
        made = service.backup(settings, folder, SystemClock().now(), depth=None if arguments.no_verify else EVERYTHING)
    except CannotProve as error:
        print(f"Copied into {folder}. {error}")
        return 1
    print(f"Copied: {made.path}, {made.manifest.bytes / MEGABYTE:.1f} MB, up to position {made.manifest.position}.")
    print(*_proved(made) if made.proof is not None else ["It is NOT verified: run `verify` on it."], sep="\n")
    print(_keys(made.manifest, settings))
    return 0


def verify(arguments: argparse.Namespace, settings: Settings) -> int:
    """Prove that a copy can be restored: unpack it beside the database, and look at everything in it."""
    made = service.verify(settings, arguments.file, SystemClock().now())
    print(*_proved(made), sep="\n")
    return 0


def _proved(made: Made) -> Iterator[str]:
    assert made.proof is not None
    yield f"Verified: {made.proof.words()}."
    if made.durable is None:
        yield "The database here is not the one that was copied, or is not there: phones were told nothing."
    else:
        yield f"Phones may let go of what they sent up to position {made.durable}."


def _keys(made: Manifest, settings: Settings) -> str:
    return (
        f"Nobody can read it without {', '.join(made.keys)} of {settings.keys_dir}, nor open what phones still hold without "
        "the sealing keys there. Keep a copy of that folder, and never in the same place as this file."
    )


def restore(arguments: argparse.Namespace, settings: Settings) -> int:
    """Put a copy in the database's place; the present database is kept aside. Every server and worker must be stopped."""
    with sole_user(settings):
        done = restoring.restore(settings, arguments.file, SystemClock().now(), anyway=arguments.anyway)
    print(*_restored(done), sep="\n")
    return 0


def _restored(done: Restored) -> Iterator[str]:
    made_at = f"{done.manifest.made_at:%Y-%m-%d %H:%M} UTC"
    yield f"Restored: the database of {made_at}, position {done.manifest.position}."
    yield f"In it {done.proof.words()}."
    for fault in done.proof.faults:
        yield f"NOT WHOLE: {fault}"
    if done.aside is not None:
        yield f"The former database is kept as {done.aside}. Remove it when nobody needs it any more."
    if done.present is not None and done.present.standing.position > done.manifest.position:
        yield f"It stood at position {done.present.standing.position}; phones send again what they sent since the copy."
    if done.replayed:
        yield f"Revoked or expunged again, as the ledger says: {done.replayed}."
    if done.closed:
        yield f"Closed again, as in the former database: {', '.join(done.closed)}."
    if done.lost:
        yield f"The audit's events after the copy are lost, and the audit says so: `verify-audit` in {len(done.lost)} chains."
    yield "Start the servers. Phones notice by themselves and send again what this copy lacks; everybody signs in once more."
    yield (
        f"Lost, because only the server had it since {made_at}: invitations, accounts and passphrases, changes of shifts, "
        "programs and rule packs, and acknowledgements from a lock screen. Open pages call again."
    )


def mark_durable(arguments: argparse.Namespace, settings: Settings) -> int:
    """Say that a backup made with other tools was verified up to a position: phones forget what lies below."""
    with closing(Database(settings.url)) as database, database.write() as session:
        service.vouch(session, arguments.position, SystemClock().now())
    return 0
