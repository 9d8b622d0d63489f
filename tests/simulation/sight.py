"""Authors see what they wrote: from the moment it is stored, while it is sent, between the receipt and the feed, and after that.

Judged by the app's own overlay, as the screen shows it, against what the server lets them read: what is for others, or on a
referral on which a consent was ever taken back, may go with the receipt. After the database was replaced, what was written before
is readable to the server alone until it has come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.confinement import EVERY, confine
from api.operations import projection, queries
from api.tables.records import Referral
from sync import views
from sync.payloads import groups_of
from sync.reconcile import KnownReferral
from sync.records import State
from tests.simulation import casting
from tests.simulation.oracle import Authored, Violation
from tests.simulation.overwriting import written
from tests.simulation.phones import Phone

if TYPE_CHECKING:
    from tests.simulation.world import World

IN_FORCE = frozenset({"waiting", "sent"})
ENTRIES = frozenset({"note.add", "contact.add"})


def sees_own(world: World, phone: Phone) -> None:
    """Whoever holds the phone finds on its screen what they wrote with it. Raises Violation (sessions)."""
    device_id = world.phones.device_of(phone)
    if not phone.tab or device_id is None:
        return
    seen = world.phones.seen[phone.profile]
    if any(row["device_id"] == device_id and row["wiped"] for row in seen["devices"]):
        return  # nothing can be read here any more
    act, commands = world.phones.begin(phone, "show", {"device_id": device_id})
    world.phones.run(commands)
    shown = world.phones.outcome(act).result or {}
    hidden = {one.referral_id for one in world.oracle.authored.values() if one.kind == "consent.withdraw"}
    for row in seen["outbox"]:
        made = world.oracle.authored[row["op_id"]]
        if row["device_id"] != device_id or row["state"] not in IN_FORCE or made.history < world.oracle.history:
            continue
        missing = _missing(made, shown.get(made.referral_id))
        if not missing:
            continue
        if row["state"] == "waiting" or (made.referral_id not in hidden and _server_shows(world, phone, made)):
            raise Violation("sessions", f"{made.op_id} is {row['state']}, and its author does not see {missing}")


def _missing(made: Authored, state: State | None) -> str:
    """What of an operation is not shown, or shown as it was before; empty if all of it is there."""
    if state is None:
        return f"the referral {made.referral_id}"
    if made.kind in ENTRIES and made.op_id not in state["entries"]:
        return "the entry"
    for key in written(made.envelope):
        stands = state["registers"].get(key)
        if stands is None or stands["op"] in made.intent.sight:
            return key
    return ""


def _server_shows(world: World, phone: Phone, made: Authored) -> bool:
    """Whoever holds the phone may read this, in the role they always had: an officer's notes are for the health side."""
    person = world.phones.people[phone.holder]
    own = projection.scope_for(person.role, person.user_id, casting.PROGRAM, person.agency_id)  # type: ignore[arg-type]  # text
    confine(EVERY)
    with world.server.database.read() as session:
        row, state = session.get(Referral, made.referral_id), queries.whole_state(session, made.referral_id)
        if row is None or state is None or not person.active or person.moved:
            return False
        known = KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, state)
        groups = groups_of(made.kind, made.envelope["payload"])
        return any(
            scope == own and groups <= views.visible_groups(state, projection.shown_to(role, state))
            for scope, role in projection.scopes_of(known)
        )
