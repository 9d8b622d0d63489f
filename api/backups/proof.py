"""Whether an unpacked copy is whole, by what the server itself would need of it tomorrow.

The log and its head agree; every sealed value opens with the keys at hand, and every operation still has its own digest; every
state equals its log folded anew; the audit holds, against the anchors as well. What SQLite's own check cannot see, such as a
bit that fell in a sealed value, shows here. A copy that is made every hour is not read through each time: everything that
phones may forget because of it is, and of what was proved before, a sample.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlmodel import Session, col

from api.at_rest import unseal
from api.at_rest.cipher import CannotUnseal
from api.at_rest.columns import TABLES, SealedTable
from api.at_rest.key_files import KeyFileError
from api.audit import queries as audit
from api.audit.anchors import Anchor
from api.audit.key import check, secret_of
from api.audit.verify import verify
from api.ledger.file import KEY_FILE as LEDGER_KEY
from api.ledger.file import key_in
from api.operations import queries, service
from api.tables.audit import AuditEvent
from api.tables.records import AssessmentBody, FeedRow, Head, OperationBody, OperationHeader, Referral
from api.tables.retention import Expunged, LedgerMark
from sync.operations import MalformedOperation, canonical, digest_of
from sync.reconcile import APPLIED

BATCH = 500
SAMPLE = 200
"""How many rows of each kind, and states, are looked into again at a copy that is made every hour."""
FAULTS_TOLD = 20


@dataclass
class Proof:
    """What was looked at, and what is wrong with it. `unfolded`: states that the log cannot give any more, kept as stored."""

    operations: int = 0
    values: int = 0
    states: int = 0
    unfolded: int = 0
    events: int = 0
    chains: int = 0
    faults: list[str] = field(default_factory=list)

    def words(self) -> str:
        """What was looked at, in a line."""
        said = f"{self.operations} operations and {self.values} other sealed values open, {self.states} referrals are what "
        said += f"their log says, {self.events} events of the audit in {self.chains} chains hold"
        return said + (
            f"; {self.unfolded} referrals cannot be folded anew and were not compared" if self.unfolded else ""
        )


@dataclass(frozen=True)
class Depth:
    """How much is looked at: what lies above a position wholly, and of the rest a sample; `sample` None for everything."""

    above: int = 0
    sample: int | None = None


def prove(session: Session, anchors: Sequence[Anchor], depth: Depth) -> Proof:
    """Look at the session's database, whose schema is this program's. Faults are told, not raised.

    `anchors`: those of the audit that were written before the copy was made. Raises KeyFileError.
    """
    proof = Proof()
    for fault in _faults(session, anchors, depth, proof):
        proof.faults.append(fault)
        if len(proof.faults) >= FAULTS_TOLD:
            break
    return proof


def _faults(session: Session, anchors: Sequence[Anchor], depth: Depth, proof: Proof) -> Iterator[str]:
    lacking = list(_keys(session))
    yield from lacking
    yield from _log_and_head(session)
    yield from _operations(session, depth, proof)
    for table in TABLES.values():
        if table.model not in (OperationBody, AssessmentBody):
            yield from _sealed(session, table, depth, proof)
    yield from _states(session, depth, proof)
    if not lacking:
        yield from _audit(session, anchors, depth, proof)


def _keys(session: Session) -> Iterator[str]:
    """The keys that nothing else here would miss."""
    folder: Path = session.info["keys_dir"]
    try:
        check(session, folder)
    except KeyFileError as error:
        yield str(error)
    marked = set(session.execute(select(col(LedgerMark.key_id)).distinct()).scalars())
    here = {key_in(folder).key_id} if (folder / LEDGER_KEY).exists() else set()
    if marked - here:
        yield f"{folder / LEDGER_KEY} is not the one of this database. Restore it from the key backup."


def _log_and_head(session: Session) -> Iterator[str]:
    header, feed = OperationHeader, FeedRow
    heads = list(session.exec(select(Head)).scalars())  # type: ignore[call-overload]  # SQLModel declares its own select
    if len(heads) != 1:
        yield f"There are {len(heads)} heads instead of one."
        return
    highest = [session.execute(select(func.max(col(table.position)))).scalar() or 0 for table in (header, feed)]
    if max(highest) > heads[0].position:
        yield f"The log goes up to {max(highest)} and its head says {heads[0].position}."
    twice = select(func.count()).where(col(header.position) == col(feed.position))
    if count := session.execute(twice).scalar_one():
        yield f"{count} positions were given out twice."
    gone = select(col(Expunged.referral_id))
    bodiless = (
        select(func.count())
        .select_from(header)
        .outerjoin(OperationBody, col(OperationBody.op_id) == col(header.op_id))
        .outerjoin(AssessmentBody, col(AssessmentBody.op_id) == col(header.op_id))
        .where(col(OperationBody.op_id).is_(None), col(AssessmentBody.op_id).is_(None))
        .where(col(header.state).in_(APPLIED), col(header.referral_id).not_in(gone))
    )
    if count := session.execute(bodiless).scalar_one():
        yield f"{count} operations have lost their content."


def _operations(session: Session, depth: Depth, proof: Proof) -> Iterator[str]:
    """Each body opens and is the operation that its header names."""
    for body in (OperationBody, AssessmentBody):
        place = TABLES[str(body.__tablename__)].place("body")
        statement = select(col(body.op_id), col(OperationHeader.digest), col(body.body)).join(
            OperationHeader, col(OperationHeader.op_id) == col(body.op_id)
        )
        for op_id, digest, sealed in _chosen(session, statement, (col(body.op_id),), depth):
            proof.operations += 1
            try:
                found = digest_of(json.loads(unseal(session, place, op_id, sealed)))
            except CannotUnseal as error:
                yield f"Operation {op_id} does not open. {error}"
            except (ValueError, MalformedOperation):
                yield f"Operation {op_id} cannot be read."
            else:
                if found != digest:
                    yield f"Operation {op_id} is not the one that was received."


def _chosen(session: Session, statement: Any, key: tuple[Any, ...], depth: Depth) -> Iterator[Any]:
    """The statement's rows of operations, as deep as is asked."""
    if depth.sample is None:
        yield from _all(session, statement, key)
        return
    position = col(OperationHeader.position)
    yield from _all(session, statement.where(position > depth.above), key)
    older = statement.where(position <= depth.above).order_by(func.random()).limit(depth.sample)
    yield from session.execute(older)


def _all(session: Session, statement: Any, key: tuple[Any, ...]) -> Iterator[Any]:
    """All rows, a batch at a time, in the order of their key, whose columns come first in the statement."""
    after: tuple[Any, ...] | None = None
    while True:
        part = statement if after is None else statement.where(tuple_(*key) > after)
        rows = session.execute(part.order_by(*key).limit(BATCH)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        after = tuple(rows[-1][: len(key)])


def _sealed(session: Session, table: SealedTable, depth: Depth, proof: Proof) -> Iterator[str]:
    """Each value opens in its own row."""
    columns = table.model.__table__.columns  # type: ignore[attr-defined]  # SQLModel does not declare it
    key = tuple(column for column in columns if column.primary_key)
    others = [columns[name] for name in dict.fromkeys((*table.row, *table.columns)) if columns[name] not in key]
    statement = select(*key, *others)
    if depth.sample is None:
        rows: Iterable[Any] = _all(session, statement, key)
    else:
        rows = session.execute(statement.order_by(func.random()).limit(depth.sample))
    for row in rows:
        values = row._mapping
        for name in table.columns:
            if not values[name]:
                continue
            proof.values += 1
            try:
                unseal(session, table.place(name), table.row_id(values), values[name])
            except CannotUnseal as error:
                yield f"A row of {table.name} does not open. {error}"


def _states(session: Session, depth: Depth, proof: Proof) -> Iterator[str]:
    """Each referral is its log folded anew."""
    gone = select(col(Expunged.referral_id))
    statement = select(col(Referral.id)).where(col(Referral.id).not_in(gone))
    if depth.sample is None:
        rows: Iterable[Any] = _all(session, statement, (col(Referral.id),))
    else:
        header = OperationHeader
        touched = select(col(header.referral_id)).where(col(header.position) > depth.above)
        rows = [
            *_all(session, statement.where(col(Referral.id).in_(touched)), (col(Referral.id),)),
            *session.execute(statement.order_by(func.random()).limit(depth.sample)),
        ]
    for (referral_id,) in rows:
        try:
            stored, folded = queries.whole_state(session, referral_id), service.rebuilt(session, referral_id)
        except CannotUnseal:
            continue  # said of its row or of its operations
        except ValueError:
            proof.unfolded += 1
            continue
        finally:
            session.expunge_all()
        proof.states += 1
        if canonical(stored) != canonical(folded):
            yield f"Referral {referral_id} is not what its log says."


def _audit(session: Session, anchors: Sequence[Anchor], depth: Depth, proof: Proof) -> Iterator[str]:
    if depth.sample is None:
        verdict = verify(session, secret_of(session), anchors)
        proof.events, proof.chains = verdict.events, verdict.chains
        yield from (
            f"Audit of {each.program_id or 'the installation'}: number {each.number} {each.words}."
            for each in verdict.faults
        )
        return
    for head in audit.heads(session):
        proof.chains += 1
        last = session.execute(
            select(col(AuditEvent.number), col(AuditEvent.mac))
            .where(col(AuditEvent.program_id) == head.program_id, col(AuditEvent.number).is_not(None))
            .order_by(col(AuditEvent.number).desc())
            .limit(1)
        ).first()
        proof.events += 1
        if (head.number, head.mac) != ((0, head.mac) if last is None else tuple(last)):
            yield f"Audit of {head.program_id or 'the installation'}: the chain does not end at its head."
