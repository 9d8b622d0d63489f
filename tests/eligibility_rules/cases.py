"""Every shipped pack with the cases written beside it, in `packs/<program>/<version>.cases.yaml`.

`eligibility_rules.review.cases` documents their form. Files are read when a test asks for them, so that one that cannot be read
fails its own tests alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from eligibility_rules import Determination, Pack, evaluate, load_pack
from eligibility_rules.catalog import CASES_SUFFIX, SHIPPED
from eligibility_rules.review.cases import Case, CaseFile, Facts, facts_of_case, load_cases, run_cases

FILES = tuple(path for path in sorted(SHIPPED.glob("*/*.yaml")) if not path.name.endswith(CASES_SUFFIX))


@dataclass(frozen=True)
class Suite:
    """A pack, its cases, and in words what the pack says otherwise."""

    pack: Pack
    file: CaseFile
    problems: tuple[str, ...]

    def judged(self) -> Iterator[tuple[Case, Facts, Determination]]:
        """The cases that are not refused, with their facts and what the pack says of them."""
        for case in self.file.cases:
            if case.refused is None:
                facts = facts_of_case(self.file, case)
                yield case, facts, evaluate(self.pack, case.pathway, facts)


def file_id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@cache
def pack_of(path: Path) -> Pack:
    return load_pack(path.read_text(encoding="utf-8"), path.name)


@cache
def suite_of(path: Path) -> Suite:
    """Raises `PackError` where the pack or its cases cannot be read, `FileNotFoundError` where there are none."""
    pack = pack_of(path)
    beside = path.with_name(path.stem + CASES_SUFFIX)
    file, lines = load_cases(beside.read_text(encoding="utf-8"), beside.name)
    return Suite(pack, file, tuple(str(problem) for problem in run_cases(pack, file, lines)))
