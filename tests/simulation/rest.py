"""Coming to rest, and what must hold then: a network that works, phones that talk until nobody has anything to say."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, select

from api.audit.key import secret_of
from api.audit.verify import verify
from api.auth.cookies import device_cookie
from api.confinement import EVERY, confine
from api.operations import feed, projection, queries, service
from api.tables.devices import Device
from api.tables.records import FeedRow, OperationHeader, Referral
from sync import views
from sync.fields import group_of
from sync.operations import canonical
from sync.payloads import ENTRY_GROUPS
from sync.reconcile import KnownReferral
from sync.records import State
from tests.simulation import casting, log
from tests.simulation.oracle import Violation
from tests.simulation.overwriting import no_silent_overwrite

if TYPE_CHECKING:
    from tests.simulation.phones import Phone
    from tests.simulation.world import World

ROUNDS = 10
PAGE_ITEMS = 3
FUTURE = "referral.from_the_future"


def come_to_rest(world: World) -> None:
    """The faults stop. Raises Violation (progress) where something still wants to be said after many rounds."""
    world.server.doom = None
    while world.network.under_way:  # a run that fails goes on with less: what it then asks fails as well, until it gives up
        message = world.network.under_way[0]
        world.network.remove(message)
        world.phones.run([{"do": "fail", "tab": message.tab, "id": message.id}])
    before = None
    for _ in range(ROUNDS):
        world.server.clock.advance(timedelta(seconds=61))
        for phone in world.phones.all:
            _talk(world, phone)
        now = _standing(world)
        if now == before:
            return
        before = now
    raise Violation("progress", f"after {ROUNDS} rounds phones and server still change: {before}")


def _talk(world: World, phone: Phone) -> None:
    """Everybody who uses the phone fetches and sends; enrolments that nobody uses any more only send."""
    for login in phone.people:
        phone.holder = login
        if not world.phones.people[login].active:
            continue
        if _must_sign_in(world, phone):
            world.act(phone, "flush")  # a phone that was removed hears of it here, and is wiped
            world.sign_in(phone)
        elif len(phone.people) > 1:
            phone.cookies.update(world.server.let_in(world.phones.people[login].user_id) or {})
        if world.act(phone, "pull") in ("sign_in", "locked"):
            world.sign_in(phone)
            world.act(phone, "pull")
    world.hear_out(phone)  # somebody may have been sending already, whom nobody else waits for
    seen = world.phones.seen[phone.profile]
    fetching = {phone.devices.get(login) for login in phone.people if world.phones.people[login].active}
    for row in seen["devices"]:
        waits = any(one["device_id"] == row["device_id"] and one["state"] == "waiting" for one in seen["outbox"])
        if waits or row["device_id"] not in fetching:
            world.act(phone, "flush", device_id=row["device_id"])


def _must_sign_in(world: World, phone: Phone) -> bool:
    """Not enrolled on this phone, wiped, or unknown to a server that was restored."""
    device_id = phone.devices.get(phone.holder)
    rows = world.phones.seen[phone.profile]["devices"]
    if device_id is None or not any(row["device_id"] == device_id and not row["wiped"] for row in rows):
        return True
    confine(EVERY)
    with world.server.database.read() as session:
        device = session.get(Device, device_id)
        return device is None or device.state != "active" or device_cookie(device_id) not in phone.cookies


def _standing(world: World) -> Any:
    outboxes = [
        (row["op_id"], row["state"]) for phone in world.phones.all for row in world.phones.seen[phone.profile]["outbox"]
    ]
    return outboxes, world.head().position


def at_rest(world: World) -> None:
    """Everything that must hold once nobody has anything to say. Raises Violation."""
    confine(EVERY)
    world.phones.run([], *world.phones.all, deep=True)
    envelopes = log.envelopes(world.server.database)
    _progress(world)
    _restored(world, envelopes)
    with world.server.database.read() as session:
        states = _determinism(session)
        _feed_complete(session, states)
        _consent(world, session, states, envelopes)
        no_silent_overwrite(world.oracle, states, _applied(session), envelopes)
        _audit(world, session)
        _convergence(world, session, states)
        _order(world, envelopes)


def _progress(world: World) -> None:
    """What waits has a reason that nobody present can lift, and delays nobody else."""
    for phone in world.phones.all:
        waiting = [row for row in world.phones.seen[phone.profile]["outbox"] if row["state"] == "waiting"]
        blocked: set[tuple[str, str]] = set()
        for row in sorted(waiting, key=lambda row: (row["device_id"], row["seq"])):
            place, made = (row["device_id"], row["referral_id"]), world.oracle.authored[row["op_id"]]
            if made.kind == FUTURE:
                blocked.add(place)
            elif (place not in blocked or made.kind == "consent.withdraw") and not _shut_out(world, row["device_id"]):
                raise Violation("progress", f"{row['op_id']} ({made.kind}) still waits: {row['receipt']}")


def _shut_out(world: World, device_id: str) -> bool:
    """The server, restored, does not know this device, and nobody can enrol it anew: its person may not sign in any more, or it
    was revoked and wiped, so that nothing on the phone proves whose it is. What waits there is for the rescue page.
    """
    user_id = next(made.intent.user_id for made in world.oracle.authored.values() if made.device_id == device_id)
    active = next(person.active for person in world.phones.people.values() if person.user_id == user_id)
    rows = [row for phone in world.phones.all for row in world.phones.seen[phone.profile]["devices"]]
    wiped = any(row["device_id"] == device_id and row["wiped"] for row in rows)
    with world.server.database.read() as session:
        return (wiped or not active) and session.get(Device, device_id) is None


def _restored(world: World, envelopes: dict[str, Any]) -> None:
    """What lay on any phone when the database was replaced is in it again."""
    waiting = {
        row["op_id"] for phone in world.phones.all for row in world.phones.seen[phone.profile]["outbox"]
        if row["state"] == "waiting" or _shut_out(world, row["device_id"])
    }  # fmt: skip
    missing = world.oracle.owed - envelopes.keys() - waiting - world.oracle.excused
    if missing:
        raise Violation(
            "restore", f"{sorted(missing)} lay on a phone when the database was replaced, and are not in it"
        )


def _determinism(session: Session) -> dict[str, State]:
    """What is stored of every referral is its log folded anew."""
    states = {}
    for row in session.exec(select(Referral)):
        stored, again = queries.whole_state(session, row.id), service.rebuilt(session, row.id)
        if canonical(stored) != canonical(again):
            raise Violation("determinism", f"the state of {row.id} is not its log folded anew")
        states[row.id] = again
    return states


def _known(row: Referral, state: State) -> KnownReferral:
    return KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, state)


def expected(session: Session, states: dict[str, State]) -> dict[str, dict[str, Any]]:
    """By scope, the view of every referral in it."""
    scopes: dict[str, dict[str, Any]] = {}
    for row in session.exec(select(Referral)):
        state = states[row.id]
        for scope, role in projection.scopes_of(_known(row, state)):
            scopes.setdefault(scope, {})[row.id] = views.render(state, projection.shown_to(role, state))
    return scopes


def _feed_complete(session: Session, states: dict[str, State]) -> None:
    """A reader who pages from the beginning gets every referral of the scope in its final form, and no other."""
    wanted = expected(session, states)
    for scope in {*wanted, *session.exec(select(FeedRow.scope))}:
        got: dict[str, Any] = {}
        cursor, more = None, True
        while more:
            part = feed.read(session, (scope,), cursor, PAGE_ITEMS)
            for item in map(json.loads, part.items):
                if item["t"] == "put":
                    got[item["id"]] = item["view"]
            cursor, more = part.cursor, part.more
        if canonical(got) != canonical(wanted.get(scope, {})):
            differing = _differing(got, wanted.get(scope, {}))
            raise Violation("complete feed", f"the feed of {scope} differs from the log: {differing}")


def _differing(one: dict[str, Any], other: dict[str, Any]) -> str:
    ids = [
        key
        for key in {*one, *other}
        if key not in one or key not in other or canonical(one[key]) != canonical(other[key])
    ]
    first = ids[0]
    if first not in one or first not in other:
        return f"{sorted(one)} against {sorted(other)}"
    parts = [name for name in one[first] if canonical(one[first][name]) != canonical(other[first].get(name))]
    return f"{first}: {[(name, one[first][name], other[first].get(name)) for name in parts]}"


def _consent(world: World, session: Session, states: dict[str, State], envelopes: dict[str, Any]) -> None:
    """Consent stands only by a grant that names every withdrawal; where it does not stand, nothing that it covers is shown."""
    applied = _applied(session)
    for referral_id, state in states.items():
        events = [envelopes[op_id] for op_id in applied if envelopes[op_id]["referral_id"] == referral_id]
        withdrawn = {one["op_id"] for one in events if one["kind"] == "consent.withdraw"}
        given = any(one["kind"] == "consent.grant" and withdrawn <= set(one["saw"]) for one in events)
        told = views.render(state, views.TELL_CONSENT)["consented"]
        if told != given:
            raise Violation("consent", f"{referral_id}: views say that consent is {told}, and the log says {given}")
        for one in events:
            made = world.oracle.authored.get(one["op_id"])
            if (
                made is not None
                and one["kind"] == "consent.grant"
                and not withdrawn & set(one["saw"]) <= made.intent.sight
            ):
                raise Violation("consent", f"{one['op_id']} names a withdrawal that its author was never shown")
        if withdrawn and not given:
            _hidden(session, referral_id)


def _hidden(session: Session, referral_id: str) -> None:
    for row in session.exec(select(FeedRow).where(FeedRow.item_id == referral_id, FeedRow.kind == "put")):
        view = json.loads(row.item)["view"]
        shown = {group_of(key) for key in view["registers"]} | {
            ENTRY_GROUPS[entry["kind"]] for entry in view["entries"].values()
        }
        if shown & views.BLOCKED_GROUPS or view["consented"]:
            raise Violation(
                "consent", f"{referral_id} shows {shown & views.BLOCKED_GROUPS} to {row.scope} without a consent"
            )


def _applied(session: Session) -> list[str]:
    rows = session.exec(select(OperationHeader).order_by(OperationHeader.position))  # type: ignore[arg-type]  # a column
    return [row.op_id for row in rows if row.state in ("applied", "merged")]


def _audit(world: World, session: Session) -> None:
    """The chain of the audit holds."""
    faults = verify(session, secret_of(session)).faults
    if faults:
        raise Violation("audit", f"the chain does not hold: {faults}")


def _convergence(world: World, session: Session, states: dict[str, State]) -> None:
    """Every phone shows what the server shows to its person, and keeps nothing of a scope that its person has left."""
    wanted = expected(session, states)
    for phone in world.phones.all:
        seen = world.phones.seen[phone.profile]
        for login, device_id in phone.devices.items():
            person = world.phones.people[login]
            device = next((row for row in seen["devices"] if row["device_id"] == device_id), None)
            if device is None or device["wiped"] or not person.active or seen["views"].get(device_id) is None:
                continue
            scope = projection.scope_for(person.role, person.user_id, casting.PROGRAM, person.agency_id)  # type: ignore[arg-type]  # text
            own = {row["referral_id"] for row in seen["outbox"] if row["device_id"] == device_id}
            stored = seen["views"][device_id]
            views_here = {
                key: one["view"] for key, one in stored.items() if one is not None and one["view"] is not None
            }
            unreadable = [key for key, one in stored.items() if one is None]
            left = views_here.keys() - wanted.get(scope or "", {}).keys() - own
            if left or unreadable:
                raise Violation("leaving a scope", f"{login}'s phone keeps {sorted(left)}, cannot read {unreadable}")
            kept = {key: view for key, view in views_here.items() if key in wanted.get(scope or "", {})}
            if canonical(kept) != canonical(wanted.get(scope or "", {})):
                raise Violation(
                    "convergence", f"{login}'s phone shows otherwise: {_differing(kept, wanted.get(scope or '', {}))}"
                )


def _order(world: World, envelopes: dict[str, Any]) -> None:
    """What one device wrote on one referral stands in the log in the order it was written.

    A withdrawal waits for nothing, and so what follows one may overtake what came before it.
    """
    made = world.oracle.authored.values()
    withdrawn = [
        (one.device_id, one.referral_id, one.envelope["seq"]) for one in made if one.kind == "consent.withdraw"
    ]
    last: dict[tuple[str, str, int], int] = {}
    for row in log.headers(world.server.database):
        envelope = envelopes[row.op_id]
        if row.device_id in world.epochs() | world.forked or envelope["kind"] == "consent.withdraw":
            continue
        if row.state not in ("applied", "merged"):  # held for a person before anybody asks for what came before it
            continue
        here = (row.device_id, envelope["referral_id"])
        place = (*here, sum(seq < row.seq for *where, seq in withdrawn if tuple(where) == here))
        if row.seq <= last.get(place, 0):
            raise Violation(
                "sessions", f"{row.op_id} with number {row.seq} stands behind number {last[place]} of its device"
            )
        last[place] = row.seq
