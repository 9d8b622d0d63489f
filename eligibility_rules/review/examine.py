"""Everything that can be said of a pack before it is released: whether it is sound, reachable, and true to its cases.

Answers for one pack's text and that of its cases, and for packs of one program whose days overlap. The command `check`
and the installing of a pack both ask here. Leaves files and printing to them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from eligibility_rules.errors import PackError, Problem
from eligibility_rules.load import Lines, load_pack, read_yaml
from eligibility_rules.model import Pack
from eligibility_rules.review.cases import load_cases, nearest_line, run_cases
from eligibility_rules.review.reach import find_unreachable


@dataclass(frozen=True)
class Examined:
    """A pack's text, examined. `pack` is None where it could not be loaded; then nothing else was tried.

    `problems` forbid the pack's release; `warnings` are what could not be said for certain.
    """

    name: str
    pack: Pack | None
    lines: Lines
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    cases: int = 0


def examine(text: str, name: str, cases: str | None = None, cases_name: str = "") -> tuple[Examined, ...]:
    """The pack written in `text` and, if given, its cases: one result for each of the two files."""
    try:
        _, lines = read_yaml(text, name)
        pack = load_pack(text, name)
    except PackError as error:
        return (Examined(name, None, {}, error.problems),)
    findings = [(finding, Problem(nearest_line(finding.place, lines), finding.what, finding.next_step))
                for finding in find_unreachable(pack)]  # fmt: skip
    problems = tuple(problem for finding, problem in findings if finding.certain)
    warnings = [problem for finding, problem in findings if not finding.certain]
    if cases is None:
        step = "Write them: both sides of every boundary, every rule alone."
        warnings.append(Problem(None, "The pack has no cases beside it.", step))
        return (Examined(name, pack, lines, problems, tuple(warnings)),)
    return Examined(name, pack, lines, problems, tuple(warnings)), _examine_cases(pack, cases, cases_name)


def find_overlaps(examined: Sequence[Examined]) -> dict[str, list[Problem]]:
    """Packs of one program in force on the same day: the later one's name, and what to do."""
    found: dict[str, list[Problem]] = {}
    sound = [(each.pack, each) for each in examined if each.pack is not None]
    sound.sort(key=lambda pair: (pair[0].program, pair[0].effective_from))
    for (earlier, first), (later, second) in pairwise(sound):
        overlaps = earlier.effective_until is None or earlier.effective_until >= later.effective_from
        if earlier.program == later.program and overlaps:
            what = f"It begins on {later.effective_from}, while {first.name} is still in force."
            step = f"Let {first.name} end on the day before (effective_until), or begin this one later."
            line = nearest_line(("effective_from",), second.lines)
            found.setdefault(second.name, []).append(Problem(line, what, step))
    return found


def _examine_cases(pack: Pack, cases: str, name: str) -> Examined:
    try:
        file, lines = load_cases(cases, name)
    except PackError as error:
        return Examined(name, None, {}, error.problems)
    return Examined(name, None, lines, tuple(run_cases(pack, file, lines)), cases=len(file.cases))
