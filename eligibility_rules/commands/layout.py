"""Lines for a terminal, a file or a pipe: wrapped words, labels in a column, no colours.

Answers for width and indentation only.
"""

import shutil
from collections.abc import Iterable, Sequence
from textwrap import wrap

from eligibility_rules.sheets.wording import Clause, indented

WIDEST = 110
NARROWEST = 40
NARROWEST_COLUMN = 12
#: A column of labels takes at most so much.
LABEL_WIDTH = 26


def width_of_terminal() -> int:
    """The terminal's width within what reads well; 100 where there is no terminal."""
    return min(max(shutil.get_terminal_size((100, 24)).columns, NARROWEST), WIDEST)


def heading(words: str) -> list[str]:
    return ["", words.upper(), ""]


def paragraph(words: str, width: int, indent: int = 0) -> list[str]:
    """Wrapped words; long ones, such as a hash, stay whole."""
    room = max(width - indent, NARROWEST // 2)
    lines = wrap(words, room, break_long_words=False, break_on_hyphens=False)
    return [" " * indent + line for line in lines] or [""]


def labelled(rows: Sequence[tuple[str, Clause]], width: int, indent: int = 2) -> list[str]:
    """Labels in a column, what they say beside them; the parts of a condition as a list of dashes."""
    column = min(max((len(label) for label, _ in rows), default=0), LABEL_WIDTH)
    lines: list[str] = []
    for label, part in rows:
        beside = _said(part, width - indent - column - 2)
        names = wrap(label, column) or [""]
        for number in range(max(len(names), len(beside))):
            name = names[number] if number < len(names) else ""
            words = beside[number] if number < len(beside) else ""
            lines.append((" " * indent + name.ljust(column) + "  " + words).rstrip())
    return lines


def indent_parts(parts: Iterable[Clause], width: int) -> list[str]:
    """Each part as an item of a list, with its own parts below it."""
    return [line for part in parts for line in _said(Clause("", (part,)), width)]


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Columns as wide as they need, the widest giving way first; cells wrap.

    Where there is no room for columns, each row becomes labels with what they say.
    """
    if width < NARROWEST_COLUMN * len(columns) + 2 * (len(columns) - 1):
        return _rows_as_lists(columns, rows, width)
    grid = [columns, *rows]
    widths = [max(len(line[number]) for line in grid) for number in range(len(columns))]
    while sum(widths) + 2 * (len(widths) - 1) > width:
        widths[widths.index(max(widths))] -= 1
    lines = _row(grid[0], widths)
    lines.append("  ".join("-" * size for size in widths))
    for row in grid[1:]:
        lines += _row(row, widths)
    return lines


def _rows_as_lists(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    lines: list[str] = []
    for row in rows:
        said = [(label, Clause(cell)) for label, cell in zip(columns, row, strict=True) if cell]
        lines += [*([""] if lines else []), *labelled(said, width)]
    return lines


def _said(part: Clause, width: int) -> list[str]:
    lines: list[str] = []
    for depth, words in indented(part):
        mark = "  " * (depth - 1) + "- " if depth else ""
        room = max(width - len(mark), NARROWEST // 2)
        for number, line in enumerate(wrap(words, room, break_long_words=False, break_on_hyphens=False)):
            lines.append((mark if number == 0 else " " * len(mark)) + line)
    return lines


def _row(cells: Iterable[str], widths: Sequence[int]) -> list[str]:
    wrapped = [wrap(cell, size, break_on_hyphens=False) or [""] for cell, size in zip(cells, widths, strict=True)]
    height = max(len(cell) for cell in wrapped)
    lines = []
    for number in range(height):
        parts = [cell[number] if number < len(cell) else "" for cell in wrapped]
        lines.append("  ".join(part.ljust(size) for part, size in zip(parts, widths, strict=True)).rstrip())
    return lines
