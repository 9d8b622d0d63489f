"""What was held or rejected and nobody has decided: which rows those are, of operations that hold their id and of others."""

from typing import Any

from sqlalchemy import ColumnElement, func, text
from sqlmodel import Session, col, select

from api.tables.records import UNDECIDED_ROWS, OperationHeader, Quarantine
from sync.reconcile import EXPUNGED

UNDECIDED = ("held", "rejected")


def headers(program_id: str) -> tuple[Any, ...]:
    """Conditions on `OperationHeader`. The state is spelt as in the index, which a database uses for nothing else."""
    header = OperationHeader
    return (
        col(header.program_id) == program_id, text(f"operation_header.{UNDECIDED_ROWS}"),
        col(header.reason).is_distinct_from(EXPUNGED.reason),
    )  # fmt: skip


def kept(program_id: str) -> tuple[ColumnElement[bool], ...]:
    """Conditions on `Quarantine`: what nobody decided, and what has not arrived whole since, sealed anew."""
    row = Quarantine
    arrived = select(OperationHeader.op_id).where(
        col(OperationHeader.op_id) == col(row.op_id), col(OperationHeader.device_id) == col(row.device_id)
    )
    return (
        col(row.program_id) == program_id, col(row.state).in_(UNDECIDED), col(row.reason) != EXPUNGED.reason,
        ~arrived.exists(),
    )  # fmt: skip


def count_by_reason(session: Session, program_id: str) -> dict[str, int]:
    """How many wait for somebody, by the reason for which they do."""
    counts: dict[str, int] = {}
    for reason, where in (
        (col(OperationHeader.reason), headers(program_id)),
        (col(Quarantine.reason), kept(program_id)),
    ):
        for because, count in session.execute(select(reason, func.count()).where(*where).group_by(reason)):
            counts[because or ""] = counts.get(because or "", 0) + int(count)
    return counts
