"""The packs of one program: the documents that phones evaluate, and the list with its states.

An installed pack's document and hash are those of the day on which it was installed, whatever this release would write.
"""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from sqlmodel import Session

from api.clock import rfc3339
from api.rules import calendar, queries
from api.rules.calendar import Dated, PackState
from api.rules.queries import ProgramRules
from api.tables.rules import InstalledPack
from eligibility_rules.catalog import Catalog
from eligibility_rules.model import Pack

PACKS_KEPT = 256
log = logging.getLogger("handoff.rules")


class PackDocument(BaseModel):
    """A rule pack as phones evaluate it."""

    hash: str
    document: dict[str, Any]


class PackEntry(BaseModel):
    """One pack in a program's list. `installed_by` is the administrator's name, None for the command line."""

    hash: str
    version: str
    effective_from: str
    effective_until: str | None
    official: bool
    source: str
    state: PackState
    shipped: bool
    installed_by: str | None
    installed_at: str | None
    withdrawn_at: str | None
    withdrawn_reason: str | None


class PackList(BaseModel):
    """Every pack that the program has or had, the newest first."""

    in_force: str | None
    packs: list[PackEntry]


class PhonePacks(NamedTuple):
    """What a phone keeps: the pack in force today, and those that begin soon."""

    pack: PackDocument | None
    coming: list[PackDocument]


def days(session: Session, rules: ProgramRules) -> list[Dated]:
    """Every pack that may be in force in the program on some day, and those that it has withdrawn."""
    return shipped_days(rules) + queries.installed_days(session, rules.program_id)


def shipped_days(rules: ProgramRules) -> list[Dated]:
    """The packs of this release that are the program's."""
    return [calendar.shipped(pack) for pack in Catalog.shipped().of(rules.shipped)] if rules.shipped else []


def document(session: Session, rules: ProgramRules, pack_hash: str) -> dict[str, Any] | None:
    """The document of any pack that the program ever had; another program's look unknown."""
    if not calendar.is_hash(pack_hash):
        return None
    pack = Catalog.shipped().by_hash(pack_hash)
    if pack is not None and pack.program == rules.shipped:
        return pack.document()
    own = queries.installed_pack(session, rules.program_id, pack_hash)
    if own is not None:
        return own.document
    return None if rules.shipped is None else queries.once_shipped_pack(session, rules.shipped, pack_hash)


def for_phones(session: Session, rules: ProgramRules, today: date) -> PhonePacks:
    """The pack in force today and those that are coming."""
    known = days(session, rules)
    standing = calendar.in_force(known, today)
    ahead = calendar.coming(known, today)
    wanted = [one.hash for one in ([standing] if standing else []) + ahead]
    found = [PackDocument(hash=name, document=document(session, rules, name) or {}) for name in wanted]
    return PhonePacks(found[0], found[1:]) if standing else PhonePacks(None, found)


def listing(session: Session, rules: ProgramRules, today: date) -> PackList:
    """Every pack that the program has or had, with its state today."""
    installed = queries.installed(session, rules.program_id)
    known = days(session, rules)
    standing = calendar.in_force(known, today)
    former = queries.once_shipped(session, rules.shipped) if rules.shipped else []
    states = {one.hash: calendar.state_of(one, standing, today) for one in known}
    names = queries.names(session, {row.installed_by for row in installed if row.installed_by is not None})
    own = {row.hash: _installed(row, names, states[row.hash]) for row in installed}
    shipped = {row.hash: _shipped(row.hash, row.document, states.get(row.hash, "past")) for row in former}
    shipped |= {
        pack.hash: _shipped(pack.hash, pack.document(), states[pack.hash]) for pack in Catalog.shipped().of(rules.slug)
        if pack.hash in states
    }  # fmt: skip
    entries = sorted((shipped | own).values(), key=lambda entry: (entry.effective_from, entry.hash), reverse=True)
    return PackList(in_force=None if standing is None else standing.hash, packs=entries)


def _shipped(pack_hash: str, content: Mapping[str, Any], state: PackState) -> PackEntry:
    return PackEntry(
        hash=pack_hash, **_told(content), state=state, shipped=True, installed_by=None, installed_at=None,
        withdrawn_at=None, withdrawn_reason=None,
    )  # fmt: skip


def _installed(row: InstalledPack, names: Mapping[str, str], state: PackState) -> PackEntry:
    return PackEntry(
        hash=row.hash, **_told(row.document), state=state, shipped=False,
        installed_by=None if row.installed_by is None else names.get(row.installed_by),
        installed_at=rfc3339(row.installed_at), withdrawn_reason=row.withdrawn_reason,
        withdrawn_at=None if row.withdrawn_at is None else rfc3339(row.withdrawn_at),
    )  # fmt: skip


def _told(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: content[key] for key in ("version", "effective_from", "effective_until", "official", "source")}


class ReadPacks:
    """Installed packs by hash, each read from its document once: what a hash names never changes. Any thread may ask."""

    def __init__(self) -> None:
        self._kept: dict[str, Pack | None] = {}

    def get(self, pack_hash: str, fetch: Callable[[], Mapping[str, Any] | None]) -> Pack | None:
        """The pack, or None where there is none or this release can no longer read it."""
        if pack_hash not in self._kept:
            content = fetch()
            if content is None:
                return None
            if len(self._kept) >= PACKS_KEPT:
                self._kept.clear()
            self._kept[pack_hash] = read(pack_hash, content)
        return self._kept.get(pack_hash)


def read(pack_hash: str, content: Mapping[str, Any]) -> Pack | None:
    """A kept document as a pack; None where this release can no longer read it."""
    try:
        return Pack.model_validate_json(json.dumps(content))
    except ValidationError:
        log.warning("a kept pack can no longer be read", extra={"pack": pack_hash})
        return None
