"""Reading a rule pack from YAML, strictly.

Answers for a small, unsurprising part of YAML: mappings, lists, text, whole numbers, true, false, null, and
dates kept as text. Refuses what surprises people or exhausts machines: duplicate keys, anchors and aliases,
tags, floats, words such as `yes` without quotes, deep nesting, large files. Leaves to `model` the shape and
to `check` whether it all fits.
"""

import json
import re
from typing import Any

import yaml
from pydantic import ValidationError

from eligibility_rules.check import find_misfits
from eligibility_rules.conditions import Place
from eligibility_rules.errors import PackError, Problem
from eligibility_rules.letters import find_stray
from eligibility_rules.model import MAX_WHOLE_NUMBER, Pack

MAX_PACK_BYTES = 128 * 1024
MAX_DEPTH = 16

WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,15})")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LIKE_A_NUMBER = re.compile(r"[-+.]*[0-9][0-9A-Za-z_.,:+-]*|[-+]?\.(inf|nan)", re.IGNORECASE)
AMBIGUOUS_WORD = re.compile(r"yes|no|on|off|y|n|true|false|null|~|", re.IGNORECASE)
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}

#: What to do about a shape that `model` refuses, by Pydantic's name for the error.
NEXT_STEPS = {
    "extra_forbidden": ("is not a key of a pack.", "Remove it, or correct its spelling."),
    "missing": ("is missing.", "Add it."),
    "too_short": ("is empty.", "Give it at least one entry."),
    "condition": ("is not a condition.", "Write [fact, operator, value], or all, any, not or first_known."),
    "value": ("is not a value.", "Write a plain value, a list of codes, or as {years: 1, before: incident_date}."),
}

Lines = dict[Place, int]


def load_pack(text: str, name: str) -> Pack:
    """The pack written in `text`; `name` is the file's, for messages.

    Raises `PackError` with every problem found, its line where known, and what to do next. Never half a pack.
    """
    data, lines = read_yaml(text, name)
    try:
        # By way of JSON: there, strict types take lists for tuples and text for dates, and nothing else.
        pack = Pack.model_validate_json(json.dumps(data))
    except ValidationError as error:
        problems = [_describe(dict(each), data, lines) for each in error.errors()]
        raise PackError(name, [problem for problem in problems if problem is not None]) from error
    misfits = [Problem(_line_of(place, lines), what, step) for place, what, step in find_misfits(pack)]
    if misfits:
        raise PackError(name, misfits)
    return pack


class _Reader:
    """Builds plain values from YAML events, and remembers the line on which each began."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Any = None
        self.lines: Lines = {}
        self._open: list[tuple[Any, Place]] = []
        self._key: list[str | None] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        mark = event.start_mark
        line = mark.line + 1 if mark is not None else 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._refuse(line, "A second document begins.", "Keep one pack in one file.")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._refuse(line, "Anchors and aliases (& and *) are not allowed.", "Write the text out.")
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise self._refuse(line, f"The tag {tag} is not allowed.", "Remove it.")
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin({}, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin([], line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._key.pop()

    def _begin(self, container: Any, line: int) -> None:
        place = self._place(container, line)
        self._open.append((container, place))
        self._key.append(None)
        if len(self._open) > MAX_DEPTH:
            raise self._refuse(line, f"Nested deeper than {MAX_DEPTH}.", "Make it several rules.")

    def _scalar(self, event: yaml.ScalarEvent, line: int) -> None:
        if self._open and isinstance(self._open[-1][0], dict) and self._key[-1] is None:
            container, place = self._open[-1]
            if event.value in container:
                first = self.lines[(*place, event.value)]
                raise self._refuse(line, f"Key {event.value!r} is also on line {first}.", "Keep one of them.")
            self._key[-1] = event.value
            self.lines[(*place, event.value)] = line
            return
        self._place(self._value(event, line), line)

    def _place(self, value: Any, line: int) -> Place:
        """Put a value where it belongs and return the way to it."""
        if not self._open:
            self.root = value
            self.lines[()] = line
            return ()
        container, place = self._open[-1]
        if isinstance(container, list):
            container.append(value)
            place = (*place, len(container) - 1)
        else:
            key = self._key[-1]
            if key is None:
                raise self._refuse(line, "A key must be a single word.", "Write key: value.")
            container[key] = value
            self._key[-1] = None
            place = (*place, key)
        # What belongs to a key is found at the key, not where a block below it begins.
        self.lines.setdefault(place, line)
        return place

    def _value(self, event: yaml.ScalarEvent, line: int) -> Any:
        text: str = event.value
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise self._refuse(line, "The text holds a lone surrogate.", "Write the character.")
        if event.style is not None:  # quoted or block text
            return text
        if text in WORDS:
            return WORDS[text]
        if AMBIGUOUS_WORD.fullmatch(text):
            step = "Write true, false or null, or quote it."
            raise self._refuse(line, f"{text or 'An empty value'} can be misread.", step)
        if WHOLE_NUMBER.fullmatch(text) and abs(int(text)) <= MAX_WHOLE_NUMBER:
            return int(text)
        if LIKE_A_NUMBER.fullmatch(text) and not DATE.fullmatch(text):
            step = "Use a whole number in a small unit (mg, cents), at most 2^53 - 1, or quote it."
            raise self._refuse(line, f"{text[:40]} is neither a whole number nor a date.", step)
        return text

    def _refuse(self, line: int, what: str, step: str) -> PackError:
        return PackError(self.name, [Problem(line, what, step)])


def read_yaml(text: str, name: str) -> tuple[Any, Lines]:
    """The plain values that the text holds, and the line on which each began.

    Raises `PackError` at the first thing that this part of YAML does not know.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_PACK_BYTES:
        what = f"The file is larger than {MAX_PACK_BYTES} bytes."
        raise PackError(name, [Problem(None, what, "Keep one program's rules in it, and shorter texts.")])
    for number, line_text in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        stray = find_stray(line_text.rstrip("\r").replace("\t", " "))
        if stray is not None:
            strange = f"The line holds {stray}, which English and Spanish do not use."
            raise PackError(name, [Problem(number, strange, "Type it anew, with plain letters.")])
    reader = _Reader(name)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reader.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or getattr(error, "reason", None) or "unreadable"
        line = mark.line + 1 if mark is not None else None
        problem = Problem(line, f"Not YAML: {what}.", "Correct the line or its indentation.")
        raise PackError(name, [problem]) from error
    return reader.root, reader.lines


def _describe(error: dict[str, Any], data: Any, lines: Lines) -> Problem | None:
    """A Pydantic error in words, or None where it only repeats another.

    Its location also names branches of unions, which are not in the file: those are skipped.
    """
    place: Place = ()
    here = data
    for step in error["loc"]:
        if (isinstance(here, dict) and step in here) or (isinstance(here, list) and step in range(len(here))):
            here, place = here[step], (*place, step)
    least = error.get("ctx", {}).get("min_length", 0)
    if error["type"] == "too_short" and isinstance(here, list) and len(here) >= least:
        return None  # Entries were refused one by one; Pydantic then finds too few left.
    tells_key = error["type"] in ("missing", "extra_forbidden")
    named = error["loc"][-1] if tells_key else place[-1] if place else "the file"
    if named == "es" and error["type"] == "missing":
        what, next_step = "(the Spanish text) is missing.", "Add it; every sentence is shown in both languages."
    elif error["type"] == "too_short" and here:
        what, next_step = f"has fewer than {least} entries.", "Add another, or write the one alone."
    elif error["type"] in NEXT_STEPS:
        what, next_step = NEXT_STEPS[error["type"]]
    else:
        what, next_step = f"is not right: {error['msg'].removeprefix('Value error, ')}.", "Correct it."
    inside = place if error["type"] == "missing" else place[:-1]
    where = ".".join(str(step) for step in inside) or "the pack"
    subject = f"Entry {named + 1}" if isinstance(named, int) else repr(named)
    return Problem(_line_of(place, lines), f"{subject} in {where} {what}", next_step)


def _line_of(place: Place, lines: Lines) -> int | None:
    """The line of the nearest thing that encloses `place` and is in the file."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place)
