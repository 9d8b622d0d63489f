"""What must hold after every step, by the names of the design. What holds once a world has come to rest is in `rest`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.simulation import log
from tests.simulation.log import Stored
from tests.simulation.oracle import Violation

if TYPE_CHECKING:
    from tests.simulation.network import Message
    from tests.simulation.server import Answer
    from tests.simulation.world import World

STORED = frozenset({"applied", "merged", "held", "rejected"})
HONEST_REFUSALS = frozenset({"not_permitted"})
"""Why an operation of these worlds may be rejected: nobody forges, so no other reason is true."""


def after_answer(world: World, message: Message, answer: Answer) -> None:
    """The server has just answered: what it says it has, it has; and what it said first, it says again."""
    if message.path != "/api/sync/push" or answer.status != 200:
        return
    receipts = json.loads(answer.body)["receipts"]
    kept = log.stored(world.server.database)
    for receipt in receipts:
        if receipt["status"] in STORED | {"duplicate"} and receipt["op_id"] not in kept:
            raise Violation(
                "honest receipts", f"{receipt['op_id']} is {receipt['status']}, and a fresh look does not find it"
            )
        _same_as_first(world, receipt)


def _same_as_first(world: World, receipt: dict[str, Any]) -> None:
    op_id, said = receipt["op_id"], world.oracle.receipts
    first = receipt["first"] if receipt["status"] == "duplicate" else receipt
    if receipt["status"] == "retry" or first is None:
        return
    if receipt["status"] != "duplicate" and op_id in said:
        raise Violation(
            "effect at most once", f"{op_id} was taken twice: {said[op_id]['status']}, then {receipt['status']}"
        )
    if said.setdefault(op_id, first) != first:
        raise Violation("effect at most once", f"{op_id} got another answer than the first: {said[op_id]}, {first}")


def after_step(world: World) -> None:
    """A move was made."""
    rows = log.headers(world.server.database)
    _in_order(world, rows)
    _only_what_was_written(world, rows)
    _nothing_lost(world, rows)


def _in_order(world: World, rows: list[Stored]) -> None:
    """Positions become visible in their order: nothing appears below what a reader may have behind it."""
    for row in rows:
        if row.op_id not in world.visible and row.position <= world.highest:
            raise Violation(
                "complete feed", f"{row.op_id} appears at {row.position}, and {world.highest} was visible before"
            )
    world.visible = {row.op_id: row.position for row in rows}
    world.highest = max([world.highest, *world.visible.values()])


def _only_what_was_written(world: World, rows: list[Stored]) -> None:
    fresh = [row for row in rows if row.op_id not in world.looked_at and row.device_id not in world.epochs()]
    bodies = log.bodies(world.server.database, [row.op_id for row in fresh])
    for row in fresh:
        made = world.oracle.authored.get(row.op_id)
        if made is None:
            raise Violation("conservation", f"{row.op_id} is in the log, and nobody wrote it")
        if bodies[row.op_id] != made.raw:
            raise Violation("conservation", f"{row.op_id} is kept otherwise than it was written")
        if row.state == "rejected" and row.reason not in HONEST_REFUSALS:
            raise Violation("conservation", f"{row.op_id} was rejected as {row.reason}, and nobody forges here")
        world.looked_at.add(row.op_id)


def _nothing_lost(world: World, rows: list[Stored]) -> None:
    oracle = world.oracle
    unopened = log.quarantined(world.server.database)
    if unopened:
        raise Violation("conservation", f"{sorted(unopened)} could not prove whose they are, and nobody forges here")
    lost = oracle.authored.keys() - {row.op_id for row in rows} - oracle.on_phones() - oracle.excused
    if lost:
        raise Violation("conservation", f"{sorted(lost)} were written, and are nowhere")
