"""Reading and writing packs, and what of a program's settings concerns its rules.

The two statements that a push asks stand beside their functions, built once: to build one costs more than to run it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from api.database import inserting
from api.rules.calendar import Dated
from api.tables.people import Program, User
from api.tables.rules import InstalledPack, ShippedPack
from eligibility_rules.model import Pack


class ProgramRules(NamedTuple):
    """Whose packs apply in a program, and whose calendar. `shipped` is None where no shipped pack is its own."""

    program_id: str
    shipped: str | None
    zone: ZoneInfo

    @property
    def slug(self) -> str:
        """What a pack must name as its program to be installed here."""
        return self.shipped or self.program_id


_PROGRAM = select(col(Program.id), col(Program.config)).where(col(Program.id) == bindparam("program_id"))
_LOCKED = _PROGRAM.with_for_update()


def program_rules(session: Session, program_id: str, *, lock: bool = False) -> ProgramRules | None:
    """What `program.config` says of rules (accounts checked it when it was written).

    With `lock`, until the transaction ends: two administrators take turns.
    """
    found = session.execute(_LOCKED if lock else _PROGRAM, {"program_id": program_id}).first()
    if found is None:
        return None
    name, config = found
    return ProgramRules(name, config.get("pack"), ZoneInfo(config["time_zone"]))


_DAYS = select(
    col(InstalledPack.hash), col(InstalledPack.effective_from), col(InstalledPack.effective_until),
    col(InstalledPack.withdrawn_at),
).where(col(InstalledPack.program_id) == bindparam("program_id"))  # fmt: skip


def installed_days(session: Session, program_id: str) -> list[Dated]:
    """Every pack that the program ever installed, by its days."""
    rows = session.execute(_DAYS, {"program_id": program_id})
    return [
        Dated(
            name, date.fromisoformat(begins), None if ends is None else date.fromisoformat(ends), False, at is not None
        )
        for name, begins, ends, at in rows
    ]


def installed(session: Session, program_id: str) -> list[InstalledPack]:
    """Every pack that the program ever installed."""
    return list(session.execute(select(InstalledPack).where(col(InstalledPack.program_id) == program_id)).scalars())


def installed_pack(session: Session, program_id: str, pack_hash: str) -> InstalledPack | None:
    """One pack that the program installed."""
    return session.get(InstalledPack, (program_id, pack_hash))


def once_shipped(session: Session, slug: str) -> list[ShippedPack]:
    """Every pack of this name that some release was shipped with."""
    return list(session.execute(select(ShippedPack).where(col(ShippedPack.slug) == slug)).scalars())


def once_shipped_pack(session: Session, slug: str, pack_hash: str) -> dict[str, Any] | None:
    """The document of a pack that some release was shipped with."""
    found = session.get(ShippedPack, pack_hash)
    return None if found is None or found.slug != slug else found.document


def remember(session: Session, packs: Iterable[Pack], now: datetime) -> None:
    """Keep those that are not known yet; servers that start together may all keep the same one."""
    known = set(session.execute(select(col(ShippedPack.hash))).scalars())
    missing = [
        {"hash": pack.hash, "slug": pack.program, "document": pack.document(), "first_seen_at": now}
        for pack in packs
        if pack.hash not in known
    ]
    if missing:
        session.execute(inserting(session, ShippedPack, missing).on_conflict_do_nothing())


def names(session: Session, user_ids: set[str]) -> dict[str, str]:
    """Names by user id."""
    rows = session.execute(select(col(User.id), col(User.name)).where(col(User.id).in_(user_ids)))
    return {user_id: name for user_id, name in rows}  # noqa: C416  a row is a tuple only at run time
