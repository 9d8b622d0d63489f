"""The rota over HTTP: reading it, writing a level's rules, and changing one's own duty or, as a supervisor, anybody's."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from sqlmodel import Session

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.auth.permissions import may
from api.rota.model import Level
from api.shifts import changes, service
from api.shifts.changes import Made
from api.shifts.models import ChangeBody, ChangeMade, Given, LevelDocument, PreviewBody, RotaDocument, RulesBody
from api.shifts.service import Actor, Told
from sync.operations import Uuid

router = APIRouter(prefix="/api/rota")

Tell = Callable[[Session, str, Sequence[Told], datetime], None]
"""Puts notices into the outbox within the transaction; the wiring gives it as `app.state.tell`, for shifts lie below paging."""


@router.get("")
def rota(
    request: Request,
    principal: Annotated[Principal, require("rota", "R")],
    start: Annotated[Given | None, Query(alias="from")] = None,
    end: Annotated[Given | None, Query(alias="to")] = None,
) -> RotaDocument:
    """Who is on duty, by level, with gaps, rules, changes and people. Two weeks from now unless asked otherwise."""
    state = parts(request)
    with state.database.read() as session:
        return service.document(session, principal.program_id, start, end, state.clock.now())


@router.post("/preview")
def preview(
    request: Request, body: PreviewBody, principal: Annotated[Principal, require("rota", "C")]
) -> LevelDocument:
    """The next four weeks of a level as they would be with these rules. Nothing is written."""
    state = parts(request)
    with state.database.read() as session:
        return service.preview(session, principal.program_id, body.level, body.rules, state.clock.now())


@router.put("/levels/{level}")
def set_rules(
    request: Request, level: Level, body: RulesBody, principal: Annotated[Principal, require("rota", "C")]
) -> RotaDocument:
    """Put rules in the place of a level's. 409 where the rota is no longer at the version that was looked at."""
    state = parts(request)
    now = state.clock.now()
    with state.database.write() as session:
        told = service.set_rules(session, _actor(request, principal), level, body, now)
        state.tell(session, principal.program_id, told, now)
        answer = service.document(session, principal.program_id, None, None, now)
    state.wake()
    return answer


@router.post("/changes", status_code=201)
def ask(request: Request, body: ChangeBody, principal: Annotated[Principal, require("rota", "U")]) -> ChangeMade:
    """Change who is on duty for a while, or ask whoever would come."""
    return _change(request, principal, lambda session, actor, now: changes.ask(session, actor, body, now))


@router.post("/changes/{change_id}/accept")
def accept(request: Request, change_id: Uuid, principal: Annotated[Principal, require("rota", "U")]) -> ChangeMade:
    """Agree. 409 where whoever asked no longer holds that duty, or it was withdrawn or settled."""
    return _change(request, principal, lambda session, actor, now: changes.accept(session, actor, change_id, now))


@router.post("/changes/{change_id}/decline")
def decline(request: Request, change_id: Uuid, principal: Annotated[Principal, require("rota", "U")]) -> ChangeMade:
    """Do not agree: whoever is on duty stays on duty."""
    return _change(request, principal, lambda session, actor, now: changes.decline(session, actor, change_id, now))


@router.post("/changes/{change_id}/withdraw")
def withdraw(request: Request, change_id: Uuid, principal: Annotated[Principal, require("rota", "U")]) -> ChangeMade:
    """Take back what one asked; supervisors, also what was agreed to."""
    return _change(request, principal, lambda session, actor, now: changes.withdraw(session, actor, change_id, now))


def _change(request: Request, principal: Principal, act: Callable[[Session, Actor, datetime], Made]) -> ChangeMade:
    """One act and its notices in one transaction."""
    state = parts(request)
    now = state.clock.now()
    with state.database.write() as session:
        made = act(session, _actor(request, principal), now)
        state.tell(session, principal.program_id, made.told, now)
    state.wake()
    return made.answer


def _actor(request: Request, principal: Principal) -> Actor:
    source = client_address(request, parts(request).settings.trusted_proxies)
    return Actor(principal.user_id, principal.program_id, may(principal.role, "rota", "C"), source)
