"""What must be true when everybody has sent everything: each rule in a function, each break of one in a sentence."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing

from sqlalchemy import func, inspect, text
from sqlmodel import Session, col, select

from api.database import Database
from api.operations import projection, queries, service
from api.tables.records import FeedRow, Head, OperationBody, OperationHeader, Quarantine, Referral
from sync.operations import canonical
from sync.reconcile import KnownReferral
from sync.records import State
from tests.torture.crew import Person, Reading


def reckon(database: Database, people: Sequence[Person], readings: Sequence[Reading], wrong: list[str]) -> None:
    """Add to `wrong` whatever was lost, doubled, changed or not shown, and how the database is damaged."""
    for person in people:
        wrong += [f"{person.name} was told: {word}" for word in person.outbox.broken_words]
        wrong += [f"{person.name} still holds {op_id}" for op_id in person.outbox.waiting]
    with database.read() as session:
        wrong += _log(session, people)
        wrong += _states(session)
        wrong += _feed(session)
        for reading in readings:
            wrong += _shown(session, reading)
    wrong += _whole(database)


def _log(session: Session, people: Sequence[Person]) -> Iterator[str]:
    """Everything written is in the log once, as it was written; nothing else of these phones is."""
    headers = {row.op_id: row for row in session.exec(select(OperationHeader))}
    bodies = {row.op_id: row.body for row in session.exec(select(OperationBody))}
    epoch = queries.standing(session).epoch
    authored = {op_id: operation for person in people for op_id, operation in person.outbox.authored().items()}
    for op_id, operation in authored.items():
        header = headers.get(op_id)
        if header is None:
            yield f"{op_id} ({operation['kind']}) was written and is not in the log"
        elif header.digest != operation["digest"] or bodies.get(op_id) != canonical(operation):
            yield f"{op_id} is not stored as it was written"
        elif header.state not in ("applied", "merged"):
            yield f"{op_id} is {header.state}: {header.reason}"
    yield from (f"{op_id} was never written" for op_id, row in headers.items()
                if op_id not in authored and row.device_id != epoch)  # fmt: skip
    numbers = Counter(
        (row.device_id, row.seq, row.referral_id if row.device_id == epoch else "") for row in headers.values()
    )
    yield from (
        f"{device}, seq {seq} is there {count} times" for (device, seq, _), count in numbers.items() if count > 1
    )
    for person in people:
        for op_id, (_, receipt) in person.outbox.settled.items():
            if op_id in headers and headers[op_id].position != receipt["position"]:
                yield f"{op_id} stands at {headers[op_id].position}, its receipt says {receipt['position']}"
    yield from (f"{row.op_id} is in quarantine: {row.reason}" for row in session.exec(select(Quarantine)))


def _states(session: Session) -> Iterator[str]:
    """Every stored referral is the fold of its log, and positions were given out once, below the head."""
    for row in session.exec(select(Referral)):
        if canonical(queries.whole_state(session, row.id)) != canonical(service.rebuilt(session, row.id)):
            yield f"referral {row.id} is not what its log makes of it"
    logged = session.exec(select(func.count(func.distinct(OperationHeader.referral_id)))).one()
    stored = session.exec(select(func.count()).select_from(Referral)).one()
    if logged != stored:
        yield f"{logged} referrals in the log, {stored} stored"
    positions = list(session.exec(select(OperationHeader.position))) + list(session.exec(select(FeedRow.position)))
    if len(positions) != len(set(positions)):
        yield "a position was given out twice"
    if max(positions, default=0) > session.exec(select(Head.position)).one():
        yield "a position lies above the head"


def _feed(session: Session) -> Iterator[str]:
    """Every scope shows of every referral what its role may see of the present state, and no scope shows another one."""
    shown = {(row.scope, row.item_id): row.item for row in session.exec(select(FeedRow).where(FeedRow.kind == "put"))}
    for row in session.exec(select(Referral)):
        state: State = queries.whole_state(session, row.id)  # type: ignore[assignment]  # it is stored: this is its row
        known = KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, state)
        for item in projection.referral_items(known):
            text = shown.pop((item.scope, row.id), None)
            if text is None:
                yield f"{item.scope} does not show referral {row.id}"
            elif json.loads(text)["view"] != json.loads(item.body):
                yield f"{item.scope} shows an old form of referral {row.id}"
    yield from (f"{scope} shows {referral_id}, which is not for it" for scope, referral_id in shown)


def _shown(session: Session, reading: Reading) -> Iterator[str]:
    """The phone holds the final form of every item of its scopes, and nothing else.

    But for what was touched after it looked: a worker that escalates a page does not wait for readers.
    """
    person = reading.person
    rows = session.exec(select(FeedRow).where(col(FeedRow.scope).in_(person.scopes))).all()
    final = {(row.kind, row.item_id): json.loads(row.item) for row in rows}
    later = {(row.kind, row.item_id) for row in rows if row.position > reading.head}
    for key in (final.keys() | reading.items.keys()) - later:
        if final.get(key) != reading.items.get(key):
            yield f"{person.name} does not see the final form of {' '.join(key)}"
    if reading.resyncs:
        yield f"{person.name} had to start anew {reading.resyncs} times"


def _whole(database: Database) -> Iterator[str]:
    """The database itself: SQLite's own checks of its file; of PostgreSQL every row of every table can be read."""
    if database.embedded:
        with closing(sqlite3.connect(database.url.removeprefix("sqlite:///"))) as connection:
            answers = [row[0] for row in connection.execute("PRAGMA integrity_check")]
            if answers != ["ok"]:
                yield f"the file is damaged: {answers[:3]}"
            if broken := connection.execute("PRAGMA foreign_key_check").fetchall():
                yield f"rows that refer to nothing: {broken[:3]}"
        return
    with database.read() as session:
        for table in inspect(session.connection()).get_table_names():
            session.execute(text(f'SELECT * FROM "{table}"')).all()
