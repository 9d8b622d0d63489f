"""Which pack is in force, and which pack a determination was made with.

Answers for the packs shipped in `packs/<program>/<version>.yaml`, all loaded and checked at once or not at
all, with at most one in force per program and day. Leaves to the caller the date (the incident's, never a
clock read here) and what to do when there is no pack: the referral is kept and needs review.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from eligibility_rules.errors import PackError, Problem
from eligibility_rules.load import load_pack
from eligibility_rules.model import Pack

SHIPPED = Path(__file__).parent / "packs"
#: What a pack's own cases end in; they lie beside the pack, and are no pack.
CASES_SUFFIX = ".cases.yaml"


def document(pack: Pack) -> dict[str, Any]:
    """The JSON document that phones receive beside its hash: `{"hash": pack_hash(pack), "document": …}`."""
    return pack.document()


def pack_hash(pack: Pack) -> str:
    """SHA-256, in hex, of the document's RFC 8785 canonical JSON; computed once per pack."""
    return pack.hash


class Catalog:
    """A fixed set of packs."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        """Raises `PackError` if two packs of one program are in force on the same day."""
        self._packs = sorted(packs, key=lambda pack: (pack.program, pack.effective_from))
        self._by_hash = {pack.hash: pack for pack in self._packs}
        for earlier, later in pairwise(self._packs):
            overlaps = earlier.effective_until is None or earlier.effective_until >= later.effective_from
            if earlier.program == later.program and overlaps:
                other = f"{earlier.program}/{earlier.version}.yaml"
                what = f"It begins {later.effective_from}, while {other} is still in force."
                step = f"End {other} on the day before, or begin this one later."
                raise PackError(f"{later.program}/{later.version}.yaml", [Problem(None, what, step)])

    @classmethod
    def shipped(cls) -> "Catalog":
        """The packs that come with this program. Read once; raises `PackError` if any of them is not
        sound.
        """
        return _shipped()

    @classmethod
    def from_folder(cls, folder: Path) -> "Catalog":
        """Every `<program>/<version>.yaml` below `folder`; a file must be named for the pack inside it. Cases are
        passed over.
        """
        packs = []
        for path in sorted(folder.glob("*/*.yaml")):
            if path.name.endswith(CASES_SUFFIX):
                continue
            name = f"{path.parent.name}/{path.name}"
            pack = load_pack(_read(path, name), name)
            own_name = f"{pack.program}/{pack.version}.yaml"
            if own_name != name:
                what = f"The file holds program {pack.program!r}, version {pack.version}."
                raise PackError(name, [Problem(None, what, f"Move it to {own_name}, or correct it.")])
            packs.append(pack)
        return cls(packs)

    @property
    def programs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(pack.program for pack in self._packs))

    def of(self, program: str) -> tuple[Pack, ...]:
        """The program's packs, the earliest first."""
        return tuple(pack for pack in self._packs if pack.program == program)

    def in_force(self, program: str, day: date) -> Pack | None:
        """The program's pack for an incident on `day`, or None."""
        for pack in self._packs:
            begun = pack.program == program and pack.effective_from <= day
            if begun and (pack.effective_until is None or day <= pack.effective_until):
                return pack
        return None

    def by_hash(self, pack_hash: str) -> Pack | None:
        """The pack a phone says it used, in force or not, or None."""
        return self._by_hash.get(pack_hash)

    def document(self, pack: Pack) -> dict[str, Any]:
        return document(pack)


def _read(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        problem = Problem(None, f"The file is not UTF-8 (byte {error.start}).", "Save it as UTF-8.")
        raise PackError(name, [problem]) from error


@cache
def _shipped() -> Catalog:
    return Catalog.from_folder(SHIPPED)
