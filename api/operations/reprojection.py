"""Folding and showing every referral anew after a release of this server that folds, shows or keeps it otherwise.

Before the first request is answered: what a role may no longer read must not stand in its feed a moment longer, nor where its
requests load it. A phone receives what changed by its next pull, as after any other change.
"""

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, delete, update
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from api import logs
from api.database import Database
from api.operations import projection, service
from api.operations.storage import insert_bodies
from api.tables.records import AssessmentBody, Head, OperationBody, OperationHeader, Referral
from sync.apart import writes_assessment
from sync.reconcile import APPLIED

FORM = 4
"""The form of states and views that this code writes, and where it keeps which part of them and of the log.

Raise it with every change of the fold, of views, of who reads what, or of where it is kept."""
BATCH_REFERRALS = 100
BATCH_BODIES = 500
MAY_WRITE_ASSESSMENT = ("referral.set", "conflict.resolve")


def project_anew(database: Database, now: datetime) -> int:
    """Bring stored states, views and bodies to this code's form; returns how many referrals were looked through.

    Broken off, it begins again from the start: what is as it should be is not touched. Whose log does not fold any more keeps
    its stored state, and a line in the log names it.
    """
    with database.read() as session:
        if session.exec(select(Head.projection)).one() >= FORM:
            return 0
    for op_ids in _batches(database, col(OperationBody.op_id), _perhaps_assessment(), limit=BATCH_BODIES):
        with database.write() as session:
            _move_bodies(session, op_ids)
    looked_through, kept = 0, 0
    for ids in _batches(database, col(Referral.id), limit=BATCH_REFERRALS):
        with database.write() as session:
            kept += _anew(session, ids, now)
        looked_through += len(ids)
    if kept:
        logs.warning("operations.kept_as_stored", count=kept)
    with database.write() as session:
        session.execute(update(Head).where(col(Head.id) == 1).values(projection=FORM))
    return looked_through


def _batches(database: Database, key: Mapped[str], *where: ColumnElement[bool], limit: int) -> Iterator[list[str]]:
    last = ""
    while True:
        with database.read() as session:
            found = list(session.execute(select(key).where(key > last, *where).order_by(key).limit(limit)).scalars())
        if not found:
            return
        yield found
        last = found[-1]


def _perhaps_assessment() -> ColumnElement[bool]:
    """Which of the common bodies are looked into: by kind, or because they were refused and may hold anything."""
    header = OperationHeader
    perhaps = col(header.kind).in_(MAY_WRITE_ASSESSMENT) | col(header.state).not_in(APPLIED)
    return select(header.op_id).where(col(header.op_id) == col(OperationBody.op_id), perhaps).exists()


def _move_bodies(session: Session, op_ids: list[str]) -> None:
    """Bodies of operations that write an assessment move to their own table. Of two servers that start the second waits."""
    rows = session.exec(select(OperationBody).where(col(OperationBody.op_id).in_(op_ids)).with_for_update()).all()
    moved = [{"op_id": row.op_id, "body": row.body} for row in rows if _writes_assessment(row.body)]
    insert_bodies(session, AssessmentBody, moved)
    gone = [row["op_id"] for row in moved]
    session.execute(delete(OperationBody).where(col(OperationBody.op_id).in_(gone)))


def _writes_assessment(body: bytes) -> bool:
    operation = json.loads(body)
    return writes_assessment(operation["kind"], operation["payload"])


def _anew(session: Session, ids: list[str], now: datetime) -> int:
    """Fold and show these anew; returns of how many the state could only be kept as it was stored."""
    kept = 0
    draft = service.hold_all(session, ids)
    for referral_id, known in draft.touched.items():
        if projection.expunged(known):
            continue
        try:
            known.state = service.rebuilt(session, referral_id)
        except ValueError:  # what was erased from the log cannot be folded anew, but it can be shown anew
            kept += 1
            logs.warning("operations.kept_as_stored", referral_id=referral_id)
    service.store(session, draft, {}, now)
    return kept
