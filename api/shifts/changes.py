"""Covers, hand-overs, swaps, and what supervisors put on top: asked, agreed to, declined, taken back.

Whoever changes a program's rota holds the program's lock, so all of this happens one after the other. Until somebody has
agreed, nothing changes: who was on duty stays on duty. The past is never rewritten.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session
from uuid6 import uuid7

from api.audit.service import record
from api.problems import Conflict, Forbidden, Malformed, NotFound
from api.rota.model import ChangeKind, Level, Span
from api.rota.resolve import resolve
from api.shifts import queries, service
from api.shifts.models import ChangeBody, ChangeMade
from api.shifts.service import FARTHEST, Actor, Told
from api.shifts.stretches import Stretch, changed, hull
from api.tables.rota import RotaChange

LONGEST = timedelta(days=31)
SHORTEST = timedelta(minutes=1)
OPEN_LIMIT = 200

ONLY_SUPERVISORS = "Only a supervisor decides for others. Ask one, or ask for your own duty to be covered."
UNKNOWN = "There is no such change for you."
OVER = "That time is over. Nothing was changed."
NOT_THEIRS = "That duty is not that person's, or not all of it any more. Look at the rota as it is now, then ask again."
IN_OTHER_HANDS = "Part of that time is in other hands already. Give the stretches before and after it by themselves."
NO_CHANGE = "It is so already. Nothing was changed."


class Made(NamedTuple):
    """What came of it, and who is to be told."""

    answer: ChangeMade
    told: list[Told]


def ask(session: Session, actor: Actor, wish: ChangeBody, now: datetime) -> Made:
    """Make a change, or ask the person who would come whether they agree.

    Raises Forbidden, NotFound for people who are not on the program's rota, Malformed for times, Conflict for the rest.
    """
    service.zone_of(session, actor.program_id, lock=True)
    giver = wish.user_id or actor.user_id
    _check_right(actor, wish, giver)
    _check_people(session, actor, wish, giver, now)
    if queries.open_changes(session, actor.program_id, now) >= OPEN_LIMIT:
        raise Conflict(f"{OPEN_LIMIT} changes are open. Withdraw some, or let the weekly rules say it.")
    rows = _rows(session, actor, wish, giver, now)
    told = _told_of(session, actor, rows)  # what could not be accepted now is not asked either
    if actor.supervises or actor.user_id == wish.to_user_id:
        _accept(session, actor, rows, now)
    else:
        for row in rows:
            row.asked_of = wish.to_user_id
        told = [Told(str(wish.to_user_id), "cover_asked")]
    session.add_all(rows)
    return _made(session, actor, "rota.change", rows, rows[0].state, told, now)


def accept(session: Session, actor: Actor, change_id: str, now: datetime) -> Made:
    """Agree to what was asked; it counts from now on. Raises NotFound, Forbidden, or Conflict where it no longer fits."""
    rows = _asked_of(session, actor, change_id)
    if _settled_before(rows, "accepted", actor):
        return _same(rows)
    if rows[0].asked_of not in service.colleagues(session, actor.program_id, now):
        raise Conflict("Whoever was asked has no role on the rota any more. Ask somebody else.")
    for row in rows:
        asked = Stretch(max(row.starts_at, now), row.ends_at)
        if asked.end - asked.start < SHORTEST:
            raise Conflict(OVER)
        held = _held(session, actor, _level(row), str(row.user_id), asked)
        if held.end != asked.end or (row.starts_at >= now and held.start != asked.start):
            raise Conflict(NOT_THEIRS)
        row.starts_at = held.start
    told = _told_of(session, actor, rows)
    _accept(session, actor, rows, now)
    return _made(session, actor, "rota.accept", rows, "accepted", told, now)


def decline(session: Session, actor: Actor, change_id: str, now: datetime) -> Made:
    """Do not agree: nothing changes on the rota, and whoever asked hears of it. Raises NotFound, Forbidden or Conflict."""
    rows = _asked_of(session, actor, change_id)
    if _settled_before(rows, "declined", actor):
        return _same(rows)
    _settle(rows, "declined", actor, now)
    told = [Told(rows[0].made_by, "cover_declined")]
    return _made(session, actor, "rota.decline", rows, "declined", told, now)


def withdraw(session: Session, actor: Actor, change_id: str, now: datetime) -> Made:
    """Take back what one asked; a supervisor, what was agreed to as well. What has begun is cut short, and stays.

    Raises NotFound, Forbidden or Conflict.
    """
    rows = _known(session, actor, change_id)
    if actor.user_id != rows[0].made_by and not actor.supervises:
        raise Forbidden(ONLY_SUPERVISORS)
    if rows[0].state == "accepted":
        return _undo(session, actor, [row for row in rows if row.ends_at > now], now)
    if _settled_before(rows, "withdrawn", actor):
        return _same(rows)
    _settle(rows, "withdrawn", actor, now)
    return _made(session, actor, "rota.withdraw", rows, "withdrawn", [], now)


def _undo(session: Session, actor: Actor, rows: list[RotaChange], now: datetime) -> Made:
    if not rows:
        raise Conflict(OVER)
    if not actor.supervises:
        raise Conflict("It has been agreed to. Ask for your duty back, or ask a supervisor to withdraw it.")
    ahead = [(_level(row), Stretch(max(row.starts_at, now), row.ends_at)) for row in rows]
    before = [_spans(session, actor, level, stretch) for level, stretch in ahead]
    for row in rows:
        if now - row.starts_at < SHORTEST:
            row.state = "withdrawn"
        else:
            row.ends_at = now
        row.settled_by, row.settled_at = actor.user_id, now
    session.flush()
    after = [_spans(session, actor, level, stretch) for level, stretch in ahead]
    users = frozenset().union(*map(changed, before, after))
    return _made(session, actor, "rota.withdraw", rows, "withdrawn", service.to_tell(users, actor), now)


def _check_right(actor: Actor, wish: ChangeBody, giver: str) -> None:
    """Everybody gives away what is theirs and takes what is another's; all else is for supervisors."""
    offers = wish.kind in ("cover", "hand_over") and wish.to_user_id == actor.user_id
    asks = wish.kind in ("cover", "hand_over", "swap") and giver == actor.user_id
    if not (offers or asks or actor.supervises):
        raise Forbidden(ONLY_SUPERVISORS)


def _check_people(session: Session, actor: Actor, wish: ChangeBody, giver: str, now: datetime) -> None:
    """Whoever comes has a role here. Whoever goes need not: somebody who has left is just who has to be replaced."""
    if wish.to_user_id == giver:
        raise Malformed("Nobody comes for themselves. Choose somebody else.")
    comes = giver if wish.kind in ("add", "only") else wish.to_user_id
    if comes is not None and comes not in service.colleagues(session, actor.program_id, now):
        raise NotFound(service.NO_COLLEAGUE)


def _rows(session: Session, actor: Actor, wish: ChangeBody, giver: str, now: datetime) -> list[RotaChange]:
    """What is to be written, cut to now and to the duty that is given away."""
    if wish.kind in ("add", "only"):
        return [_row(actor, wish, wish.kind, None, giver, _stretch(wish.start, wish.end, now), now)]
    asked = _stretch(wish.start, wish.end, now)
    if wish.kind == "hand_over":
        asked = _present(session, actor, wish.level, giver, asked)
    given = _held(session, actor, wish.level, giver, asked)
    rows = [_row(actor, wish, "instead", giver, wish.to_user_id, given, now)]
    if wish.kind == "swap":
        other = str(wish.to_user_id)
        back = _held(session, actor, wish.level, other, _stretch(wish.with_start, wish.with_end, now))
        rows.append(_row(actor, wish, "instead", other, giver, back, now))
        for row in rows:
            row.swap_id = rows[0].id
    return rows


def _row(
    actor: Actor, wish: ChangeBody, kind: ChangeKind, user_id: str | None, to_user_id: str | None, stretch: Stretch, now: datetime
) -> RotaChange:  # fmt: skip
    return RotaChange(
        id=str(uuid7()), program_id=actor.program_id, level=wish.level, kind=kind, user_id=user_id, to_user_id=to_user_id,
        starts_at=stretch.start, ends_at=stretch.end, made_by=actor.user_id, made_at=now,
    )  # fmt: skip


def _stretch(start: datetime | None, end: datetime | None, now: datetime) -> Stretch:
    """From the start, but not before now, to the end, or as far as a change may reach. Raises Malformed."""
    start = max(start or now, now)
    end = end or now + LONGEST
    if end - start < SHORTEST:
        raise Malformed("Give an end that lies ahead, at least a minute after the start.")
    if end - start > LONGEST or end > now + FARTHEST:
        raise Malformed(f"A change lasts at most {LONGEST.days} days and ends within {FARTHEST.days} days from now.")
    return Stretch(start, end)


def _spans(session: Session, actor: Actor, level: Level, stretch: Stretch) -> tuple[Span, ...]:
    return resolve(queries.rota_of(session, actor.program_id, *stretch), level, *stretch)


def _held(session: Session, actor: Actor, level: Level, user_id: str, asked: Stretch) -> Stretch:
    """From where to where the person's duty reaches within what is asked. Raises Conflict where they have none."""
    held = hull(_spans(session, actor, level, asked), user_id)
    if held is None or held.end - held.start < SHORTEST:
        raise Conflict(NOT_THEIRS)
    return held


def _present(session: Session, actor: Actor, level: Level, user_id: str, asked: Stretch) -> Stretch:
    """From now until the end of the span in which the person is on duty now. Raises Conflict where there is none."""
    spans = _spans(session, actor, level, asked)
    ends = [span.end for span in spans if span.user_id == user_id and span.start == asked.start]
    if not ends:
        raise Conflict(NOT_THEIRS)
    return Stretch(asked.start, max(ends))


def _told_of(session: Session, actor: Actor, rows: list[RotaChange]) -> list[Told]:
    """Whose duty changes if these are accepted, for word to them.

    Raises Conflict where nobody's does. A duty that went through somebody's hands would follow the giver's later word
    (see `api.rota.resolve`): that is refused, so that nobody loses a duty by what two others agreed.
    """
    users: frozenset[str] = frozenset()
    for row in rows:
        stretch = Stretch(row.starts_at, row.ends_at)
        rota = queries.rota_of(session, actor.program_id, *stretch)
        before = resolve(rota, _level(row), *stretch)
        users |= changed(before, resolve(queries.with_changes(rota, rows), _level(row), *stretch))
    if not users:
        raise Conflict(NO_CHANGE)
    between = {user_id for row in rows for user_id in (row.user_id, row.to_user_id)}
    if rows[0].kind == "instead" and not users <= between:
        raise Conflict(IN_OTHER_HANDS)
    return service.to_tell(users, actor)


def _level(row: RotaChange) -> Level:
    level: Level = row.level  # type: ignore[assignment]  # checked when it was written
    return level


def _known(session: Session, actor: Actor, change_id: str) -> list[RotaChange]:
    """The rows of a change, the program's rota locked. Raises NotFound."""
    service.zone_of(session, actor.program_id, lock=True)
    rows = queries.change_and_its_other_half(session, actor.program_id, change_id)
    if not rows:
        raise NotFound(UNKNOWN)
    return rows


def _asked_of(session: Session, actor: Actor, change_id: str) -> list[RotaChange]:
    """The same, for whoever may answer: the person who was asked, or a supervisor."""
    rows = _known(session, actor, change_id)
    if actor.user_id != rows[0].asked_of and not actor.supervises:
        raise Forbidden("Only the person who was asked can answer, or a supervisor.")
    return rows


def _settled_before(rows: list[RotaChange], state: str, actor: Actor) -> bool:
    """True if the same person did the same before: a second tap. Raises Conflict if it ended otherwise."""
    if rows[0].state == "proposed":
        return False
    if rows[0].state == state and rows[0].settled_by == actor.user_id:
        return True
    raise Conflict(f"It has been {rows[0].state} already. Nothing was changed.")


def _accept(session: Session, actor: Actor, rows: list[RotaChange], now: datetime) -> None:
    place = queries.last_place(session, actor.program_id)
    _settle(rows, "accepted", actor, now)
    for number, row in enumerate(rows, start=place + 1):
        row.place = number


def _settle(rows: list[RotaChange], state: str, actor: Actor, now: datetime) -> None:
    for row in rows:
        row.state, row.settled_by, row.settled_at = state, actor.user_id, now


def _same(rows: list[RotaChange]) -> Made:
    return Made(_answer(rows, rows[0].state), [])


def _made(
    session: Session, actor: Actor, action: str, rows: list[RotaChange], state: str, told: list[Told], now: datetime
) -> Made:
    record(
        session,
        now,
        action,
        actor_id=actor.user_id,
        program_id=actor.program_id,
        subject=rows[0].id,
        source=actor.source,
    )
    return Made(_answer(rows, state), told)


def _answer(rows: list[RotaChange], state: str) -> ChangeMade:
    return ChangeMade.model_validate({"ids": [row.id for row in rows], "state": state})
