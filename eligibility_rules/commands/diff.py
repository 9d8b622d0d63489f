"""`diff`: what changes between two versions of a pack, and for whom.

Answers for printing. Leaves the comparison to `changes` and the sentences to `telling`.
"""

import argparse
from pathlib import Path
from typing import TextIO

from eligibility_rules.commands.files import read_pack
from eligibility_rules.commands.layout import heading, indent_parts, width_of_terminal
from eligibility_rules.review.changes import changes
from eligibility_rules.sheets.phrases import LANGUAGES
from eligibility_rules.sheets.telling import tell

HELP = "say what changes between two versions, and for whom"
DESCRIPTION = """\
Says what changes between two versions: the pathways, charges, questions, rules and practice, each as it was and as it
is now; and for whom: examples of persons, as few facts as possible, for whom the outcome changes, with the reason. The
examples are found by trying every value that matters to the rules that differ, and then persons drawn by lot with a
fixed seed; each is true, but there may be changes without an example."""
EXAMPLE = """\
example:
  python -m eligibility_rules diff packs/denver/2025-01-01.yaml drafts/denver/2026-07-01.yaml"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="OLD", help="the version in force")
    parser.add_argument("new", type=Path, metavar="NEW", help="the version that would follow it")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="English (en) or Spanish (es)")


def run(arguments: argparse.Namespace, out: TextIO) -> int:
    old, new = read_pack(arguments.old), read_pack(arguments.new)
    width = width_of_terminal()
    print(f"{old.program} {old.version} ({old.hash[:12]}) -> {new.program} {new.version} ({new.hash[:12]})", file=out)
    for told in tell(old, new, changes(old, new), arguments.language):
        print(*heading(told.heading), *indent_parts(told.lines, width), sep="\n", file=out)
    return 0
