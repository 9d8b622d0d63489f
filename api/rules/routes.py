"""Reading a program's rule packs, and installing and withdrawing them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict

from api.auth.addresses import client_address
from api.auth.dependencies import Principal, parts, require
from api.rules import service
from api.rules.packs import PackDocument, PackList
from api.rules.service import Author

router = APIRouter(prefix="/api/rules")


class PackText(BaseModel):
    """A pack as it is written, in YAML."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str


class PackDraft(PackText):
    """A pack to be checked, and the language in which its changes are told."""

    language: Literal["en", "es"] = "en"


class PackProblem(BaseModel):
    """One thing that keeps a pack from being installed; `line` is None where it concerns the whole."""

    line: int | None
    what: str
    next_step: str


class PackCheck(BaseModel):
    """What a check found. `hash` is None where the text is no sound pack.

    `changes` are sentences: what the pack says otherwise than the one in force, and for whom the outcome changes.
    """

    problems: list[PackProblem]
    hash: str | None
    changes: list[str]


class PackInstalled(BaseModel):
    hash: str


class Withdrawal(BaseModel):
    """Why a pack is taken back; those who read the list see it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: str


@router.get("")
def packs(request: Request, principal: Annotated[Principal, require("rules", "R")]) -> PackList:
    """Every pack that the program has or had, the newest first."""
    state = parts(request)
    with state.database.read() as session:
        return service.listing(session, principal.program_id, state.clock.now())


@router.get("/{pack_hash}")
def pack(request: Request, pack_hash: str, principal: Annotated[Principal, require("rules", "R")]) -> PackDocument:
    """A pack that the program ever had. An unknown one and another program's look alike."""
    with parts(request).database.read() as session:
        document: dict[str, Any] = service.document(session, principal.program_id, pack_hash)
    return PackDocument(hash=pack_hash, document=document)


@router.post("/check")
def check(request: Request, body: PackDraft, principal: Annotated[Principal, require("rules", "C")]) -> PackCheck:
    """Whether a text could be installed now, and what it would change. Nothing is written."""
    state = parts(request)
    with state.database.read() as session:
        found = service.check(session, principal.program_id, body.text, state.clock.now())
    return PackCheck(
        problems=[PackProblem.model_validate(each) for each in service.told(found.problems)],
        hash=None if found.pack is None else found.pack.hash,
        changes=service.changes_in_words(found, body.language),
    )


@router.post("", status_code=201)
def install(request: Request, body: PackText, principal: Annotated[Principal, require("rules", "C")]) -> PackInstalled:
    """Install a checked pack from the day on which it begins. 422 or 409 with `problems`, and then nothing has changed."""
    state = parts(request)
    pack = service.read(body.text)
    with state.database.write() as session:
        pack_hash = service.install(
            session, principal.program_id, pack, body.text, _author(request, principal), state.clock.now()
        )
    return PackInstalled(hash=pack_hash)


@router.post("/{pack_hash}/withdraw", status_code=204)
def withdraw(
    request: Request, pack_hash: str, body: Withdrawal, principal: Annotated[Principal, require("rules", "D")]
) -> None:
    """Take an installed pack back; the one before it is in force again at once."""
    state = parts(request)
    with state.database.write() as session:
        service.withdraw(
            session, principal.program_id, pack_hash, body.reason, _author(request, principal), state.clock.now()
        )


def _author(request: Request, principal: Principal) -> Author:
    return Author(principal.user_id, client_address(request, parts(request).settings.trusted_proxies))
