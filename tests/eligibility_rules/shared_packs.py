"""The packs that tests in TypeScript read, as the documents phones receive: `tests/vectors/eligibility/packs.json`.

TypeScript reads no YAML, so the file is generated and committed; `test_vectors.py` fails when it is not current.
`python -m tests.eligibility_rules.shared_packs` writes it again.
"""

import json
from pathlib import Path

from eligibility_rules import Pack, load_pack
from eligibility_rules.catalog import SHIPPED

VECTORS = Path(__file__).parent.parent / "vectors" / "eligibility"
PACKS_FILE = VECTORS / "packs.json"
WORKBENCH = VECTORS / "workbench.yaml"


def workbench() -> Pack:
    """The pack that holds every type of fact, operator and tier."""
    return load_pack(WORKBENCH.read_text(encoding="utf-8"), WORKBENCH.name)


def invented_packs() -> dict[str, Pack]:
    """The packs that only tests know: the workbench, and the calendar of look-backs and events."""
    packs = [load_pack(path.read_text(encoding="utf-8"), path.name) for path in sorted(VECTORS.glob("*.yaml"))]
    return {pack.program: pack for pack in packs}


def shared_packs() -> dict[str, Pack]:
    """The packs of the vectors, and Denver's newest for the tests of the officer's screens."""
    denver = max((SHIPPED / "denver").glob("????-??-??.yaml"))
    return invented_packs() | {"denver": load_pack(denver.read_text(encoding="utf-8"), denver.name)}


def packs_text() -> str:
    documents = {name: {"hash": pack.hash, "document": pack.document()} for name, pack in shared_packs().items()}
    return json.dumps(documents, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PACKS_FILE.write_text(packs_text(), encoding="utf-8")
