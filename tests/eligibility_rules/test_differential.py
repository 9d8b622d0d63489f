"""Python and TypeScript answer the same, byte for byte, on random packs and on the shipped ones.

`HANDOFF_FUZZ_PAIRS` sets how many pairs are compared, `HANDOFF_FUZZ_SEED` repeats a run.
"""

import os
from collections import Counter
from pathlib import Path
from random import Random, SystemRandom

from eligibility_rules import Pack
from eligibility_rules.check import OPERATORS
from tests.eligibility_rules.cases import FILES, pack_of
from tests.eligibility_rules.fuzzed_packs import Questions, random_pack
from tests.eligibility_rules.shared_packs import invented_packs
from tests.eligibility_rules.twin import Question, answer_of, compare_with_typescript

PAIRS = int(os.environ.get("HANDOFF_FUZZ_PAIRS", "100000"))
PAIRS_PER_PACK = 50
#: So many pairs are written and compared at a time: a file of some 20 MB.
BATCH = 25_000
#: Every kind of thing that the pairs must have met, if they are many enough to mean anything.
KINDS = {
    *(f"{kind} {operator}" for kind, operators in OPERATORS.items() for operator in operators),
    *("when", "all", "any", "not", "first_known", "look-back in years", "look-back in months", "look-back in days"),
    *("never against a look-back", "anchor unknown", "fact and anchor unknown", "on the boundary of a look-back"),
    *("clamped to a month's end", "clamped to the first day"),
    *("eligible", "ineligible", "needs_review", "fact", "pathway", "something to ask", "something to confirm"),
}
LEAST = max(1, PAIRS // 5000)


def questions_about(random: Random, packs: list[Pack], pairs: int, met: Counter[str]) -> list[Question]:
    """As many questions, pack by pack: an evaluator keeps a pack ready only for a while."""
    askers = [Questions(random, pack, met) for pack in packs]
    places = [number * len(packs) // pairs for number in range(pairs)]
    return [(at, *askers[at].next()) for at in places]


def count_answers(packs: list[Pack], questions: list[Question], met: Counter[str]) -> None:
    """Add to `met` what a sample of the questions is answered with."""
    for at, pathway, facts in questions[::10]:
        answer = answer_of(packs[at], pathway, facts)
        met[answer.get("outcome") or answer["error"]] += 1
        met["something to ask"] += bool(answer.get("ask"))
        met["something to confirm"] += bool(answer.get("confirm"))


def test_both_evaluators_give_the_same_canonical_json(tmp_path: Path) -> None:
    seed = int(os.environ.get("HANDOFF_FUZZ_SEED") or SystemRandom().getrandbits(32))
    print(f"HANDOFF_FUZZ_SEED={seed} HANDOFF_FUZZ_PAIRS={PAIRS}")
    random, met = Random(seed), Counter[str]()
    shipped = [*invented_packs().values(), *map(pack_of, FILES)]
    compared = 0
    for begun in range(0, PAIRS, BATCH):
        pairs = min(BATCH, PAIRS - begun)
        packs = [*shipped, *(random_pack(random, met) for _ in range(pairs // PAIRS_PER_PACK))]
        questions = questions_about(random, packs, pairs, met)
        count_answers(packs, questions, met)
        compared += compare_with_typescript(packs, questions, tmp_path / "pairs.json")
    tame = {kind: met[kind] for kind in KINDS if met[kind] < LEAST}
    assert not tame, f"seed {seed}: the pairs are too tame: {tame}"
    assert compared == PAIRS
    print(f"{PAIRS} pairs agree")
