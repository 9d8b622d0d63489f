"""Which pack is in force on a day, and which is known by a hash."""

import hashlib
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
import rfc8785

from eligibility_rules import Catalog, Pack, PackError, document, load_pack, pack_hash
from tests.eligibility_rules.cases import FILES, pack_of
from tests.eligibility_rules.shared_packs import WORKBENCH, workbench

TEXT = WORKBENCH.read_text(encoding="utf-8")


def version(begins: str, ends: str | None) -> Pack:
    text = re.sub(r"effective_until: .*", f"effective_until: {ends or 'null'}", TEXT)
    text = text.replace("effective_from: 2025-01-01", f"effective_from: {begins}")
    return load_pack(text.replace("version: 2025-01-01", f"version: {begins}"), "workbench.yaml")


def test_the_shipped_programs_are_all_there() -> None:
    catalog = Catalog.shipped()
    assert {"denver", "dona-ana", "san-luis-valley"} <= set(catalog.programs)
    assert set(catalog.programs) == {path.parent.name for path in FILES}


def test_every_shipped_pack_is_in_force_on_its_first_day() -> None:
    for pack in map(pack_of, FILES):
        assert Catalog.shipped().in_force(pack.program, pack.effective_from) == pack


def test_shipped_packs_are_read_once() -> None:
    assert Catalog.shipped() is Catalog.shipped()


def test_a_pack_is_in_force_on_its_first_and_last_day_and_not_beside_them() -> None:
    pack = workbench()
    assert pack.effective_until is not None
    catalog = Catalog([pack])
    one_day = timedelta(days=1)
    assert catalog.in_force("workbench", pack.effective_from - one_day) is None
    assert catalog.in_force("workbench", pack.effective_from) == pack
    assert catalog.in_force("workbench", pack.effective_until) == pack
    assert catalog.in_force("workbench", pack.effective_until + one_day) is None


def test_a_later_version_follows_the_earlier_one() -> None:
    earlier, later = version("2025-01-01", "2025-06-30"), version("2025-07-01", None)
    catalog = Catalog([later, earlier])
    assert catalog.in_force("workbench", date(2025, 6, 30)) == earlier
    assert catalog.in_force("workbench", date(2025, 7, 1)) == later
    assert catalog.in_force("workbench", date(2999, 1, 1)) == later
    assert catalog.by_hash(earlier.hash) == earlier


@pytest.mark.parametrize(("ends", "begins"), [("2025-06-30", "2025-06-30"), (None, "2025-07-01")])
def test_two_versions_may_not_be_in_force_at_once(ends: str | None, begins: str) -> None:
    with pytest.raises(PackError) as refused:
        Catalog([version("2025-01-01", ends), version(begins, None)])
    assert refused.value.name == f"workbench/{begins}.yaml"
    assert "workbench/2025-01-01.yaml is still in force" in str(refused.value)


def test_cases_beside_a_pack_are_no_pack(tmp_path: Path) -> None:
    folder = tmp_path / "workbench"
    folder.mkdir()
    (folder / "2025-01-01.yaml").write_text(TEXT, encoding="utf-8")
    (folder / "2025-01-01.cases.yaml").write_text("cases: []", encoding="utf-8")
    assert Catalog.from_folder(tmp_path).programs == ("workbench",)


def test_a_program_without_a_pack_has_none() -> None:
    assert Catalog.shipped().in_force("nowhere", date(2026, 1, 1)) is None
    assert Catalog.shipped().by_hash("0" * 64) is None


def test_the_hash_is_the_sha_256_of_the_canonical_document() -> None:
    catalog = Catalog.shipped()
    pack = catalog.in_force("denver", date(2026, 1, 1))
    assert pack is not None
    assert pack_hash(pack) == hashlib.sha256(rfc8785.dumps(catalog.document(pack))).hexdigest()
    assert catalog.by_hash(pack_hash(pack)) is pack
    assert document(pack) == catalog.document(pack)


def test_a_file_must_be_named_for_its_pack(tmp_path: Path) -> None:
    folder = tmp_path / "workbench"
    folder.mkdir()
    (folder / "2025-01-02.yaml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(PackError, match=r"Move it to workbench/2025-01-01\.yaml"):
        Catalog.from_folder(tmp_path)


def test_a_file_that_is_not_utf_8_is_refused_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "workbench"
    folder.mkdir()
    (folder / "2025-01-01.yaml").write_bytes(TEXT.encode("latin-1"))
    with pytest.raises(PackError, match=r"workbench/2025-01-01\.yaml, The file is not UTF-8"):
        Catalog.from_folder(tmp_path)
