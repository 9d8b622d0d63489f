"""Python and TypeScript answer the same, byte for byte, on random packs and on the shipped ones.

`HANDOFF_FUZZ_PAIRS` sets how many pairs are compared, `HANDOFF_FUZZ_SEED` repeats a run.
"""

import json
import os
import re
import subprocess
from pathlib import Path
from random import Random, SystemRandom
from typing import Any

import rfc8785

from eligibility_rules import Determination, FactError, Pack, PathwayError, evaluate
from tests.eligibility_rules.fuzzed_packs import random_pack, random_question
from tests.eligibility_rules.shared_packs import shared_packs

PWA = Path(__file__).parents[2] / "pwa"
PAIRS = int(os.environ.get("HANDOFF_FUZZ_PAIRS", "3000"))
PAIRS_PER_PACK = 20
TIMEOUT_SECONDS = 600


def canonical_answer(pack: Pack, pathway: str, facts: dict[str, Any]) -> str:
    """The determination, or the refusal, as RFC 8785 canonical JSON."""
    answer: dict[str, Any]
    try:
        determination: Determination = evaluate(pack, pathway, facts)
        answer = determination.model_dump(mode="json")
    except FactError as error:
        answer = {"error": "fact", "fact": error.fact}
    except PathwayError:
        answer = {"error": "pathway"}
    return rfc8785.dumps(answer).decode()


def write_pairs(path: Path, seed: int) -> dict[str, int]:
    """Write the packs and the pairs with Python's answers; return how often each kind of answer was given."""
    random = Random(seed)
    packs = [*shared_packs().values(), *(random_pack(random) for _ in range(PAIRS // PAIRS_PER_PACK))]
    pairs, kinds = [], dict.fromkeys(("eligible", "ineligible", "needs_review", "fact", "pathway"), 0)
    for number in range(PAIRS):
        which = number % len(packs)
        pathway, facts = random_question(random, packs[which])
        answer = canonical_answer(packs[which], pathway, facts)
        kinds[json.loads(answer).get("outcome") or json.loads(answer)["error"]] += 1
        pairs.append({"pack": which, "pathway": pathway, "facts": facts, "answer": answer})
    documents = [{"hash": pack.hash, "document": pack.document()} for pack in packs]
    path.write_text(json.dumps({"packs": documents, "pairs": pairs}), encoding="utf-8")
    return kinds


def test_both_evaluators_give_the_same_canonical_json(tmp_path: Path) -> None:
    seed = int(os.environ.get("HANDOFF_FUZZ_SEED") or SystemRandom().getrandbits(32))
    print(f"HANDOFF_FUZZ_SEED={seed} HANDOFF_FUZZ_PAIRS={PAIRS}")
    file = tmp_path / "pairs.json"
    kinds = write_pairs(file, seed)
    assert all(kinds.values()), f"the pairs are too tame: {kinds}"
    run = subprocess.run(
        ["node_modules/.bin/vitest", "run", "src/rules/differential.test.ts"],
        cwd=PWA,
        env={**os.environ, "HANDOFF_FUZZ_FILE": str(file), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert run.returncode == 0, f"seed {seed}\n{run.stdout[-4000:]}\n{run.stderr[-2000:]}"
    compared = re.search(r"compared ([0-9]+) pairs", run.stdout)
    assert compared is not None, run.stdout
    assert int(compared[1]) == PAIRS
    print(f"{PAIRS} pairs agree: {kinds}")
