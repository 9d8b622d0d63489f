"""The phone, as `docs/protocol.md` tells it: what an answer, a page of the feed and a person's act do to what it keeps.

A second writing-down of `pwa/src/transport/{flush,settle,pull}.ts` and `pwa/src/storage/{outbox,server_word,feed}.ts`.
Equal phones are one object, and what happens to one is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from sync import fold
from sync.operations import canonical
from sync.records import Vector, commit
from tests.simulation.oracle import Violation
from tests.sync.exhaustive.acts import Desk, Screen, Written
from tests.sync.exhaustive.rules import Rules
from tests.sync.exhaustive.servers import ROLES, Log, Receipt
from tests.sync.server import device_id


class Row(NamedTuple):
    """One operation in the outbox: waiting, sent, or attention."""

    operation: Written
    state: str = "waiting"
    position: int | None = None


@dataclass(frozen=True)
class Phone:
    """What one phone keeps. `view` is the log that its last page of the feed showed, `copies` what it shows on top."""

    name: str
    written: tuple[Written, ...] = ()
    rows: tuple[Row, ...] = ()
    copies: tuple[Written, ...] = ()
    view: Log | None = None
    epoch: int = 0
    former: tuple[int, ...] = ()
    lost: frozenset[str] = frozenset()

    def waiting(self) -> tuple[Written, ...]:
        return tuple(row.operation for row in self.rows if row.state == "waiting")


class Answer(NamedTuple):
    """What the server says of itself, of one device, and of a batch."""

    epoch: int
    known: frozenset[int]
    durable: int
    safe: frozenset[int]
    """Of the known those that a verified backup holds."""
    receipts: tuple[Receipt, ...]


class Kept:
    """One phone as it stands, to be compared by identity."""

    __slots__ = ("number", "phone")

    def __init__(self, phone: Phone, number: int) -> None:
        self.phone, self.number = phone, number


class Phones:
    """The rules by which phones change. Each method gives the phone afterwards."""

    def __init__(self, rules: Rules) -> None:
        self._rules, self._desk = rules, Desk()
        self._all: dict[Phone, Kept] = {}
        self.write: Callable[[Kept, str], Kept | None] = cache(self._write)
        self.settle: Callable[[Kept, tuple[Written, ...], Answer, bool], Kept] = cache(self._settle)
        self.pull: Callable[[Kept, Log, int, int], Kept] = cache(self._pull)
        self.unanswered: Callable[[Kept, tuple[Written, ...]], Kept] = cache(self._unanswered)
        self.screen: Callable[[Phone], Screen] = cache(_screen)

    def keep(self, phone: Phone) -> Kept:
        """The one object for it."""
        return self._all.setdefault(phone, Kept(phone, len(self._all)))

    def _write(self, kept: Kept, act: str) -> Kept | None:
        """A person writes; None where the screen does not offer it."""
        phone = kept.phone
        prev = phone.rows[-1].operation.op_id if phone.rows else None
        made = self._desk.write(phone.name, act, len(phone.written) + 1, prev, self.screen(phone))
        if made is None:
            return None
        return self.keep(
            replace(phone, written=(*phone.written, made), rows=(*phone.rows, Row(made)), copies=(*phone.copies, made))
        )

    def _settle(self, kept: Kept, asked: tuple[Written, ...], answer: Answer, overtaken: bool) -> Kept:
        """The answer to a push. `overtaken`: another answer was settled since this one was asked for."""
        phone, epoch = self._meet(kept.phone, answer.epoch, answer.known, overtaken=overtaken)
        if epoch != "same":
            return self.keep(phone)
        for receipt in answer.receipts:
            if receipt.operation in asked:
                phone = self._count(phone, receipt)
        if not overtaken or not self._rules.distrusts_overtaken:
            phone = self._drop_durable(phone, answer.durable, answer.safe)
        return self.keep(phone)

    def _pull(self, kept: Kept, log: Log, epoch: int, durable: int) -> Kept:
        """The whole feed is read up to the log's end."""
        phone, met = self._meet(kept.phone, epoch, log.known(kept.phone.name))
        if met == "former":
            return self.keep(phone)
        verdicts, head = log.verdicts, len(log.operations)
        phone = _changed(
            phone,
            lambda row: (
                row
                if row.state == "waiting" or row.operation.op_id not in verdicts
                else Row(row.operation, _state_after(verdicts[row.operation.op_id].status), row.position or head)
            ),
        )
        unshown = {
            row.operation for row in phone.rows if not (row.state == "sent" and row.position and row.position <= head)
        }
        # A referral that did not come again is swept, unless the phone has operations of its own on it.
        view = log if log.state is not None else phone.view if phone.rows else None
        phone = replace(phone, copies=tuple(one for one in phone.copies if one in unshown), view=view)
        return self.keep(self._drop_durable(phone, durable, log.known(phone.name, durable)))

    def _unanswered(self, kept: Kept, asked: tuple[Written, ...]) -> Kept:
        """The answer was lost, or a stranger answered in the server's place: neither says anything."""
        if not self._rules.believes_strangers:
            return kept
        return self.keep(replace(kept.phone, rows=tuple(row for row in kept.phone.rows if row.operation not in asked)))

    def _meet(
        self, phone: Phone, epoch: int, known: frozenset[int], *, overtaken: bool = False
    ) -> tuple[Phone, str]:
        """What the server says of itself: same, adopted or former."""
        if epoch in phone.former:
            return phone, "former" if self._rules.leaves_former_epochs else "same"
        if epoch != phone.epoch:
            if overtaken and self._rules.distrusts_overtaken:
                return phone, "former"
            anew = _changed(phone, lambda row: Row(row.operation))
            return replace(anew, epoch=epoch, former=(*phone.former, phone.epoch)), "adopted"
        if not self._rules.compares_known:
            return phone, "same"
        return _changed(
            phone, lambda row: row if row.position is None or row.operation.seq in known else Row(row.operation)
        ), "same"

    def _count(self, phone: Phone, receipt: Receipt) -> Phone:
        """One receipt, for an operation that still waits."""
        row = next((row for row in phone.rows if row.operation is receipt.operation), None)
        if row is None or row.state != "waiting":
            return phone
        if receipt.status == "retry":
            return _recovered(phone, row.operation) if receipt.reason == "missing_prev" else phone
        state = _state_after(receipt.status)
        if state == "sent" and not self._rules.keeps_until_durable:
            return replace(phone, rows=tuple(each for each in phone.rows if each is not row))
        return _changed(phone, lambda each: Row(row.operation, state, receipt.position) if each is row else each)

    def _drop_durable(self, phone: Phone, position: int, safe: frozenset[int]) -> Phone:
        """What a verified backup holds leaves the phone."""

        def leaves(row: Row) -> bool:
            if row.state != "sent" or row.position is None:
                return False
            return row.position <= position and (row.operation.seq in safe or not self._rules.drops_by_number)

        return replace(phone, rows=tuple(row for row in phone.rows if not leaves(row)))


def _changed(phone: Phone, change: Callable[[Row], Row]) -> Phone:
    return replace(phone, rows=tuple(change(row) for row in phone.rows))


def _state_after(status: str) -> str:
    return "attention" if status in ("held", "rejected") else "sent"


def _recovered(phone: Phone, operation: Written) -> Phone:
    """The server lacks the operation before this one: it is sent again, or told to be lost."""
    prev = operation.envelope["prev"]
    if not any(row.operation.op_id == prev for row in phone.rows):
        return replace(phone, lost=phone.lost | {prev})
    return _changed(phone, lambda row: Row(row.operation) if row.operation.op_id == prev else row)


def _screen(phone: Phone) -> Screen:
    """The view, and one's own operations on top of it."""
    view = None if phone.view is None else phone.view.view(phone.name)
    if view is None and not phone.copies:
        return Screen(None, {})
    pending = [commit(one.envelope, ROLES[phone.name]) for one in phone.copies]
    base: Vector = {} if view is None else dict(view["vector"])
    for one in pending:
        base[one["device_id"]] = max(base.get(one["device_id"], 0), one["seq"])
    return Screen(fold.overlay(view, pending), base)


def shows_its_own(phone: Phone) -> None:
    """What somebody wrote goes on showing, unless a server was put back to an earlier day meanwhile. Raises Violation."""
    shown: Iterable[Written] = () if phone.view is None else phone.view.operations
    gone = {one.op_id for one in phone.written} - {one.op_id for one in (*shown, *phone.copies)}
    if gone:
        raise Violation("session", f"{sorted(gone)} vanished from the screen of those who wrote them")


def let_go_of_backed_up(phone: Phone, published: frozenset[Written]) -> None:
    """Only what a verified backup holds leaves a phone. Raises Violation."""
    gone = set(phone.written).difference(row.operation for row in phone.rows) - published
    if gone:
        raise Violation("conservation", f"{sorted(one.op_id for one in gone)} left the phone, and no backup holds them")


def nothing_waits(phone: Phone) -> None:
    """At rest everything has a receipt. Raises Violation."""
    waiting = [one.op_id for one in phone.waiting()]
    if waiting:
        raise Violation("progress", f"{waiting} still wait on {device_id(phone.name)}")


def converged(phone: Phone, log: Log) -> None:
    """At rest the phone shows what the server's log says, and what was not accepted of its own. Raises Violation."""
    refused = {row.operation for row in phone.rows if row.state == "attention"}
    copies = tuple(one for one in phone.copies if one not in refused)
    view, screen = log.view(phone.name), _screen(replace(phone, copies=copies))
    if (view is None) != (screen.state is None):
        raise Violation("convergence", f"{phone.name} shows a referral, or none, where the server says otherwise")
    if view is None or screen.state is None:
        return
    for part in ("registers", "entries", "strikes", "consent", "conflicts"):
        if canonical(view[part]) != canonical(screen.state[part]):
            raise Violation("convergence", f"{phone.name} shows other {part} than the server")
