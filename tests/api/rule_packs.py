"""A small rule pack as an administrator would send it: one rule, one question."""

from __future__ import annotations

TODAY = "2026-04-29"
"""The day in Denver on which the tests' clock stands still; in UTC the next one has begun."""
TOMORROW = "2026-04-30"

HEAD = """\
# A pack for tests.
program: {program}
version: {version}
effective_from: {begins}
effective_until: {ends}
source: "A page for tests"
official: true
way_on: {{en: "Call the line.", es: "Llame a la línea."}}
"""
"""How a pack for tests begins, until its pathways."""

PACK = (
    HEAD
    + """\
practice:
  officer_decides: after_check
  notice_to_officer: never
  service_hours: not_stated
pathways:
  arrest_diversion: [officer]
charges: []
facts:
  - id: adult
    type: bool
    question: {{en: "Is the person 18 or older?", es: "¿Tiene la persona 18 años o más?"}}
    asked_of: officer
rules:
  - id: adult
    applies_to: [arrest_diversion]
    must: [adult, is, true]
    tier: bars
    cite: "A page for tests"
    why: {{en: "{why}", es: "Es para personas adultas."}}
    confirm: {{en: "Whether the person is an adult.", es: "Si la persona es adulta."}}
"""
)


def pack_text(
    begins: str = TODAY, *, ends: str = "null", version: str = TODAY, program: str = "denver", why: str = "Adults only."
) -> str:
    """The text of a sound pack; change one thing and it is another one, with another hash."""
    return PACK.format(begins=begins, ends=ends, version=version, program=program, why=why)
