"""Random histories of one referral: several phones that write, deliver and pull as they please.

A world remembers what every author truly knew (`known`), apart from what the operations say of it: the oracle for
"no silent overwrite". Its log may be in the order of a restored server, each phone's own order kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from sync.fields import ASSESSMENT_ANSWERS, GROUPS, NEEDS, Group, Role
from sync.fold import apply, empty, fold
from sync.payloads import ENTRY_GROUPS, groups_of
from sync.records import Committed, State, View, commit
from sync.releases import RECIPIENTS
from sync.views import render, unseen, visible_groups
from tests.sync.factories import AGENCY, MADE_AT, PAYLOADS, PROGRAM, REFERRAL, Phone

_FIELD_OFFICER: frozenset[Group] = frozenset(
    ("origin", "case", "place", "identity", "demographics", "safety", "consent", "status", "holder", "approvals")
)
READS: dict[Role, frozenset[Group]] = {
    "officer": _FIELD_OFFICER,
    "coordinator": frozenset(GROUPS),
    "case_manager": frozenset(GROUPS),
    "supervisor": frozenset(GROUPS) - {"assessment", "notes", "needs"},
    "partner": frozenset(("origin", "place", "status")),
    "server": frozenset(GROUPS),
}
"""Example roles; the real table is the caller's. Any group may be written, so that blind writing is common."""
LOST_ON_ACCEPTANCE: frozenset[Group] = frozenset({"place", "identity", "safety", "approvals"})


def reads_in(role: Role, state: State) -> frozenset[Group]:
    """What a role reads in this state: an officer less, once the program has accepted the person."""
    lost = LOST_ON_ACCEPTANCE if role == "officer" and "accepted" in state["registers"] else frozenset()
    return READS[role] - lost


CAST: tuple[tuple[str, Role], ...] = (
    ("0ff1ce00", "officer"),
    ("c00d0000", "coordinator"),
    ("ca5e0000", "case_manager"),
    ("50be0000", "supervisor"),
    ("0ff1ce02", "officer"),
    ("9a270000", "partner"),
    ("e90c0000", "server"),
)

awkward_text = st.one_of(
    st.sampled_from(["Ana", "Ana ", "ana", "", "Jos\u00e9", "Jose\u0301", "\u0410na"]),
    st.text(
        alphabet=st.sampled_from(
            'a\x00\x1f\x7f\x85"\\/\b\n\u200d\u202e\u2028\u0301\ufb33\ufeff\uffff\U0001f600\U0010ffff'
        ),
        max_size=6,
    ),
    st.text(max_size=12),
)
_codes = st.sampled_from(["a", "b", "10", "9", "z_1", "constructor", "tojson", "valueof"])
_scalars = st.one_of(st.sampled_from([0, 1, True, False, None, 2**53 - 1, 1 - 2**53]), awkward_text)
_facts = st.dictionaries(_codes, st.one_of(_scalars, st.lists(_codes, max_size=2)), max_size=3)
_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "name": awkward_text,
    "alias": awkward_text,
    "place": awkward_text,
    "case_number": awkward_text,
    "wait_minutes": st.sampled_from([0, 15, 30]),
    "needs": st.lists(st.sampled_from(NEEDS[:3]), max_size=2),
    "facts": _facts,
    "gender_observed": awkward_text,
    "referrer_name": awkward_text,
    "paperwork_held": st.booleans(),
    "gps": st.fixed_dictionaries(
        {name: st.just(39_739_236) for name in ("longitude_e6", "latitude_e6")}
        | {"accuracy_m": st.sampled_from([5, 10])}
    ),
    "assessment.court": st.fixed_dictionaries({"text": awkward_text, "answer": st.sampled_from(ASSESSMENT_ANSWERS)}),
}
# Few fields, so that phones meet in them; the others now and then.
_keys = st.one_of(st.sampled_from(["name", "place", "needs", "gps"]), st.sampled_from(sorted(_VALUES)))
_fields = st.lists(_keys, min_size=1, max_size=3, unique=True).flatmap(
    lambda keys: st.fixed_dictionaries({key: st.one_of(_VALUES[key], st.none()) for key in keys})
)
_STATUS = st.sampled_from(["submitted", "acknowledged", "handed_off", "closed"])
_ACT_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "status": _STATUS,
    "holder": st.sampled_from([None, {"user_id": AGENCY, "eta_minutes": None}]),
    "departure": st.just({"how": "with_card", "reason": "after_hours"}),
    "merged_into": st.sampled_from([None, AGENCY]),
    "decision": st.sampled_from([{"outcome": outcome, "reason": None} for outcome in ("waitlist", "accepted")]),
    "confirmation": st.just({"answer": "no"}),
}
_PAYLOADS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "referral.create": st.just(PAYLOADS["referral.create"]),
    "referral.set": st.fixed_dictionaries({"fields": _fields}),
    "referral.alert": st.builds(dict, officer_waiting=st.booleans()),
    "officer.leave": st.builds(dict, reason=st.sampled_from(["nobody_answered", "after_hours", "cannot_come"])),
    "referral.assign": st.builds(dict, user_id=st.sampled_from([AGENCY, REFERRAL])),
    "referral.close": st.builds(dict, reason=st.sampled_from(["person_left", "declined"])),
    "page.acknowledge": st.one_of(
        st.builds(dict, eta_minutes=st.sampled_from([None, 10])),
        st.builds(dict, eta_minutes=st.none(), user_id=st.sampled_from([None, AGENCY])),
    ),
    "page.expire": st.just(PAYLOADS["page.expire"]),
    "consent.confirm": st.builds(dict, answer=st.sampled_from(["yes", "no"])),
    "note.add": st.builds(dict, text=awkward_text.filter(bool)),
    "contact.add": st.builds(dict, how=st.just("phone"), result=st.just("reached"), text=awkward_text),
    "safety.add": awkward_text.map(
        lambda text: {"about": "other", "text": text, "observed_at": MADE_AT, "expires_at": MADE_AT}
    ),
    "handoff.record": st.builds(dict, outcome=st.sampled_from(["in_person", "phone", "deferred", "could_not_meet"])),
    "decision.record": st.builds(dict, outcome=st.sampled_from(["accepted", "waitlist"]), reason=awkward_text),
    "approval.add": st.just(PAYLOADS["approval.add"]),
    "approval.confirm": st.builds(
        dict, entry=st.sampled_from([AGENCY, REFERRAL]), answer=st.sampled_from(["confirmed", "not_given"])
    ),
    "override.add": awkward_text.filter(lambda text: bool(text.strip())).map(
        lambda text: PAYLOADS["override.add"] | {"reason": text}
    ),
    "release.give": st.builds(
        lambda kind, until: PAYLOADS["release.give"] | {"recipient": {"kind": kind, "name": "X"}, "expires_on": until},
        st.sampled_from(RECIPIENTS[:2]),
        st.sampled_from(["2026-04-30", "2026-05-01"]),
    ),
    "referral.merge": st.builds(dict, into=st.sampled_from([AGENCY, REFERRAL])),
    "referral.unmerge": st.just({"into": AGENCY}),
    "determination.check": st.builds(
        dict, verdict=st.sampled_from(["agrees", "differs"]), outcome=st.none(), pack=st.none(), of=st.just(AGENCY)
    ),
}
_KINDS = st.sampled_from(
    [
        *_PAYLOADS,
        *["referral.set"] * 12,
        *["consent.grant", "consent.withdraw", "entry.strike", "release.revoke", "conflict.resolve"] * 2,
    ]
)


@dataclass(frozen=True)
class Shown:
    """What a phone showed at one moment: its vector, the operations truly behind it, and the view."""

    vector: dict[str, int] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    view: View | None = None


@dataclass
class Author:
    """A phone, what it shows now and showed before, and what it has written but not delivered."""

    phone: Phone
    reads: frozenset[Group]
    shown: Shown = field(default_factory=Shown)
    before: Shown = field(default_factory=Shown)
    outbox: list[Committed] = field(default_factory=list)
    written: list[Committed] = field(default_factory=list)


@dataclass
class World:
    """A finished history. `log` is in the server's order, and `known` tells what each operation's author knew."""

    log: list[Committed]
    known: dict[str, frozenset[str]]
    authors: list[Author]

    def state(self) -> State:
        return fold(self.log)

    def view_for(self, author: Author) -> View:
        state = self.state()
        return render(state, reads_in(author.phone.role, state))


def _subject(draw: st.DrawFn, log: list[Committed], view: View | None) -> tuple[str, str]:
    """An entry to strike with the kind to name, now and then the wrong one or none at all."""
    shown = view["entries"] if view is not None else {}
    entries = {op_id: entry["kind"] for op_id, entry in shown.items() if entry["kind"] != "release.give"}
    if draw(st.booleans()) and entries:
        return draw(st.sampled_from(sorted(entries.items())))
    op_ids = [operation["op_id"] for operation in log] or [AGENCY]
    return draw(st.sampled_from(op_ids)), draw(st.sampled_from(sorted({*ENTRY_GROUPS} - {"release.give"})))


def _payload(draw: st.DrawFn, kind: str, log: list[Committed], view: View | None) -> tuple[dict[str, Any], list[str]]:
    consent = view["consent"] if view is not None else {}
    withdrawals = sorted(op_id for op_id, event in consent.items() if event["kind"] == "withdrawal")
    conflicts = sorted(view["conflicts"].items()) if view is not None else []
    match kind:
        case "consent.grant":
            partly = st.lists(st.sampled_from(withdrawals), unique=True) if withdrawals else st.just([])
            return PAYLOADS[kind], draw(st.one_of(st.just(withdrawals), partly))
        case "consent.withdraw":
            return {"reason": draw(st.one_of(st.none(), awkward_text))}, sorted(consent)[:1]
        case "entry.strike":
            entry, entry_kind = _subject(draw, log, view)
            return {"entry": entry, "entry_kind": entry_kind, "reason": draw(awkward_text)}, []
        case "release.give":
            return draw(_PAYLOADS[kind]), draw(st.sampled_from([withdrawals, []]))
        case "release.revoke":
            entry, _ = _subject(draw, log, view)
            given = (
                sorted(op_id for op_id, one in view["entries"].items() if one["kind"] == "release.give") if view else []
            )
            return {"release": draw(st.sampled_from([entry, *given])), "reason": draw(awkward_text)}, []
        case "conflict.resolve":
            values = _VALUES | _ACT_VALUES
            chosen = draw(st.sampled_from(conflicts)) if conflicts else None
            key = chosen[1]["key"] if chosen is not None else draw(st.sampled_from(sorted(values)))
            named = [conflict_id for conflict_id, _ in conflicts] if draw(st.booleans()) else []
            value = draw(values[key]) if key in values else None
            return {"key": key, "value": value, "conflicts": named or [chosen[0] if chosen else f"{key}|a|b"]}, []
        case _:
            return draw(_PAYLOADS[kind]), []


def _write(draw: st.DrawFn, author: Author, log: list[Committed], known: dict[str, frozenset[str]]) -> None:
    shown = author.before if draw(st.integers(0, 4)) == 0 else author.shown
    kind = draw(_KINDS)
    payload, saw = _payload(draw, kind, log, shown.view)
    operation = author.phone.write(kind, payload, shown.vector, saw)
    known[operation["op_id"]] = shown.known
    author.outbox.append(operation)
    author.written.append(operation)
    device, seq = operation["device_id"], operation["seq"]
    author.before = author.shown
    author.shown = Shown(
        author.shown.vector | {device: seq}, author.shown.known | {operation["op_id"]}, author.shown.view
    )


def _pull(author: Author, log: list[Committed], state: State) -> None:
    reads = reads_in(author.phone.role, state)
    view, shown = render(state, reads), visible_groups(state, reads)
    visible = {operation["op_id"] for operation in log if groups_of(operation["kind"], operation["payload"]) & shown}
    own = {operation["op_id"] for operation in author.written}
    vector = dict(view["vector"])
    if author.phone.seq:
        vector[author.phone.device_id] = author.phone.seq
    author.before = author.shown
    author.shown = Shown(vector, frozenset(author.shown.known | visible | own), view)


def _take(state: State, operation: Committed) -> Committed:
    """Fold an operation in as a server does, which tells from the state before it what its author had not been shown."""
    role = operation["role"]
    taken = commit(operation, role, unseen(state, operation["base"], reads_in(role, state)))
    apply(state, taken)
    return taken


def _restored(log: list[Committed], kept: int, phones: list[Phone]) -> list[Committed]:
    """The log of a server restored from a copy: its beginning, then each phone sends the rest of its own in one go."""
    order = [phone.device_id for phone in phones]
    return log[:kept] + sorted(log[kept:], key=lambda operation: order.index(operation["device_id"]))


@st.composite
def worlds(draw: st.DrawFn, steps: int = 16) -> World:
    """Three or four phones, up to `steps` operations; in the end some outboxes are full and some logs reordered."""
    cast = draw(st.lists(st.sampled_from(CAST), min_size=3, max_size=4, unique=True))
    authors = [Author(Phone(name, role, frozenset(GROUPS) - READS[role]), READS[role]) for name, role in cast]
    # Drawn first, or long worlds would seldom be restored.
    order = draw(st.one_of(st.none(), st.permutations([author.phone for author in authors])))
    kept = draw(st.sampled_from([0, steps // 4]))
    log: list[Committed] = []
    known: dict[str, frozenset[str]] = {}
    state = empty(REFERRAL, PROGRAM)
    moves = st.tuples(st.sampled_from(authors), st.sampled_from(["write", "write", "deliver", "exchange", "exchange"]))
    # Long ones must be asked for: left alone, Hypothesis draws lists of a few moves, in which nothing meets.
    fewest = draw(st.sampled_from([2, steps, 2 * steps]))
    for author, move in draw(st.lists(moves, min_size=fewest, max_size=3 * steps)):
        if move == "write" and len(known) < steps:
            _write(draw, author, log, known)
            continue
        for operation in author.outbox[:1] if move == "deliver" else author.outbox:
            log.append(_take(state, operation))
        author.outbox = author.outbox[1:] if move == "deliver" else []
        if move == "exchange":
            _pull(author, log, state)
    for author in authors if not log or draw(st.booleans()) else []:
        log.extend(author.outbox)
        author.outbox.clear()
    if not log:
        log.append(authors[0].phone.write("referral.alert"))
        known[log[0]["op_id"]] = frozenset()
    state = empty(REFERRAL, PROGRAM)
    ordered = log if order is None else _restored(log, kept, order)
    return World([_take(state, operation) for operation in ordered], known, authors)


def written_keys(operation: Committed) -> set[str]:
    """The registers that an operation writes: those that it leaves on an empty referral."""
    return set(fold([operation])["registers"])


def with_keys_reversed(value: Any) -> Any:
    """The same JSON with the keys of every object in another order."""
    if isinstance(value, dict):
        return {key: with_keys_reversed(member) for key, member in reversed(value.items())}
    return [with_keys_reversed(item) for item in value] if isinstance(value, list) else value
