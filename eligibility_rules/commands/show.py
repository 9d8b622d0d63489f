"""`show`: a pack as people read it, in the terminal or as a page to print and sign.

Answers for the terminal's layout. Leaves the content to `sheet` and the page to `printed`.
"""

import argparse
from pathlib import Path
from typing import TextIO

from eligibility_rules.commands.files import read_pack
from eligibility_rules.commands.layout import heading, labelled, paragraph, table, width_of_terminal
from eligibility_rules.model import Pack
from eligibility_rules.sheets.phrases import LANGUAGES, Language
from eligibility_rules.sheets.printed import render_html
from eligibility_rules.sheets.sheet import Section, sheet
from eligibility_rules.sheets.wording import Clause

HELP = "show a pack in sentences, in the terminal or as a page to sign"
DESCRIPTION = """\
Shows everything a pack says, in sentences that can be read aloud: who may refer, charges, each rule with what happens
if it does not hold and where it comes from, questions by who is asked, and how the program works. With --html it
prints one self-contained page, with the pack's hash and lines for the program manager's and the district attorney's
signatures."""
EXAMPLE = """\
examples:
  python -m eligibility_rules show eligibility_rules/packs/denver/2025-01-01.yaml
  python -m eligibility_rules show --language es --html FILE > reglas.html"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the pack")
    parser.add_argument("--html", action="store_true", help="a page to print, instead of text")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="English (en) or Spanish (es)")


def run(arguments: argparse.Namespace, out: TextIO) -> int:
    pack = read_pack(arguments.file)
    if arguments.html:
        out.write(render_html(pack, arguments.language))
    else:
        out.write(render_text(pack, arguments.language, width_of_terminal()))
    return 0


def render_text(pack: Pack, language: Language, width: int) -> str:
    """The whole pack as lines of at most `width` characters, save where one word is longer."""
    page = sheet(pack, language)
    lines = [page.title, "=" * len(page.title), ""]
    lines += labelled([(label, Clause(words)) for label, words in page.about], width, indent=0)
    for section in page.sections:
        lines += heading(section.heading)
        lines += _section(section, width)
    return "\n".join(lines) + "\n"


def _section(section: Section, width: int) -> list[str]:
    lines = [line for note in section.notes for line in paragraph(note, width)]
    if section.table is not None:
        lines += [""] if lines else []
        lines += table(section.table.columns, section.table.rows, width)
    for number, entry in enumerate(section.entries):
        lines += [""] if number else []
        lines += paragraph(entry.title, width) if entry.title else []
        lines += labelled(entry.rows, width)
    return lines
