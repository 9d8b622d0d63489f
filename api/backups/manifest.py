"""The manifest beside a copy: what the copy is, so that it can be judged before it is opened. No secret and no key is in it.

`handoff-20261124T101500Z.sqlite` has `handoff-20261124T101500Z.sqlite.json` beside it. Both are on the disk, whole, before either
bears its name.
"""

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import select, text
from sqlmodel import Session, col

from api.at_rest.wrapping import PREFIX, SUFFIX
from api.audit.key import FILE as AUDIT_KEY
from api.ledger.file import KEY_FILE as LEDGER_KEY
from api.operations import queries
from api.tables.at_rest import DataKey
from api.tables.records import Head

FORM: Literal[1] = 1
MANIFEST_SUFFIX, PARTIAL_SUFFIX = ".json", ".partial"
FILE_MODE, FOLDER_MODE = 0o600, 0o700
BLOCK_BYTES = 1 << 20

DatabaseKind = Literal["sqlite", "postgresql"]


class BackupRefused(Exception):
    """A copy could not be made, proved or put back. The message says why and what to do; nothing was changed."""


class Facts(BaseModel):
    """Where a database stands. `last_operation` is the log's newest: its position and id, 0 and empty for an empty log.

    `last_received_ms` is when that was received, 0 for an empty log; None in copies from before it was noted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    revision: str
    epoch: str
    position: int
    last_operation: tuple[int, str]
    last_received_ms: int | None = None
    keys: list[str] = Field(description="names of the key files without which the copy is of no use")


class Manifest(Facts):
    """What a copy is. `verified_at` is None until it has been proved that it can be restored."""

    form: Literal[1] = FORM
    kind: DatabaseKind
    bytes: int
    sha256: str
    made_at: datetime
    verified_at: datetime | None = None


def facts_of(session: Session) -> Facts:
    """Where the session's database stands. Reads the few columns that every release has had."""
    revision = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    epoch, position = session.execute(select(col(Head.epoch), col(Head.position))).one()
    last = queries.anchor(session, position)
    return Facts(
        revision=revision, epoch=epoch, position=position, last_operation=(last.position, last.op_id),
        last_received_ms=last.received_ms, keys=_keys(session),
    )  # fmt: skip


def _keys(session: Session) -> list[str]:
    wrapping = sorted(set(session.execute(select(col(DataKey.kek_id))).scalars()))
    return [*(f"{PREFIX}{kek_id}{SUFFIX}" for kek_id in wrapping), AUDIT_KEY, LEDGER_KEY]


def beside(copy: Path) -> Path:
    """Where a copy's manifest is."""
    return copy.with_name(copy.name + MANIFEST_SUFFIX)


def read(copy: Path) -> Manifest:
    """The manifest of a copy. Raises BackupRefused."""
    path = beside(copy)
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BackupRefused(f"{path} cannot be read ({error.strerror}); a copy is judged by its manifest.") from error
    except ValidationError as error:
        raise BackupRefused(f"{path} is no manifest of a copy, or of a newer program.") from error


def write(copy: Path, manifest: Manifest) -> None:
    """Put a manifest beside its copy: on the disk, and whole at every moment."""
    path = beside(copy)
    partial = path.with_name(path.name + PARTIAL_SUFFIX)
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    to_disk(path.parent)


def of_file(path: Path, facts: Facts, kind: DatabaseKind, now: datetime) -> Manifest:
    """The manifest of a copy that lies whole at `path`."""
    return Manifest(
        **facts.model_dump(), kind=kind, bytes=path.stat().st_size, sha256=sha256_of(path), made_at=now
    )  # fmt: skip


def check_file(copy: Path, manifest: Manifest) -> None:
    """Size and SHA-256 of a copy against its manifest. Raises BackupRefused."""
    if not copy.exists():
        raise BackupRefused(f"{copy} is not there.")
    size = copy.stat().st_size
    if size != manifest.bytes:
        raise BackupRefused(
            f"{copy} has {size} bytes, not {manifest.bytes}: it was cut off or changed. Use another copy."
        )
    if sha256_of(copy) != manifest.sha256:
        raise BackupRefused(f"{copy} is not what was copied: its SHA-256 differs. Use another copy.")


def sha256_of(path: Path) -> str:
    """Of the whole file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def to_disk(path: Path) -> None:
    """Return when a file, or the names in a folder, would survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
