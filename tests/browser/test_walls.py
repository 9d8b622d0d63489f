"""What never reaches a phone cannot be read on it: all that the server sends to each role, searched for what is not its own.

The permission table and the routes are tested with the API. Here the whole app runs, with every screen that a role has, and
the answers to pages and service workers are kept and searched. The coordinator's own answers are the control: all of it
is in there, so a search that finds nothing elsewhere has looked in the right place.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import BrowserFactory
from tests.browser.harness import Browser, Desk, LiveServer, Phone
from tests.browser.officer_steps import (
    OTHER_OFFICER,
    card,
    english,
    field,
    go_home,
    open_details,
    refer,
    send_details,
    sign_in,
)
from tests.browser.server_side import arrived
from tests.browser.staff_steps import (
    COORDINATOR,
    SERGEANT,
    SUPERVISOR,
    add_note,
    answer_on_card,
    assess,
    confirm,
    decide,
    fields_of,
    go_to_inbox,
    hand_off,
    look_again,
    officers,
    open_history,
    open_in_queue,
    queue_rows,
)

PLACE = "Canary crossing, north kerb"

IDENTITY = ("Quillon Zebrafinch", "perches on the Zebrafinch bench")
SAFETY = ("zebrafinch-observation",)
NOTES = ("zebrafinch-note-of-the-officer", "zebrafinch-note-of-the-coordinator")
NEEDS = ("family_safety",)
ASSESSMENT = ("zebrafinch-answer", "assessment.")
DECISION = ("zebrafinch-reason", "redirected")
CONTENT = (*NOTES, *NEEDS, *ASSESSMENT)

#: What the demo itself tells the coordinators of Denver: notes, contacts and assessments of other referrals.
OF_THE_DEMO = ("Brings socks", "Given two doses", "A dry place tonight", "Met at the day center")

FETCH = """
async ({ method, path }) => {
  const answer = await fetch(path, { method, headers: { Accept: 'application/json', 'X-Handoff': '1' } });
  return { status: answer.status, type: answer.headers.get('Content-Type') ?? '', text: await answer.text() };
}
"""


KEPT_WITHIN_MS = 15_000
LOOK_EVERY_MS = 25


class Traffic:
    """Every answer that one phone was given by the server, to a page or to the service worker, as text."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.answers: dict[str, list[str]] = {}
        self._under_way: set[Request] = set()
        browser.context.on("request", self._begin)
        browser.context.on("requestfinished", self._keep)
        browser.context.on("requestfailed", lambda request: self._under_way.discard(request))

    def _begin(self, request: Request) -> None:
        if _path(request).startswith("api/"):
            self._under_way.add(request)

    def _keep(self, request: Request) -> None:
        if request not in self._under_way:
            return
        answer = request.response()
        assert answer is not None, f"{_path(request)} finished without an answer"
        self.answers.setdefault(_path(request), []).append("" if answer.status == 204 else answer.text())
        self._under_way.discard(request)

    def _settle(self) -> None:
        """Until everything that was asked for has been kept; a phone that was told nothing has been looked at too early."""
        for _ in range(KEPT_WITHIN_MS // LOOK_EVERY_MS):
            if not self._under_way and "api/sync/pull" in self.answers:
                return
            self.browser.page.wait_for_timeout(LOOK_EVERY_MS)
        raise AssertionError(f"{self.browser.name}: waited in vain for {[each.url for each in self._under_way]}")

    def holds(self, texts: Iterable[str]) -> list[str]:
        self._settle()
        everything = "\n".join(text for answers in self.answers.values() for text in answers)
        return [text for text in texts if text in everything]

    def assert_never(self, texts: Iterable[str]) -> None:
        """Fails unless this phone was told something, and nothing of these."""
        told = self.holds(texts)
        assert told == [], f"{self.browser.name} was told {told}"


def _path(request: Request) -> str:
    return request.url.split("/", 3)[-1]


def test_each_role_is_sent_its_own_part_and_nothing_else(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], start_desk: BrowserFactory[Desk]
) -> None:
    officer = start_phone(live_server, "officer")
    to_officer = Traffic(officer)
    alder = sign_in(officer)
    referral = refer(alder, PLACE)
    write_details(alder)
    arrived(alder, live_server, referral)

    coordinator = start_phone(live_server, "coordinator")
    to_coordinator = Traffic(coordinator)
    work_as_coordinator(sign_in(coordinator, COORDINATOR), live_server, referral)

    # The officer looks at everything that the officer has.
    look_again(alder)
    expect(alder.get_by_role("listitem").filter(has_text=english("officer_moment_handed_off"))).to_be_visible()
    open_details(alder)
    go_home(alder)
    other = start_phone(live_server, "another officer")
    to_other = Traffic(other)
    birch = sign_in(other, OTHER_OFFICER)
    expect(card(birch, "Dana Sample")).to_be_visible()

    sergeant = start_phone(live_server, "sergeant")
    to_sergeant = Traffic(sergeant)
    cedar = sign_in(sergeant, SERGEANT)
    expect(officers(cedar).filter(has_text="Officer Demo Alder")).to_contain_text("Handed over")

    supervisor = start_desk(live_server, "supervisor")
    to_supervisor = Traffic(supervisor)
    look_as_supervisor(sign_in(supervisor, SUPERVISOR))

    # The control: the coordinator was told all of it.
    everything = (*IDENTITY, *SAFETY, *CONTENT, *DECISION, *OF_THE_DEMO, PLACE)
    assert to_coordinator.holds(everything) == list(everything)

    to_officer.assert_never([*CONTENT, *DECISION, *OF_THE_DEMO])
    assert to_officer.holds([PLACE, *IDENTITY]) == [PLACE, *IDENTITY]
    to_other.assert_never([referral, PLACE, *IDENTITY, *SAFETY, *CONTENT, *DECISION, *OF_THE_DEMO])
    to_sergeant.assert_never([PLACE, *IDENTITY, *SAFETY, *CONTENT, *DECISION, *OF_THE_DEMO, "Sample"])
    assert to_sergeant.holds([referral]) == [referral]
    to_supervisor.assert_never([*IDENTITY, *SAFETY, *CONTENT, *OF_THE_DEMO, "Rio Sample"])
    assert to_supervisor.holds([PLACE, *DECISION]) == [PLACE, *DECISION]


def write_details(page: Page) -> None:
    open_details(page)
    field(page, english("officer_field_name")).fill(IDENTITY[0])
    field(page, english("officer_field_contact")).fill(IDENTITY[1])
    page.get_by_role("link", name=english("officer_next"), exact=True).click()
    page.get_by_role("checkbox", name=english("officer_need_family_safety"), exact=True).check()
    page.get_by_role("checkbox", name=english("officer_safety_other"), exact=True).check()
    field(page, english("officer_safety_what")).fill(SAFETY[0])
    page.get_by_role("link", name=english("officer_next"), exact=True).click()
    field(page, english("officer_note")).fill(NOTES[0])
    send_details(page)


def work_as_coordinator(page: Page, server: LiveServer, referral: str) -> None:
    """Everything that a coordinator writes, until the server has it and has told it back."""
    answer_on_card(page, PLACE, 10)
    confirm(page)
    hand_off(page)
    decide(page, "redirected", DECISION[0])
    add_note(page, NOTES[1])
    assess(page, "now", "naloxone", "yes", ASSESSMENT[0])
    go_to_inbox(page)
    for _ in range(400):
        if "assessment.naloxone" in fields_of(server, referral):
            break
        page.wait_for_timeout(25)
    with page.expect_response("**/api/sync/pull") as told:
        look_again(page)
    assert told.value.ok


def look_as_supervisor(page: Page) -> None:
    expect(queue_rows(page).first).to_be_visible()
    page.locator("summary").filter(has_text=english("desk_filters")).click()
    page.get_by_role("radio", name=english("desk_show_finished"), exact=True).check()
    open_in_queue(page, PLACE)
    open_history(page)
    expect(page.get_by_role("listitem").filter(has_text="recorded the decision")).to_be_visible()


COMMUNITY = ("Ari Sample", "Demo Pantry", "Wren Example", '"pathway":"community"')


def test_the_police_never_hear_of_a_community_referral(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    coordinator = start_phone(live_server, "coordinator")
    to_coordinator = Traffic(coordinator)
    sol = sign_in(coordinator, "donaana.coordinator")
    community = sol.get_by_role("article").filter(has_text="Demo Pantry, Mesilla side")
    expect(community).to_be_visible()
    referral = str(community.get_by_role("link").get_attribute("href")).rpartition("/")[2]
    assert to_coordinator.holds(COMMUNITY) == list(COMMUNITY)

    unknown = "00000000-0000-4000-8000-000000000000"
    for login in ("donaana.officer", "donaana.officer2", "donaana.sergeant"):
        phone = start_phone(live_server, login)
        traffic = Traffic(phone)
        page = sign_in(phone, login)
        look_again(page)
        traffic.assert_never([*COMMUNITY, referral])
        # A forbidden referral and one that does not exist look alike.
        answers = [ask(page, "GET", f"/api/referrals/{each}/history") for each in (referral, unknown)]
        assert answers[0]["status"] in (403, 404)
        assert answers[0] == answers[1]
        phone.dispose()


COORDINATORS_OWN = ("POST", "/api/referrals/{referral}/opened")
HISTORY = ("GET", "/api/referrals/{referral}/history")
QUEUE = ("GET", "/api/queue")
PAGES_FOR_ME = ("POST", "/api/push-subscriptions/test")


@pytest.mark.parametrize(
    ("login", "refused"),
    [
        ("denver.officer2", [COORDINATORS_OWN, QUEUE]),
        (SERGEANT, [COORDINATORS_OWN, HISTORY, PAGES_FOR_ME]),
        (SUPERVISOR, [COORDINATORS_OWN]),
        ("denver.administrator", [COORDINATORS_OWN, HISTORY, QUEUE, PAGES_FOR_ME]),
    ],
)
def test_what_belongs_to_others_is_refused_to_whoever_asks_by_hand(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], login: str, refused: Sequence[tuple[str, str]]
) -> None:
    """With the person's own session, from the app's own page."""
    page = sign_in(start_phone(live_server, login), login)
    for method, path in refused:
        answer = ask(page, method, path.format(referral=referral_of_the_demo()))
        assert answer["status"] == 403, path
        assert answer["type"].startswith("application/problem+json")
        assert "Sample" not in answer["text"]
    # The list of who works where is no business of the police.
    program = ask(page, "GET", "/api/program")
    assert program["status"] == 200
    assert ("Maya Example" in program["text"]) == (login == SUPERVISOR)


def referral_of_the_demo() -> str:
    """The id of a referral that another officer of Denver wrote; see `api.demo.load`."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "demo:unanswered, the officer waits"))


def ask(page: Page, method: str, path: str) -> dict[str, Any]:
    """An answer to a request that the page makes itself."""
    answer: dict[str, Any] = page.evaluate(FETCH, {"method": method, "path": path})
    return answer
