"""The rules' figures: what an evaluation costs, what the packs weigh on the phone, and how few questions are put."""

import gzip
import json
import subprocess
import tempfile
import time
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

from eligibility_rules import Pack, evaluate
from tests.eligibility_rules.cases import FILES, Suite, suite_of
from tests.eligibility_rules.questioning import Asking, ask, officers_facts, random_truth
from tests.eligibility_rules.test_differential import PAIRS

PWA = Path(__file__).parents[2] / "pwa"
SEED = 1
EVALUATIONS = 2000
ROUNDS = 5
PEOPLE = 300

Question = tuple[str, dict[str, Any]]

#: Prints milliseconds per evaluation. The clock is the processor's time, as in Python.
IN_NODE = """
import { readFileSync } from 'node:fs';
const [bundle, file, rounds] = process.argv.slice(1);
const { evaluate } = await import(bundle);
const { pack, questions } = JSON.parse(readFileSync(file, 'utf8'));
let best = Infinity;
for (let round = 0; round < Number(rounds) * 4; round += 1) {
  const began = process.cpuUsage().user;
  for (const [pathway, facts] of questions) evaluate(pack, pathway, facts);
  best = Math.min(best, (process.cpuUsage().user - began) / 1000 / questions.length);
}
console.log(best);
"""


def measure() -> None:
    """Print the speed of one evaluation, the weight of all packs, and a row for every pack."""
    suites = [suite_of(path) for path in FILES]
    packs = [suite.pack for suite in suites]
    largest = max(packs, key=lambda pack: len(pack.rules) + len(pack.facts))
    questions = _stages(largest)
    size = f"{len(largest.rules)} rules, {len(largest.facts)} facts"
    print(f"rules one evaluation of the largest pack ({largest.program}: {size}), checking its facts included:")
    print(f"rules   Python {_python(largest, questions):5.1f} µs   V8 (Node) {_node(largest, questions):5.1f} µs")
    print(f"rules {len(packs)} packs weigh {_weight(packs) / 1000:.1f} kB (gzip) together")
    print(f"rules {sum(len(suite.file.cases) for suite in suites):,} cases; {PAIRS:,} fuzzed pairs in `make test`")
    print(f"rules questions put to an officer on a pathway, of all there are ({PEOPLE} people, seed {SEED})")
    print(f"rules {'':26} {'pathway':17} cases  all  answers at random  everything holds")
    for suite in suites:
        for line in _rows(suite):
            print(f"rules {line}")


def _stages(pack: Pack) -> list[Question]:
    """What the form evaluates: every stage of the officer's way through its questions, for people at random."""
    random, questions = Random(SEED), []
    for _ in range(PEOPLE):
        for pathway in pack.pathways:
            truth = random_truth(random, pack)
            asked = ask(pack, pathway, truth).asked
            questions += [(pathway, {name: truth[name] for name in asked[:count]}) for count in range(len(asked) + 1)]
            questions.append((pathway, truth))
    return random.sample(questions, min(EVALUATIONS, len(questions)))


def _python(pack: Pack, questions: list[Question]) -> float:
    """Microseconds of this thread's time per evaluation; the best of several rounds, as others use the processor too."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        for pathway, facts in questions:
            evaluate(pack, pathway, facts)
        rounds.append((time.thread_time() - began) / len(questions))
    return min(rounds) * 1_000_000


def _node(pack: Pack, questions: list[Question]) -> float:
    """The same in V8, the engine of Chromium; the best of several rounds, warmed up by the first."""
    with tempfile.TemporaryDirectory() as folder:
        file, bundle = Path(folder) / "questions.json", Path(folder) / "rules.mjs"
        document = {"hash": pack.hash, "document": pack.document()}
        file.write_text(json.dumps({"pack": document, "questions": questions}), encoding="utf-8")
        build = ["node_modules/.bin/rolldown", "src/rules/evaluate.ts", "--format", "esm", "--file", str(bundle)]
        subprocess.run(build, cwd=PWA, check=True, capture_output=True)
        arguments = ["node", "--input-type=module", "-e", IN_NODE, str(bundle), str(file), str(ROUNDS)]
        run = subprocess.run(arguments, capture_output=True, text=True, check=True)
    return float(run.stdout) * 1000


def _weight(packs: list[Pack]) -> int:
    """Bytes of all packs' documents in one compressed file."""
    documents = [pack.document() for pack in packs]
    return len(gzip.compress(json.dumps(documents, ensure_ascii=False, separators=(",", ":")).encode(), 9))


def _rows(suite: Suite) -> list[str]:
    pack, random, rows = suite.pack, Random(SEED), []
    for number, pathway in enumerate(pack.pathways):
        everything = officers_facts(pack, pathway)
        if everything:
            people = [ask(pack, pathway, random_truth(random, pack)) for _ in range(PEOPLE)]
            eligible = ask(pack, pathway, _nobody_knows(pack) | suite.file.base[pathway])
            cases = str(len(suite.file.cases)) if number == 0 else ""
            rows.append(
                f"{pack.program if number == 0 else '':26} {pathway:17} {cases:>5} {len(everything):>4}"
                f" {_average(people):>18.1f} {len(eligible.asked):>17}"
            )
    return rows


def _average(people: list[Asking]) -> float:
    return mean(len(person.asked) for person in people)


def _nobody_knows(pack: Pack) -> dict[str, Any]:
    return dict.fromkeys(pack.facts_by_id)
