"""Who did what and who looked at whom: a program's chain as its supervisors and administrators may read it.

Supervisors read the whole chain of their program. Administrators see no referral anywhere, so they read of accounts, devices,
rules and rota alone: what is not named here is not shown to them. Reading is itself an event, exporting too.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlmodel import Session

from api.audit.service import record
from api.auth.permissions import SCOPES
from api.auth.sessions import Principal
from api.clock import milliseconds, rfc3339
from api.operations import projection
from api.oversight import queries
from api.oversight.models import AuditEntry, AuditPage, Opening
from api.oversight.queries import Wanted
from api.problems import TooLarge
from api.spreadsheet import table
from api.tables.audit import AuditEvent

EXPORT_LIMIT = 50_000
WITHOUT_REFERRALS = (
    "session.", "person.", "account.", "device.", "program.", "agency.", "rules.", "rota.", "bootstrap.", "credential.",
    "passkey.", "passphrase.", "totp.", "invitation.", "recovery.", "openid.", "audit.", "access.", "keys.",
)  # fmt: skip
"""What events begin with whose subject is never a referral."""
COLUMNS = tuple(AuditEntry.model_fields)


def page(session: Session, principal: Principal, wanted: Wanted, limit: int) -> AuditPage:
    """The newest events that are wanted."""
    rows = queries.events(session, principal.program_id, wanted, _beginnings(principal), limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    return AuditPage(entries=_entries(session, principal, rows), cursor=rows[-1].number if more else None)


def export(session: Session, principal: Principal, wanted: Wanted) -> tuple[str, int]:
    """The wanted events as CSV (RFC 4180), the newest first, and how many. Raises TooLarge."""
    rows = queries.events(session, principal.program_id, wanted, _beginnings(principal), EXPORT_LIMIT + 1)
    if len(rows) > EXPORT_LIMIT:
        raise TooLarge(f"There are more than {EXPORT_LIMIT} events; choose a shorter time.")
    entries = _entries(session, principal, rows)
    return table(COLUMNS, (list(entry.model_dump().values()) for entry in entries)), len(rows)


def was_read(
    session: Session, principal: Principal, wanted: Wanted, now: datetime, source: str, *, exported: int | None = None
) -> None:
    """That somebody read the audit, and about whom."""
    record(
        session, now, "audit.read" if exported is None else "audit.export", actor_id=principal.user_id,
        program_id=principal.program_id, subject=wanted.person or _visible(principal, wanted.referral), source=source,
        device_id=principal.device_id, detail=None if exported is None else {"events": exported},
    )  # fmt: skip


def opened(session: Session, principal: Principal, openings: list[Opening], now: datetime, source: str) -> None:
    """One event for each opened referral that the person reaches; how many others there were, without their ids."""
    found = queries.referrals(session, principal.program_id, {each.referral_id for each in openings})
    refused = 0
    for each in openings:
        referral = found.get(each.referral_id)
        if referral is None or not projection.reaches(principal.role, principal.agency_id, principal.user_id, referral):
            refused += 1
            continue
        record(
            session, now, "referral.open", actor_id=principal.user_id, program_id=principal.program_id,
            subject=each.referral_id, source=source, device_id=principal.device_id,
            detail={"opened_at_ms": milliseconds(_moment(each.at, now))},
        )  # fmt: skip
    if refused:
        record(
            session, now, "referral.open", "refused", actor_id=principal.user_id, program_id=principal.program_id,
            source=source, device_id=principal.device_id, detail={"count": refused},
        )  # fmt: skip


def _moment(text: str, now: datetime) -> datetime:
    """What the phone says, as far as it can be true: nothing was opened in the future."""
    try:
        return min(datetime.fromisoformat(text), now)
    except ValueError:
        return now


def _beginnings(principal: Principal) -> tuple[str, ...] | None:
    return WITHOUT_REFERRALS if SCOPES[principal.role] == "none" else None


def _visible(principal: Principal, referral_id: str | None) -> str:
    return "" if referral_id is None or SCOPES[principal.role] == "none" else referral_id


def _entries(session: Session, principal: Principal, rows: list[AuditEvent]) -> list[AuditEntry]:
    ids = {row.subject for row in rows} | {row.actor_id for row in rows if row.actor_id is not None}
    names = queries.names(session, principal.program_id, ids)
    return [_entry(row, names) for row in rows]


def _entry(row: AuditEvent, names: Mapping[str, str]) -> AuditEntry:
    detail = dict(row.detail or {})
    opened_ms = detail.pop("opened_at_ms", None)
    return AuditEntry(
        number=row.number or 0,
        at=rfc3339(row.at),
        action=row.action,
        outcome=row.outcome,
        actor_id=row.actor_id,
        actor_name=names.get(row.actor_id or "", ""),
        subject=row.subject,
        subject_name=names.get(row.subject, ""),
        source=row.source,
        device_id=row.device_id,
        referrals=str(detail.pop("referrals", "")).split(),
        counts={name: value for name, value in detail.items() if isinstance(value, int)},
        opened_at=None if opened_ms is None else rfc3339(datetime.fromtimestamp(int(opened_ms) / 1000, UTC)),
    )
