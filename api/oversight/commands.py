"""The audit's commands: verifying it, letting old events go, telling it that a backup was restored, replacing a lost key."""

import argparse
from collections.abc import Callable
from pathlib import Path

from api.at_rest import opened
from api.audit import anchors, upkeep
from api.audit.anchors import Anchor
from api.audit.key import secret_in
from api.audit.verify import Verdict, verify
from api.clock import SystemClock
from api.settings import Settings

Command = Callable[[argparse.Namespace, Settings], int]


def register(command: Callable[[str, Command], argparse.ArgumentParser]) -> None:
    """Add them to the command line."""
    for name, act in (("verify-audit", verify_audit), ("note-restoration", note_restoration)):
        command(name, act).add_argument("--anchors", type=Path, help="the file, if it is not where the settings say")
    command("prune-audit", prune_audit)
    command("replace-audit-key", replace_audit_key)


def verify_audit(arguments: argparse.Namespace, settings: Settings) -> int:
    """Examine the whole audit; 1 if anything was changed, removed, put in, cut off or rewritten."""
    expected = _anchors(arguments, settings)
    database = opened(settings)
    try:
        with database.read() as session:
            if not database.embedded:
                # Heads, events and what was before them are read one after another: all as of one moment.
                session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            verdict = verify(session, secret_in(settings.keys_dir), expected)
    finally:
        database.close()
    print(*_said(verdict), sep="\n")
    return 1 if verdict.faults else 0


def _said(verdict: Verdict) -> list[str]:
    lines = [f"{each.program_id or 'installation'}: number {each.number} {each.words}." for each in verdict.faults]
    lines += [f"{said}. Confirm that with whoever restored it." for said in verdict.restored]
    lines += [f"{said}. Confirm that with whoever replaced it." for said in verdict.renewed]
    if verdict.unchained:
        lines.append(f"{verdict.unchained} events from before there were chains are not covered yet.")
    if not verdict.anchors:
        lines.append("There are no anchors: a tail that was cut off, and a rewriting with the key, cannot be seen.")
    lines.append(
        f"{verdict.events} events in {verdict.chains} chains, {verdict.anchors} anchors: {len(verdict.faults)} faults."
    )
    return lines


def note_restoration(arguments: argparse.Namespace, settings: Settings) -> int:
    """After restoring a backup: say in the audit which events were lost, as the anchors know them."""
    expected = _anchors(arguments, settings)
    database = opened(settings)
    try:
        with database.write() as session:
            programs = upkeep.note_restoration(session, expected, SystemClock().now())
        anchors.anchor(database, settings.audit_anchors_file, SystemClock().now())
    finally:
        database.close()
    print("Noted for: " + ", ".join(each or "installation" for each in programs) if programs else "Nothing was lost.")
    return 0


def prune_audit(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Let audit events go that are older than HANDOFF_AUDIT_DAYS."""
    database = opened(settings)
    try:
        gone = upkeep.prune(database, settings.audit_days, SystemClock().now())
        anchors.anchor(database, settings.audit_anchors_file, SystemClock().now())
    finally:
        database.close()
    print(f"{gone} events older than {settings.audit_days} days were let go.")
    return 0


def replace_audit_key(_arguments: argparse.Namespace, settings: Settings) -> int:
    """Where the audit's key is lost for good: go on with a new one, and say so in the audit."""
    database = opened(settings)
    try:
        programs = upkeep.replace_key(database, settings.keys_dir, SystemClock().now())
        anchors.anchor(database, settings.audit_anchors_file, SystemClock().now())
    finally:
        database.close()
    print(f"A new key, said in: {', '.join(each or 'installation' for each in programs)}.")
    print("Copy it to the key backup now, and restart the servers.")
    return 0


def _anchors(arguments: argparse.Namespace, settings: Settings) -> list[Anchor]:
    """The named file's; or those where the settings say, if there are any yet."""
    path: Path = arguments.anchors or settings.audit_anchors_file
    return list(anchors.read(path)) if arguments.anchors is not None or path.exists() else []
