"""The errors of this room, each saying what happened and what to do next.

RulesError
├── PackError      a pack file cannot be used; carries every problem found, with its line
├── FactError      a fact is not the pack's, or its value is not of the fact's type
└── PathwayError   the program does not offer this pathway
"""

from dataclasses import dataclass


class RulesError(ValueError):
    """Anything that eligibility rules refuse."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a pack: where (line 1 is the first; None if unknown), what, and what to do
    next.
    """

    line: int | None
    what: str
    next_step: str

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.what} {self.next_step}"


class PackError(RulesError):
    """A pack that cannot be used. `problems` are in file order and never empty."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line or 0))
        self.line = self.problems[0].line
        super().__init__("\n".join(f"{name}, {problem}" for problem in self.problems))


class FactError(RulesError):
    """A fact that the pack does not know, or whose value does not fit its type. Never coerced, never
    ignored.
    """

    def __init__(self, fact: str, what: str) -> None:
        self.fact = fact
        super().__init__(f"Fact {fact!r}: {what}")


class PathwayError(RulesError):
    """A pathway that this program does not offer."""

    def __init__(self, pathway: str, offered: list[str]) -> None:
        self.pathway = pathway
        super().__init__(f"This program has no pathway {pathway!r}. Use one of: {', '.join(offered)}.")
