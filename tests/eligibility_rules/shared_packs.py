"""The packs that the vectors name, as the documents phones receive, in `tests/vectors/eligibility/packs.json`.

TypeScript reads no YAML, so the file is generated and committed; `test_vectors.py` fails when it is not current.
`python -m tests.eligibility_rules.shared_packs` writes it again.
"""

import json
from pathlib import Path

from eligibility_rules import Catalog, Pack, load_pack
from eligibility_rules.catalog import SHIPPED

VECTORS = Path(__file__).parent.parent / "vectors" / "eligibility"
PACKS_FILE = VECTORS / "packs.json"
WORKBENCH = VECTORS / "workbench.yaml"


def workbench() -> Pack:
    """The pack that holds every type of fact, operator and tier."""
    return load_pack(WORKBENCH.read_text(encoding="utf-8"), WORKBENCH.name)


def shared_packs() -> dict[str, Pack]:
    """The workbench, and the newest shipped pack of each program."""
    catalog = Catalog.shipped()
    newest: dict[str, Pack] = {"workbench": workbench()}
    for path in sorted(SHIPPED.glob("*/*.yaml")):
        pack = load_pack(path.read_text(encoding="utf-8"), path.name)
        assert catalog.by_hash(pack.hash) is not None
        newest[pack.program] = pack
    return newest


def packs_text() -> str:
    documents = {name: {"hash": pack.hash, "document": pack.document()} for name, pack in shared_packs().items()}
    return json.dumps(documents, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    PACKS_FILE.write_text(packs_text(), encoding="utf-8")
