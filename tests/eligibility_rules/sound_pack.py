"""One small sound pack as text, and the ways in which tests spoil it."""

from collections.abc import Callable

Change = Callable[[str], str]

SOUND = """\
program: example
version: 2025-01-01
effective_from: 2025-01-01
source: A page
official: false
unverified:
  - {en: Who may refer., es: Quién puede remitir.}
practice:
  officer_decides: first
  approvals:
    - id: sergeant_agrees
      by: sergeant
      when: before_offer
      applies_to: [arrest_diversion]
      text: {en: A sergeant agrees first., es: Primero acepta un sargento.}
      cite: A page
  intake: {days: 30, if_missed: {en: The case goes on., es: El caso sigue.}, cite: A page}
  notice_to_officer: never
  service_hours:
    - {days: [mon, tue], from: "08:00", until: "17:00"}
  languages: [en, es]
  consent_scripts: [default-1]
way_on: {en: Call the program., es: Llame al programa.}
pathways:
  arrest_diversion: [officer]
charges:
  - code: trespassing
    level: county
    statute: "18-4-504"
    title: {en: Trespassing, es: Entrada}
    cite: A page
    order: 1
    conditions: [adult]
facts:
  - id: adult
    type: bool
    asked_of: officer
    question: {en: Adult, es: Mayor}
  - id: charges
    type: code_list
    asked_of: officer
    question: {en: Charges, es: Cargos}
  - id: victim
    type: enum
    values:
      - {code: absent, en: Absent, es: Ausente}
      - {code: consents, en: Agrees, es: De acuerdo}
    asked_of: coordinator
    question: {en: Victim, es: Persona afectada}
  - {id: amount, type: int, unit: mg, asked_of: officer, question: {en: Amount, es: Cantidad}}
  - {id: moved_on, type: date, asked_of: coordinator, question: {en: Moved, es: Mudanza}}
  - {id: last_conviction, type: event, asked_of: coordinator, question: {en: Conviction, es: Condena}}
  - {id: incident_date, type: date, asked_of: record, question: {en: When, es: Cuándo}}
rules:
  - id: adult
    applies_to: [arrest_diversion]
    when: [charges, any_in, [trespassing]]
    must: [adult, is, true]
    tier: bars
    cite: A page
    why: {en: Under age, es: Menor de edad}
    confirm: {en: Age, es: Edad}
"""


def swap(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert text.count(old) >= 1, old
        return text.replace(old, new, 1)

    return change


def cut(text: str, begin: str, end: str) -> str:
    """The text without what lies from one word to another."""
    return text[: text.index(begin)] + text[text.index(end) :]


def must(condition: str) -> Change:
    """The sound pack with another rule, and the condition under the charge gone with the rule that read it."""
    change = swap("must: [adult, is, true]", f"must: {condition}")
    return lambda text: change(text).replace("conditions: [adult]", "conditions: []")


def when(condition: str) -> Change:
    return swap("when: [charges, any_in, [trespassing]]", f"when: {condition}")


def line_of(text: str, marker: str) -> int:
    """The first line that holds the marker; line 1 is the first."""
    return text[: text.index(marker)].count("\n") + 1
