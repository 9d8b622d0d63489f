"""Whether the audit is what was written: every chain from end to end, and against the anchors.

Without anchors every change, removal, insertion and reordering by somebody who lacks the key is found, but for a tail that was
cut off together with its chain's head. With anchors that too, and what somebody with the key has rewritten, up to the newest
anchor. A chain may begin later than 1 where it says itself that it was pruned, and may contradict anchors where it says
itself that the database was restored; each restoration is told, for a person to confirm. What stood before a lost key was
replaced is compared with the fingerprint that was taken then, and that is told, too: it proves nothing about the time before.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from sqlmodel import Session

from api.audit import queries
from api.audit.anchors import Anchor
from api.audit.chain import BEGIN, PRUNE, RENEW, RESTORE, START, Event, mac, stood
from api.audit.queries import Head, Row
from api.clock import milliseconds
from sync.operations import MalformedOperation


@dataclass(frozen=True)
class Fault:
    """Where a chain first does not hold (`number`), and why."""

    program_id: str
    number: int
    words: str


@dataclass
class Verdict:
    """What was found. `restored`, `renewed`: what chains say of restorations and of keys that were replaced.

    `unchained`: events that no chain covers yet.
    """

    events: int = 0
    chains: int = 0
    anchors: int = 0
    unchained: int = 0
    faults: list[Fault] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    renewed: list[str] = field(default_factory=list)


@dataclass
class _Chain:
    """What is known of a chain while it is read."""

    program_id: str
    start: int = 0
    start_mac: str = START
    number: int = 0
    mac: str = START
    begun: Event | None = None
    pruned: set[tuple[int, str]] = field(default_factory=set)
    restored: list[Event] = field(default_factory=list)
    anchored: dict[int, str] = field(default_factory=dict)
    """The codes of the numbers for which there are anchors."""
    renewed: Event | None = None
    """The last replacement of the key that the present key vouches for: older events have another one's codes."""
    older: "hashlib._Hash" = field(default_factory=hashlib.sha256)


def verify(session: Session, key: bytes, anchors: Iterable[Anchor] = ()) -> Verdict:
    """Examine everything that one transaction sees. At most one fault a chain is its own, and one the anchors'."""
    verdict = Verdict()
    by_program: dict[str, list[Anchor]] = defaultdict(list)
    for anchor in anchors:
        by_program[anchor.program].append(anchor)
        verdict.anchors += 1
    heads = {head.program_id: head for head in queries.heads(session)}
    renewals = {row.event.program_id: row.event for row in queries.of_action(session, RENEW) if _covers(key, row)}
    chains: dict[str, _Chain] = {}
    for program_id, rows in groupby(_counted(session, verdict), key=lambda row: row.event.program_id):
        chain = chains[program_id] = _Chain(program_id, renewed=renewals.get(program_id))
        head = heads.pop(program_id, None)
        wanted = {anchor.number for anchor in by_program[program_id]}
        broken = list(_links(chain, rows, key, wanted))
        verdict.faults += broken[:1] or list(_ends(session, chain, head))
    for program_id, head in heads.items():
        if head.number > 0:
            verdict.faults.append(Fault(program_id, 1, "the whole chain is missing"))
    for program_id, expected in by_program.items():
        chain = chains.get(program_id) or _Chain(program_id)
        verdict.faults += list(_against(chain, expected))[:1]
    verdict.chains = len(chains)
    verdict.renewed = [_replaced(chain) for chain in chains.values() if chain.renewed is not None]
    verdict.restored = [_told(event) for chain in chains.values() for event in chain.restored]
    verdict.unchained = sum(
        queries.before_chains(session, program_id)[0]
        for program_id in queries.programs_before_chains(session)
        if program_id not in chains
    )
    return verdict


def _counted(session: Session, verdict: Verdict) -> Iterator[Row]:
    for row in queries.chained(session):
        verdict.events += 1
        yield row


def _links(chain: _Chain, rows: Iterable[Row], key: bytes, wanted: set[int]) -> Iterator[Fault]:
    """Each event against the one before it. All rows are read, whatever is found: the anchors want them."""
    for place, row in enumerate(rows):
        event = row.event
        if place == 0 and event.number > 1:
            chain.start = chain.number = event.number - 1
            chain.start_mac = chain.mac = row.previous
        if event.number != chain.number + 1:
            words = "is there twice" if event.number <= chain.number else "is missing"
            yield Fault(chain.program_id, min(event.number, chain.number + 1), words)
        elif row.previous != chain.mac:
            yield Fault(chain.program_id, event.number, "does not follow the one before it")
        elif not _vouched(chain, key, row):
            yield Fault(chain.program_id, event.number, "was changed")
        elif event == chain.renewed and not _as_it_stood(chain):
            yield Fault(
                chain.program_id, event.number, "says that what is older was changed after the key was replaced"
            )
        else:
            _believe(chain, event)
        chain.number, chain.mac = event.number, row.mac
        if event.number in wanted:
            chain.anchored[event.number] = row.mac


def _vouched(chain: _Chain, key: bytes, row: Row) -> bool:
    """By the key; before a lost one was replaced, by the fingerprint that is compared later."""
    if chain.renewed is None or row.event.number >= chain.renewed.number:
        return _covers(key, row)
    try:
        chain.older.update(stood(row.event, row.mac))
    except (ValueError, MalformedOperation):
        return False
    return True


def _as_it_stood(chain: _Chain) -> bool:
    """True also where the front was let go since: nothing can be compared any more."""
    said = {} if chain.renewed is None else dict(chain.renewed.detail or {})
    return chain.start + 1 > int(said["first"]) or chain.older.hexdigest() == said["sha256"]


def _covers(key: bytes, row: Row) -> bool:
    """False also for what can be no code of ours."""
    try:
        return mac(key, row.previous, row.event) == row.mac
    except (ValueError, MalformedOperation):
        return False


def _believe(chain: _Chain, event: Event) -> None:
    """What an event that the key vouches for says of the chain itself."""
    if event.action == BEGIN and event.number == 1:
        chain.begun = event
    elif event.action == PRUNE and event.detail is not None:
        chain.pruned.add((int(event.detail["number"]), str(event.detail["mac"])))
    elif event.action == RESTORE:
        chain.restored.append(event)


def _ends(session: Session, chain: _Chain, head: Head | None) -> Iterator[Fault]:
    """A chain whose links hold: its front and its head."""
    if chain.start > 0 and (chain.start, chain.start_mac) not in chain.pruned:
        words = f"to {chain.start} are missing, and the chain does not say that they were pruned"
        yield Fault(chain.program_id, 1, words)
        return
    count, fingerprint = queries.before_chains(session, chain.program_id)
    said = {} if chain.begun is None else dict(chain.begun.detail or {})
    if (count, fingerprint if count else None) != (said.get("events", 0), said.get("sha256")):
        yield Fault(chain.program_id, 0, "what was recorded before there were chains was changed")
    elif head is None or (head.number, head.mac) != (chain.number, chain.mac):
        yield Fault(chain.program_id, chain.number + 1, "is missing, or the head of the chain was changed")


def _against(chain: _Chain, anchors: Iterable[Anchor]) -> Iterator[Fault]:
    """Each anchor against the chain, in the order of their numbers."""
    for anchor in sorted(anchors, key=lambda each: each.number):
        if anchor.number < chain.start or any(_abandons(event, anchor) for event in chain.restored):
            continue
        if anchor.number > chain.number:
            words = f"to {anchor.number} are missing: so says an anchor of {anchor.time}"
            yield Fault(chain.program_id, chain.number + 1, words)
        expected = chain.start_mac if anchor.number == chain.start else chain.anchored.get(anchor.number)
        if expected is not None and expected != anchor.mac:
            yield Fault(
                chain.program_id, anchor.number, f"or one before it was rewritten after the anchor of {anchor.time}"
            )


def _abandons(restored: Event, anchor: Anchor) -> bool:
    """True for an anchor of what was lost when the database was restored."""
    last = int((restored.detail or {}).get("number", 0))
    in_time = milliseconds(datetime.fromisoformat(anchor.time)) <= restored.at_ms
    return in_time and restored.number <= anchor.number <= last


def _told(event: Event) -> str:
    last = (event.detail or {}).get("number", 0)
    whose = event.program_id or "installation"
    return f"{whose}: {event.number} to {last} were lost when a backup was restored, says number {event.number}"


def _replaced(chain: _Chain) -> str:
    assert chain.renewed is not None, "asked only where a key was replaced"
    whose, number = chain.program_id or "installation", chain.renewed.number
    return f"{whose}: the key was replaced, says number {number}; of what is older no code can be examined"
