"""A rule pack for Denver that an administrator of the browser tests installs: every tier but one, approvals, an intake.

And an arrest by these rules, with what no answer to the police may say of it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.api.rule_packs import HEAD
from tests.browser.officer_steps import (
    agreed_before,
    alert,
    begin_arrest,
    button,
    choose_charge,
    english,
    go_on,
    heading,
    pattern,
    write_word,
)  # fmt: skip

ADMINISTRATOR = "denver.administrator"
VIOLENCE = "LEAD is for situations without violence. The coordinator may still accept."
LONG_HASH = re.compile(r"^[0-9a-f]{64}$")

#: What no answer to a phone of the police may hold: what the coordinator found out, and the server's own evaluation.
OF_STAFF = ("review_facts", '"check"', "determination.check")

ZONE = ZoneInfo("America/Denver")

#: An officer asked about the charge and violence; the rest is for the coordinator to find out.
PACK = (
    HEAD
    + """\
pathways:
  arrest_diversion: [officer]
  social_contact: [officer]
practice:
  officer_decides: after_check
  approvals:
    - id: sergeant_agrees
      by: sergeant
      when: before_offer
      applies_to: [arrest_diversion]
      text: {{en: "Ask your sergeant before you offer LEAD.", es: "Pregunte a su sargento antes de ofrecer LEAD."}}
      cite: "Page 1"
    - id: prosecutor_agrees
      by: prosecutor
      when: before_offer
      applies_to: [arrest_diversion]
      text: {{en: "Call the prosecutor before you offer LEAD.", es: "Llame a la fiscalía antes de ofrecer LEAD."}}
      cite: "Page 1"
  intake:
    days: 30
    if_missed: {{en: "The referral may go back to the court.", es: "La remisión puede volver a la corte."}}
    cite: "Page 2"
  notice_to_officer: never
  service_hours: always
charges:
  - code: trespassing
    level: municipal
    title: {{en: Trespassing, es: Entrada sin autorización}}
    cite: "Page 3"
    order: 1
facts:
  - id: charges
    type: code_list
    asked_of: officer
    question: {{en: "Which charges does this arrest involve?", es: "¿Qué cargos hay en este arresto?"}}
  - id: violence
    type: bool
    asked_of: officer
    question: {{en: "Did you see signs of violence?", es: "¿Vio usted señales de violencia?"}}
  - id: on_roster
    type: bool
    asked_of: coordinator
    question: {{en: "Does the roster speak against it?", es: "¿Habla la lista en contra?"}}
  - id: last_conviction
    type: event
    asked_of: coordinator
    question: {{en: "When was the last conviction, if any?", es: "¿Cuándo fue la última condena, si la hay?"}}
  - id: incident_date
    type: date
    asked_of: record
    question: {{en: "On which day did this happen?", es: "¿Qué día ocurrió esto?"}}
  - id: lives_here
    type: bool
    asked_of: participant
    question: {{en: "Does the person live in Denver?", es: "¿Vive la persona en Denver?"}}
rules:
  - id: charge_listed
    applies_to: [arrest_diversion]
    must: [charges, none_in, [unlisted]]
    tier: bars
    cite: "Page 4"
    why: {{en: "One of the charges is not on the list.", es: "Uno de los cargos no está en la lista."}}
    confirm: {{en: "Choose the charges.", es: "Elija los cargos."}}
  - id: no_violence
    applies_to: [arrest_diversion]
    must: [violence, is, false]
    tier: presumed_out
    override_by: coordinator
    cite: "Page 5"
    why:
      en: "LEAD is for situations without violence. The coordinator may still accept."
      es: "LEAD es para situaciones sin violencia. Aun así, la persona coordinadora puede aceptar."
    confirm: {{en: "Whether there was violence is not known yet.", es: "Aún no se sabe si hubo violencia."}}
  - id: resident
    applies_to: [arrest_diversion, social_contact]
    must: [lives_here, is, true]
    tier: bars
    cite: "Page 6"
    why: {{en: "The program is for people of Denver.", es: "El programa es para personas de Denver."}}
    confirm: {{en: "Whether the person lives in Denver.", es: "Si la persona vive en Denver."}}
  - id: roster
    applies_to: [arrest_diversion]
    must: [on_roster, is, false]
    tier: ask_coordinator
    cite: "Page 7"
    why: {{en: "The coordinator decides.", es: "Decide la persona coordinadora."}}
    confirm: {{en: "The coordinator looks at the roster.", es: "La persona coordinadora consulta la lista."}}
  - id: conviction
    applies_to: [arrest_diversion]
    must: [last_conviction, before, {{years: 5, before: incident_date}}]
    tier: bars
    cite: "Page 8"
    why: {{en: "There was a conviction within 5 years.", es: "Hubo una condena en los últimos 5 años."}}
    confirm: {{en: "The coordinator looks at the history.", es: "La persona coordinadora consulta los antecedentes."}}
"""
)


def pack_from(days_ahead: int = 0) -> str:
    """The text of a pack that begins today in the program, or so many days later."""
    begins = (datetime.now(ZONE) + timedelta(days=days_ahead)).date()
    return PACK.format(program="denver", version=begins, begins=begins, ends="null")


def refer_by_these_rules(page: Page, place: str) -> str:
    """An arrest with violence seen, and both approvals written down as they came by radio and telephone."""
    begin_arrest(page)
    choose_charge(page)
    go_on(page)
    expect(heading(page)).to_have_text("Did you see signs of violence?")
    button(page, english("yes")).click()
    expect(heading(page)).to_have_text(english("officer_result_needs_review"))
    go_on(page)
    for name, how in (("Sergeant Demo Cedar", "radio"), ("Pru Example", "phone")):
        expect(heading(page)).to_have_text(pattern(english("officer_must_agree")))
        approval = heading(page).inner_text()
        write_word(page, name, how)
        button(page, english("officer_approved")).click()
        expect(heading(page)).not_to_have_text(approval)
    expect(heading(page)).to_have_text(english("officer_read_aloud"))
    button(page, english("officer_agrees")).click()
    agreed_before(page, "Sergeant Demo Cedar")
    go_on(page)
    expect(heading(page)).to_have_text(english("officer_alert"))
    return alert(page, place)
