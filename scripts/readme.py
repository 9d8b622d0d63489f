"""The tables that documents take from code: rights, settings, reasons, limits, packs. `--check` fails on stale ones."""

import re
import sys
from pathlib import Path

from api.auth import gate
from api.auth.permissions import matrix
from api.devices import service
from api.exchange import models
from api.operations import feed
from api.paging import subscriptions
from api.settings import PREFIX, Settings
from eligibility_rules.catalog import CASES_SUFFIX, SHIPPED, Catalog
from eligibility_rules.review.cases import load_cases
from sync import fields, operations, payloads
from sync.reconcile import REASONS

ROOT = Path(__file__).resolve().parent.parent
LIMITS = (
    (operations.BATCH_LIMIT_OPERATIONS, "operations in a batch"),
    (operations.BATCH_LIMIT_BYTES, "bytes of blobs in a batch"),
    (gate.BODY_LIMIT_BYTES, "bytes of any request's body"),
    (operations.PAYLOAD_LIMIT_BYTES, "bytes of an operation's payload (canonical JSON)"),
    (operations.BLOB_LIMIT_BYTES, "bytes of a sealed operation"),
    (operations.BASE_LIMIT_DEVICES, "devices in `base`"),
    (operations.SAW_LIMIT, "operations in `saw`"),
    (payloads.NOTE_LIMIT, "characters of a note"),
    (payloads.STROKES_LIMIT, "numbers in a drawn signature"),
    (fields.TEXT_LIMIT, "characters of a short text"),
    (fields.LONG_TEXT_LIMIT, "characters of an assessment answer"),
    (fields.LIST_LIMIT, "entries of a list"),
    (fields.FACTS_LIMIT, "facts of a determination"),
    (fields.WAIT_MINUTES_LIMIT, "minutes that an officer can wait"),
    (fields.INTEGER_LIMIT, "the largest whole number"),
    (feed.PULL_LIMIT, "items of one pull"),
    (models.LOST_LIMIT, "operations named as lost in one push"),
    (models.TALLY_LIMIT, "tallies in one request"),
    (service.DEVICES_PER_PERSON, "enrolled devices of one person"),
    (subscriptions.SUBSCRIPTIONS_PER_USER, "push addresses of one person"),
)


def table(rows: list[list[str]]) -> str:
    """A markdown table; the first row is its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def settings_rows() -> list[list[str]]:
    """Each setting with its default and meaning."""
    rows = [["Variable", "Default", "Meaning"]]
    for name, field in Settings.model_fields.items():
        variable = "PORT" if name == "port" else PREFIX + name.upper()
        default = int(field.default) if isinstance(field.default, bool) else field.default
        shown = f"`{default}`" if str(default) else "–"
        rows.append([f"`{variable}`", shown, field.description or ""])
    return rows


def pack_rows() -> list[list[str]]:
    """Each shipped pack: ready ones first."""
    rows = [["Program", "Standing", "Pathways", "Rules", "Cases", "Who else agrees", "Intake within"]]
    catalog = Catalog.shipped()
    packs = [pack for program in catalog.programs for pack in catalog.of(program)]
    for pack in sorted(packs, key=lambda each: (not each.official, each.program)):
        beside = SHIPPED / pack.program / f"{pack.version}{CASES_SUFFIX}"
        cases, _ = load_cases(beside.read_text(encoding="utf-8"), beside.name)
        pathways = ", ".join(sorted(pathway.replace("_", " ") for pathway in pack.pathways))
        approvals = ", ".join(
            f"{each.by.replace('_', ' ')} ({each.when.replace('_', ' ')})" for each in pack.practice.approvals
        )
        intake = f"{pack.practice.intake.days} days" if pack.practice.intake else "–"
        standing = "ready" if pack.official else "example"
        counts = [str(len(pack.rules)), str(len(cases.cases))]
        rows.append([pack.program, standing, pathways, *counts, approvals or "–", intake])
    return rows


def documents() -> dict[Path, dict[str, list[list[str]]]]:
    """Which file has which made sections."""
    reasons = [[f"`{reason}`", *meaning.split(": ", 1)] for reason, meaning in REASONS.items()]
    limits = [[f"{number:,}", what] for number, what in LIMITS]
    return {
        ROOT / "README.md": {"settings": settings_rows(), "permissions": matrix()},
        ROOT / "docs" / "rules.md": {"packs": pack_rows()},
        ROOT / "docs" / "protocol.md": {
            "reasons": [["reason", "status", "means"], *reasons],
            "limits": [["at most", "of"], *limits],
        },
    }


def current(path: Path, sections: dict[str, list[list[str]]]) -> str:
    """The document with its made sections as the code has them now."""
    text = path.read_text()
    for name, rows in sections.items():
        section = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
        made = f"\n{table(rows)}\n\n"
        text, found = section.subn(lambda part, made=made: part[1] + made + part[2], text)  # type: ignore[misc]
        if found != 1:
            raise SystemExit(f"{path.name} has no section for {name}")
    return text


def main() -> int:
    """Write the sections, or with --check say whether they are current."""
    stale = []
    for path, sections in documents().items():
        made = current(path, sections)
        if made != path.read_text():
            stale.append(path.name)
            if "--check" not in sys.argv[1:]:
                path.write_text(made)
    if "--check" in sys.argv[1:] and stale:
        print(f"Not current: {', '.join(stale)}. Run `make readme`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
