"""Both languages fold the same random logs to the same bytes.

Hypothesis writes the logs with Python's answers to a file; `pwa/src/domain/differential.test.ts` compares. HANDOFF_LOGS
sets how many (300), HANDOFF_SEED repeats a run; the seed is printed.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from sync.fold import apply, blocked, consented, empty, overlay
from sync.operations import Operation, canonical, digest_of
from sync.payloads import KINDS
from sync.records import Committed
from tests.sync.factories import PROGRAM, REFERRAL
from tests.sync.worlds import World, with_keys_reversed, worlds

PWA = Path(__file__).parent.parent.parent / "pwa"
TIME_LIMIT_SECONDS = 600


def envelope_of(operation: Committed) -> dict[str, Any]:
    return {key: value for key, value in operation.items() if key not in ("role", "blind")}


def answers(world: World) -> dict[str, Any]:
    """A log with what Python makes of it: state, views with phones' waiting operations on top, digests."""
    state = empty(REFERRAL, PROGRAM)
    opened = [apply(state, operation) for operation in world.log]
    overlays = []
    for author in world.authors:
        for view, pending in (
            (world.view_for(author), author.outbox),
            (author.shown.view, author.written),
        ):
            if view is not None or pending:
                shown = canonical(overlay(view, pending)).decode()
                overlays.append({"view": view, "pending": pending[::-1], "state": shown})
    return {
        # The order of keys must not matter: every other operation has its own reversed.
        "log": [with_keys_reversed(each) if count % 2 else each for count, each in enumerate(world.log)],
        "opened": opened,
        "state": canonical(state).decode(),
        "consented": consented(state),
        "blocked": blocked(state),
        "digests": [digest_of(envelope_of(operation)) for operation in world.log],
        "overlays": overlays,
    }


def random_worlds(count: int, number: int) -> list[World]:
    collected: list[World] = []

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds())
    def collect(world: World) -> None:
        collected.append(world)

    collect()
    return collected


def test_both_languages_fold_random_logs_to_the_same_bytes(tmp_path: Path) -> None:
    number = int(os.environ.get("HANDOFF_SEED") or secrets.randbelow(2**32))
    print(f"HANDOFF_SEED={number}")
    collected = random_worlds(int(os.environ.get("HANDOFF_LOGS") or 300), number)
    for world in collected:
        for operation in world.log:
            Operation.model_validate(envelope_of(operation))
            KINDS[operation["kind"]].model_validate(operation["payload"])
    assert {operation["kind"] for world in collected for operation in world.log} == set(KINDS)
    logs = tmp_path / "logs.json"
    logs.write_text(json.dumps([answers(world) for world in collected]), encoding="utf-8")

    run = subprocess.run(
        ["npx", "vitest", "run", "src/domain/differential.test.ts"],
        cwd=PWA,
        env={**os.environ, "HANDOFF_LOGS_FILE": str(logs), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=TIME_LIMIT_SECONDS,
        check=False,
    )
    assert run.returncode == 0, f"HANDOFF_SEED={number}\n{run.stdout}\n{run.stderr}"
    assert "4 passed" in run.stdout, run.stdout
    assert "skipped" not in run.stdout, run.stdout
