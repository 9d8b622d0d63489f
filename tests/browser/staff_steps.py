"""What a coordinator, a supervisor and a sergeant do with their phones and desks, as steps for the browser tests.

As `officer_steps`, in either language: found by role and by the words of the app's own dictionaries.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any

from playwright.sync_api import Locator, Page, expect

from api.at_rest.service import opened
from api.operations.queries import whole_state
from api.settings import from_environment
from tests.browser.harness import LiveServer
from tests.browser.officer_steps import Say, button, english, field, heading, pattern

COORDINATOR = "denver.coordinator"
SUPERVISOR = "denver.supervisor"
SERGEANT = "denver.sergeant"

#: As the demo's people are called.
MAYA = "Maya Example"

#: Every row of a phone's database, by store. Ids and ciphertext included; what is encrypted stays so.
ROWS_ON_PHONE = """
() => new Promise((resolve, reject) => {
  const opening = indexedDB.open('handoff');
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = async () => {
    const database = opening.result;
    const count = (store) => new Promise((done) => {
      const asked = database.transaction(store).objectStore(store).count();
      asked.onsuccess = () => done([store, asked.result]);
    });
    resolve(Object.fromEntries(await Promise.all([...database.objectStoreNames].map(count))));
    database.close();
  };
})
"""


# The coordinator


def pile(page: Page, name: str, say: Say = english) -> Locator:
    """One part of the inbox: `unanswered`, `mine`, `others`."""
    return page.get_by_role("region", name=say(f"co_pile_{name}"), exact=True)


def inbox_card(page: Page, place: str) -> Locator:
    return page.get_by_role("main").get_by_role("article").filter(has_text=place)


def go_to_inbox(page: Page, say: Say = english) -> None:
    page.evaluate("location.hash = '#/'")
    expect(heading(page)).to_have_text(say("co_inbox"))


def answer_on_card(page: Page, place: str, minutes: int, say: Say = english) -> None:
    """One tap on the card: "I have it", arriving in so many minutes. The referral opens by itself."""
    words = f"{say('co_have_it')} {say('co_minutes').format(n=minutes)}"
    inbox_card(page, place).get_by_role("button", name=words, exact=True).click()
    expect(heading(page)).to_have_text(pattern(say("co_title")))


def open_from_inbox(page: Page, place: str, say: Say = english) -> None:
    go_to_inbox(page, say)
    inbox_card(page, place).get_by_role("link", name=place, exact=True).click()
    expect(heading(page)).to_have_text(pattern(say("co_title")))


def part(page: Page, title: str) -> Locator:
    """One part of a referral's screen, by its heading."""
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


def confirm(page: Page, answer: str = "yes", say: Say = english) -> None:
    """Asked before anything else: whether the person still wants this."""
    part(page, say("co_confirm_title")).get_by_role("button", name=say(answer), exact=True).click()
    expect(page.get_by_text(say(f"co_confirmed_{answer}"), exact=True)).to_be_visible()


def hand_off(page: Page, outcome: str = "in_person", say: Say = english) -> None:
    meeting = part(page, say("co_handoff"))
    meeting.get_by_role("button", name=say(f"co_handoff_{outcome}"), exact=True).click()
    expect(meeting.get_by_text(say(f"co_handoff_{outcome}"), exact=True).and_(page.locator(".state"))).to_be_visible()


def decide(page: Page, outcome: str = "accepted", reason: str = "", say: Say = english) -> None:
    decision = part(page, say("co_decision"))
    decision.get_by_role("radio", name=say(f"co_decision_{outcome}"), exact=True).check()
    if reason:
        decision.get_by_role("textbox").fill(reason)
    decision.get_by_role("button", name=say("co_decision_save"), exact=True).click()
    expect(decision.get_by_role("button", name=say("co_change"), exact=True)).to_be_visible()


def add_note(page: Page, text: str, say: Say = english) -> None:
    notes = part(page, say("co_notes"))
    notes.get_by_role("textbox").fill(text)
    button(page, say("co_note_save")).click()
    expect(notes.get_by_text(text, exact=True).and_(page.locator(".written"))).to_be_visible()


def assess(page: Page, group: str, item: str, answer: str, words: str, say: Say = english) -> None:
    """From the referral into one group of the first questions: one answer and the person's words. Nothing is sent by hand."""
    page.get_by_role("link", name=say("co_assessment"), exact=True).first.click()
    expect(heading(page)).to_have_text(say("co_assessment"))
    page.get_by_role("link", name=re.compile(f"^{re.escape(say(f'co_group_{group}'))}")).click()
    expect(heading(page)).to_have_text(say(f"co_group_{group}"))
    question = page.locator(".item").filter(has_text=say(f"co_ask_{item}"))
    question.get_by_role("radio", name=say(f"co_answer_{answer}"), exact=True).check()
    if words:
        question.get_by_role("textbox").fill(words)


# At the desk


def queue_rows(page: Page) -> Locator:
    return page.get_by_role("region").get_by_role("list").get_by_role("link")


def open_in_queue(page: Page, place: str) -> None:
    queue_rows(page).filter(has_text=place).click()
    expect(page.get_by_role("article")).to_contain_text(place)


def open_history(page: Page, say: Say = english) -> None:
    page.get_by_role("link", name=say("desk_history"), exact=True).click()
    expect(heading(page)).to_contain_text(say("desk_history"))


def officers(page: Page) -> Locator:
    """The sergeant's list: one part per officer."""
    return page.get_by_role("main").get_by_role("region").filter(has=page.get_by_role("list"))


# The rules


def open_rules(page: Page, say: Say = english) -> None:
    """The administrator's way from the accounts to the rules."""
    page.get_by_role("link", name=say("adm_place_rules"), exact=True).click()
    expect(heading(page)).to_have_text(pattern(say("rules_title")))


def check_pack(page: Page, text: str, say: Say = english) -> None:
    """The administrator pastes a pack and has it checked. Stays on that screen."""
    field(page, say("rules_text")).fill(text)
    button(page, say("rules_check")).click()


def install_pack(page: Page, text: str, say: Say = english) -> None:
    """From the list of versions over the check and one yes back to the list."""
    page.get_by_role("link", name=say("rules_install_title"), exact=True).click()
    check_pack(page, text, say)
    button(page, say("rules_install")).click()
    button(page, say("rules_install_yes")).click()
    expect(heading(page)).to_have_text(pattern(say("rules_title")))


def rules_of(page: Page, say: Say = english) -> Locator:
    """The part about the rules on a coordinator's referral."""
    return part(page, say("co_rules"))


def open_questions(page: Page, group: str, say: Say = english) -> None:
    """From the referral to the open questions that `coordinator`, `participant`, `officer` or `record` can answer."""
    rules_of(page, say).get_by_role("link", name=re.compile(f"^{re.escape(say(f'co_asked_{group}'))}")).click()
    expect(heading(page)).to_have_text(say(f"co_asked_{group}"))


def answer_question(page: Page, question: str, answer: str, say: Say = english) -> None:
    """`yes`, `no` or `dont_know` on the screen of questions; saved when the button shows it as chosen."""
    chosen = page.get_by_role("group", name=question).get_by_role("button", name=say(answer), exact=True)
    chosen.click()
    expect(chosen).to_have_attribute("aria-pressed", "true")


def set_aside(page: Page, rule: str, reason: str, say: Say = english) -> None:
    """The coordinator answers for a rule that does not hold."""
    hindrance = rules_of(page, say).get_by_role("listitem").filter(has_text=rule)
    hindrance.get_by_role("button", name=say("co_aside"), exact=True).click()
    hindrance.get_by_role("textbox").fill(reason)
    hindrance.get_by_role("button", name=say("co_aside_save"), exact=True).click()
    expect(rules_of(page, say).get_by_text(say("staff_reason").format(reason=reason), exact=True)).to_be_visible()


def approvals_waiting(page: Page, say: Say = english) -> Locator:
    """What waits for this person's own answer, one part each."""
    return page.locator("section.card").filter(has=button(page, say("staff_i_approved")))


# Everybody


def look_again(page: Page) -> None:
    """The phone is taken out of the pocket, so the app asks the server at once and not at its next time."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


# What server and phone hold


def fields_of(server: LiveServer, referral_id: str) -> dict[str, Any]:
    """The values that stand on the server, whoever may see them."""
    settings = from_environment({"HANDOFF_DATA_DIR": str(server.data_dir)})
    with closing(opened(settings)) as database, database.read() as session:
        state = whole_state(session, referral_id)
    assert state is not None, f"there is no referral {referral_id}"
    return {key: register["value"] for key, register in state["registers"].items()}


def tallies(server: LiveServer) -> list[dict[str, Any]]:
    """The nameless counts, every column."""
    with _open(server) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM tally")]


def rows_on_phone(page: Page) -> dict[str, int]:
    """How many rows each store of the phone's database has."""
    counted: dict[str, int] = page.evaluate(ROWS_ON_PHONE)
    return counted


def _open(server: LiveServer) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"file:{server.data_dir / 'handoff.sqlite'}?mode=ro", uri=True))


def _ask(server: LiveServer, question: str, *values: str) -> list[tuple[Any, ...]]:
    with _open(server) as connection:
        return connection.execute(question, values).fetchall()
