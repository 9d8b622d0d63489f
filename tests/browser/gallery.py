"""Looks at one screen as everybody may see it: night and day, a wide and a narrow phone, a desk.

At each look nothing may stick out sideways, every control is large enough for a thumb, and axe finds nothing. Each
look leaves a picture in `screenshots/`, which is for people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from playwright.sync_api import Page, expect

from tests.browser.harness import SCREENSHOTS, Browser, axe

#: 56 px for gloves is the design; below this a control is wrong anywhere (WCAG 2.5.5).
TARGET_PX = 44

#: The control itself, or the row or card that is tapped in its place. Links within a sentence are as high as the sentence.
MEASURE = """
(least) => {
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest('.hidden');
  const open = document.querySelector('dialog[open]');
  const controls = [...(open ?? document).querySelectorAll('a[href], button, input, select, textarea, summary')].filter(shown);
  const boxOf = (element) => (element.matches('[type=radio], [type=checkbox]') ? element.closest('label') ?? element : element);
  const small = controls
    .map((control) => ({ control, box: boxOf(control).getBoundingClientRect() }))
    .filter(({ box }) => box.width > 0 && (box.width < least - 0.5 || box.height < least - 0.5))
    .map(({ control, box }) => `${Math.round(box.width)}x${Math.round(box.height)} ${control.outerHTML.slice(0, 120)}`);
  const page = document.scrollingElement;
  const wide = [...document.querySelectorAll('body *')].filter(shown)
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
    .map((element) => element.outerHTML.slice(0, 120));
  return { small, wide, scrolls: page.scrollWidth - page.clientWidth };
}
"""


@dataclass(frozen=True)
class Look:
    """One way in which a screen is seen."""

    name: str
    width: int
    height: int
    scheme: Literal["dark", "light"]


NIGHT = Look("night", 390, 844, "dark")
DAY = Look("day", 390, 844, "light")
NARROW = Look("narrow-night", 320, 640, "dark")
DESK = Look("desk-day", 1280, 800, "light")

#: Colours do not depend on the width, nor places on the light: each width once, and each light where a phone has it.
LOOKS = (NIGHT, DAY, NARROW, DESK)


class Gallery:
    """The screens of one person's phone or desk. `show` looks at the one that stands there now."""

    def __init__(self, browser: Browser, room: str) -> None:
        self.browser = browser
        self.room = room
        self.faults: list[str] = []
        self._shown = 0

    @property
    def page(self) -> Page:
        return self.browser.page

    def show(self, name: str) -> None:
        """Looks at the present screen in every way; faults are gathered, so that one run tells them all."""
        self._shown += 1
        was = self.page.viewport_size
        for look in LOOKS:
            self.page.set_viewport_size({"width": look.width, "height": look.height})
            self.page.emulate_media(color_scheme=look.scheme)
            where = f"{self.room} · {name} · {look.name}"
            self._measure(where)
            # As high as its content, because a bar that sticks over half a control, wherever the person has scrolled to,
            # is no fault of the control; and a picture is to show all of a screen.
            height = int(self.page.evaluate("document.scrollingElement.scrollHeight"))
            self.page.set_viewport_size({"width": look.width, "height": max(look.height, height)})
            self.faults += [f"{where}: axe {each.rule}: {each.help} {each.elements}" for each in axe(self.page)]
            self._picture(name, look)
        assert was is not None
        self.page.set_viewport_size(was)
        self.page.emulate_media(color_scheme=self.browser.scheme)

    def assert_faultless(self, refused: Iterable[int] = ()) -> None:
        """Nothing was found on any screen, and the browser complained about nothing but answers with these statuses."""
        assert self._shown, "nothing was shown"
        assert not self.faults, "\n" + "\n".join(dict.fromkeys(self.faults))
        # Asking whether somebody is signed in is answered with 401 as long as nobody is.
        self.browser.assert_quiet([f"status of {status}" for status in (401, *refused)])

    def _measure(self, where: str) -> None:
        found: dict[str, Any] = self.page.evaluate(MEASURE, TARGET_PX)
        if found["scrolls"] > 0 or found["wide"]:
            self.faults.append(f"{where}: {found['scrolls']} px too wide {found['wide'][:3]}")
        self.faults += [f"{where}: small target {each}" for each in found["small"]]

    def _picture(self, name: str, look: Look) -> None:
        folder = SCREENSHOTS / self.room
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self._shown:02d}-{name}-{look.name}.png"
        self.page.screenshot(path=path, full_page=True, animations="disabled")


def looked_at(browser: Browser, room: str, name: str) -> None:
    """One look at the present screen: it fits everywhere, and axe finds nothing."""
    gallery = Gallery(browser, room)
    gallery.show(name)
    assert not gallery.faults, "\n" + "\n".join(gallery.faults)


def settled(page: Page, title: str) -> None:
    """The screen with this heading is there."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
