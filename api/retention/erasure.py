"""Erasing a referral in one transaction: log, views, page, quarantine; the ledger first, and a line in the audit.

The caller has decided that it may happen. Locks in the usual order: referral, page, the feed's counter.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import Session

from api.audit.service import record
from api.ledger import service as ledger
from api.operations import expunging
from api.operations import service as operations
from api.operations.projection import expunged
from api.paging import life
from api.paging import queries as paging
from api.retention import queries
from api.tables.records import Quarantine
from api.tables.retention import Expunged
from sync import sealing
from sync.operations import SealedOperation

Keys = Mapping[str, ec.EllipticCurvePrivateKey]

RETENTION = "retention"
"""The reason of those that were kept long enough."""


def erase(
    session: Session, referral_id: str, reason: str, keys: Keys, now: datetime, *, actor_id: str | None = None,
    source: str = "",
) -> bool:  # fmt: skip
    """Leave nothing of a referral but its id and number; False if nothing was left before."""
    draft = operations.hold(session, referral_id)
    referral = draft.touched[referral_id]
    if expunged(referral):
        return False
    page = paging.lock_page(session, referral_id)
    if page is not None:
        if page.state != "closed":
            life.close(session, page, None, now)
        session.flush()
        queries.forget_page(session, page)
    program_id, number = referral.program_id, draft.numbers[referral_id]
    session.add(
        Expunged(referral_id=referral_id, program_id=program_id, number=number, at=now, reason=reason)
    )  # fmt: skip
    ledger.note(session, "expunged", program_id, referral_id, reason, now)
    expunging.erase(session, draft, _quarantined(session, program_id, referral_id, keys), now)
    record(
        session, now, "referral.expunge", actor_id=actor_id, program_id=program_id, subject=referral_id, source=source
    )
    return True


def _quarantined(session: Session, program_id: str, referral_id: str, keys: Keys) -> list[str]:
    """The hashes of what is in quarantine about it, as far as it opens or bears the id of one of its operations."""
    op_ids = queries.op_ids_of(session, program_id, referral_id)
    return [
        row.blob_hash
        for row in queries.quarantined(session, program_id)
        if row.op_id in op_ids or _about(row, keys) == referral_id
    ]


def _about(row: Quarantine, keys: Keys) -> str | None:
    """The referral that a blob names; None for what opens under no key of ours."""
    sealed = SealedOperation.model_construct(
        op_id=row.op_id, device_id=row.device_id, seq=row.seq, program_id=row.program_id, key_id=row.key_id,
        blob=row.blob,
    )  # fmt: skip
    try:
        content = json.loads(sealing.open_sealed(sealed, keys))
    except (sealing.UnknownSealingKey, sealing.CannotOpen, ValueError):
        return None
    named = content.get("referral_id") if isinstance(content, dict) else None
    return named if isinstance(named, str) else None
