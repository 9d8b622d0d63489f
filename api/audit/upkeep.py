"""What an operator does to the audit itself, each an event of it: letting old events go, telling of a restored backup,
going on with a new key."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from api.at_rest.key_files import KeyFileError
from api.audit import key, queries
from api.audit.anchors import Anchor
from api.audit.chain import PRUNE, RENEW, RESTORE, Detail
from api.audit.service import record
from api.database import Database
from api.problems import Conflict

COMMAND_LINE = "command line"


def prune(database: Database, days: int, now: datetime) -> int:
    """Let go what is older, from the front of every chain, one transaction each. Returns how many events went.

    The chain itself says up to where, in the same transaction. Write anchors afterwards: those of before still hold.
    """
    with database.read() as session:
        programs = [head.program_id for head in queries.heads(session)]
    gone = 0
    for program_id in programs:
        with database.write() as session:
            queries.lock_head(session, program_id)
            found = queries.last_before(session, program_id, now - timedelta(days=days))
            if found is None:
                continue
            number, code = found
            gone += queries.let_go(session, program_id, number)
            detail: Detail = {"number": number, "mac": code}
            record(session, now, PRUNE, program_id=program_id, source=COMMAND_LINE, detail=detail)
    return gone


def note_restoration(session: Session, anchors: Iterable[Anchor], now: datetime) -> list[str]:
    """Say in each chain that ends before its newest anchor what was lost. Returns the programs."""
    newest: dict[str, Anchor] = {}
    for anchor in anchors:
        newest[anchor.program] = anchor
    ends = {head.program_id: head.number for head in queries.heads(session)}
    lost = [each for each in newest.values() if each.number > ends.get(each.program, 0)]
    for anchor in lost:
        detail: Detail = {"number": anchor.number, "mac": anchor.mac}
        record(session, now, RESTORE, program_id=anchor.program, source=COMMAND_LINE, detail=detail)
    return [anchor.program for anchor in lost]


def replace_key(database: Database, folder: Path, now: datetime) -> list[str]:
    """The key is lost for good: go on with a new one, and say so in every chain. Returns the programs. Raises Conflict.

    The key is written first: a process that is killed in between leaves one that fits nothing, and this is repeated.
    """
    with database.write() as session:
        try:
            key.check(session, folder)
        except KeyFileError:
            pass
        else:
            raise Conflict("The audit's key is here and fits; nothing was replaced.")
        stood = queries.fingerprints(session)
        key.replace(folder, now)
        for program_id, (first, fingerprint) in stood.items():
            detail: Detail = {"first": first, "sha256": fingerprint}
            record(session, now, RENEW, program_id=program_id, source=COMMAND_LINE, detail=detail)
    return list(stood)
