"""Putting a copy in the database's place, so that the server and its phones heal without anybody's help.

Everything is made ready beside the present database, which is touched only by the last step and kept under another name:
the copy is unpacked, proved, brought to this program's schema; it gets a new epoch, by which phones notice and send again
what it lacks; all sessions end, since nobody can tell which of them had ended since; what the ledger holds is revoked and
expunged again, accounts that have been closed since are closed again; and the audit says what was lost. Broken off at any
moment, the present database is the one that serves, or a server refuses to start and says what to do.
"""

from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from api.accounts import people
from api.accounts.people import COMMAND_LINE
from api.at_rest import opened
from api.at_rest.key_files import KeyFileError
from api.at_rest.rekey import catch_up
from api.audit import anchors, upkeep
from api.audit import queries as audit
from api.audit.anchors import Anchor, AnchorsError
from api.audit.chain import START
from api.backups import manifest as manifests
from api.backups.manifest import MANIFEST_SUFFIX, BackupRefused, Manifest
from api.backups.proof import Proof
from api.backups.service import EVERYTHING, Store, proof_of, store_of, unpacked
from api.clock import rfc3339
from api.database import Database
from api.devices import service as devices
from api.devices.keys import PREFIX as SEALING_PREFIX
from api.devices.keys import SealingKeys
from api.operations import epochs, queries
from api.operations.queries import Standing
from api.operations.reprojection import project_anew
from api.retention.replay import replay
from api.settings import Settings
from api.tables.people import User


@dataclass(frozen=True)
class Present:
    """What is known of the database that is replaced: where it stood, its audit's ends, and the accounts closed in it."""

    standing: Standing
    ends: Sequence[Anchor]
    closed: Sequence[str]


@dataclass
class Restored:
    """What was done. `aside`: where the former database is; `replayed`: revocations and expungements that happened again."""

    manifest: Manifest
    proof: Proof
    epoch: str = ""
    present: Present | None = None
    aside: str | None = None
    replayed: int = 0
    closed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Programs whose audit had gone on after the copy, the installation as an empty name."""


def restore(settings: Settings, copy: Path, now: datetime, *, anyway: bool = False) -> Restored:
    """Put a copy in the database's place. The caller holds the embedded database's lock (see `api.sole_user`).

    `anyway`: also one that is older than what phones were told is safe, or that is not whole. Raises BackupRefused, with the
    present database as it was.
    """
    store = store_of(settings)
    if users := store.users():
        raise BackupRefused(f"This database is in use by {', '.join(users)}. Stop every server and worker first.")
    found = manifests.read(copy)
    if not any(settings.keys_dir.glob(f"{SEALING_PREFIX}*")):
        raise BackupRefused(
            f"There are no sealing keys in {settings.keys_dir}: what phones have sealed could not be opened. "
            "Bring the folder back from the key backup first."
        )
    present = _present(store, now)
    if not anyway:
        _refuse_older(copy, found, present)
    with unpacked(settings, store, copy, found, for_use=True) as scratch:
        done = Restored(found, proof_of(scratch, found, EVERYTHING), present=present)
        if done.proof.faults and not anyway:
            raise BackupRefused("\n".join(["This copy is not whole:", *(f"  {fault}" for fault in done.proof.faults)]))
        with _made_ready(scratch):
            _make_ready(scratch, done, now)
        aside = store.take_place(scratch.url, now)
    done.aside = None if aside is None else str(aside)
    _anchor(settings, now)
    _leave_behind(settings, {found.epoch} if present is None else {found.epoch, present.standing.epoch}, now)
    return done


def _present(store: Store, now: datetime) -> Present | None:
    """What can still be read of the database; None if that is nothing."""
    url = store.present()
    if url is None:
        return None
    database = Database(url)
    try:
        with database.read() as session:
            ends = [
                Anchor(head.program_id, head.number, head.mac, rfc3339(now))
                for head in audit.heads(session)
                if head.mac != START
            ]
            closed = session.exec(select(User.login).where(col(User.active).is_(False))).all()
            return Present(queries.standing(session), ends, closed)
    except SQLAlchemyError:
        return None
    finally:
        database.close()


def _refuse_older(copy: Path, found: Manifest, present: Present | None) -> None:
    """Phones forget what a verified copy holds: with an older one that would be gone for good."""
    if present is not None:
        standing = present.standing
        if found.epoch != standing.epoch:
            raise BackupRefused(
                f"{copy.name} was made before the last restore, or of another database. Phones may have let go of what it lacks. "
                "Use a newer copy, or say --anyway."
            )
        if found.position < standing.durable_position:
            raise BackupRefused(
                f"{copy.name} goes up to position {found.position}, and phones were told that everything up to "
                f"{standing.durable_position} is safe: they may have let go of it. Use a newer copy, or say --anyway."
            )
    for path in copy.parent.glob(f"*{MANIFEST_SUFFIX}"):
        other = _other(path)
        if other is None or other.verified_at is None or other.made_at <= found.made_at:
            continue
        if (other.epoch, other.position) != (found.epoch, found.position):
            raise BackupRefused(
                f"{path.name.removesuffix(MANIFEST_SUFFIX)}, beside it, is newer and was verified: phones may have let go of "
                "what it holds. Use that one, or say --anyway."
            )


def _other(path: Path) -> Manifest | None:
    try:
        return manifests.read(path.with_name(path.name.removesuffix(MANIFEST_SUFFIX)))
    except BackupRefused:
        return None


@contextmanager
def _made_ready(scratch: Settings) -> Iterator[None]:
    try:
        yield
    except (KeyFileError, AnchorsError, SQLAlchemyError) as error:
        words = str(error) if isinstance(error, (KeyFileError, AnchorsError)) else type(error).__name__
        raise BackupRefused(f"The copy could not be made ready: {words}") from error


def _make_ready(scratch: Settings, done: Restored, now: datetime) -> None:
    """Everything that has to be so before anybody is served from it."""
    database = opened(scratch)
    try:
        with database.write() as session:
            # First of all: the audit goes on at the number at which its lost events began.
            done.lost = upkeep.note_restoration(session, _lost(scratch, done.present), now)
        with database.write() as session:
            done.epoch = epochs.begin(session, now, COMMAND_LINE)
        catch_up(database)
        project_anew(database, now)
        done.replayed = replay(database, SealingKeys.load(scratch.keys_dir).by_id, now)
        done.closed = _close_again(database, done.present, now)
    finally:
        database.close()


def _lost(scratch: Settings, present: Present | None) -> list[Anchor]:
    """The furthest end that each chain of the audit is known to have had, from the anchors and the database itself."""
    path = scratch.audit_anchors_file
    known = [*(anchors.read(path) if path.exists() else ()), *(present.ends if present is not None else ())]
    furthest: dict[str, Anchor] = {}
    for each in known:
        if each.program not in furthest or each.number > furthest[each.program].number:
            furthest[each.program] = each
    return list(furthest.values())


def _close_again(database: Database, present: Present | None, now: datetime) -> list[str]:
    """Accounts that have been closed since the copy was made."""
    if present is None:
        return []
    with database.read() as session:
        open_again = select(User.login).where(col(User.active), col(User.login).in_(present.closed))
        logins = list(session.exec(open_again))
    for login in logins:
        with database.write() as session:
            for device in people.deactivate(session, login, now):
                devices.revoke(session, device, now, actor_id=None, source=COMMAND_LINE)
    return logins


def _leave_behind(settings: Settings, former: Set[str], now: datetime) -> None:
    """Not before the copy is in its place: what refuses to be replaced goes on in its own epoch."""
    database = opened(settings)
    try:
        with database.write() as session:
            epochs.leave(session, sorted(former), now)
    finally:
        database.close()


def _anchor(settings: Settings, now: datetime) -> None:
    """The audit's ends as they are now. The lost ones stay in the file: the audit itself says why they do not fit."""
    database = Database(settings.url)
    try:
        with suppress(OSError):  # the server's watchman tries again every hour, and says so
            anchors.anchor(database, settings.audit_anchors_file, now)
    finally:
        database.close()
