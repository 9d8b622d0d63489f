"""Small worlds gone through to the end, and every broken rule found out. How many worlds that took is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.sync.exhaustive.exploring import explore
from tests.sync.exhaustive.mutants import MUTANTS
from tests.sync.exhaustive.scopes import SMALL

MUTANT_WORLDS = 20_000
"""Within so many each mutant of CI must be found."""


@pytest.mark.parametrize("name", SMALL)
def test_no_small_world_violates_anything(name: str, tell: Callable[[str], None]) -> None:
    account = explore(SMALL[name])
    tell(str(account))
    assert account.violation is None, str(account)
    assert account.complete


@pytest.mark.parametrize("name", [name for name, mutant in MUTANTS.items() if not mutant.far])
def test_a_broken_rule_is_found_out(name: str, tell: Callable[[str], None]) -> None:
    mutant = MUTANTS[name]
    with mutant.at_work():
        account = explore(mutant.scope, mutant.rules, MUTANT_WORLDS)
    tell(str(account))
    assert account.violation is not None
    assert explore(mutant.scope, at_most=account.worlds).violation is None, "the protocol itself is whole there"
