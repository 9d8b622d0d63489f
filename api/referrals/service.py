"""History as one role may read it, and the queue's sentences: what is wrong right now."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from api.audit.service import record
from api.auth.sessions import Principal
from api.clock import rfc3339
from api.operations import projection
from api.operations import service as operations
from api.referrals import queries
from api.referrals.queries import OpenPage
from api.tables.records import OperationHeader
from api.watch.findings import findings
from sync.times import Timing

LATE_MINUTES = 10


def history(session: Session, referral_id: str, principal: Principal) -> list[dict[str, Any]] | None:
    """What happened, by whom, in order: only operations all of whose groups the role may read. None if out of reach."""
    found = queries.referral(session, referral_id, principal.program_id)
    if found is None or not projection.reaches(principal.role, principal.agency_id, principal.user_id, found):
        return None
    readable = projection.shown_to(principal.role, found.state)
    shown = [row for row in queries.operations_of(session, referral_id) if readable.issuperset(row.groups.split())]
    names = queries.names(session, {row.user_id for row in shown})
    told = operations.timings(session, shown)
    return [
        {
            "op_id": row.op_id,
            "kind": row.kind,
            "by": {"id": row.user_id, "name": names.get(row.user_id, ""), "role": row.role},
            **_times(row, told[row.op_id]),
            "groups": row.groups.split(),
        }
        for row in shown
    ]


def _times(row: OperationHeader, told: Timing | None) -> dict[str, Any]:
    """When it was done, as well as can be told, when it arrived, and by how much the phone's clock was off."""
    known = told or {"at": row.made_at}
    return {
        "at": known["at"],
        "said_at": row.made_at,
        "received_at": rfc3339(row.received_at),
        "off_ms": known.get("off_ms"),
    }


def was_read(session: Session, referral_id: str, principal: Principal, now: datetime, source: str) -> None:
    """That somebody read a referral's history."""
    record(
        session, now, "referral.history", actor_id=principal.user_id, program_id=principal.program_id, subject=referral_id,
        source=source, device_id=principal.device_id,
    )  # fmt: skip


def queue(session: Session, principal: Principal, available: Collection[str], now: datetime) -> dict[str, Any]:
    """Figures above the queue. A sergeant hears of the own agency's officers and of no shortage that he cannot mend."""
    sergeant = principal.role == "sergeant"
    pages = queries.open_pages(session, principal.program_id, principal.agency_id if sergeant else None)
    if sergeant:
        sentences = _stuck(session, principal.program_id, pages, now)
    else:
        sentences = _supervisors(session, principal.program_id, pages, available, now)
    return {
        "sentences": sentences,
        "unacknowledged": len(pages),
        "oldest_opened_at": rfc3339(pages[0].opened_at) if pages else None,
    }


def _stuck(session: Session, program_id: str, pages: list[OpenPage], now: datetime) -> list[dict[str, Any]]:
    """Officers who stand beside somebody, and whom nobody has answered for longer than the program finds bearable."""
    bearable = timedelta(minutes=queries.nobody_after_minutes(session, program_id))
    return _late("stuck", [page for page in pages if page.officer_waiting and now - page.opened_at >= bearable], now)


def _supervisors(
    session: Session, program_id: str, pages: list[OpenPage], available: Collection[str], now: datetime
) -> list[dict[str, Any]]:
    late = [
        page for page in pages if not page.until_morning and now - page.opened_at >= timedelta(minutes=LATE_MINUTES)
    ]
    sentences = _late("overdue", late, now)
    sentences += [
        {"code": each.code, "values": dict(each.values)} for each in findings(session, program_id, available, now)
    ]
    held = queries.waiting_for_a_person(session, program_id)
    if held:
        sentences.append({"code": "held", "values": {"count": held}})
    return sentences


def _late(code: str, pages: list[OpenPage], now: datetime) -> list[dict[str, Any]]:
    if not pages:
        return []
    minutes = int((now - pages[0].opened_at).total_seconds() // 60)
    return [{"code": code, "values": {"count": len(pages), "minutes": minutes}}]
