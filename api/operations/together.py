"""Referrals about one person in the database: which they are, locked together, shown together, and their links written.

How they read together is decided in `sync.merging`. The table of links repeats what the states say (`merged_into`), because
states are sealed and cannot be asked who was merged into whom.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, delete, insert, or_, select
from sqlmodel import Session, col

from api.operations import queries
from api.operations.draft import Draft
from api.operations.queries import Locked
from api.tables.records import OperationHeader, Referral, ReferralAlias
from sync.merging import merged_into, wholes
from sync.reconcile import APPLIED, KnownReferral
from sync.records import State

_NAMED: BindParameter[str] = bindparam("ids", expanding=True)
_LINKS = select(col(ReferralAlias.from_id), col(ReferralAlias.into_id)).where(
    or_(col(ReferralAlias.from_id).in_(_NAMED), col(ReferralAlias.into_id).in_(_NAMED))
)


class Linked(NamedTuple):
    """Referrals with all that are linked to them, over whatever chain, and the links: from which into which."""

    ids: set[str]
    links: dict[str, str]


def linked(session: Session, ids: Collection[str]) -> Linked:
    """Everything that is worked on together with any of these, as far as this transaction sees."""
    found = Linked(set(ids), {})
    fresh = found.ids
    while fresh:  # ends: every round names referrals that were not named before
        rows = {from_id: into_id for from_id, into_id in session.execute(_LINKS, {"ids": list(fresh)})}  # noqa: C416
        found.links.update(rows)
        fresh = {*rows, *rows.values()} - found.ids
        found.ids.update(fresh)
    return found


def lock(session: Session, ids: Iterable[str], draft: Draft, targets: Collection[str] = ()) -> dict[str, Locked]:
    """Those of the referrals that exist and all that are linked to them, locked in the order of their ids.

    `targets` are those into which others are about to be merged. On PostgreSQL somebody may have merged between the looking
    and the locking: what came to it is locked then, out of order. Should two such meet, the database breaks one off, and that
    is tried again as after any deadlock.
    """
    found = linked(session, {*ids, *targets})
    locked = queries.lock_referrals(session, found.ids)
    if session.get_bind().dialect.name != "sqlite":
        while more := (again := linked(session, found.ids)).ids - found.ids:
            locked |= queries.lock_referrals(session, more)
            found = again
        found = again
    draft.links = found.links
    draft.beside = {key: each.known for key, each in locked.items()} if found.links or targets else {}
    return locked


def shown(draft: Draft) -> tuple[dict[str, KnownReferral], Mapping[str, State]]:
    """The referrals whose views may change with the draft, and as what each of them is worked on with others."""
    if not draft.beside and not any("merged_into" in each.state["registers"] for each in draft.touched.values()):
        return draft.touched, {}
    referrals = draft.beside | draft.touched
    return referrals, wholes({key: each.state for key, each in referrals.items()})


def write_links(session: Session, draft: Draft) -> None:
    """As the states of the draft say it now."""
    gone, fresh = [], []
    for referral_id, referral in draft.touched.items():
        into, stored = merged_into(referral.state), draft.links.get(referral_id)
        if into == stored:
            continue
        if stored is not None:
            gone.append(referral_id)
        if into is not None:
            fresh.append(_row(referral_id, referral, into))
    if gone:
        session.execute(delete(ReferralAlias).where(col(ReferralAlias.from_id).in_(gone)))
    if fresh:
        session.execute(insert(ReferralAlias), fresh)


def _row(referral_id: str, referral: KnownReferral, into: str) -> dict[str, Any]:
    by_op = referral.state["registers"]["merged_into"]["op"]
    return {"from_id": referral_id, "into_id": into, "by_op": by_op, "program_id": referral.program_id}


class Together(NamedTuple):
    """A referral among those of one person: the ids of all, the whole first, and the whole without assessments."""

    ids: list[str]
    whole: State


def read(session: Session, program_id: str, ids: Collection[str]) -> dict[str, Together]:
    """For those of the referrals that are worked on together with others. Nothing is locked."""
    found = linked(session, ids)
    if not found.links:
        return {}
    rows = session.execute(
        select(Referral).where(col(Referral.id).in_(found.ids), col(Referral.program_id) == program_id)
    )
    states: dict[str, State] = {row.id: row.state for row in rows.scalars()}
    joined = wholes(states)
    together: dict[str, list[str]] = {}
    for key, whole in joined.items():
        together.setdefault(whole["referral_id"], []).append(key)
    return {
        key: Together(sorted(together[whole["referral_id"]], key=lambda one: (one != whole["referral_id"], one)), whole)
        for key, whole in joined.items()
        if key in ids
    }


def grants_elsewhere(session: Session, program_id: str, cited: Collection[str]) -> frozenset[str]:
    """Of these operations the grants of consent, which stand in other referrals' logs."""
    if not cited:
        return frozenset()
    header = OperationHeader
    rows = select(col(header.op_id)).where(col(header.op_id).in_(cited), col(header.program_id) == program_id)
    rows = rows.where(col(header.kind) == "consent.grant", col(header.state).in_(APPLIED))
    return frozenset(session.execute(rows).scalars())
