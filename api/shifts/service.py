"""The document of a program's rota, and the rules that supervisors write. What people change about it is `changes`."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, get_args

from sqlmodel import Session
from uuid6 import uuid7

from api.accounts.queries import people_with
from api.audit.service import record
from api.problems import Conflict, Malformed, NotFound
from api.rota.gaps import gaps, overlaps
from api.rota.model import Level, Rota, RuleTerms, Span, WeeklyRule
from api.rota.resolve import resolve
from api.shifts import queries
from api.shifts.models import (
    ChangeDocument,
    ColleagueDocument,
    LevelDocument,
    OverlapDocument,
    RotaDocument,
    RulesBody,
    SpanDocument,
    Stretch,
)
from api.shifts.stretches import changed
from api.tables.people import User
from api.tables.rota import RotaChange, RotaRule

LEVELS: tuple[Level, ...] = get_args(Level)
SHOWN_AT_MOST = timedelta(days=62)
SHOWN = timedelta(days=14)
PREVIEWED = timedelta(days=28)
FARTHEST = timedelta(days=366)
"""How far from now anything may lie that is asked for."""
STALE = "Somebody changed the rota meanwhile. Nothing was saved: look at it as it is now, then save again."
NO_COLLEAGUE = "One of these people has no role in this program that stands on the rota. Choose somebody else."


class Actor(NamedTuple):
    """Who acts, in which program, whether with a supervisor's right over the whole rota, and where from, for the audit."""

    user_id: str
    program_id: str
    supervises: bool
    source: str


class Told(NamedTuple):
    """A notice to be sent: to whom, and the key of its constant text."""

    user_id: str
    text: str


def document(
    session: Session, program_id: str, start: datetime | None, end: datetime | None, now: datetime
) -> RotaDocument:
    """The rota from `start` (now) to `end` (two weeks later). Raises Malformed for a stretch that is too long or too far."""
    start, end = _asked(start, end, now)
    rota = queries.rota_of(session, program_id, start, end)
    people = colleagues(session, program_id, now)
    return RotaDocument(
        version=queries.version(session, program_id),
        zone=zone_of(session, program_id),
        server_time=now,
        levels=_levels(session, rota, LEVELS, people, start, end),
        changes=[_change(row) for row in queries.changes_shown(session, program_id, start, end, now)],
        people=_people(session, people),
    )


def preview(
    session: Session, program_id: str, level: Level, rules: Sequence[RuleTerms], now: datetime
) -> LevelDocument:
    """A level in the next four weeks as it would be with these rules and the changes that stand. Nothing is written."""
    people = colleagues(session, program_id, now)
    _check(level, rules, people)
    end = now + PREVIEWED
    stands = queries.rota_of(session, program_id, now, end)
    others = tuple(rule for rule in stands.rules if rule.level != level)
    drafted = tuple(_rule(str(uuid7()), terms) for terms in rules)
    rota = Rota(rules=(*others, *drafted), changes=stands.changes)
    return _levels(session, rota, (level,), people, now, end)[0]


def set_rules(session: Session, actor: Actor, level: Level, body: RulesBody, now: datetime) -> list[Told]:
    """Put these rules in the place of a level's; returns who is to be told. Raises Conflict, Malformed or NotFound.

    A rule that is said again stays the row that it is; one that is not is ended, and kept.
    """
    zone_of(session, actor.program_id, lock=True)
    if body.version != queries.version(session, actor.program_id):
        raise Conflict(STALE)
    _check(level, body.rules, colleagues(session, actor.program_id, now))
    end = now + SHOWN_AT_MOST
    before = resolve(queries.rota_of(session, actor.program_id, now, end), level, now, end)
    if not _replace(session, actor, level, body.rules, now):
        return []
    session.flush()
    record(
        session,
        now,
        "rota.rules",
        actor_id=actor.user_id,
        program_id=actor.program_id,
        subject=level,
        source=actor.source,
    )
    after = resolve(queries.rota_of(session, actor.program_id, now, end), level, now, end)
    return to_tell(changed(before, after), actor)


def to_tell(users: frozenset[str], actor: Actor) -> list[Told]:
    """Word to those whose duty changed, but not to the one who did it."""
    return [Told(user_id, "rota_changed") for user_id in sorted(users - {actor.user_id})]


def colleagues(session: Session, program_id: str, now: datetime) -> dict[str, tuple[User, str]]:
    """Everybody who may be put on duty now, with their role, by name."""
    return {person.id: (person, role) for person, role in people_with(session, program_id, queries.ON_ROTA, now)}


def zone_of(session: Session, program_id: str, *, lock: bool = False) -> str:
    """The program's time zone; with `lock`, others who change its rota wait. Raises NotFound."""
    zone = queries.zone(session, program_id, lock=lock)
    if zone is None:
        raise NotFound("The program is not here.")
    return zone


def _asked(start: datetime | None, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    start = start or now
    end = end or start + SHOWN
    if not now - FARTHEST <= start < end <= now + FARTHEST or end - start > SHOWN_AT_MOST:
        raise Malformed(
            f"Ask for at most {SHOWN_AT_MOST.days} days, from a time before to, both within {FARTHEST.days} days of today."
        )
    return start, end


def _check(level: Level, rules: Sequence[RuleTerms], people: dict[str, tuple[User, str]]) -> None:
    if any(rule.level != level for rule in rules):
        raise Malformed("Each rule names another level than the one it is saved for. Save each level by itself.")
    if not {user_id for rule in rules for user_id in rule.people} <= people.keys():
        raise NotFound(NO_COLLEAGUE)


def _replace(session: Session, actor: Actor, level: Level, rules: Sequence[RuleTerms], now: datetime) -> bool:
    """True if that changed anything."""
    standing = queries.rules_of(session, actor.program_id, level)
    wanted = [terms.model_dump(mode="json", exclude={"level"}) for terms in rules]
    ended = []
    for row in standing:
        if row.rule in wanted:
            wanted.remove(row.rule)
        else:
            ended.append(row)
    for row in ended:
        row.ended_by, row.ended_at = actor.user_id, now
        session.add(row)
    for rule in wanted:
        row = RotaRule(
            id=str(uuid7()),
            program_id=actor.program_id,
            level=level,
            rule=rule,
            created_by=actor.user_id,
            created_at=now,
        )
        session.add(row)
    return bool(ended or wanted)


def _rule(rule_id: str, terms: RuleTerms) -> WeeklyRule:
    return WeeklyRule.model_validate({**terms.model_dump(), "id": rule_id})


def _levels(
    session: Session,
    rota: Rota,
    levels: Iterable[Level],
    people: dict[str, tuple[User, str]],
    start: datetime,
    end: datetime,
) -> list[LevelDocument]:
    spans = {level: resolve(rota, level, start, end) for level in levels}
    on_duty = {span.user_id for each in spans.values() for span in each}
    names = queries.names(session, on_duty)
    return [_level(level, rota, spans[level], names, people.keys() & on_duty, start, end) for level in levels]


def _level(
    level: Level,
    rota: Rota,
    spans: tuple[Span, ...],
    names: dict[str, str],
    present: set[str],
    start: datetime,
    end: datetime,
) -> LevelDocument:
    rules = [rule for rule in rota.rules if rule.level == level]
    there = [span for span in spans if span.user_id in present]
    return LevelDocument(
        level=level,
        spans=[
            SpanDocument(
                user_id=span.user_id, name=names.get(span.user_id, ""), start=span.start, end=span.end, why=span.why,
                source_id=span.source_id, absent=span.user_id not in present,
            )
            for span in spans
        ],
        gaps=[Stretch(start=gap.start, end=gap.end) for gap in gaps(there, start, end)] if rules else [],
        overlaps=[
            OverlapDocument(start=each.start, end=each.end, user_ids=list(each.user_ids)) for each in overlaps(there)
        ],
        rules=rules,
    )  # fmt: skip


def _change(row: RotaChange) -> ChangeDocument:
    return ChangeDocument.model_validate(
        {
            "id": row.id, "level": row.level, "kind": row.kind, "user_id": row.user_id, "to_user_id": row.to_user_id,
            "start": row.starts_at, "end": row.ends_at, "swap_id": row.swap_id, "state": row.state,
            "asked_of": row.asked_of, "made_by": row.made_by, "made_at": row.made_at,
        }
    )  # fmt: skip


def _people(session: Session, people: dict[str, tuple[User, str]]) -> list[ColleagueDocument]:
    reachable = queries.reachable(session, people.keys())
    return [
        ColleagueDocument(
            id=person.id, name=person.name, role=role, callback=person.callback, reachable=person.id in reachable
        )
        for person, role in people.values()
    ]
