"""`try`: last month's determinations, de-identified, judged again by a draft.

Answers for the file and for what may be printed of small counts. Leaves the comparison to `trial`.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from eligibility_rules.catalog import Catalog
from eligibility_rules.commands.files import read_json, read_pack, read_text, siblings_of
from eligibility_rules.model import Pack
from eligibility_rules.review.small_counts import FEWER, LEAST_TOLD, Key, in_words
from eligibility_rules.review.trial import Trial, try_draft

#: The cell of those whose outcome stays the same, beside the changes from one outcome to another.
UNCHANGED = ("unchanged", "unchanged")

HELP = "judge past determinations by a draft: how many would change"
DESCRIPTION = f"""\
Judges determinations that were made by a draft, and says how many would come out otherwise, from what to what, and by
which rule. The file holds one JSON object a line, without anything that says who the person was:

  {{"pathway": "social_contact", "facts": {{"adult": true}}, "outcome": "needs_review", "pack": "HASH",
   "incident_date": "2026-06-30"}}

Facts that the draft does not know are left out, and a charge that it does not list counts as one not on the list.
Counts from 1 to {LEAST_TOLD - 1} are told as "{FEWER}", and others are withheld where they would give these away. Lines that
cannot be read are named by number. Exit status: 1 if there are such lines, else 0."""
EXAMPLE = """\
example:
  python -m eligibility_rules try drafts/denver/2026-07-01.yaml june.jsonl"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("draft", type=Path, metavar="DRAFT", help="the pack to try")
    parser.add_argument("determinations", type=Path, metavar="DETERMINATIONS.jsonl", help="one determination a line")
    parser.add_argument("--against", type=Path, action="append", default=[], metavar="FILE",
                        help="a version that was used, if it is neither shipped nor beside the draft")  # fmt: skip
    parser.add_argument(
        "--small-counts", action="store_true", help="print small counts too; for those who may see them"
    )


def run(arguments: argparse.Namespace, out: TextIO) -> int:
    draft = read_pack(arguments.draft)
    text = read_text(arguments.determinations)
    known = {pack.hash: pack for pack in map(read_pack, [*siblings_of(arguments.draft), *arguments.against])}
    known[draft.hash] = draft

    def by_hash(wanted: str) -> Pack | None:
        return known.get(wanted) or Catalog.shipped().by_hash(wanted)

    trial = try_draft(draft, _numbered(text), read_json, by_hash)
    print(*report(trial, small_counts=arguments.small_counts), sep="\n", file=out)
    return 1 if trial.unread else 0


def report(trial: Trial, *, small_counts: bool) -> list[str]:
    """The comparison in lines. Every count of people is told as `small_counts` allows."""
    lines = [*_result(trial, small_counts)]
    if trial.unknown_packs:
        lines.append("Of some, the version used is not at hand: their change is told by the draft's rules alone. "
                     "Name it with --against.")  # fmt: skip
    if trial.left_out:
        lines.append(f"Facts that the draft does not know were left out: {', '.join(sorted(trial.left_out))}.")
    if trial.unread:
        count = sum(len(numbers) for numbers in trial.unread.values())
        lines.append(f"{count} line{'s' * (count != 1)} could not be compared:")
        lines += [f"  line {_ranges(numbers)}: {reason}" for reason, numbers in sorted(trial.unread.items())]
    return lines


def _result(trial: Trial, small_counts: bool) -> Iterator[str]:
    if not trial.compared:
        yield "No determination was compared."
        return
    told = small_counts or trial.compared >= LEAST_TOLD
    cells = {UNCHANGED: trial.same, **trial.otherwise}
    words = _words(cells, small_counts, told=told)
    yield f"Compared: {f'{trial.compared:,}' if told else FEWER}."
    yield f"Unchanged: {words[UNCHANGED] if trial.same else 'none'}."
    if not trial.otherwise:
        yield "Would change: none."
        return
    yield "Would change:"
    for change in sorted(trial.otherwise):
        before, after = change
        yield f"  from {before} to {after}: {words[change]}"
        shown = words[change] == f"{cells[change]:,}"
        by_rule = _words(trial.rules[change], small_counts, told=shown)
        for rule in sorted(by_rule):
            yield f"    by {rule}: {by_rule[rule]}"


def _words(cells: Mapping[Key, int], small_counts: bool, *, told: bool) -> dict[Key, str]:
    if small_counts:
        return {key: f"{count:,}" for key, count in cells.items()}
    return in_words(cells, total_told=told)


def _numbered(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold anything, numbered as an editor does."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if line.strip():
            yield number, line


def _ranges(numbers: Sequence[int]) -> str:
    """`1, 4-6, 9`."""
    breaks = [0, *(n for n, (a, b) in enumerate(pairwise(numbers), 1) if b != a + 1), len(numbers)]
    runs = [numbers[a:b] for a, b in pairwise(breaks)]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
