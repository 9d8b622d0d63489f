"""Records of a phone without a connection, brought by a colleague's phone or a desk of the same program.

Sealed to the server and signed by its author's phone, an operation needs nobody's trust on its way: each is opened here,
checked against the key of the phone that made it, and taken in as that phone's own push would be. Whoever carries learns
whether it has arrived, and nothing of what became of it. What does not prove to be that phone's is not stored: its author
still has it, and noise in a colleague's name shall fill no list. The one exception is what was written without the phone's
key, which a supervisor looks at, and reads there who brought it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from sqlmodel import Session

from api.audit.service import record
from api.auth.dependencies import DevicePrincipal
from api.confinement import EVERY, confine
from api.database import Database
from api.exchange import batch
from api.exchange.models import PROTOCOL, ForwardRequest
from api.exchange.receipts import Receipt
from api.operations import queries, service
from api.problems import NotFound, SignInNeeded, TooLarge
from api.tables.devices import Device
from sync import intake, sealing
from sync.intake import Fault, Incoming
from sync.operations import BATCH_LIMIT_BYTES
from sync.reconcile import Verdict

UNSIGNED = "unsigned"
NOT_THERE = "No phone of this program has this id. The file belongs to another program, or is damaged."


def forward(
    database: Database, keys: Mapping[str, ec.EllipticCurvePrivateKey], carrier: DevicePrincipal, request: ForwardRequest,
    now: datetime, source: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Take in what `carrier` brings of the phone `request.author_device_id`; see ForwardAnswer.

    Raises SignInNeeded for a carrier that was removed, NotFound for a phone that is not its program's, TooLarge, Unavailable.
    """
    if sum(len(str(item.get("blob", ""))) for item in request.operations) > BATCH_LIMIT_BYTES:
        raise TooLarge(f"A batch has at most {BATCH_LIMIT_BYTES} bytes; send fewer operations at once.")
    if carrier.state != "active":
        raise SignInNeeded("This phone was removed from the account. Have another one forward the records.")
    author_id = request.author_device_id
    with database.read() as session:
        author = session.get(Device, author_id)
    if author is None or author.program_id != carrier.program_id:
        raise NotFound(NOT_THERE)
    key = sealing.public_key_from(author.public_key)
    items = [intake.take_in_item(item, keys, key) for item in request.operations]
    arriving = [_as_carried(item, carrier.device_id) for item in items if _proves(item, author_id)]
    confine(EVERY)  # as for a push: ids are unique over all programs

    def transact(part: Sequence[Incoming]) -> dict[str, Any]:
        with database.write() as session:
            return _take(session, author_id, part, len(items) - len(arriving), carrier, now, source)

    answer = batch.whole_or_apart(transact, arriving)
    told = iter(answer["receipts"])
    receipts = [_said(next(told)) if _proves(item, author_id) else _refused(item, answer["epoch"]) for item in items]
    return {"protocol": PROTOCOL, "epoch": answer["epoch"], "receipts": receipts}


def _proves(item: Incoming, author_id: str) -> bool:
    """True for what that phone signed, for what it may have written without its key, and for what cannot be told yet."""
    fault = item.fault
    return item.sealed.device_id == author_id and (fault is None or fault.reason == UNSIGNED or fault.status == "retry")


def _as_carried(item: Incoming, carrier_id: str) -> Incoming:
    if item.fault is None or item.fault.reason != UNSIGNED:
        return item
    detail = (
        f"It was written without its phone's key and brought by the phone {carrier_id}. A supervisor will look at it."
    )
    return replace(item, fault=Fault("held", UNSIGNED, detail))


def _take(
    session: Session, author_id: str, items: Sequence[Incoming], refused: int, carrier: DevicePrincipal, now: datetime,
    source: str,
) -> dict[str, Any]:  # fmt: skip
    device = queries.lock_device(session, author_id)
    assert device is not None, "devices are never deleted"
    draft = service.begin(session)
    verdicts: list[Verdict] = []
    receipts: list[Receipt] = []
    if items:
        verdicts, receipts = batch.take(session, draft, device, items, now, carried=True)
    record(
        session, now, "sync.forward", actor_id=carrier.user_id, program_id=device.program_id, subject=author_id,
        source=source, device_id=carrier.device_id,
        detail=Counter(verdict.status for verdict in verdicts) | Counter(refused=refused),
    )  # fmt: skip
    return {"epoch": draft.epoch, "receipts": receipts}


def _said(receipt: Receipt) -> dict[str, Any]:
    """What the carrier is told: that it has arrived, or has not. Not what became of it, and not why."""
    status = "retry" if receipt["status"] == "retry" else "taken"
    return {key: receipt[key] for key in ("op_id", "epoch", "position")} | {"status": status}


def _refused(item: Incoming, epoch: str) -> dict[str, Any]:
    return {"op_id": item.sealed.op_id, "epoch": epoch, "position": None, "status": "refused"}
