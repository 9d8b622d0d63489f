"""`explain`: what a pack says of given facts, rule by rule, and what remains to be asked.

Answers for the terminal's layout. Leaves the determination to `evaluate`.
"""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from eligibility_rules.commands.files import Refusal, read_facts, read_pack
from eligibility_rules.commands.layout import heading, labelled, paragraph, width_of_terminal
from eligibility_rules.errors import RulesError
from eligibility_rules.evaluate import Determination, Reason, evaluate
from eligibility_rules.model import Pack
from eligibility_rules.sheets.phrases import LANGUAGES, Language, say
from eligibility_rules.sheets.sheet import ASKED, Rows, tier_in_words
from eligibility_rules.sheets.wording import Clause, fact_in_words, known, sentence, text, value_in_words

HELP = "say what a pack makes of given facts, and why"
DESCRIPTION = """\
Says the outcome for the facts given, then each rule with yes, no or unknown, the facts it reads and its source, and at
last what remains to be asked, and of whom. Facts are a JSON object; null means don't know, a fact left out has not been
asked. With - they are read from what is piped in."""
EXAMPLE = """\
examples:
  python -m eligibility_rules explain PACK --pathway social_contact --facts facts.json
  echo '{"adult": true}' | python -m eligibility_rules explain PACK --pathway social_contact --facts -"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the pack")
    parser.add_argument("--pathway", required=True, metavar="P", help="arrest_diversion, social_contact or community")
    parser.add_argument("--facts", required=True, metavar="FACTS", help="a file with a JSON object, or -")
    parser.add_argument("--language", choices=LANGUAGES, default="en", help="English (en) or Spanish (es)")


def run(arguments: argparse.Namespace, out: TextIO) -> int:
    pack = read_pack(arguments.file)
    facts = read_facts(arguments.facts)
    try:
        said = evaluate(pack, arguments.pathway, facts)
    except RulesError as error:
        raise Refusal(f"{error} `show {arguments.file}` lists what this pack knows.") from error
    print(*explain(pack, arguments.pathway, facts, said, arguments.language, width_of_terminal()), sep="\n", file=out)
    return 0


def explain(
    pack: Pack, pathway: str, facts: Mapping[str, object], said: Determination, language: Language, width: int
) -> list[str]:
    """The determination in lines."""
    about = (
        (say("pack", language), Clause(f"{pack.program} {pack.version}, {pack.hash}")),
        (say("pathway", language), Clause(say(pathway, language))),
        (say("outcome", language), Clause(sentence(say(said.outcome, language)))),
    )
    lines = [*labelled(about, width, indent=0), *heading(say("reasons", language))]
    if not said.reasons:
        lines.append(say("no_rule", language))
    for number, reason in enumerate(said.reasons):
        lines += [""] if number else []
        lines += _reason(pack, facts, reason, language, width)
    return [*lines, *heading(say("still_to_ask", language)), *_remaining(pack, said, language, width)]


def _reason(pack: Pack, facts: Mapping[str, object], reason: Reason, language: Language, width: int) -> list[str]:
    rule = next(rule for rule in pack.rules if rule.id == reason.rule)
    answer = say(f"answer_{reason.answer}", language).upper()
    rows: Rows = ()
    if reason.answer != "yes":
        sentence_of = rule.why if reason.answer == "no" else rule.confirm
        rows = (
            ("", Clause(text(sentence_of, language))),
            (say("tier", language), Clause(tier_in_words(rule, language))),
        )
    read = tuple(Clause(_known(pack, facts, name, language)) for name in reason.facts)
    rows = (*rows, *((say("known", language) if n == 0 else "", each) for n, each in enumerate(read)))
    return [
        *paragraph(f"{answer}  {rule.id}", width),
        *labelled((*rows, (say("source", language), Clause(rule.cite))), width),
    ]


def _known(pack: Pack, facts: Mapping[str, object], name: str, language: Language) -> str:
    fact = pack.facts_by_id[name]
    answer = value_in_words(pack, fact, facts[name], language) if name in facts else say("not_asked", language)
    return known(fact, answer, language)


def _remaining(pack: Pack, said: Determination, language: Language, width: int) -> list[str]:
    """Questions for the officer now, in order; then what others, or the record, have to say."""
    groups = [(say("ask_now", language), said.ask)]
    for asked_of in ASKED:
        names = tuple(name for name in said.confirm if pack.facts_by_id[name].asked_of == asked_of)
        groups.append((say(f"open_{asked_of}", language), names))
    lines: list[str] = []
    for title, names in groups:
        if names:
            questions = [Clause(fact_in_words(pack.facts_by_id[name], language)) for name in names]
            lines += [f"{title}:"]
            lines += labelled([(f"{number}.", words) for number, words in enumerate(questions, 1)], width)
    return lines or [say("nothing_to_ask", language)]
