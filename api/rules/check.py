"""The server's own evaluation of a referral, with the pack that the phone used; a difference is told to a person.

Answers for the verdict and for when it is worth an operation (`determination.check`). Refuses nothing: whatever was sent is
kept, and what cannot be evaluated is said to be so.
"""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session

from api.rules import calendar, packs, queries
from api.rules.calendar import Dated
from api.rules.packs import ReadPacks
from api.rules.queries import ProgramRules
from eligibility_rules.catalog import Catalog
from eligibility_rules.errors import RulesError
from eligibility_rules.evaluate import evaluate
from eligibility_rules.model import Pack
from sync.operations import Operation
from sync.records import Register, State

JUDGED = frozenset({"determination", "facts", "incident_at"})
"""Fields whose change calls for an evaluation."""
AGREES = "agrees"
OVERRIDE = "override.add"
READ = ReadPacks()
log = logging.getLogger("handoff.rules")


class Used(NamedTuple):
    """The pack that a determination names: by its days if it is the program's, and as this release can read it."""

    dated: Dated | None
    pack: Pack | None
    standing: Dated | None


def concerns(operation: Operation) -> bool:
    """True if an applied operation may have changed what the rules say. Asked of every one, so it is quick."""
    if operation.kind == "referral.set":
        return not JUDGED.isdisjoint(operation.payload["fields"])
    if operation.kind == "entry.strike":
        return bool(operation.payload["entry_kind"] == OVERRIDE)
    return operation.kind == OVERRIDE or (operation.kind == "conflict.resolve" and operation.payload["key"] in JUDGED)


def due(session: Session, program_id: str, states: Iterable[State]) -> dict[str, dict[str, Any]]:
    """By referral, the payload of the `determination.check` that it calls for; nothing where it says nothing new."""
    judged = [state for state in states if _determination(state) is not None]
    rules = queries.program_rules(session, program_id) if judged else None
    if rules is None:
        return {}
    days = packs.days(session, rules)
    found = {}
    for state in judged:
        value = _value(session, rules, days, state)
        if _is_news(state["registers"].get("check"), value):
            found[state["referral_id"]] = value
    return found


def _is_news(present: Register | None, value: Mapping[str, Any]) -> bool:
    """An agreement is told only where something else was told before."""
    if value["verdict"] == AGREES:
        return present is not None and present["value"]["verdict"] != AGREES
    return present is None or present["value"] != value


def _determination(state: State) -> Register | None:
    register = state["registers"].get("determination")
    return None if register is None or register["value"] is None else register


def _value(session: Session, rules: ProgramRules, days: list[Dated], state: State) -> dict[str, Any]:
    determination = _determination(state)
    assert determination is not None, "only what was determined is checked"
    said = determination["value"]
    incident = state["registers"].get("incident_at")
    happened = determination["at"] if incident is None or incident["value"] is None else incident["value"]
    standing = calendar.in_force(days, calendar.day_of(datetime.fromisoformat(happened), rules.zone))
    if said["pack"] is None:
        verdict, outcome = _without_pack(said, standing)
    else:
        used = _used(session, rules, days, said["pack"], standing)
        verdict, outcome = _with_pack(state, said, used, rules.zone)
    named = said["pack"] if calendar.is_hash(said["pack"]) else None
    return {"verdict": verdict, "outcome": outcome, "pack": named, "of": determination["op"]}


def _used(session: Session, rules: ProgramRules, days: list[Dated], pack_hash: str, standing: Dated | None) -> Used:
    dated = next((each for each in days if each.hash == pack_hash), None)
    if dated is not None and dated.shipped:
        return Used(dated, Catalog.shipped().by_hash(pack_hash), standing)
    if dated is not None:
        return Used(dated, READ.get(pack_hash, lambda: packs.document(session, rules, pack_hash)), standing)
    former = packs.document(session, rules, pack_hash)
    pack = None if former is None else READ.get(pack_hash, lambda: former)
    return Used(None if pack is None else calendar.shipped(pack), pack, standing)


def _without_pack(said: Mapping[str, Any], standing: Dated | None) -> tuple[str, str | None]:
    """A phone that had no pack says that somebody must look; right where there was none to have."""
    if standing is not None:
        return "no_pack", None
    return (AGREES if said["outcome"] == "needs_review" else "differs"), "needs_review"


def _with_pack(state: State, said: Mapping[str, Any], used: Used, zone: ZoneInfo) -> tuple[str, str | None]:
    """The weightiest word first; the outcome stands beside it wherever the facts can be read."""
    if used.dated is None or used.pack is None:
        return "unknown_pack", None
    judged = evaluated(used.pack, state, zone)
    outcome = None if judged is None else judged[0]
    if used.dated.withdrawn:
        return "withdrawn_pack", outcome
    if used.standing is None or used.standing.hash != used.dated.hash:
        return "not_in_force", outcome
    if _wrongly_set_aside(used.pack, state):
        return "not_to_set_aside", outcome
    if judged is None:
        return "unreadable_facts", None
    return (AGREES if judged == (said["outcome"], said["answers"]) else "differs"), outcome


def _wrongly_set_aside(pack: Pack, state: State) -> bool:
    """True if a rule was recorded as set aside that this pack lets nobody set aside, or somebody else.

    Whether the person named has confirmed it makes no difference: the record stands until it is struck out.
    """
    named = {rule.id: rule.override_by for rule in pack.rules}
    said = (
        entry["payload"] for op_id, entry in state["entries"].items()
        if entry["kind"] == OVERRIDE and op_id not in state["strikes"]
    )  # fmt: skip
    return any(named.get(payload["rule"]) != payload["by_role"] for payload in said)


def evaluated(pack: Pack, state: State, zone: ZoneInfo) -> tuple[str, dict[str, str]] | None:
    """The outcome and every rule's answer; None where the pack cannot read the facts or has no such pathway.

    The facts are those of the record, and of those that the record itself holds the two that name nobody: the incident's day
    and, unless the phone sent it, the day of the determination. What a later consent told of the person is the coordinator's.
    """
    origin = state["registers"].get("origin")
    try:
        determination = evaluate(pack, origin["value"]["pathway"] if origin else "", _facts(pack, state, zone))
    except RulesError:
        return None
    except Exception:  # a fault of the evaluator must not keep a referral out; a person is told instead
        log.exception("evaluation failed", extra={"referral_id": state["referral_id"], "pack": pack.hash})
        return None
    return determination.outcome, {reason.rule: reason.answer for reason in determination.reasons}


def _facts(pack: Pack, state: State, zone: ZoneInfo) -> dict[str, Any]:
    registers = state["registers"]
    sent = registers.get("facts")
    facts = dict(sent["value"] or {}) if sent is not None else {}
    incident, determination = registers.get("incident_at"), _determination(state)
    if "incident_date" in pack.facts_by_id and incident is not None and incident["value"] is not None:
        facts["incident_date"] = calendar.day_of(datetime.fromisoformat(incident["value"]), zone).isoformat()
    if "referral_date" in pack.facts_by_id and determination is not None:
        day = calendar.day_of(datetime.fromisoformat(determination["at"]), zone)
        facts.setdefault("referral_date", day.isoformat())
    return facts
