"""Installing, withdrawing and telling of packs. A pack is checked whole before anything is written, and never edited."""

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlmodel import Session

from api.audit.service import record
from api.problems import Conflict, Malformed, NotFound, Unsound
from api.rules import calendar, packs, queries
from api.rules.packs import PackList, PhonePacks
from api.rules.queries import ProgramRules
from api.tables.rules import InstalledPack
from eligibility_rules.catalog import Catalog
from eligibility_rules.errors import PackError, Problem
from eligibility_rules.load import load_pack
from eligibility_rules.model import Pack
from eligibility_rules.review.changes import changes
from eligibility_rules.sheets.phrases import Language
from eligibility_rules.sheets.telling import tell
from eligibility_rules.sheets.wording import in_one_line

REASON_LIMIT = 300
TEXT_NAME = "the pack"
UNKNOWN = "There is no such pack for you."


class Author(NamedTuple):
    """Who acts: an administrator's id (None: the command line) and where from, for the audit."""

    user_id: str | None
    source: str


class Checked(NamedTuple):
    """What a check of a text found: the pack, if it is a sound one, and the one in force that it would follow."""

    problems: list[Problem]
    pack: Pack | None
    standing: Pack | None


def listing(session: Session, program_id: str, now: datetime) -> PackList:
    """Every pack that the program has or had."""
    rules = _rules(session, program_id)
    return packs.listing(session, rules, calendar.day_of(now, rules.zone))


def document(session: Session, program_id: str, pack_hash: str) -> dict[str, Any]:
    """The document of a pack that the program ever had. Raises NotFound."""
    found = packs.document(session, _rules(session, program_id), pack_hash)
    if found is None:
        raise NotFound(UNKNOWN)
    return found


def for_phones(session: Session, program_id: str, now: datetime) -> PhonePacks:
    """The pack in force today, by the program's own calendar, and those that begin soon."""
    rules = _rules(session, program_id)
    return packs.for_phones(session, rules, calendar.day_of(now, rules.zone))


def check(session: Session, program_id: str, text: str, now: datetime) -> Checked:
    """Whether a text could be installed now. Writes nothing."""
    try:
        pack = load_pack(text, TEXT_NAME)
    except PackError as error:
        return Checked(list(error.problems), None, None)
    rules = _rules(session, program_id)
    today = calendar.day_of(now, rules.zone)
    problems = _misfits(pack, text, rules, today) + _taken(session, pack, text, rules)
    standing = calendar.in_force(packs.days(session, rules), today)
    before = None if standing is None else packs.document(session, rules, standing.hash)
    read_before = None if standing is None or before is None else packs.read(standing.hash, before)
    return Checked(problems, pack, read_before)


def changes_in_words(found: Checked, language: Language) -> list[str]:
    """What the pack would change against the one in force, and for whom; nothing where there is nothing to compare.

    Takes up to some seconds: call it outside a transaction.
    """
    if found.pack is None or found.standing is None:
        return []
    told_of = tell(found.standing, found.pack, changes(found.standing, found.pack), language)
    return [f"{part.heading}: {in_one_line(line)}" for part in told_of for line in part.lines]


def read(text: str) -> Pack:
    """The pack in a text. Raises Unsound with every problem. Takes a while: call it before a transaction begins."""
    try:
        return load_pack(text, TEXT_NAME)
    except PackError as error:
        raise Unsound(_counted(len(error.problems)), problems=told(error.problems)) from error


def install(session: Session, program_id: str, pack: Pack, text: str, by: Author, now: datetime) -> str:
    """Install a pack that was read from this text; returns its hash.

    Raises Unsound for one that is not this program's or begins in the past, Conflict where one stands already, NotFound for
    a program that does not exist.
    """
    rules = _rules(session, program_id, lock=True)
    if misfits := _misfits(pack, text, rules, calendar.day_of(now, rules.zone)):
        raise Unsound(_counted(len(misfits)), problems=told(misfits))
    if taken := _taken(session, pack, text, rules):
        raise Conflict(f"{taken[0].what} {taken[0].next_step}", problems=told(taken))
    session.add(
        InstalledPack(
            program_id=program_id, hash=pack.hash, slug=pack.program, document=pack.document(), yaml=text,
            effective_from=pack.effective_from.isoformat(), installed_by=by.user_id, installed_at=now,
            effective_until=None if pack.effective_until is None else pack.effective_until.isoformat(),
        )
    )  # fmt: skip
    record(
        session, now, "rules.install", actor_id=by.user_id, program_id=program_id, subject=pack.hash, source=by.source
    )
    return pack.hash


def withdraw(session: Session, program_id: str, pack_hash: str, reason: str, by: Author, now: datetime) -> None:
    """Take an installed pack back: the one before it is in force again. Raises Malformed, NotFound or Conflict."""
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT or not reason.isprintable():
        raise Malformed(f"Give a reason of one line and at most {REASON_LIMIT} characters.")
    rules = _rules(session, program_id, lock=True)
    if packs.document(session, rules, pack_hash) is None:
        raise NotFound(UNKNOWN)
    row = queries.installed_pack(session, program_id, pack_hash)
    if row is None:
        raise Conflict("This pack came with the software and cannot be withdrawn. Install one that takes its place.")
    if row.withdrawn_at is not None:
        raise Conflict("This pack has been withdrawn already. Nothing was changed.")
    row.withdrawn_by, row.withdrawn_at, row.withdrawn_reason = by.user_id, now, reason
    session.add(row)
    record(
        session, now, "rules.withdraw", actor_id=by.user_id, program_id=program_id, subject=pack_hash, source=by.source
    )


def remember_shipped(session: Session, now: datetime) -> None:
    """Keep what this release is shipped with, for referrals that are made with it and arrive after the next release."""
    shipped = Catalog.shipped()
    queries.remember(session, (pack for slug in shipped.programs for pack in shipped.of(slug)), now)


def told(problems: list[Problem] | tuple[Problem, ...]) -> list[dict[str, Any]]:
    """Problems as they travel."""
    return [{"line": each.line, "what": each.what, "next_step": each.next_step} for each in problems]


def _rules(session: Session, program_id: str, *, lock: bool = False) -> ProgramRules:
    rules = queries.program_rules(session, program_id, lock=lock)
    if rules is None:
        raise NotFound(f"There is no program {program_id}.")
    return rules


def _counted(number: int) -> str:
    return f"Nothing was installed. {'One thing needs' if number == 1 else f'{number} things need'} attention."


def _misfits(pack: Pack, text: str, rules: ProgramRules, today: date) -> list[Problem]:
    """What keeps a sound pack out of this program, whatever is installed."""
    problems = []
    if pack.program != rules.slug:
        what = f"The pack is of the program {pack.program}, and this one is {rules.slug}."
        problems.append(Problem(_line(text, "program"), what, "Install it there, or correct it."))
    if pack.effective_from < today:
        what = f"It begins on {pack.effective_from}, and today is {today}: referrals were already made by other rules."
        problems.append(Problem(_line(text, "effective_from"), what, "Let it begin today or later."))
    return problems


def _taken(session: Session, pack: Pack, text: str, rules: ProgramRules) -> list[Problem]:
    """What stands already where this pack would stand."""
    if queries.installed_pack(session, rules.program_id, pack.hash) is not None:
        what = "This very pack has been installed already."
        return [Problem(None, what, "Nothing needs to be done; to change it, give it a new version.")]
    for other in packs.days(session, rules):
        if not other.withdrawn and other.effective_from == pack.effective_from:
            what = f"Another pack begins on {pack.effective_from} too."
            step = "Let this one begin on another day, or withdraw the other first."
            return [Problem(_line(text, "effective_from"), what, step)]
    return []


def _line(text: str, key: str) -> int | None:
    """The line on which a key of the pack itself stands, where it is written plainly."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(f"{key}:"):
            return number
    return None
