"""Making copies, proving them, and telling phones up to where they may forget.

Only a copy that was proved counts: its position becomes the durable one, in the transaction that writes down that it was
proved, and only in the database that it was made of, while that still has the log that was copied. A copy that was made
but cannot be proved here (see `postgresql.CannotProve`) stays where it is and counts for nothing.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, delete, select

from api import logs
from api.at_rest import opened
from api.at_rest.key_files import KeyFileError
from api.at_rest.rekey import catch_up
from api.audit.anchors import Anchor, AnchorsError
from api.audit.anchors import read as read_anchors
from api.backups import manifest as manifests
from api.backups.embedded import Embedded
from api.backups.manifest import FOLDER_MODE, PARTIAL_SUFFIX, BackupRefused, Manifest, facts_of
from api.backups.postgresql import CannotProve, PostgreSQL
from api.backups.proof import Depth, Proof, prove
from api.database import Database, code_head, known_revisions, migrate
from api.operations import durable, queries
from api.operations.reprojection import project_anew
from api.settings import Settings
from api.tables.backups import Backup

OWN_TOOLS = "own_tools"
RECORDS_KEPT = timedelta(days=90)
EVERYTHING = Depth()

Store = Embedded | PostgreSQL


@dataclass(frozen=True)
class Made:
    """A copy. `proof` is None for one that was not verified; `durable` is the position published, None if none was."""

    path: Path
    manifest: Manifest
    proof: Proof | None = None
    durable: int | None = None


class Faulty(BackupRefused):
    """The copy can be unpacked, and is not whole."""


def store_of(settings: Settings) -> Store:
    """The database of the settings, as something that can be copied and replaced."""
    return Embedded(settings.url) if settings.url.startswith("sqlite") else PostgreSQL(settings.url)


def backup(
    settings: Settings,
    folder: Path,
    now: datetime,
    *,
    depth: Depth | None = EVERYTHING,
    database: Database | None = None,
) -> Made:
    """Copy the database into a folder, prove the copy, publish its position. `depth` None proves nothing.

    `database`: what a server has open already; the embedded database is written through one connection alone.
    Raises BackupRefused, and leaves nothing half-made; CannotProve once the copy is there, for one that cannot be proved here.
    """
    store = store_of(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    target = folder / f"handoff-{now:%Y%m%dT%H%M%SZ}{store.suffix}"
    if target.exists():
        raise BackupRefused(f"{target} is there already.")
    partial = target.with_name(target.name + PARTIAL_SUFFIX)
    try:
        facts = store.copy(partial)
        found = manifests.of_file(partial, facts, store.kind, now)
        manifests.write(target, found)
        partial.replace(target)
        manifests.to_disk(folder)
    finally:
        partial.unlink(missing_ok=True)
    if depth is None:
        return Made(target, found)
    try:
        return _proved(settings, store, target, found, depth, now, database)
    except CannotProve:
        raise
    except BackupRefused:
        forget(target)
        raise


def verify(settings: Settings, copy: Path, now: datetime) -> Made:
    """Prove everything of a copy that was made before, here or elsewhere. Raises BackupRefused."""
    found = manifests.read(copy)
    return _proved(settings, store_of(settings), copy, found, EVERYTHING, now)


def _proved(
    settings: Settings, store: Store, copy: Path, found: Manifest, depth: Depth, now: datetime,
    database: Database | None = None,
) -> Made:  # fmt: skip
    with unpacked(settings, store, copy, found, for_use=False) as scratch:
        proof = proof_of(scratch, found, depth)
    if proof.faults:
        raise Faulty("\n".join(["This copy is not whole:", *(f"  {fault}" for fault in proof.faults)]))
    verified = found.model_copy(update={"verified_at": now})
    manifests.write(copy, verified)
    if database is not None:
        return Made(copy, verified, proof, publish(database, copy, verified, now))
    if store.present() is None:
        return Made(copy, verified, proof)
    with closing(Database(settings.url)) as own:
        return Made(copy, verified, proof, publish(own, copy, verified, now))


@contextmanager
def unpacked(settings: Settings, store: Store, copy: Path, found: Manifest, *, for_use: bool) -> Iterator[Settings]:
    """The settings with a database that holds the copy, in this program's schema. Raises BackupRefused.

    `for_use`: it may take the present database's place, and is made with the rights that other roles have to it.
    """
    if found.kind != store.kind:
        raise BackupRefused(f"{copy} is a copy of {found.kind}, and this database is {store.kind}.")
    if found.revision not in known_revisions():
        raise BackupRefused(f"{copy} was made by a newer program (schema {found.revision}). Update this one first.")
    manifests.check_file(copy, found)
    with store.unpacked(copy, for_use=for_use) as url:
        _compare(url, found)
        if found.revision != code_head():
            migrate(url)
        yield settings.model_copy(update={"database_url": url})


def _compare(url: str, found: Manifest) -> None:
    """The manifest and what was unpacked say the same, as far as the manifest says it."""
    database = Database(url)
    try:
        with database.read() as session:
            facts = facts_of(session)
    except SQLAlchemyError as error:
        raise BackupRefused(f"The copy holds no database of this program ({type(error).__name__}).") from error
    finally:
        database.close()
    for name, value in facts.model_dump().items():
        if getattr(found, name) not in (value, None):
            raise BackupRefused(f"The copy and its manifest do not agree about its {name.replace('_', ' ')}.")


def proof_of(scratch: Settings, found: Manifest, depth: Depth) -> Proof:
    """What is found in an unpacked copy. That a key is missing is a fault like any other."""
    try:
        anchors = anchors_before(scratch, found.made_at)
        database = opened(scratch)
    except (KeyFileError, AnchorsError) as error:
        return Proof(faults=[str(error)])
    try:
        catch_up(database)  # of an older release: as the next start would do
        project_anew(database, found.made_at)
        with database.read() as session:
            return prove(session, anchors, depth)
    except SQLAlchemyError as error:
        return Proof(faults=[f"It cannot be read to its end ({type(error).__name__})."])
    finally:
        database.close()


def anchors_before(settings: Settings, at: datetime) -> list[Anchor]:
    """The audit's anchors from before an instant, as far as there are any here. Raises AnchorsError."""
    path = settings.audit_anchors_file
    return [each for each in read_anchors(path) if datetime.fromisoformat(each.time) <= at] if path.exists() else []


def publish(database: Database, copy: Path, found: Manifest, now: datetime) -> int | None:
    """Write down that a copy was proved, and that phones may forget what it holds. None if the database is another one."""
    try:
        with database.write() as session:
            if not _same_log(session, found):
                return None
            durable.publish(session, found.position)
            _note(session, copy.name, found.kind, found.epoch, found.position, found.made_at, now)
    except SQLAlchemyError as error:
        logs.warning("backup.unpublished", reason=type(error).__name__)  # it may be proved where its database is broken
        return None
    return found.position


def _same_log(session: Session, found: Manifest) -> bool:
    standing = queries.standing(session)
    last = (*found.last_operation, found.last_received_ms or 0)
    return standing.epoch == found.epoch and queries.anchor_at(session, last[0]) == last


def vouch(session: Session, position: int, now: datetime) -> None:
    """An operator says that a backup made with other tools was verified up to a position."""
    durable.publish(session, position)
    _note(session, f"{OWN_TOOLS}-{uuid4()}", OWN_TOOLS, queries.standing(session).epoch, position, now, now)


def _note(
    session: Session, name: str, kind: str, epoch: str, position: int, made_at: datetime, now: datetime
) -> None:  # fmt: skip
    session.exec(delete(Backup).where(col(Backup.verified_at) < now - RECORDS_KEPT))
    session.merge(
        Backup(name=name, kind=kind, epoch=epoch, position=position, made_at=made_at, verified_at=now)
    )  # fmt: skip


def last_verified(session: Session) -> Backup | None:
    """The newest copy of this database that was proved."""
    return session.exec(select(Backup).order_by(col(Backup.made_at).desc()).limit(1)).first()


def forget(copy: Path) -> None:
    """Remove a copy and its manifest."""
    copy.unlink(missing_ok=True)
    manifests.beside(copy).unlink(missing_ok=True)
