"""Changing the key that phones seal to: a new one at once, and the old one only when nothing can still be sealed to it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from api.at_rest.key_files import alone
from api.devices.keys import PREFIX, SUFFIX, SealingKeys, make_sealing_file
from api.problems import Conflict, NotFound
from api.tables.devices import Device
from api.tables.records import Quarantine

KEPT = timedelta(days=90)
"""How long a phone may hold an operation that it could not send: as long as its cookie lives."""


def rotate(folder: Path) -> str:
    """A new key, the active one from the next start of every server on; returns its id. The old ones go on opening."""
    SealingKeys.load(folder)
    with alone(folder):
        return make_sealing_file(folder)


def retire(session: Session, folder: Path, key_id: str, now: datetime) -> None:
    """Remove a key for good. Raises NotFound, and Conflict with every reason why something may still be sealed to it."""
    keys = SealingKeys.load(folder)
    if key_id not in keys.by_id:
        raise NotFound(f"There is no sealing key {key_id} in {folder}.")
    if key_id == keys.active.key_id:
        raise Conflict("This is the key that phones seal to now. Run rotate-sealing-key first.")
    reasons = list(_against(session, key_id, _replaced_at(folder, key_id), now))
    if reasons:
        raise Conflict(" ".join(reasons))
    (folder / f"{PREFIX}{key_id}{SUFFIX}").unlink()
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def _replaced_at(folder: Path, key_id: str) -> datetime:
    """When the next key was made."""
    own = (folder / f"{PREFIX}{key_id}{SUFFIX}").stat().st_mtime_ns
    others = (path.stat().st_mtime_ns for path in folder.glob(f"{PREFIX}*{SUFFIX}") if key_id not in path.name)
    return datetime.fromtimestamp(min(made for made in others if made >= own) / 1e9, UTC)


def _against(session: Session, key_id: str, replaced_at: datetime, now: datetime) -> Iterator[str]:
    if now < replaced_at + KEPT:
        yield f"It was replaced on {replaced_at:%Y-%m-%d}: keep it until {replaced_at + KEPT:%Y-%m-%d}."
    in_use = select(Device.id).where(col(Device.state) == "active").order_by(col(Device.id))
    silent = session.exec(in_use.where(col(Device.seen_at) <= replaced_at)).all()
    if silent:
        yield f"Devices that have not been heard of since then and may seal to it: {', '.join(silent)}."
    # When a phone learned of the new key is not known: whatever it still holds may be sealed to the old one.
    holding = session.exec(in_use.where(col(Device.pending) > 0, col(Device.seen_at) > replaced_at)).all()
    if holding:
        yield f"Devices that still hold something unsent: {', '.join(holding)}."
    kept = session.exec(select(func.count()).where(col(Quarantine.key_id) == key_id)).one()
    if kept:
        yield f"{kept} operations in quarantine are sealed to it and wait for a person."
