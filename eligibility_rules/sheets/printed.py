"""A pack as one page of HTML that can be printed, read in a meeting and signed.

Answers for a page without anything from elsewhere: no script, no font, no picture; every text escaped; A4 and Letter.
The hash stands at the top and, where the browser can, at the foot of every sheet of paper. The app shows the same page.
"""

from html import escape

from eligibility_rules.model import Pack
from eligibility_rules.sheets.phrases import Language, say
from eligibility_rules.sheets.sheet import Entry, Section, Sheet, Table, sheet
from eligibility_rules.sheets.wording import Clause, sentence

STYLE = """\
body { font: 11pt/1.45 Georgia, 'Times New Roman', serif; color: #000; background: #fff; max-width: 46em;
  margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.7em; margin: 0 0 .4em; }
h2 { font-size: 1.25em; margin: 1.8em 0 .5em; border-bottom: 1px solid #000; break-after: avoid; }
h3 { font-size: 1em; margin: 0 0 .3em; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3em .5em; border: 1px solid #777; overflow-wrap: break-word; }
thead { display: table-header-group; }
tr, article, .signature { break-inside: avoid; }
article { border-top: 1px solid #777; padding: .7em 0; }
dl { display: grid; grid-template-columns: 11em 1fr; gap: .2em 1em; margin: 0; }
dt { font-weight: bold; }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: .1em 0; padding-left: 1.4em; }
.example { border: 3px double #000; padding: .5em 1em; font-weight: bold; }
.signature { display: grid; grid-template-columns: 3fr 1fr; gap: 2em; margin-top: 3.2em; }
.signature span { border-top: 1px solid #000; padding-top: .2em; }
@media (max-width: 34em) { dl { grid-template-columns: 1fr; } }
@media print { body { max-width: none; margin: 0; padding: 0; } }
"""


def render_html(pack: Pack, language: Language) -> str:
    """The whole pack as an HTML document in one language, ending in lines for two signatures."""
    page = sheet(pack, language)
    # The slug, the date and the hash hold no character that could end the CSS string.
    foot = f"{pack.program} {pack.version.isoformat()} {pack.hash}"
    margin = f'@page {{ margin: 18mm 16mm 20mm; @bottom-left {{ content: "{foot}"; font-size: 7pt; }} }}'
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{language}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(page.title)}, {pack.version.isoformat()}</title>",
        f"<style>\n{STYLE}{margin}\n</style>",
        "</head>",
        "<body>",
        f"<h1>{escape(page.title)}</h1>",
        *_about(page),
        *(line for section in page.sections for line in _section(section)),
        *_signatures(page, language),
        "</body>",
        "</html>",
    ]
    return "\n".join(parts) + "\n"


def _about(page: Sheet) -> list[str]:
    lines = ["<dl>", *(f"<dt>{escape(label)}</dt><dd>{escape(words)}</dd>" for label, words in page.about), "</dl>"]
    if not page.official:
        standing = page.about[2][1]
        lines.append(f'<p class="example">{escape(sentence(standing))}</p>')
    return lines


def _section(section: Section) -> list[str]:
    lines = ["<section>", f"<h2>{escape(section.heading)}</h2>"]
    lines += [f"<p>{escape(note)}</p>" for note in section.notes]
    if section.table is not None:
        lines += _table(section.table)
    lines += [line for entry in section.entries for line in _entry(entry)]
    return [*lines, "</section>"]


def _table(table: Table) -> list[str]:
    heads = "".join(f'<th scope="col">{escape(column)}</th>' for column in table.columns)
    rows = ["<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows]
    return ["<table>", f"<thead><tr>{heads}</tr></thead>", "<tbody>", *rows, "</tbody>", "</table>"]


def _entry(entry: Entry) -> list[str]:
    title = [f"<h3>{escape(entry.title)}</h3>"] if entry.title else []
    rows = [f"<dt>{escape(label)}</dt><dd>{_clause(words)}</dd>" for label, words in entry.rows]
    return ["<article>", *title, "<dl>", *rows, "</dl>", "</article>"]


def _clause(part: Clause) -> str:
    said = escape(part.words)
    if not part.parts:
        return said
    return f"{said}<ul>{''.join(f'<li>{_clause(inner)}</li>' for inner in part.parts)}</ul>"


def _signatures(page: Sheet, language: Language) -> list[str]:
    heading = escape(say("signatures", language))
    lines = [
        f'<div class="signature"><span>{escape(who)}</span><span>{escape(page.date_label)}</span></div>'
        for who in page.signatures
    ]
    return ["<section>", f"<h2>{heading}</h2>", f"<p>{escape(page.promise)}</p>", *lines, "</section>"]
