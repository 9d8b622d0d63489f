"""Finds the two programs that the tests need and Python cannot install: Chromium and PostgreSQL.

Standard library only, since the installer runs it before any dependency is there. Whether a missing program
is an error or only a loud message is the caller's choice: it is an error in CI (`in_ci`).
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
POSTGRESQL_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


def in_ci(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a missing part has to fail the run."""
    return environment.get("CI", "").lower() not in ("", "0", "false")


def find_chromium(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The browser named by HANDOFF_CHROMIUM, else the first known name on PATH."""
    named = environment.get("HANDOFF_CHROMIUM")
    if named:
        return Path(named) if os.access(named, os.X_OK) else None
    for name in CHROMIUM_NAMES:
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    return None


def find_postgresql() -> Path | None:
    """The folder that holds `initdb` and `postgres`, the newest version first when PATH has none."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path is not None else []
    for pattern in POSTGRESQL_FOLDERS:
        folders += [Path(folder) for folder in sorted(glob.glob(pattern), key=_version, reverse=True)]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


def _version(folder: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", folder))


def warn(message: str) -> None:
    """A message that nobody scrolls past."""
    bar = "!" * 100
    print(f"\n{bar}\n!!  {message}\n{bar}\n", file=sys.stderr, flush=True)
