"""/healthz (the process answers) and /readyz (it can really take a referral in and page for it)."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import func, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from api.audit.anchors import LATE
from api.auth.dependencies import parts, public
from api.database import Database
from api.operations import queries
from api.tables.paging import WorkerBeat
from api.watch.watchman import Watchman
from api.witness import Replaced

router = APIRouter()

FREE_BYTES_MIN = 200 * 1024 * 1024
BEAT_AGE_MAX = timedelta(minutes=2)
PROBE = "readiness probe"


class Health(BaseModel):
    status: str


class Readiness(BaseModel):
    """Each check by name, `ok` or what is wrong; how many seconds ago the worker and this process's watchman last looked."""

    ready: bool
    checks: dict[str, str]
    ages_seconds: dict[str, int | None]


@dataclass(frozen=True)
class Birth:
    """When the server started."""

    at: datetime


@router.get("/healthz", dependencies=[public("the process answers; nothing else is told")])
def healthz() -> Health:
    """Alive."""
    return Health(status="ok")


@router.get("/readyz", response_model=Readiness, dependencies=[public("names of checks and whether they pass")])
def readyz(request: Request) -> JSONResponse:
    """Ready: 200, or 503 with what is wrong."""
    state = parts(request)
    now = state.clock.now()
    beat, turn = _last_beat(state.database), None if state.watchman is None else state.watchman.turned_at
    checks = {
        "database": _writes(state.database, now),
        "migrations": _migrated(state.database, state.code_head),
        "database_file": _same(state.database),
        "sealing_key": "ok" if state.keys.active.key_id in state.keys.by_id else "there is no active sealing key",
        "disk": _disk(state.settings.data_dir),
        "worker": _alive(beat, state.birth, now, "the paging worker has stopped") if state.settings.worker else "ok",
        "watchman": "ok" if state.watchman is None else _alive(turn, state.birth, now, "the watchman has stopped"),
        "audit_anchors": _anchored(state.watchman, state.birth, now),
    }
    ages = {"worker": _age(beat, now), "watchman": _age(turn, now)}
    ready = all(answer == "ok" for answer in checks.values())
    body = Readiness(ready=ready, checks=checks, ages_seconds=ages).model_dump()
    return JSONResponse(body, status_code=200 if ready else 503, headers={} if ready else {"Retry-After": "10"})


class _Undo(Exception):
    """Ends a probe's transaction without a trace."""


def _writes(database: Database, now: datetime) -> str:
    try:
        with database.write() as session:
            session.add(WorkerBeat(worker_id=PROBE, at=now))
            session.flush()
            raise _Undo
    except _Undo:
        return "ok"
    except Replaced:
        return "is not written any more"
    except SQLAlchemyError as error:
        return f"cannot be written: {type(error).__name__}"


def _migrated(database: Database, expected: str | None) -> str:
    try:
        with database.read() as session:
            found = session.connection().execute(text("SELECT version_num FROM alembic_version")).scalar()
    except Replaced:
        return "are not looked at any more"
    except SQLAlchemyError:
        return "there is no schema: run migrate"
    return "ok" if found == expected else "the schema is of another version: run migrate, or update the program"


def _same(database: Database) -> str:
    """Another database in its place would swallow acknowledged writes without an error."""
    try:
        with database.read() as session:
            queries.standing(session)
    except Replaced as error:
        return str(error)
    except SQLAlchemyError:
        return "ok"  # that it cannot be read is said of the database itself
    return "ok"


def free_bytes(folder: Path) -> int:
    """What is free on the disk of a folder that may not exist yet."""
    while not folder.exists():
        folder = folder.absolute().parent
    return shutil.disk_usage(folder).free


def _disk(folder: Path) -> str:
    free = free_bytes(folder)
    return "ok" if free >= FREE_BYTES_MIN else f"fewer than {FREE_BYTES_MIN // 2**20} MiB are free"


def _last_beat(database: Database) -> datetime | None:
    try:
        with database.read() as session:
            return session.exec(select(func.max(col(WorkerBeat.at)))).one()
    except (SQLAlchemyError, Replaced):
        return None


def _alive(last: datetime | None, birth: Birth, now: datetime, otherwise: str) -> str:
    """Whoever starts with the server has a while for the first look."""
    since = max(last, birth.at) if last is not None else birth.at
    if now - since <= BEAT_AGE_MAX:
        return "ok"
    age = "never looked" if last is None else f"last looked {_age(last, now)} s ago"
    return f"{otherwise} ({age}): restart the server"


def _anchored(watchman: Watchman | None, birth: Birth, now: datetime) -> str:
    """The audit's anchors show what was cut off or rewritten, so somebody must hear when they are no longer written."""
    if (
        watchman is None
        or watchman.anchors_file is None
        or now - max(watchman.anchored_at or birth.at, birth.at) <= LATE
    ):
        return "ok"
    return "no anchors of the audit for two hours: look at the log and at HANDOFF_AUDIT_ANCHORS"


def _age(last: datetime | None, now: datetime) -> int | None:
    return None if last is None else max(0, int((now - last).total_seconds()))
