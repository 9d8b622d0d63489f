"""Telling a prosecutor what a participant released, and accounting for it in the same transaction.

Everything is worked out at the moment of asking, from the referral as it stands and the releases in force on this day of the
program: what is taken back, has run out or lost its consent is gone at the next request. Nothing is kept ready anywhere.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session
from uuid6 import uuid7

from api.audit.service import record
from api.auth.permissions import SCOPES
from api.auth.sessions import Principal
from api.clock import rfc3339
from api.disclosures import queries
from api.disclosures.models import (
    NOTICE,
    Accounting,
    Disclosed,
    DisclosedReferral,
    DisclosedReferrals,
    DisclosureEntry,
    Facts,
    IntakeFact,
    Scope,
)
from api.operations import projection, together
from api.operations.together import Together
from api.problems import NotFound, TooLarge
from api.rules.calendar import day_of
from api.spreadsheet import table
from api.tables.disclosures import Disclosure
from api.tables.records import Referral
from sync.in_force import releases_in_force
from sync.reconcile import KnownReferral
from sync.records import Entry, State

LOOKED_THROUGH = 50
"""So many referrals are opened for one answer."""
ACCOUNTING_LIMIT = 200
EXPORT_LIMIT = 50_000
UNKNOWN = "There is no such referral for you."

Releases = Mapping[str, Entry]


def disclose_all(
    session: Session, principal: Principal, before: int | None, now: datetime, source: str
) -> DisclosedReferrals:
    """Of the next arrest diversions those with a release in force. Each one told is accounted for."""
    rows = queries.arrests(session, principal.program_id, before, LOOKED_THROUGH)
    today = _today(session, principal.program_id, now)
    merged = together.read(session, principal.program_id, [row.id for row in rows])
    released = [(row, found) for row in rows if (found := _released(_state(row), merged.get(row.id), principal, today))]
    officers = queries.names(session, {row.author_id for row, _ in released})
    intake = _intake_days(session, principal, {row.id: found for row, found in released}, merged)
    told = [
        _tell(session, row, _known(row, merged, intake), found, principal, officers, now, source)
        for row, found in released
    ]
    more = rows[-1].number if len(rows) == LOOKED_THROUGH else None
    return DisclosedReferrals(notice=NOTICE, referrals=told, before=more)


def disclose(session: Session, principal: Principal, referral_id: str, now: datetime, source: str) -> Disclosed:
    """One arrest diversion. Raises NotFound alike for an unknown one and for one without a release in force."""
    row = queries.arrest(session, referral_id, principal.program_id)
    if row is None:
        raise NotFound(UNKNOWN)
    merged, today = together.read(session, principal.program_id, [row.id]), _today(session, principal.program_id, now)
    if not (found := _released(_state(row), merged.get(row.id), principal, today)):
        raise NotFound(UNKNOWN)
    officers = queries.names(session, {row.author_id})
    known = _known(row, merged, _intake_days(session, principal, {row.id: found}, merged))
    return Disclosed(notice=NOTICE, referral=_tell(session, row, known, found, principal, officers, now, source))


def accounting(session: Session, principal: Principal, referral_id: str) -> Accounting:
    """To whom a referral was disclosed, the newest first. Raises NotFound where it is out of reach."""
    row = _accountable(session, principal, referral_id)
    lines = queries.accounting(session, referral_id, principal.program_id, ACCOUNTING_LIMIT + 1)
    return Accounting(entries=_entries(session, row, lines[:ACCOUNTING_LIMIT]), more=len(lines) > ACCOUNTING_LIMIT)


def export(session: Session, principal: Principal, referral_id: str) -> tuple[str, int]:
    """The whole accounting of a referral as CSV, and how many lines it has. Raises NotFound, TooLarge."""
    row = _accountable(session, principal, referral_id)
    lines = queries.accounting(session, referral_id, principal.program_id, EXPORT_LIMIT + 1)
    if len(lines) > EXPORT_LIMIT:
        raise TooLarge(
            f"There are more than {EXPORT_LIMIT} lines. Ask whoever runs this server for a copy of the table."
        )
    entries = _entries(session, row, lines)
    cells = ([row.number, *entry.model_dump().values()] for entry in entries)
    return table(("number", *DisclosureEntry.model_fields), cells), len(lines)


def was_read(
    session: Session, principal: Principal, referral_id: str, now: datetime, source: str, *, exported: int | None = None
) -> None:
    """That somebody read or took away the accounting of a referral."""
    record(
        session, now, "disclosure.read" if exported is None else "disclosure.export", actor_id=principal.user_id,
        program_id=principal.program_id, subject=referral_id, source=source, device_id=principal.device_id,
        detail=None if exported is None else {"lines": exported},
    )  # fmt: skip


def _entries(session: Session, row: Referral, lines: Sequence[Disclosure]) -> list[DisclosureEntry]:
    names = queries.names(session, {line.user_id for line in lines})
    return [_entry(line, names, _state(row)["entries"].get(line.release_id)) for line in lines]


def _entry(line: Disclosure, names: Mapping[str, str], release: Entry | None) -> DisclosureEntry:
    said = {} if release is None else release["payload"]
    return DisclosureEntry(
        at=rfc3339(line.at), to=names.get(line.user_id, ""), to_role="prosecutor", information=line.codes.split(),
        release=line.release_id, recipient=said.get("recipient", {}).get("name"), purpose=said.get("purpose"),
        expires_on=said.get("expires_on"),
    )  # fmt: skip


def _accountable(session: Session, principal: Principal, referral_id: str) -> Referral:
    """The referral, for whoever reaches it. The accounting outlives it, so whoever runs the program reads that of an
    erased one, too: the participant may ask for years. Raises NotFound."""
    row = queries.referral(session, referral_id, principal.program_id)
    if row is None:
        raise NotFound(UNKNOWN)
    known = KnownReferral(row.program_id, row.agency_id, row.author_id, row.pathway, _state(row))
    outlived = projection.expunged(known) and SCOPES[principal.role] == "program"
    if not outlived and not projection.reaches(principal.role, principal.agency_id, principal.user_id, known):
        raise NotFound(UNKNOWN)
    return row


def _state(row: Referral) -> State:
    state: State = row.state  # type: ignore[assignment]  # stored JSON
    return state


def _today(session: Session, program_id: str, now: datetime) -> str:
    return day_of(now, ZoneInfo(queries.time_zone(session, program_id))).isoformat()


def _released(state: State, merged: Together | None, principal: Principal, today: str) -> Releases:
    """The releases in force whose recipient is of this person's kind. They are told on the referral on which they were given.

    A withdrawal on any referral of the person ends them.
    """
    if merged is not None:
        state = {**state, "consent": merged.whole["consent"]}
    found = releases_in_force(state, today)
    return {key: entry for key, entry in found.items() if entry["payload"]["recipient"]["kind"] == principal.role}


def _intake_days(
    session: Session, principal: Principal, released: Mapping[str, Releases], merged: Mapping[str, Together]
) -> Mapping[str, str | None]:  # fmt: skip
    """Referral → day of intake. An assessment is opened only where a release in force names it."""
    named = {
        referral_id: merged[referral_id].ids if referral_id in merged else [referral_id]
        for referral_id, found in released.items()
        if any("intake" in entry["payload"]["information"] for entry in found.values())
    }
    days = queries.intake_days(session, principal.program_id, {each for ids in named.values() for each in ids})
    return {
        referral_id: next((day for each in ids if (day := days.get(each)) is not None), None)
        for referral_id, ids in named.items()
    }


def _known(row: Referral, merged: Mapping[str, Together], intake: Mapping[str, str | None]) -> dict[str, Any]:
    """The referral's values. What became of the person stands in the whole, where it was merged with others."""
    values = _values(_state(row))
    if row.id in merged:
        whole = _values(merged[row.id].whole)
        values |= {key: whole.get(key) for key in ("status", "decision")}
    return values | {"intake_on": intake.get(row.id)}


def _tell(
    session: Session, row: Referral, values: Mapping[str, Any], released: Releases, principal: Principal,
    officers: Mapping[str, str], now: datetime, source: str,
) -> DisclosedReferral:  # fmt: skip
    scope = [_scope(release_id, entry["payload"]) for release_id, entry in sorted(released.items())]
    _account(session, row, scope, principal, now, source)
    return DisclosedReferral(
        id=row.id,
        number=row.number,
        case_number=values.get("case_number"),
        charges=values.get("charges") or [],
        due_on=values.get("due_on"),
        officer=officers.get(row.author_id, ""),
        facts=facts(values, {code for each in scope for code in each.information}),
        scope=scope,
    )


def _scope(release_id: str, given: Mapping[str, Any]) -> Scope:
    return Scope(
        release=release_id, information=given["information"], purpose=given["purpose"], expires_on=given["expires_on"]
    )


def _values(state: State) -> dict[str, Any]:
    return {key: register["value"] for key, register in state["registers"].items()}


def facts(values: Mapping[str, Any], codes: set[str]) -> Facts:
    """What these codes let one know of a referral's values."""
    done_on, decision = values.get("intake_on"), values.get("decision")
    enrolled = decision is not None and decision["outcome"] == "accepted" and values.get("status") != "closed"
    intake = IntakeFact(done=done_on is not None, done_on=done_on, due_on=values.get("due_on"))
    return Facts(
        intake=intake if "intake" in codes else None,
        enrolled=enrolled if "enrolled" in codes else None,
        status=values.get("status") if "status" in codes else None,
    )


def _account(
    session: Session, row: Referral, scope: Sequence[Scope], principal: Principal, now: datetime, source: str
) -> None:
    for each in scope:
        session.add(
            Disclosure(
                id=str(uuid7()), program_id=row.program_id, referral_id=row.id, release_id=each.release,
                user_id=principal.user_id, codes=" ".join(each.information), at=now,
            )
        )  # fmt: skip
    record(
        session, now, "disclosure.made", actor_id=principal.user_id, program_id=row.program_id, subject=row.id,
        source=source,
    )  # fmt: skip
