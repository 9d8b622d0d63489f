"""The phone's last resorts: a colleague brings what waits, the storage is full, the app does not start. Nothing is lost."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.builds import Deployment, deploy
from tests.browser.conftest import BrowserFactory, ServerFactory
from tests.browser.gallery import looked_at
from tests.browser.hand_over_steps import (
    bring,
    film,
    open_room,
    save_file,
    stored,
    wait_for_stored,
    with_camera,
)
from tests.browser.harness import ROOT, Desk, LiveServer, Phone, axe
from tests.browser.link import CAPTIVE_PORTAL
from tests.browser.officer_steps import (
    OFFICER,
    OTHER_OFFICER,
    alert,
    bar,
    button,
    english,
    find_network,
    go_home,
    heading,
    pattern,
    refer,
    send_now,
    sign_in,
    spanish,
    unlock,
    walk_to_alert,
)
from tests.browser.server_side import ALERT, arrived, author_of, log_of

PLACE = "Kit Sample's porch, Fourth Street"
SAVED = "Saved on this phone · not sent yet"
ALL_FORWARDED = "4 of 4 forwarded"


def told(page: Page, sentence: str) -> Locator:
    """On the screen; what is announced besides is heard and not seen."""
    return page.get_by_role("main").get_by_text(sentence, exact=True)


def forwarded(page: Page) -> None:
    expect(page.get_by_text(ALL_FORWARDED, exact=True)).to_be_visible()


def test_a_colleague_brings_the_sealed_file_and_cannot_read_it(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    mine = start_phone(live_server, "without a signal")
    page = sign_in(mine)
    mine.set_online(False)
    referral = refer(page, PLACE)
    open_room(page, "give_title")
    expect(page.get_by_text("4 records of yours wait on this phone.")).to_be_visible()
    looked_at(mine, "give", "what-waits")
    file = save_file(page, tmp_path, "give_save")
    assert file.suffix == ".whoff"
    assert b"Sample" not in file.read_bytes()
    expect(told(page, english("give_saved"))).to_be_visible()

    # The colleague has no signal either, where the file changes hands; the app brings it once it has one.
    theirs = start_phone(live_server, "colleague's")
    other = sign_in(theirs, OTHER_OFFICER)
    theirs.set_online(False)
    open_room(other, "bring_title")
    bring(other, file)
    expect(told(other, "4 records taken over.")).to_be_visible()
    expect(other.get_by_text("0 of 4 forwarded", exact=True)).to_be_visible()
    expect(other.get_by_text(english("bring_offline"))).to_be_visible()
    looked_at(theirs, "bring", "taken-over-offline")
    assert log_of(live_server, referral) == []
    other = theirs.restart(online=True)
    unlock(other)
    log = arrived(other, live_server, referral)
    assert [each["kind"] for each in log] == ALERT
    assert {each["state"] for each in log} == {"applied"}
    assert author_of(live_server, referral) == OFFICER
    open_room(other, "bring_title")
    forwarded(other)
    go_home(other)
    expect(other.get_by_text(PLACE)).to_have_count(0)

    # The author's phone learns of it by itself, and nothing is there twice.
    expect(bar(page)).to_contain_text("4 waiting")
    mine.set_online(True)
    go_home(page)
    send_now(page)
    expect(bar(page)).not_to_contain_text("waiting")
    assert len(log_of(live_server, referral)) == len(ALERT)


def test_a_desk_refuses_what_is_no_such_file(
    live_server: LiveServer, start_desk: BrowserFactory[Desk], start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    phone = start_phone(live_server, "officer")
    page = sign_in(phone)
    phone.set_online(False)
    refer(page, PLACE)
    open_room(page, "give_title")
    file = save_file(page, tmp_path, "give_save")
    whole = file.read_bytes()
    desk = start_desk(live_server, "station")
    station = sign_in(desk, "denver.sergeant")
    open_room(station, "bring_title")
    attempts = {
        "bring_damaged": whole[: len(whole) // 2],
        "bring_foreign": b"minutes of the meeting",
        "bring_other_program": _rewritten(whole, b'"program_id":"denver"', b'"program_id":"denvex"'),
    }
    for key, content in attempts.items():
        bad = tmp_path / f"{key}.whoff"
        bad.write_bytes(content)
        bring(station, bad)
        expect(told(station, english(key))).to_be_visible()
    assert stored(station, "carried") == 0
    bring(station, file)
    forwarded(station)
    station.get_by_role("button", name=pattern(english("bring_drop_label"))).click()
    expect(station.get_by_text(ALL_FORWARDED)).to_have_count(0)


def _rewritten(content: bytes, before: bytes, after: bytes) -> bytes:
    """The file as somebody would make it who knows its form: changed, with a sum that fits."""
    body = content[: content.rstrip(b"\n").rindex(b"\n") + 1].replace(before, after)
    return body + b'{"sha256":"%s"}\n' % hashlib.sha256(body).hexdigest().encode()


def test_a_colleagues_camera_reads_the_squares(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    mine = start_phone(live_server, "without a signal")
    page = sign_in(mine)
    mine.set_online(False)
    referral = refer(page, PLACE)
    open_room(page, "give_title")
    page.get_by_role("link", name=english("give_squares"), exact=True).click()
    place = page.get_by_text(pattern(english("squares_place")))
    total = int(re.search(r"of (\d+)", place.inner_text())[1])  # type: ignore[index]  # it fits the sentence
    looked_at(mine, "give-squares", "square")
    film(page, tmp_path / "squares.mjpeg", total * 3 // 2 + 4)

    theirs = start_phone(live_server, "colleague's")
    sign_in(theirs, OTHER_OFFICER)
    with_camera(theirs, tmp_path / "squares.mjpeg")
    other = theirs.restart()
    unlock(other)
    open_room(other, "bring_title")
    other.get_by_role("link", name=english("bring_scan"), exact=True).click()
    expect(told(other, "4 records taken over.")).to_be_visible(timeout=120_000)
    other.get_by_role("link", name=english("scan_on"), exact=True).click()
    forwarded(other)
    assert [each["state"] for each in arrived(other, live_server, referral)] == ["applied"] * 4


def test_a_phone_without_a_camera_says_what_to_do(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    page = sign_in(start_phone(live_server, "officer"))
    open_room(page, "bring_title")
    page.get_by_role("link", name=english("bring_scan"), exact=True).click()
    expect(told(page, english("scan_no_camera"))).to_be_visible()
    assert axe(page) == []


FILL = """async () => {
    const opening = indexedDB.open('filler', 1);
    const database = await new Promise((resolve, reject) => {
        opening.onupgradeneeded = () => opening.result.createObjectStore('rows', { autoIncrement: true });
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
    });
    const put = (size) => new Promise((resolve) => {
        const bytes = crypto.getRandomValues(new Uint8Array(size));
        const transaction = database.transaction('rows', 'readwrite');
        transaction.objectStore('rows').add(bytes);
        transaction.oncomplete = () => resolve(true);
        transaction.onabort = () => resolve(false);
    });
    let rows = 0;
    for (const size of [60000, 6000, 600, 60]) while (rows < 2000 && await put(size)) rows += 1;
    database.close();
    return rows;
}"""
EMPTY = "() => new Promise((resolve) => { indexedDB.deleteDatabase('filler').onsuccess = () => resolve(null); })"
ROOM_BYTES = 4_000_000


def test_a_full_phone_finishes_the_referral_in_hand_and_begins_no_other(
    live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "full")
    page = sign_in(phone)
    wait_for_stored(page, "ballast", 4)
    phone.close()
    phone.launch()
    session = phone.context.new_cdp_session(phone.page)
    used = session.send("Storage.getUsageAndQuota", {"origin": phone.url})["usage"]
    quota = {"origin": phone.url, "quotaSize": used + ROOM_BYTES}
    session.send("Storage.overrideQuotaForOrigin", quota)
    page = phone.goto("/")
    unlock(page)
    walk_to_alert(page)
    phone.set_online(False)
    assert page.evaluate(FILL) > 0
    assert stored(page, "ballast") == 4, "the reserve is still there"

    alert(page, PLACE)
    expect(page.get_by_text(SAVED, exact=True)).to_be_visible()
    assert stored(page, "ballast") == 0, "it was freed for this"
    assert stored(page, "outbox") == 4
    go_home(page)
    expect(page.get_by_text(english("room_spent"))).to_be_visible()
    expect(button(page, english("officer_offer"))).to_have_count(0)
    looked_at(phone, "storage", "spent-home")
    page.get_by_role("link", name=english("room_open"), exact=True).click()
    expect(page.get_by_text(english("reserve_spent"))).to_be_visible()
    looked_at(phone, "storage-meter", "spent")

    # There is room again, and what waited has been sent: the reserve is made anew.
    page.evaluate(EMPTY)
    session.send("Storage.overrideQuotaForOrigin", {"origin": phone.url})
    phone.set_online(True)
    go_home(page)
    send_now(page)
    wait_for_stored(page, "ballast", 4)
    go_home(page)
    expect(button(page, english("officer_offer"))).to_be_visible()
    expect(page.get_by_text(english("room_spent"))).to_have_count(0)


@pytest.mark.parametrize(("used", "sentence"), [(81, "room_high"), (96, "room_full")])
def test_a_phone_that_fills_up_is_said_to(
    used: int, sentence: str, live_server: LiveServer, start_phone: BrowserFactory[Phone]
) -> None:
    phone = start_phone(live_server, "filling")
    phone.context.add_init_script(
        f"if (navigator.storage) navigator.storage.estimate = async () => ({{ usage: {used}e6, quota: 100e6 }});"
    )
    page = sign_in(phone)
    expect(page.get_by_text(english(sentence))).to_be_visible()
    expect(button(page, english("officer_offer"))).to_be_visible()
    page.get_by_role("link", name=english("room_open"), exact=True).click()
    expect(page.get_by_text(f"{used} MB used of 100 MB, says the browser.")).to_be_visible()
    assert axe(page) == []


BROKEN = "if (navigator.onLine !== undefined) throw new Error('this build does not start');\n"


@pytest.fixture(scope="module")
def broken_version(built_pwa: None, tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """The app as it looks when its first script fails."""
    return deploy(tmp_path_factory.mktemp("broken") / "house", version="0.998.0", before_main=BROKEN)


def test_the_rescue_page_saves_what_waits_when_the_app_does_not_start(
    start_server: ServerFactory, start_phone: BrowserFactory[Phone], broken_version: Deployment, tmp_path: Path
) -> None:
    server = start_server()
    phone = start_phone(server, "officer", tolerate=["this build does not start"])
    page = sign_in(phone)
    phone.set_online(False)
    referral = refer(page, PLACE)

    # The broken version reaches the phone; what the phone has to send gets no further than a portal.
    server.restart(broken_version.environment)
    find_network(phone, "/api/", CAPTIVE_PORTAL)
    take_over(page)
    page = phone.restart(online=False)
    page.get_by_role("link", name="Not starting?").click()
    expect(heading(page)).to_have_text("Save what waits on this phone")
    looked_at(phone, "rescue", "broken-app")
    expect(page.get_by_role("heading", name=OFFICER)).to_be_visible()
    file = save_file(page, tmp_path, f"Save the sealed file of {OFFICER}")
    assert b"Sample" not in file.read_bytes()

    server.restart({"PYTHONPATH": str(ROOT)})
    station = sign_in(start_phone(server, "colleague's"), OTHER_OFFICER)
    open_room(station, "bring_title")
    bring(station, file)
    forwarded(station)
    assert [each["state"] for each in arrived(station, server, referral)] == ["applied"] * 4


def take_over(page: Page) -> None:
    """The new version is fetched and takes over at once, as after the person's yes."""
    page.evaluate(
        """async () => {
            const registration = await navigator.serviceWorker.getRegistration();
            await registration.update();
            const found = registration.installing ?? registration.waiting;
            await new Promise((resolve) => {
                const look = () => found.state !== 'installing' && resolve();
                found.addEventListener('statechange', look);
                look();
            });
            const active = new Promise((resolve) => {
                const look = () => found.state === 'activated' && resolve();
                found.addEventListener('statechange', look);
                look();
            });
            found.postMessage('skip');
            await active;
        }"""
    )


NEWER = """() => new Promise((resolve, reject) => {
    const opening = indexedDB.open('handoff', 40);
    opening.onupgradeneeded = () => opening.result.createObjectStore('of_a_version_to_come');
    opening.onsuccess = () => { opening.result.close(); resolve(null); };
    opening.onerror = () => reject(opening.error);
})"""


def test_the_rescue_page_reads_a_newer_versions_storage_in_spanish(
    live_server: LiveServer, start_phone: BrowserFactory[Phone], tmp_path: Path
) -> None:
    phone = start_phone(live_server, "officer", locale="es-US")
    page = sign_in(phone, say=spanish)
    phone.set_online(False)
    refer(page, PLACE, say=spanish)
    page = phone.goto("/rescue")
    page.evaluate(NEWER)
    page = phone.goto("/rescue")
    expect(heading(page)).to_have_text("Guardar lo que espera en este teléfono")
    expect(page.get_by_text("4 registros, de 4 de ellos no consta que se hayan enviado")).to_be_visible()
    assert axe(page) == []
    file = save_file(page, tmp_path, f"Guardar el archivo sellado de {OFFICER}")
    assert len(file.read_bytes().splitlines()) == 6


def test_a_phone_that_starts_offers_no_rescue(live_server: LiveServer, start_phone: BrowserFactory[Phone]) -> None:
    page = sign_in(start_phone(live_server, "officer"))
    expect(page.get_by_role("link", name="Not starting?")).to_be_hidden()
    assert page.locator("#stuck").evaluate("(link) => getComputedStyle(link).display") == "none"
