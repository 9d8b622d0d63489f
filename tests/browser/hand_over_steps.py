"""Handing over what waits, and bringing what somebody else gave: steps for the browser tests, and a look into storage."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.browser.harness import Browser
from tests.browser.officer_steps import Say, button, english, go_to_settings, heading

#: How often each picture stands in the film: a camera sees a square for longer than one picture.
PICTURES_A_FRAME = 5

COUNT = """(store) => new Promise((resolve, reject) => {
    const opening = indexedDB.open('handoff');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const request = opening.result.transaction(store).objectStore(store).count();
        request.onsuccess = () => { opening.result.close(); resolve(request.result); };
    };
})"""


def open_room(page: Page, link: str | None = None, say: Say = english) -> None:
    """From any screen of the open phone: "What waits here, and storage", and from there where `link` leads."""
    go_to_settings(page, say)
    page.get_by_role("link", name=say("me_phone"), exact=True).click()
    expect(heading(page)).to_have_text(say("handover_title"))
    if link is not None:
        page.get_by_role("link", name=say(link), exact=True).click()
        expect(heading(page)).to_have_text(say(link))


def save_file(page: Page, folder: Path, name: str, say: Say = english) -> Path:
    """The sealed file, as it lies in the downloads."""
    with page.expect_download() as download:
        button(page, say(name) if name in ("give_save",) else name).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def bring(page: Page, file: Path) -> None:
    """Opens a file in "Forward a colleague's records", where the page is."""
    page.locator("input[type=file]").set_input_files(file)


def stored(page: Page, store: str) -> int:
    """How many rows a store of the phone holds."""
    return int(page.evaluate(COUNT, store))


def wait_for_stored(page: Page, store: str, rows: int) -> None:
    """Returns when a store holds so many rows."""
    for _ in range(400):
        if stored(page, store) == rows:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{stored(page, store)} rows in {store}, not {rows}")


def film(page: Page, path: Path, frames: int) -> None:
    """What a camera sees of the squares on this screen: so many of them, each held still for its picture.

    While one is held the others are missed, as by a hand that shakes.
    """
    square = page.get_by_role("img", name=english("squares_label"))
    pause = button(page, english("squares_pause"))
    pictures = []
    for _ in range(frames):
        pause.click()
        shown = square.get_attribute("data-frame")
        assert shown is not None
        pictures.append(page.screenshot(type="jpeg", quality=90, clip=_even(square), scale="css"))
        pause.click()
        expect(square).not_to_have_attribute("data-frame", shown)
    path.write_bytes(b"".join(picture for picture in pictures for _ in range(PICTURES_A_FRAME)))


def _even(square: Locator) -> FloatRect:
    box = square.bounding_box()
    assert box is not None
    x, y, width, height = (2 * (int(box[side]) // 2) for side in ("x", "y", "width", "height"))
    return {"x": x, "y": y, "width": width, "height": height}


def with_camera(phone: Browser, path: Path) -> None:
    """The phone's camera shows this film over and over, from its next start on."""
    phone.flags = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={path}",
    )
