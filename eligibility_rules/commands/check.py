"""`check`: whether packs may be released.

Answers for finding the files, for messages as FILE:LINE: what is wrong and what to do, and for the exit status. Leaves
the findings to `examine`.
"""

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from eligibility_rules.catalog import CASES_SUFFIX
from eligibility_rules.commands.files import Refusal, cases_of, packs_below, read_text, siblings_of
from eligibility_rules.errors import Problem
from eligibility_rules.review.examine import Examined, examine, find_overlaps

HELP = "check packs and their cases before they are released"
DESCRIPTION = """\
Checks each pack: its shape and types, facts that nobody defined, Spanish that is missing, rules that can never be yes
or never be no, facts and charges that change nothing, days on which two packs of one program would be in force, and
the pack's own cases in <version>.cases.yaml beside it. Every message names the file, the line and what to do.

Exit status: 0 if all is well (there may be warnings), 1 if anything is wrong, 2 if it could not be run."""
EXAMPLE = """\
examples:
  python -m eligibility_rules check eligibility_rules/packs
  python -m eligibility_rules check drafts/denver/2026-07-01.yaml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="+", type=Path, metavar="FILE|FOLDER", help="packs, or folders that hold them")


def run(arguments: argparse.Namespace, out: TextIO) -> int:
    """Print every problem and warning, then a line in sum. 1 if there is any problem."""
    paths = list(dict.fromkeys(_packs(arguments.paths)))
    examined = [result for path in paths for result in _examine(path)]
    named = {each.name for each in examined}
    # A pack checked alone is still held against the others of its program.
    beside = {other for path in paths for other in siblings_of(path) if str(other) not in named}
    neighbours = [examine(read_text(other), str(other))[0] for other in sorted(beside)]
    overlaps = find_overlaps([*examined, *neighbours])
    problems = 0
    for each in [*examined, *neighbours]:
        own = [*each.problems, *_misnamed(each, arguments.paths)] if each.name in named else []
        wrong = [*own, *overlaps.get(each.name, [])]
        problems += len(wrong)
        _print(each.name, wrong, out)
        _print(each.name, each.warnings if each.name in named else _unread(each), out, "warning: ")
    print(_in_sum(examined, problems), file=out)
    return 1 if problems else 0


def _packs(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.name.endswith(CASES_SUFFIX):
            pack = path.with_name(path.name.removesuffix(CASES_SUFFIX) + ".yaml")
            raise Refusal(f"{path} holds a pack's cases. Name the pack, {pack}; its cases are checked with it.")
        yield from packs_below(path)


def _examine(path: Path) -> tuple[Examined, ...]:
    cases = cases_of(path)
    text = read_text(path)
    return examine(text, str(path), read_text(cases) if cases.exists() else None, str(cases))


def _misnamed(each: Examined, given: Sequence[Path]) -> list[Problem]:
    """In a folder of packs, each file is named for what it holds; a draft named by itself may lie anywhere."""
    path = Path(each.name)
    if each.pack is None or path in given:
        return []
    own = f"{each.pack.program}/{each.pack.version}.yaml"
    if f"{path.parent.name}/{path.name}" == own:
        return []
    what = f"The file holds program {each.pack.program!r}, version {each.pack.version}."
    return [Problem(None, what, f"Move it to {own}, or correct it.")]


def _unread(neighbour: Examined) -> list[Problem]:
    if neighbour.pack is not None:
        return []
    what = "This neighbour cannot be loaded, so its days were not compared."
    return [Problem(None, what, "Check it too.")]


def _print(name: str, problems: Iterable[Problem], out: TextIO, word: str = "") -> None:
    for problem in sorted(problems, key=lambda each: each.line or 0):
        place = name if problem.line is None else f"{name}:{problem.line}"
        print(f"{place}: {word}{problem.what} {problem.next_step}", file=out)


def _in_sum(examined: Sequence[Examined], problems: int) -> str:
    packs = sum(1 for each in examined if not each.name.endswith(CASES_SUFFIX))
    cases = sum(each.cases for each in examined)
    warnings = sum(len(each.warnings) for each in examined)
    wrong = "nothing is wrong" if not problems else f"{problems} to correct"
    return f"{packs} pack{'s' * (packs != 1)}, {cases} case{'s' * (cases != 1)}: {wrong}" + (
        f", {warnings} warning{'s' * (warnings != 1)}." if warnings else "."
    )
