"""Looks at a screen and at a profile from outside: accessibility findings, text that should not be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.live_server import ROOT

AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True)
class Violation:
    """One accessibility rule broken, with the elements that break it."""

    rule: str
    impact: str
    help: str
    elements: tuple[str, ...]


def axe(page: Page, *, exclude: Iterable[str] = ()) -> list[Violation]:
    """What axe-core finds on the screen as it is: WCAG 2.2 AA and best practices."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        """({ tags, exclude }) => axe.run({ include: [['html']], exclude }, { runOnly: tags }).then(
            (result) =>
            result.violations.map(({ id, impact, help, nodes }) => ({
                rule: id, impact: impact ?? 'unknown', help, elements: nodes.map(({ html }) => html),
            })))""",
        {"tags": AXE_TAGS, "exclude": [[selector] for selector in exclude]},
    )
    return [Violation(each["rule"], each["impact"], each["help"], tuple(each["elements"])) for each in found]


def files_containing(folder: Path, texts: Iterable[str]) -> dict[str, list[Path]]:
    """Which of the texts stand in which files of a profile, as UTF-8 or as the UTF-16 that V8 writes."""
    needles = {text: (text.encode(), text.encode("utf-16-le")) for text in texts}
    found: dict[str, list[Path]] = {}
    for path in _regular_files(folder):
        content = path.read_bytes()
        for text, forms in needles.items():
            if any(form in content for form in forms):
                found.setdefault(text, []).append(path)
    return found


def _regular_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
