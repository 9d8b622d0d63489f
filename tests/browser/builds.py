"""Other builds of the app, and the server with one of them in place: another version, a broken one, a control.

Answers for a copy of what the server runs from. `api/static.py` serves the build that lies beside it, so a deployment is
a folder with both; a test gives a running server its `environment` and restarts it on the same data.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts.install import PWA_SOURCES
from tests.browser.live_server import ROOT

PYTHON_FOLDERS = ("sync", "eligibility_rules", "migrations")


@dataclass(frozen=True)
class Deployment:
    """A folder from which the server runs."""

    folder: Path

    @property
    def dist(self) -> Path:
        return self.folder / "pwa" / "dist"

    @property
    def environment(self) -> dict[str, str]:
        """Makes `python -m api.cli` run from here, whatever folder it is started in."""
        return {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(self.folder)}

    def without(self, pattern: str, folder: Path) -> Deployment:
        """The same deployment as it looks when one file did not arrive."""
        broken = Deployment(_server(folder))
        shutil.copytree(self.dist, broken.dist)
        (missing,) = broken.dist.glob(pattern)
        missing.unlink()
        return broken


def deploy(
    folder: Path, *, version: str | None = None, settings: Mapping[str, str] | None = None, before_main: str = ""
) -> Deployment:  # fmt: skip
    """Builds the app from the present sources into a deployment of its own, as a release would be.

    `before_main` runs before anything else of the app does.
    """
    made = Deployment(_server(folder))
    pwa = folder / "pwa"
    pwa.mkdir()
    for name in PWA_SOURCES:
        source = ROOT / "pwa" / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, pwa / name)
    (pwa / "node_modules").symlink_to(ROOT / "pwa" / "node_modules")
    if version is not None:
        package = json.loads((pwa / "package.json").read_text(encoding="utf-8"))
        (pwa / "package.json").write_text(json.dumps({**package, "version": version}), encoding="utf-8")
    main = pwa / "src" / "main.tsx"
    main.write_text(before_main + main.read_text(encoding="utf-8"), encoding="utf-8")
    command = ["npm", "run", "--silent", "build"]
    subprocess.run(command, cwd=pwa, env={**os.environ, **(settings or {})}, check=True, capture_output=True)
    return made


def _server(folder: Path) -> Path:
    folder.mkdir(parents=True)
    # Copied, because `api` looks for the build beside where it really lies.
    shutil.copytree(ROOT / "api", folder / "api")
    for name in PYTHON_FOLDERS:
        (folder / name).symlink_to(ROOT / name)
    return folder
