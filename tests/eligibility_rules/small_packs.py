"""Small sound packs to change one thing in, and the command line to run on files.

The pack is written as an owner would write it, so that messages can be held against its lines.
"""

import io
from pathlib import Path

from eligibility_rules import Pack, load_pack
from eligibility_rules.__main__ import main
from eligibility_rules.catalog import CASES_SUFFIX, SHIPPED

SHIPPED_FILES = sorted(path for path in SHIPPED.glob("*/*.yaml") if not path.name.endswith(CASES_SUFFIX))

SMALL = """\
program: example
version: 2025-01-01
effective_from: 2025-01-01
source: A page
official: true
practice:
  officer_decides: after_check
  notice_to_officer: never
  service_hours: always
pathways:
  arrest_diversion: [officer]
way_on: {en: Call the program., es: Llame al programa.}
charges:
  - {code: trespassing, level: municipal, title: {en: Trespassing, es: Entrada}, cite: A page, order: 1}
  - {code: possession, level: state, title: {en: Possession, es: Posesión}, cite: A page, order: 2}
facts:
  - id: charges
    type: code_list
    asked_of: officer
    question: {en: "Which charges?", es: "¿Qué cargos?"}
  - id: adult
    type: bool
    asked_of: officer
    question: {en: "An adult?", es: "¿Una persona adulta?"}
  - id: amount_mg
    type: int
    unit: mg
    asked_of: officer
    question: {en: "How much?", es: "¿Cuánto?"}
rules:
  - id: charge_listed
    applies_to: [arrest_diversion]
    must: [charges, none_in, [unlisted]]
    tier: bars
    cite: A page
    why: {en: Not on the list., es: No está en la lista.}
    confirm: {en: Choose the charges., es: Elija los cargos.}
  - id: adult
    applies_to: [arrest_diversion]
    must: [adult, is, true]
    tier: bars
    cite: "A page, 2"
    why: {en: Under age., es: Menor de edad.}
    confirm: {en: The age is not known., es: No se sabe la edad.}
  - id: small_amount
    applies_to: [arrest_diversion]
    when: [charges, any_in, [possession]]
    must: [amount_mg, at_most, 4000]
    tier: presumed_out
    override_by: coordinator
    cite: "A page, 3"
    why: {en: More than 4 grams., es: Más de 4 gramos.}
    confirm: {en: The amount is not known., es: No se sabe la cantidad.}
"""
CASES = """\
base:
  arrest_diversion: {charges: [possession], adult: true, amount_mg: 4000}
cases:
  - name: a child is too young
    pathway: arrest_diversion
    change: {adult: false}
    outcome: ineligible
    not_yes: {adult: "no"}
  - name: one milligram too much
    pathway: arrest_diversion
    change: {amount_mg: 4001}
    outcome: needs_review
    not_yes: {small_amount: "no"}
  - name: nobody refers from the street
    pathway: social_contact
    refused: pathway
"""
ADULT = "must: [adult, is, true]"
AMOUNT = "must: [amount_mg, at_most, 4000]"


def small(*changes: tuple[str, str]) -> str:
    """The small pack's text with each first piece of text replaced by the second; each must be there once."""
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return text


def small_pack(*changes: tuple[str, str]) -> Pack:
    return load_pack(small(*changes), "small.yaml")


def line_of(text: str, piece: str) -> int:
    """The number of the line that holds `piece`."""
    return text[: text.index(piece)].count("\n") + 1


def run(*words: object) -> tuple[int, str]:
    """One command's exit status and what it printed."""
    out = io.StringIO()
    return main([str(word) for word in words], out), out.getvalue()


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
