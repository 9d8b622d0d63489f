"""The README's tables that are made from code: rights and settings. `--check` fails when they are not current."""

import re
import sys
from pathlib import Path

from api.auth.permissions import matrix
from api.settings import PREFIX, Settings

README = Path(__file__).resolve().parent.parent / "README.md"


def table(rows: list[list[str]]) -> str:
    """A markdown table; the first row is its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def settings_rows() -> list[list[str]]:
    """Each setting with its default and meaning."""
    rows = [["Variable", "Default", "Meaning"]]
    for name, field in Settings.model_fields.items():
        variable = "PORT" if name == "port" else PREFIX + name.upper()
        default = int(field.default) if isinstance(field.default, bool) else field.default
        shown = f"`{default}`" if str(default) else "–"
        rows.append([f"`{variable}`", shown, field.description or ""])
    return rows


def current(text: str) -> str:
    """The README with its made sections as the code has them now."""
    made = {"settings": settings_rows(), "permissions": matrix()}
    for name, rows in made.items():
        section = re.compile(rf"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)
        text, found = section.subn(lambda part, rows=rows: f"{part[1]}\n{table(rows)}\n\n{part[2]}", text)  # type: ignore[misc]
        if found != 1:
            raise SystemExit(f"README.md has no section for {name}")
    return text


def main() -> int:
    """Write the sections, or with --check say whether they are current."""
    text = README.read_text()
    made = current(text)
    if "--check" in sys.argv[1:]:
        if made != text:
            print("README.md is not current: run `make readme`.", file=sys.stderr)
        return int(made != text)
    README.write_text(made)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
