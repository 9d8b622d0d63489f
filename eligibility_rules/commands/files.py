"""Files that people name on the command line, and what to tell them when one cannot be read.

Answers for `Refusal`, the one error that ends a command with a message instead of a trace; for finding packs and the
cases beside them; and for strict JSON. Leaves to `load` what a pack may hold.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eligibility_rules.catalog import CASES_SUFFIX, SHIPPED
from eligibility_rules.errors import PackError
from eligibility_rules.load import load_pack
from eligibility_rules.model import Pack

#: Read at most so much of a file of facts or determinations; one line of these is far below.
MAX_JSON_BYTES = 64 * 1024 * 1024
PACK_NAME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\.yaml")


class Refusal(Exception):
    """The command cannot be carried out; its text says why and what to do next."""


def read_text(path: Path) -> str:
    """The file's text. Raises `Refusal` if there is none that can be read."""
    try:
        if path.stat().st_size > MAX_JSON_BYTES:
            raise Refusal(f"{path}: the file is larger than {MAX_JSON_BYTES // 1024**2} MiB. Split it.")
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise Refusal(_not_there(path)) from error
    except IsADirectoryError as error:
        raise Refusal(f"{path} is a folder. Name one pack's file in it.") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path}: the file is not UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}. Correct the path or its permissions.") from error


def read_pack(path: Path) -> Pack:
    """The pack in the file. Raises `Refusal` with every problem, its line and what to do."""
    try:
        return load_pack(read_text(path), str(path))
    except PackError as error:
        raise Refusal(str(error)) from error


def packs_below(path: Path) -> list[Path]:
    """The file itself, or every pack in the folder and its folders, in order; cases are no packs."""
    if not path.is_dir():
        return [path]
    found = [file for file in sorted(path.rglob("*.yaml")) if not file.name.endswith(CASES_SUFFIX)]
    if not found:
        raise Refusal(f"{path} holds no pack. Packs are named <program>/<version>.yaml; name the folder above them.")
    return found


def cases_of(path: Path) -> Path:
    """Where the pack's own cases lie."""
    return path.with_name(path.name.removesuffix(".yaml") + CASES_SUFFIX)


def siblings_of(path: Path) -> list[Path]:
    """The other packs in the same folder, by name; only these can share a program's days."""
    if not PACK_NAME.fullmatch(path.name):
        return []
    return [other for other in sorted(path.parent.glob("*.yaml")) if PACK_NAME.fullmatch(other.name) and other != path]


def read_json(text: str) -> Any:
    """Strict JSON: no name twice in an object, no NaN. Raises `ValueError` that says what is wrong."""
    try:
        return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg}, line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise ValueError("not JSON that anybody would write (nested too deeply)") from error


def read_facts(name: str) -> dict[str, Any]:
    """The facts in a JSON file, or in what is piped in for `-`. Raises `Refusal`."""
    text = _piped() if name == "-" else read_text(Path(name))
    try:
        facts = read_json(text)
    except ValueError as error:
        raise Refusal(f'{name}: {error}. Write an object of facts, such as {{"adult": true}}.') from error
    if not isinstance(facts, dict):
        raise Refusal(f'{name} holds no object of facts. Write one, such as {{"adult": true}}; null means don\'t know.')
    return facts


def _piped() -> str:
    try:
        return sys.stdin.buffer.read(MAX_JSON_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(f"What is piped in is not UTF-8 (byte {error.start}). Pipe UTF-8.") from error


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no value")


def _not_there(path: Path) -> str:
    near = f" Files there: {', '.join(_names(path.parent))}." if path.parent.is_dir() and _names(path.parent) else ""
    return f"There is no file {path}.{near} Packs lie in {SHIPPED.name}/<program>/<version>.yaml; correct the path."


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yaml"))[:5]
