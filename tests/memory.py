"""Where tests keep what need not outlive them: in memory, if the system offers a folder of it that is large enough.

A server that is killed loses no less there than on a disk, only a power cut would; what asks of the disk itself (`tests.bench`,
`python -m tests.torture`) stays on one. On a slow disk the tests take twice as long.
"""

from __future__ import annotations

import shutil
from pathlib import Path

FOLDER = Path("/dev/shm")
AT_LEAST_BYTES = 6 * 1024**3
"""Containers often have 64 MiB there, which would not do."""


def memory_folder() -> Path | None:
    """The folder; None where there is none, or a small one."""
    if FOLDER.is_dir() and shutil.disk_usage(FOLDER).free >= AT_LEAST_BYTES:
        return FOLDER
    return None
