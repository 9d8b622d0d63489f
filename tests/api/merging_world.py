"""Two officers who referred the same person, and a coordinator who merges what they wrote."""

from __future__ import annotations

import json
from typing import Any

from sqlmodel import select

from api.database import Database
from api.operations import projection, service, together
from api.tables.paging import Page, PageEvent
from api.tables.records import Referral, ReferralAlias
from sync.fields import group_of
from sync.merging import wholes
from sync.operations import canonical
from sync.reconcile import KnownReferral
from tests.api import exchange_world as world
from tests.api.conftest import Enrol
from tests.api.device import TestDevice


class SamePerson:
    """`into` is the first officer's referral, `other` the second's; nothing is merged yet."""

    def __init__(self, enrol: Enrol, database: Database) -> None:
        self.first, self.second, self.coordinator = enrol("officer"), enrol("officer2"), enrol("coordinator")
        self.database = database
        self.into, self.into_grant = self._refer(self.first, "Ana", "5th and Main")
        self.other, self.other_grant = self._refer(self.second, "Anna", "Under the bridge")
        self.coordinator.pull()

    def _refer(self, officer: TestDevice, name: str, place: str) -> tuple[str, str]:
        referral_id, operations = officer.submission(place)
        grant = operations[1]["op_id"]
        self.apply(officer, *operations, officer.set(referral_id, {"name": name}, saw=[grant]))
        return referral_id, grant

    def apply(self, device: TestDevice, *operations: dict[str, Any]) -> list[dict[str, Any]]:
        receipts = device.push(*operations)
        assert {one["status"] for one in receipts} <= {"applied", "merged"}, receipts
        return receipts

    def merge(self, other: str | None = None, into: str | None = None, by: TestDevice | None = None) -> str:
        phone = by or self.coordinator
        merged = phone.write(other or self.other, "referral.merge", {"into": into or self.into})
        self.apply(phone, merged)
        self.coordinator.pull()
        return str(merged["op_id"])

    def part(self) -> None:
        self.coordinator.pull()
        self.apply(self.coordinator, self.coordinator.write(self.other, "referral.unmerge", {"into": self.into}))
        self.coordinator.pull()

    def page(self, referral_id: str) -> Page:
        with self.database.read() as session:
            return session.exec(select(Page).where(Page.subject == referral_id)).one()

    def happened(self, referral_id: str) -> list[str]:
        with self.database.read() as session:
            events = select(PageEvent.what).join(Page).where(Page.subject == referral_id).order_by(PageEvent.id)  # type: ignore[arg-type]
            return list(session.exec(events))


def aliases(database: Database) -> dict[str, str]:
    with database.read() as session:
        return {row.from_id: row.into_id for row in session.exec(select(ReferralAlias))}


def shown(database: Database) -> dict[tuple[str, str], Any]:
    """(scope, referral) → view, as the feed has it."""
    rows = [row for row in world.feed(database) if row.kind == "put"]
    items = {(row.scope, row.item_id): json.loads(row.item) for row in rows}
    return {key: item["view"] if item["t"] == "put" else item for key, item in items.items()}


def without_merging(view: dict[str, Any], *, vector: bool = True) -> bytes:
    """A view without what says that it was merged once: the register, and with it the coordinator's last number."""
    kept = {**view, "registers": {key: of for key, of in view["registers"].items() if group_of(key) != "merging"}}
    return canonical({key: part for key, part in kept.items() if vector or key != "vector"})


def check(database: Database) -> None:
    """States equal their logs, each view what rendering them gives, and the links what the states say."""
    world.check_projection(database)
    with database.read() as session:
        rows = list(session.exec(select(Referral)))
        known = {
            row.id: KnownReferral(
                row.program_id, row.agency_id, row.author_id, row.pathway, service.rebuilt(session, row.id)
            )
            for row in rows
            if not row.state.get("expunged")
        }
        assert together.linked(session, [row.id for row in rows]).links == aliases(database)
    joined = wholes({key: each.state for key, each in known.items()})
    expected = {
        (item.scope, key): json.loads(item.body)
        for key, each in known.items()
        for item in projection.referral_items(each, joined.get(key))
    }
    found = {key: view for key, view in shown(database).items() if view.get("t") != "drop"}
    assert found.keys() == expected.keys()
    assert all(canonical(found[key]) == canonical(expected[key]) for key in found)
    said = {
        key: each.state["registers"]["merged_into"]["value"]
        for key, each in known.items()
        if "merged_into" in each.state["registers"]
    }
    assert aliases(database) == {key: into for key, into in said.items() if into is not None}
