"""Bugs put in on purpose. Each must be caught by the simulation: a check that never fails proves nothing.

Some stand on the phone: a text of its code is replaced while the phones are bundled (`Replacement`; a text that is no longer
there fails the build). Others stand in the server: a function of the real code is another one for a while.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from api.exchange import service as exchange
from api.operations import feed, queries, service, storage
from api.operations.queries import Standing
from sync import conflicts, fold, merging, views
from sync.records import State
from tests.simulation.host import Replacement
from tests.simulation.server import Killed

Patching = Callable[["Patches"], None]


@dataclass(frozen=True)
class Plant:
    """One bug: where it stands, and what of."""

    on_phone: tuple[Replacement, ...] = ()
    in_server: Patching | None = None

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The server's part, while the block lasts."""
        patches = Patches()
        try:
            if self.in_server is not None:
                self.in_server(patches)
            yield
        finally:
            patches.undo()


class Patches:
    """Attributes that are others for a while."""

    def __init__(self) -> None:
        self._former: list[tuple[Any, str, Any]] = []

    def put(self, place: Any, name: str, value: Any) -> None:
        """Raises AttributeError where nothing of that name stands: the plant has grown stale."""
        self._former.append((place, name, getattr(place, name)))
        setattr(place, name, value)

    def undo(self) -> None:
        for place, name, value in reversed(self._former):
            setattr(place, name, value)
        self._former.clear()


_DELETE_BATCH = (
    "await database.write(['outbox'], async (each) => {"
    " for (const row of batch) await each.objectStore('outbox').delete(row.op_id); });"
)


def _after_failure(condition: str) -> Replacement:
    stop = "const stop = afterFailure(error, batch, pace, memory);"
    return Replacement("transport/flush.ts", stop, f"if ({condition}) {_DELETE_BATCH}\n      {stop}")


def _no_idempotency(patches: Patches) -> None:
    """What arrives again is taken again, and its row written over."""

    def insert(session: Session, model: Any, rows: list[dict[str, Any]]) -> None:
        if (
            rows
            and "op_id" in rows[0]
            and model.__tablename__ in ("operation_header", "operation_body", "assessment_body")
        ):
            key = {"op_id": [row["op_id"] for row in rows]}["op_id"]
            for op_id in key:
                session.connection().execute(text("DELETE FROM operation_body WHERE op_id = :it"), {"it": op_id})
            known = {found[0] for found in session.connection().execute(text("SELECT op_id FROM operation_header"))}
            rows = [row for row in rows if model.__tablename__ != "operation_header" or row["op_id"] not in known]
        real(session, model, rows)

    real = storage._insert
    patches.put(storage, "_insert", insert)
    patches.put(queries, "operations_by_id", lambda session, op_ids: {})


def _receipts_before_the_commit(patches: Patches) -> None:
    """The answer leaves before the transaction is safe: a server that dies in between has lied."""
    take, push = exchange._take, exchange.push
    said: list[dict[str, Any]] = []

    def taken(*given: Any) -> dict[str, Any]:
        said[:] = [take(*given)]
        return said[0]

    def pushed(*given: Any) -> dict[str, Any]:
        said.clear()
        try:
            return push(*given)
        except Killed:
            if not said:
                raise
            return said[0]

    patches.put(exchange, "_take", taken)
    patches.put(exchange, "push", pushed)


def _integer_revision(patches: Patches) -> None:
    """Whoever has seen as high a number has seen everything below it."""
    for place in (conflicts, fold, merging):
        patches.put(place, "covers", lambda base, device, seq: seq <= max(base.values(), default=0))


def _consent_by_last_write(patches: Patches) -> None:
    def last(state: State) -> bool:
        events = list(state["consent"].values())
        return bool(events) and events[-1]["kind"] == "grant"

    patches.put(fold, "consented", last)
    patches.put(views, "consented", last)


class _Stamped:
    """The queries, but where the feed stands is the time of day."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now

    def __getattr__(self, name: str) -> Any:
        return getattr(queries, name)

    def standing(self, session: Session) -> Standing:
        return queries.standing(session)._replace(position=self._now())


def _position_first(patches: Patches) -> None:
    """Positions are times taken when a transaction begins, and a reader's cursor is the time at which it read."""
    ticks = itertools.count(1)

    def now() -> int:
        return next(ticks) * 1000

    begin = service.begin

    def begun(session: Session) -> Any:
        session.info["stamp"] = now()
        return begin(session)

    def advance(session: Session, count: int) -> tuple[str, int]:
        first = session.info.pop("stamp", None) or now()
        update = "UPDATE head SET position = CASE WHEN position > :last THEN position ELSE :last END RETURNING epoch"
        epoch = session.connection().execute(text(update), {"last": first + count - 1}).scalar_one()
        return str(epoch), first

    patches.put(service, "begin", begun)
    patches.put(queries, "advance_head", advance)
    patches.put(feed, "queries", _Stamped(now))


PLANTS: Mapping[str, Plant] = {
    "no idempotency": Plant(in_server=_no_idempotency),
    "delete on 401": Plant((_after_failure("error instanceof Problem && error.status === 401"),)),
    "delete on any 200": Plant((_after_failure("error instanceof NotOurs && error.status === 200"),)),
    "acknowledged before the commit": Plant(in_server=_receipts_before_the_commit),
    "head-of-line blocking": Plant(
        (
            Replacement(
                "storage/outbox.ts",
                "if (passOver.has(cursor.primaryKey)) continue;",
                "if (passOver.has(cursor.primaryKey) || (batch[0]?.attempts ?? 0) > 0) break;",
            ),
        )
    ),
    "no known ranges": Plant(
        (
            Replacement(
                "storage/server_word.ts",
                "requeued: await requeueMissing(transaction, device.device_id, word.known, passOver) }",
                "requeued: [] }",
            ),
        )
    ),
    "dropped on acknowledgement": Plant(
        (
            Replacement(
                "transport/settle.ts",
                "await store.put({ ...row, state, position, receipt: kept });",
                "if (state === 'sent') await store.delete(row.op_id);\n"
                "  else await store.put({ ...row, state, position, receipt: kept });",
            ),
        )
    ),
    "out of sight before the feed shows it": Plant(
        (
            Replacement(
                "storage/feed.ts",
                "(row.state === 'sent' && row.position !== null && row.position <= page.head)",
                "row.state !== 'attention'",
            ),
        )
    ),
    "integer revision": Plant(in_server=_integer_revision),
    "consent by last write": Plant(in_server=_consent_by_last_write),
    "author of before the change of person": Plant(
        (
            Replacement(
                "storage/commit.ts",
                "return { ...operation, v: 1,",
                "const first = (placed.author ??= operation.user_id);\n    return { ...operation, user_id: first, v: 1,",
            ),
        )
    ),
    "position taken first": Plant(in_server=_position_first),
}
"""By name, every bug that must be caught."""
