"""Asking the TypeScript evaluator the same questions, and comparing its answers with Python's as canonical JSON."""

import json
import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import rfc8785

from eligibility_rules import FactError, Pack, PathwayError, evaluate

PWA = Path(__file__).parents[2] / "pwa"
TIMEOUT_SECONDS = 600
CHECKED_AGAINST_RFC_8785 = 100

#: Which pack (its place in the list), the pathway, the facts.
Question = tuple[int, str, dict[str, Any]]


def answer_of(pack: Pack, pathway: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The determination, or the refusal."""
    try:
        return evaluate(pack, pathway, facts).model_dump(mode="json")
    except FactError as error:
        return {"error": "fact", "fact": error.fact}
    except PathwayError:
        return {"error": "pathway"}


def compare_with_typescript(packs: Sequence[Pack], questions: Sequence[Question], file: Path) -> int:
    """Have TypeScript answer what Python answers, by way of `file`; return how many answers were the same.

    Raises `AssertionError` with the first difference.
    """
    documents = [{"hash": pack.hash, "document": pack.document()} for pack in packs]
    pairs = []
    for number, (at, pathway, facts) in enumerate(questions):
        answer = answer_of(packs[at], pathway, facts)
        text = json.dumps(answer, sort_keys=True, separators=(",", ":"))
        # Without numbers, and in ASCII, this is the canonical form, made twenty times faster.
        assert number % CHECKED_AGAINST_RFC_8785 or text == rfc8785.dumps(answer).decode()
        pairs.append({"pack": at, "pathway": pathway, "facts": facts, "answer": text})
    file.write_text(json.dumps({"packs": documents, "pairs": pairs}), encoding="utf-8")
    run = subprocess.run(
        ["node_modules/.bin/vitest", "run", "src/rules/differential.test.ts"],
        cwd=PWA,
        env={**os.environ, "HANDOFF_FUZZ_FILE": str(file), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert run.returncode == 0, f"{run.stdout[-4000:]}\n{run.stderr[-2000:]}"
    compared = re.search(r"compared ([0-9]+) pairs", run.stdout)
    assert compared is not None, run.stdout
    return int(compared[1])
