"""Writing audit events.

Called inside the caller's transaction, so that an act whose audit fails does not happen. Ids only: no names, no values.
"""

from datetime import datetime

from sqlmodel import Session

from api.tables.audit import AuditEvent


def record(
    session: Session, at: datetime, action: str, outcome: str = "done", *, actor_id: str | None = None,
    program_id: str | None = None, subject: str = "", source: str = "",
) -> None:  # fmt: skip
    """Add one event. `action` is a stable word such as `session.start`; `source` is an address or `command line`."""
    event = AuditEvent(
        at=at, action=action, outcome=outcome, actor_id=actor_id, program_id=program_id, subject=subject, source=source
    )
    session.add(event)
