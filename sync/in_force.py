"""Which releases of information are in force on a day. The phone's twin is `pwa/src/domain/releases.ts`.

In force is what was not taken back, has not run out, and was signed in sight of every withdrawal of consent, of which none may
stand: who withdraws ends every release, and a later yes to being referred brings none of them back.
"""

from sync.fold import blocked
from sync.records import Entry, State


def releases_in_force(state: State, today: str) -> dict[str, Entry]:
    """By id. `today` is the date (YYYY-MM-DD) in the program's time zone; a release holds through its last day."""
    if blocked(state):
        return {}
    withdrawals = {op_id for op_id, event in state["consent"].items() if event["kind"] == "withdrawal"}
    return {
        op_id: entry
        for op_id, entry in state["entries"].items()
        if entry["kind"] == "release.give"
        and op_id not in state["strikes"]
        and today <= entry["payload"]["expires_on"]
        and withdrawals.issubset(entry.get("saw", ()))
    }
