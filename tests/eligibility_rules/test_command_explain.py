"""`explain`: every rule with its answer, facts and source, and what remains to be asked of whom; bad facts are named."""

import io
import json
import sys
from pathlib import Path

import pytest

from eligibility_rules import evaluate, load_pack
from eligibility_rules.commands.explain import explain
from tests.eligibility_rules.small_packs import SHIPPED_FILES, run, small, write


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write(tmp_path, "draft.yaml", small())


def explained(pack: Path, facts: str, *more: str) -> tuple[int, str]:
    path = write(pack.parent, "facts.json", facts)
    return run("explain", pack, "--pathway", "arrest_diversion", "--facts", path, *more)


def test_an_open_rule_says_what_is_not_known_and_who_is_asked(pack: Path) -> None:
    status, said = explained(pack, '{"charges": ["possession"], "adult": null}')
    assert status == 0
    assert "Outcome  For review." in said
    assert "YES  charge_listed\n  Known   the charges: Possession\n  Source  A page\n" in said
    assert "UNKNOWN  adult\n" in said
    assert "The age is not known." in said
    assert "“An adult?”: not known" in said
    assert "“How much?”: not asked" in said
    now, later = said.split("WHAT REMAINS TO BE ASKED")[1].split("Open, because the officer does not know:")
    assert "Of the officer now, the first first:\n  1.  How much?\n" in now
    assert later == "\n  1.  An adult?\n"


def test_a_failed_rule_says_why_and_nothing_more_is_asked(pack: Path) -> None:
    _, said = explained(pack, '{"adult": false}')
    assert "Outcome  Not eligible." in said
    assert "NO  adult\n" in said
    assert "Under age." in said
    assert "Bars. The person is not eligible." in said
    assert "A page, 2" in said
    assert said.endswith("WHAT REMAINS TO BE ASKED\n\nNothing: no answer could change the outcome.\n")


def test_it_is_said_in_spanish(pack: Path) -> None:
    _, said = explained(pack, '{"amount_mg": 4001, "charges": ["possession"], "adult": true}', "--language", "es")
    assert "Resultado  Requiere revisión." in said
    assert "«¿Cuánto?»: 4,001 mg" in said
    assert "la persona coordinadora puede decidir otra cosa, con un motivo" in " ".join(said.split())


def test_facts_may_be_piped_in(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"adult": false}')))
    status, said = run("explain", pack, "--pathway", "arrest_diversion", "--facts", "-")
    assert (status, "Not eligible." in said) == (0, True)


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ('{"adult": 1}', "Fact 'adult': expected true or false"),
        ('{"adult": "yes"}', "Fact 'adult': expected true or false"),
        ('{"height": 2}', "Fact 'height': this pack has no such fact"),
        ('{"amount_mg": -1}', "Fact 'amount_mg'"),
        ('{"amount_mg": 1.0}', "Fact 'amount_mg'"),
        ('{"amount_mg": 9007199254740992}', "Fact 'amount_mg'"),
        ('{"charges": [["possession"]]}', "Fact 'charges'"),
        ('{"adult": true, "adult": false}', "'adult' is there twice"),
        ('{"amount_mg": NaN}', "NaN is no value"),
        ("[true]", "holds no object of facts"),
        ('{"adult": ', "not JSON (Expecting value, line 1"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_bad_facts_are_refused_by_name(pack: Path, capsys: pytest.CaptureFixture[str], facts: str, what: str) -> None:
    status, said = explained(pack, facts)
    assert (status, said) == (2, "")
    assert what in capsys.readouterr().err


def test_a_pathway_that_is_not_offered_is_refused(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = write(pack.parent, "facts.json", "{}")
    assert run("explain", pack, "--pathway", "community", "--facts", facts)[0] == 2
    said = capsys.readouterr().err
    assert "Use one of: arrest_diversion." in said
    assert f"`show {pack}` lists what this pack knows." in said


@pytest.mark.parametrize("path", SHIPPED_FILES, ids=lambda path: path.parent.name)
def test_every_shipped_pack_explains_what_is_not_known_yet(path: Path) -> None:
    pack = load_pack(path.read_text(encoding="utf-8"), path.name)
    for pathway in pack.pathways:
        said = evaluate(pack, pathway, {})
        lines = "\n".join(explain(pack, pathway, {}, said, "es", 400))
        for reason in said.reasons:
            rule = next(rule for rule in pack.rules if rule.id == reason.rule)
            assert rule.cite in lines
        for name in (*said.ask, *said.confirm):
            fact = pack.facts_by_id[name]
            assert fact.asked_of == "record" or fact.question.es in lines.split("LO QUE QUEDA POR PREGUNTAR")[1]


def test_facts_are_read_as_utf_8(pack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = pack.parent / "facts.json"
    path.write_bytes(json.dumps({"adult": "sí"}, ensure_ascii=False).encode("latin-1"))
    assert run("explain", pack, "--pathway", "arrest_diversion", "--facts", path)[0] == 2
    assert "is not UTF-8" in capsys.readouterr().err
