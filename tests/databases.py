"""Databases with keys of their own, for tests and benchmarks that start no server."""

import tempfile
from functools import cache
from pathlib import Path

from api.at_rest import opened
from api.database import Database
from api.settings import Settings


def opened_at(url: str, folder: Path | None = None) -> Database:
    """A migrated database with its cipher. Its key files are in `folder`, or where no other process looks."""
    return opened(Settings(data_dir=folder or Path(_own_folder().name), database_url=url))


@cache
def _own_folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="handoff-keys-")
