"""`python -m tests.sync.exhaustive`: every scope, small and large, then every mutant, with the number of worlds."""

import argparse

from tests.sync.exhaustive.exploring import explore
from tests.sync.exhaustive.mutants import MUTANTS
from tests.sync.exhaustive.scopes import LARGE, SMALL

WORLDS = 250_000


def main() -> int:
    """0 if no scope holds a violation and every mutant was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.sync.exhaustive", description=__doc__)
    parser.add_argument("--worlds", type=int, default=WORLDS, help=f"at most so many of each scope ({WORLDS})")
    parser.add_argument("--only", default="", help="scopes and mutants whose name holds this")
    asked = parser.parse_args()
    failed = False
    for name, scope in {**SMALL, **LARGE}.items():
        if asked.only in name:
            account = explore(scope, at_most=asked.worlds)
            failed |= account.violation is not None
            print(f"{name}: {account}", flush=True)
    for name, mutant in MUTANTS.items():
        if asked.only in name:
            with mutant.at_work():
                account = explore(mutant.scope, mutant.rules, asked.worlds)
            failed |= account.violation is None
            print(f"mutant, {name}: {'NOT FOUND, ' if account.violation is None else ''}{account}", flush=True)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
