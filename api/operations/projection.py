"""From a referral's state to the items of the feed: one per scope that may see it, cut to what its role may read.

An item is JSON text, ready to be joined into a pull's answer. A scope is touched only when its item's digest changed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from api.auth.permissions import ROLES, SCOPES, SEES_COMMUNITY, groups_left, readable_groups
from sync import merging
from sync.fields import Group, Role
from sync.reconcile import KnownReferral
from sync.records import State, View

_LEFT: dict[tuple[Role, bool], frozenset[Group]] = {
    (role, accepted): groups_left(role, accepted=accepted) for role in ROLES for accepted in (False, True)
}
"""The permission table's answer for every role, asked once: a batch asks it a thousand times."""


def shown_to(role: Role, state: State) -> frozenset[Group]:
    """The groups that a role reads of a referral in this state, apart from what a withdrawal hides from everybody."""
    return _LEFT[role, "accepted" in state["registers"]]


class FeedItem(NamedTuple):
    """One item for one scope, before it has a position.

    `number` is filled in front of `body` for referrals, unless `whole` says that the body is the item's text already.
    """

    program_id: str
    scope: str
    kind: str
    item_id: str
    digest: str
    body: str
    whole: bool = False


def scopes_of(referral: KnownReferral) -> Iterator[tuple[str, Role]]:
    """Each scope that reaches the referral, with the role whose view it carries.

    Police and partners have scopes of different names, so that a change of role never brings a community referral along.
    """
    police = referral.agency_id is not None
    if police:
        yield f"own:{referral.author_id}", "officer"
    else:
        yield f"partner:{referral.author_id}", "partner"
    if police and referral.pathway != "community":
        yield f"agency:{referral.agency_id}", "sergeant"
    if referral.pathway == "arrest_diversion":
        yield f"prosecutor:{referral.program_id}", "prosecutor"
    yield f"health:{referral.program_id}", "coordinator"
    yield f"program:{referral.program_id}", "supervisor"


def scope_for(role: Role, user_id: str, program_id: str, agency_id: str | None) -> str | None:
    """The scope that a session reads; None for roles that see no referral."""
    match SCOPES[role]:
        case "none":
            return None
        case "agency":
            return f"agency:{agency_id}" if agency_id else None
        case "own" | "partner" as written:
            return f"{written}:{user_id}"
        case whole:
            return f"{whole}:{program_id}"


def reaches(role: Role, agency_id: str | None, user_id: str, referral: KnownReferral) -> bool:
    """True if somebody in this role may write to this referral at all."""
    if expunged(referral) or (referral.pathway == "community" and role not in SEES_COMMUNITY):
        return False
    scope = scope_for(role, user_id, referral.program_id, agency_id)
    return scope is not None and any(scope == reached for reached, _ in scopes_of(referral))


def expunged(referral: KnownReferral) -> bool:
    """True if nothing is left of it: nobody reaches it, and every phone is told to drop it."""
    return bool(referral.state.get("expunged"))


SHOWS_WHOLE: frozenset[Role] = frozenset(role for role in ROLES if "merging" in readable_groups(role))
"""Those who see the referrals of one person as one. All others see their own as before, and nothing of the others."""


def referral_items(referral: KnownReferral, whole: State | None = None) -> Iterator[FeedItem]:
    """The referral's view in every scope; of one that was expunged, that it is to be dropped.

    `whole`: what it is worked on as, where it was merged with others of the same person.
    """
    referral_id = referral.state["referral_id"]
    for scope, role in scopes_of(referral):
        if expunged(referral):
            text = _text({"t": "drop", "id": referral_id, "why": "expunged"})
            yield FeedItem(referral.program_id, scope, "put", referral_id, _digest(text), text, whole=True)
            continue
        text = _text(view_of(referral.state, role, whole))
        yield FeedItem(referral.program_id, scope, "put", referral_id, _digest(text), text)


def view_of(state: State, role: Role, whole: State | None) -> View:
    """The referral as this role sees it."""
    groups = shown_to(role, state)
    if whole is not None and role not in SHOWS_WHOLE:
        return merging.apart_view(state, whole, groups)
    return merging.seen(state, whole, groups)


def page_items(referral: KnownReferral, page: Mapping[str, Any]) -> Iterator[FeedItem]:
    """The page's status in every scope but the prosecutor's: when it opened, who is called, who has it."""
    referral_id = referral.state["referral_id"]
    text = _text({"t": "page", "id": referral_id, "page": dict(page)})
    for scope, role in scopes_of(referral):
        if role == "prosecutor" or expunged(referral):
            continue
        yield FeedItem(referral.program_id, scope, "page", referral_id, _digest(text), text)


def operation_item(program_id: str, user_id: str, op_id: str, answer: Mapping[str, Any]) -> FeedItem:
    """The present state of somebody's own operation."""
    text = _text({"t": "op", "id": op_id, **answer})
    return FeedItem(program_id, f"user:{user_id}", "op", op_id, _digest(text), text)


def told_item(program_id: str, user_id: str, op_id: str, told: Mapping[str, Any]) -> FeedItem:
    """That a value of somebody's gave way to an operation, or stands again by it."""
    text = _text({"t": "told", "id": op_id, **told})
    return FeedItem(program_id, f"user:{user_id}", "told", op_id, _digest(text), text)


def put_text(item: FeedItem, number: int, received_at: str) -> str:
    """A referral's item with its number, which is known only when positions are given out."""
    head = f'{{"t":"put","id":"{item.item_id}","number":{number},"received_at":"{received_at}","view":'
    return head + item.body + "}"


_COMPACT = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _text(value: Mapping[str, Any]) -> str:
    return _COMPACT.encode(value)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
