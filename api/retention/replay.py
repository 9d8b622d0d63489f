"""What stands in the ledger happens again, before a server serves or a worker calls anybody: so every restore heals by itself."""

from datetime import datetime

from api import logs
from api.database import Database
from api.devices import queries as device_queries
from api.devices import service as devices
from api.ledger import service as ledger
from api.ledger.file import Line
from api.operations import epochs
from api.retention import queries
from api.retention.erasure import Keys, erase

SOURCE = "ledger"


def replay(database: Database, keys: Keys, now: datetime) -> int:
    """Expunge and revoke again whatever a restore brought back; says how many that were. Raises KeyFileError.

    Where it brought back an epoch that phones have left, another one begins.
    """
    lines = ledger.complete(database)
    expunged = {mark: line for mark, line in lines.items() if line.kind == "expunged"}
    revoked = {mark: line for mark, line in lines.items() if line.kind == "revoked"}
    _begin_anew(database, now)
    count = _expunge(database, expunged, keys, now) + _revoke(database, revoked, now)
    if count:
        logs.warning("ledger.replayed", count=count)
    return count


def _begin_anew(database: Database, now: datetime) -> None:
    with database.write() as session:
        begun = epochs.begin_if_left(session, now, SOURCE)
    if begun:
        database.witness.began_epoch()
        logs.warning("ledger.epoch_was_left")


def _expunge(database: Database, lines: dict[str, Line], keys: Keys, now: datetime) -> int:
    if not lines:
        return 0
    with database.read() as session:
        key = ledger.key_of(session)
        back = [
            (referral_id, lines[mark].reason)
            for program_id, referral_id in queries.unexpunged(session)
            if (mark := key.mark("expunged", program_id, referral_id)) in lines
        ]
    for referral_id, reason in back:
        with database.write() as session:
            erase(session, referral_id, reason, keys, now, source=SOURCE)
    return len(back)


def _revoke(database: Database, lines: dict[str, Line], now: datetime) -> int:
    if not lines:
        return 0
    with database.read() as session:
        key = ledger.key_of(session)
        back = [
            (device_id, lines[mark].reason)
            for program_id, device_id in device_queries.all_active(session)
            if (mark := key.mark("revoked", program_id, device_id)) in lines
        ]
    for device_id, why in back:
        with database.write() as session:
            device = device_queries.locked(session, device_id)
            if device is not None:
                devices.revoke(session, device, now, actor_id=None, source=SOURCE, why=why)
    return len(back)
