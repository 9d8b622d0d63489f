"""A pack's own cases: examples that its people have decided by hand, run whenever the pack is checked.

Answers for `<version>.cases.yaml` beside a pack: its shape, its lines, and whether the pack says what each case says.
Leaves to the tests whether the cases are enough.
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from eligibility_rules.conditions import Place
from eligibility_rules.errors import FactError, PackError, PathwayError, Problem
from eligibility_rules.evaluate import Determination, Outcome, evaluate
from eligibility_rules.load import Lines, read_yaml
from eligibility_rules.model import Pack
from eligibility_rules.vocabulary import Frozen, Line

Facts = dict[str, Any]


class Case(Frozen):
    """One example: the base facts of its pathway with `change` applied and `unasked` left out.

    Either `outcome`, with every rule that is not yes, or `refused`: the fact (or `pathway`) that cannot be judged.
    """

    name: Line
    pathway: str
    change: Facts = Field(default_factory=dict)
    unasked: tuple[str, ...] = ()
    outcome: Outcome | None = None
    not_yes: dict[str, Literal["no", "unknown"]] = Field(default_factory=dict)
    ask: tuple[str, ...] | None = None
    confirm: tuple[str, ...] | None = None
    refused: str | None = None


class CaseFile(Frozen):
    """`base` holds everything by pathway; `never_alone` names rules that cannot fail alone."""

    base: dict[str, Facts]
    never_alone: tuple[str, ...] = ()
    cases: Annotated[tuple[Case, ...], Field(min_length=1)]


def load_cases(text: str, name: str) -> tuple[CaseFile, Lines]:
    """The cases written in `text`, and their lines. Raises `PackError` with every problem of their shape."""
    data, lines = read_yaml(text, name)
    try:
        return CaseFile.model_validate_json(json.dumps(data)), lines
    except ValidationError as error:
        problems = [
            Problem(nearest_line(tuple(each["loc"]), lines), f"{_where(each['loc'])}: {each['msg']}.", "Correct it.")
            for each in error.errors()
        ]
        raise PackError(name, problems) from error


def facts_of_case(file: CaseFile, case: Case) -> Facts:
    """The facts that the case is about."""
    facts = {**file.base.get(case.pathway, {}), **case.change}
    return {name: value for name, value in facts.items() if name not in case.unasked}


def run_cases(pack: Pack, file: CaseFile, lines: Lines) -> list[Problem]:
    """What the pack says otherwise than its cases, with the line of the case; empty if they agree."""
    problems = list(_names(file, lines))
    for pathway, facts in file.base.items():
        said = _said(pack, pathway, facts)
        if isinstance(said, str) or said.outcome != "eligible":
            what = f"The base of {pathway!r} {said if isinstance(said, str) else f'is {said.outcome}'}."
            line = nearest_line(("base", pathway), lines)
            problems.append(Problem(line, what, "Write facts with which everybody would be eligible."))
    for number, case in enumerate(file.cases):
        for what in _disagreements(pack, case, facts_of_case(file, case)):
            line = nearest_line(("cases", number), lines)
            problems.append(Problem(line, f"Case {case.name!r}: {what}.", "Correct the pack or the case."))
    return problems


def nearest_line(place: Place, lines: Lines) -> int | None:
    """The line of the nearest thing that encloses `place` and is in the file."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place)


def _names(file: CaseFile, lines: Lines) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, case in enumerate(file.cases):
        line = nearest_line(("cases", number, "name"), lines)
        if case.name in seen:
            yield Problem(line, f"Case {case.name!r} is there twice.", "Give each its own name.")
        if (case.outcome is None) == (case.refused is None):
            yield Problem(line, f"Case {case.name!r} has no outcome, or two.", "Give it either outcome or refused.")
        seen.add(case.name)


def _said(pack: Pack, pathway: str, facts: Facts) -> Determination | str:
    """What the pack determines, or the words for what it refuses."""
    try:
        return evaluate(pack, pathway, facts)
    except FactError as error:
        return f"is refused for {error.fact!r}"
    except PathwayError:
        return "is refused for 'pathway'"


def _disagreements(pack: Pack, case: Case, facts: Facts) -> Iterator[str]:
    said = _said(pack, case.pathway, facts)
    if isinstance(said, str) or case.refused is not None:
        wanted = f"is refused for {case.refused!r}" if case.refused is not None else f"is {case.outcome}"
        heard = said if isinstance(said, str) else f"is {said.outcome}"
        if wanted != heard:
            yield f"it {heard}, and the case says that it {wanted}"
        return
    if said.outcome != case.outcome:
        yield f"the outcome is {said.outcome}, and the case says {case.outcome}"
    not_yes = {reason.rule: reason.answer for reason in said.reasons if reason.answer != "yes"}
    for rule in sorted({*not_yes, *case.not_yes}):
        heard, wanted = not_yes.get(rule, "yes"), case.not_yes.get(rule, "yes")
        if heard != wanted:
            yield f"rule {rule!r} is {heard}, and the case says {wanted}"
    for key, asked in (("ask", case.ask), ("confirm", case.confirm)):
        heard_names = said.ask if key == "ask" else said.confirm
        if asked is not None and asked != heard_names:
            yield f"{key} is {list(heard_names)}, and the case says {list(asked)}"


def _where(location: tuple[int | str, ...]) -> str:
    return ".".join(str(step) for step in location) or "the file"
