"""`python -m eligibility_rules`: the rules on the command line, for the people who own them.

Answers for arguments, exit status and messages instead of traces. Leaves each command to its module in `commands`.
"""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from eligibility_rules.commands import check, diff, explain, show, try_out
from eligibility_rules.commands.files import Refusal
from eligibility_rules.errors import RulesError

COMMANDS = {"check": check, "show": show, "explain": explain, "diff": diff, "try": try_out}
DESCRIPTION = """\
A rule pack says for whom a program is. These commands check one before it is released, show it to the people who sign
it, explain what it makes of a person's facts, and say what a new version would change."""
EXAMPLE = """\
a new version, step by step:
  1. copy the pack in force, and change what changes      packs/denver/2026-07-01.yaml
  2. python -m eligibility_rules check packs/denver       is it sound?
  3. python -m eligibility_rules diff OLD NEW             what changes, and for whom?
  4. python -m eligibility_rules try NEW june.jsonl       how many of last month's would change?
  5. python -m eligibility_rules show --html NEW          print it, and have it signed"""


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    layout = argparse.RawDescriptionHelpFormatter
    root = argparse.ArgumentParser(
        prog="python -m eligibility_rules", description=DESCRIPTION, epilog=EXAMPLE, formatter_class=layout
    )
    parts = root.add_subparsers(required=True, metavar="command", dest="command")
    for name, module in COMMANDS.items():
        part = parts.add_parser(
            name, help=module.HELP, description=module.DESCRIPTION, epilog=module.EXAMPLE, formatter_class=layout
        )
        module.add_arguments(part)
    return root


def main(words: Sequence[str] | None = None, out: TextIO | None = None) -> int:
    """Run one command; 0 if all is well, 1 if something needs attention, 2 if it could not be run."""
    arguments = parser().parse_args(words)
    try:
        return int(COMMANDS[arguments.command].run(arguments, out or sys.stdout))
    except (Refusal, RulesError) as error:
        print(error, file=sys.stderr)
        return 2


def _run() -> int:
    # Packs are UTF-8, and so is the page: what a terminal is set to must not spoil a file that is printed and signed.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader (`| head`) has seen enough; leave nothing for the interpreter to flush.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


if __name__ == "__main__":
    sys.exit(_run())
