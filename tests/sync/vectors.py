"""Reads the shared vectors of `tests/vectors/sync`, and writes the one that is generated.

`python -m tests.sync.vectors` writes `fields.json` anew after a change of the vocabulary; the phone's `fields.ts` must
then follow. All other vectors are written by hand.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from pathlib import Path
from typing import Any

from sync import fields, operations, payloads, releases

VECTORS = Path(__file__).parent.parent / "vectors" / "sync"
LONGEST_TEXT_TRIED = 20_000

ACT_PAYLOADS: dict[str, dict[str, Any]] = {
    kind: {} for kind in payloads.KINDS if kind not in ("referral.set", "entry.strike", "conflict.resolve")
}
"""Kinds whose groups do not depend on the payload."""


def read(name: str) -> Any:
    """One vector file."""
    return json.loads((VECTORS / name).read_text(encoding="utf-8"))


def fold_cases() -> list[dict[str, Any]]:
    """All cases of `fold/`, each operation completed from its file's defaults."""
    cases = []
    for path in sorted((VECTORS / "fold").glob("*.json")):
        file = read(f"fold/{path.name}")
        for case in file["cases"]:
            case["id"] = f"{path.stem}: {case['name']}"
            for part in ("log", "pending"):
                if part in case:
                    case[part] = [{**file["defaults"], **operation} for operation in case[part]]
            cases.append(case)
    return cases


def merging_cases() -> list[dict[str, Any]]:
    """All cases of `merging.json`, each operation completed from the file's defaults and its log's referral."""
    file = read("merging.json")
    for case in file["cases"]:
        case["logs"] = {
            referral_id: [{**file["defaults"], "referral_id": referral_id, **operation} for operation in log]
            for referral_id, log in case["logs"].items()
        }
    cases: list[dict[str, Any]] = file["cases"]
    return cases


def text_limit(field: fields.Field) -> int | None:
    """The longest text that a field takes; None for a field that does not take any text at all."""
    if not field.accepts("é"):
        return None
    return bisect_left(range(LONGEST_TEXT_TRIED), True, key=lambda length: not field.accepts("é" * length)) - 1


def fields_document() -> dict[str, Any]:
    """The vocabulary, as the phone must have it too."""
    return {
        "groups": list(fields.GROUPS),
        "fields": {
            key: [field.group, field.owner] + ([limit] if (limit := text_limit(field)) else [])
            for key, field in fields.FIELDS.items()
        },
        "act_registers": fields.ACT_REGISTERS,
        "act_groups": {kind: sorted(payloads.groups_of(kind, payload)) for kind, payload in ACT_PAYLOADS.items()},
        "kinds": sorted(payloads.KINDS),
        "statuses": fields.STATUSES,
        "needs": list(fields.NEEDS),
        "custody": list(fields.CUSTODY),
        "basis": list(fields.BASIS),
        "three_states": list(fields.THREE_STATES),
        "identity_facts": list(fields.IDENTITY_FACTS),
        "assessment_items": list(fields.ASSESSMENT_ITEMS),
        "assessment_answers": list(fields.ASSESSMENT_ANSWERS),
        "recipients": list(releases.RECIPIENTS),
        "information": list(releases.INFORMATION),
        "limits": {
            "text": fields.TEXT_LIMIT,
            "long_text": fields.LONG_TEXT_LIMIT,
            "note": payloads.NOTE_LIMIT,
            "list": fields.LIST_LIMIT,
            "facts": fields.FACTS_LIMIT,
            "wait_minutes": fields.WAIT_MINUTES_LIMIT,
            "strokes": payloads.STROKES_LIMIT,
            "payload_bytes": operations.PAYLOAD_LIMIT_BYTES,
            "release_days": releases.LONGEST_DAYS,
            "base_devices": operations.BASE_LIMIT_DEVICES,
            "saw": operations.SAW_LIMIT,
        },
    }


def write_fields() -> None:
    """Write `fields.json` from the Python code."""
    lines = []
    for name, part in fields_document().items():
        if isinstance(part, dict) and name in ("fields", "act_groups"):
            members = ",\n".join(f"    {json.dumps(key)}: {json.dumps(value)}" for key, value in part.items())
            lines.append(f"  {json.dumps(name)}: {{\n{members}\n  }}")
        else:
            lines.append(f"  {json.dumps(name)}: {json.dumps(part)}")
    (VECTORS / "fields.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    write_fields()
