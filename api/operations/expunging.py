"""Erasing what a referral held: the content goes, and what the log needs to stay whole remains.

What remains of an operation is its header: ids, kind, instants, positions, digest. The digest was made over the clear text
with a salt of 128 random bits, which stood in the body and is erased with it: nobody can try guesses against it any more.
What remains of the referral is a row with its id, number and the scopes it was in, and in each of them a `drop`, so that
phones delete what they have. What stays open is the storage beneath: PostgreSQL keeps old versions until it vacuums, and
SQLite its write-ahead log until that is written over, both sealed under the database's keys. Snapshots and backups keep what
they have until they age out.
"""

from datetime import datetime

from sqlalchemy import delete, or_, select, text, update
from sqlmodel import Session, col

from api.operations import projection
from api.operations.draft import Draft
from api.operations.storage import store
from api.tables.records import AssessmentBody, FeedRow, OperationBody, OperationHeader, Quarantine
from sync import fold
from sync.reconcile import EXPUNGED

UNDECIDED = ("held", "rejected")


def erase(session: Session, draft: Draft, quarantined: list[str], now: datetime) -> None:
    """Erase the referrals that the draft holds locked, and what is kept in quarantine under these hashes; stores the draft.

    Raises AssertionError if the draft was about to change anything else.
    """
    assert not any((draft.headers, draft.quarantine, draft.adopted)), "a draft that erases does nothing besides"
    with_zeros = session.get_bind().dialect.name == "sqlite"
    if with_zeros:
        session.execute(text("PRAGMA secure_delete = ON"))
    for referral_id, referral in draft.touched.items():
        _operations(session, draft, referral.program_id, referral_id)
        referral.state = fold.empty(referral_id, referral.program_id) | {"expunged": True}
        _former_items(session, referral_id, [scope for scope, _ in projection.scopes_of(referral)])
    session.execute(delete(Quarantine).where(col(Quarantine.blob_hash).in_(quarantined)))
    store(session, draft, {}, now)
    if with_zeros:
        session.flush()
        session.execute(text("PRAGMA secure_delete = OFF"))


def _operations(session: Session, draft: Draft, program_id: str, referral_id: str) -> None:
    """The bodies go. What was held is settled, and its author told so, without a word of why it had been held."""
    header = OperationHeader
    own = (col(header.referral_id) == referral_id, col(header.program_id) == program_id)
    for body in (OperationBody, AssessmentBody):
        session.execute(delete(body).where(col(body.op_id).in_(select(col(header.op_id)).where(*own))))
    undecided = (*own, col(header.state).in_(UNDECIDED), col(header.reason).is_distinct_from(EXPUNGED.reason))
    answer = {"status": EXPUNGED.status, "reason": EXPUNGED.reason, "detail": EXPUNGED.detail}
    for op_id, user_id in session.execute(select(col(header.op_id), col(header.user_id)).where(*undecided)).all():
        draft.own.append((program_id, user_id, op_id, {**answer, "referral_id": referral_id}))
    session.execute(update(header).where(*undecided).values(state=EXPUNGED.status, reason=EXPUNGED.reason))


def _former_items(session: Session, referral_id: str, scopes: list[str]) -> None:
    """Page items, what gave way, and views in scopes that no longer reach the referral: nothing takes their place."""
    row, header = FeedRow, OperationHeader
    elsewhere = col(row.scope).not_in(scopes)
    session.execute(
        delete(row).where(
            col(row.item_id) == referral_id, or_(col(row.kind) == "page", (col(row.kind) == "put") & elsewhere)
        )
    )
    own = select(col(header.op_id)).where(col(header.referral_id) == referral_id)
    session.execute(delete(row).where(col(row.kind) == "told", col(row.item_id).in_(own)))
