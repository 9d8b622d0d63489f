"""History as one role may read it, and the queue's sentences: what is wrong right now."""

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from api.auth.permissions import readable_groups
from api.auth.sessions import Principal
from api.clock import rfc3339
from api.operations import projection
from api.paging import queries as paging
from api.paging.escalation import COORDINATORS
from api.referrals import queries

LATE_MINUTES = 10
WORKER_SILENT = timedelta(seconds=30)


def history(session: Session, referral_id: str, principal: Principal) -> list[dict[str, Any]] | None:
    """What happened, by whom, in order: only operations all of whose groups the role may read. None if out of reach."""
    found = queries.referral(session, referral_id, principal.program_id)
    if found is None or not projection.reaches(principal.role, principal.agency_id, principal.user_id, found):
        return None
    readable = readable_groups(principal.role)
    shown = [row for row in queries.operations_of(session, referral_id) if readable.issuperset(row.groups.split())]
    names = queries.names(session, {row.user_id for row in shown})
    return [
        {
            "op_id": row.op_id,
            "kind": row.kind,
            "by": {"id": row.user_id, "name": names.get(row.user_id, ""), "role": row.role},
            "at": row.made_at,
            "received_at": rfc3339(row.received_at),
            "groups": row.groups.split(),
        }
        for row in shown
    ]


def queue(session: Session, principal: Principal, now: datetime) -> dict[str, Any]:
    """Figures above the queue. A sergeant hears of the own agency's officers and of no shortage that he cannot mend."""
    sergeant = principal.role == "sergeant"
    pages = queries.open_pages(session, principal.program_id, principal.agency_id if sergeant else None)
    late = [opened for opened, _ in pages if now - opened >= timedelta(minutes=LATE_MINUTES)]
    sentences: list[dict[str, Any]] = []
    if late:
        minutes = int((now - late[0]).total_seconds() // 60)
        sentences.append({"code": "overdue", "values": {"count": len(late), "minutes": minutes}})
    if not sergeant:
        sentences += _shortages(session, principal.program_id, now)
    return {
        "sentences": sentences,
        "unacknowledged": len(pages),
        "oldest_opened_at": rfc3339(pages[0][0]) if pages else None,
    }


def _shortages(session: Session, program_id: str, now: datetime) -> list[dict[str, Any]]:
    sentences: list[dict[str, Any]] = []
    beat = paging.last_beat(session)
    if beat is None or now - beat > WORKER_SILENT:
        sentences.append({"code": "no_worker", "values": {}})
    if queries.reachable(session, program_id, COORDINATORS, now) == 0:
        sentences.append({"code": "nobody_subscribed", "values": {}})
    held = queries.waiting_for_a_person(session, program_id)
    if held:
        sentences.append({"code": "held", "values": {"count": held}})
    return sentences
