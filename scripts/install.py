"""Installs what a command of the Makefile needs, and only what has changed since the last time.

    python3 -m scripts.install runtime | dev | pwa | build | provider | programs

Standard library only: this runs on a machine with nothing but Python 3.11, Node 20 and make. Each step leaves
a stamp with the hash of what it was made from, because a checkout changes times and not contents. Which index
or proxy pip and npm use is the machine's own configuration; nothing here names one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from scripts.programs import find_chromium, find_postgresql, in_ci, warn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PWA = ROOT / "pwa"
PROVIDER = ROOT / "tests" / "api" / "openid" / "provider"

MINIMUM_PYTHON = (3, 11)
MINIMUM_NODE = 20

#: What a build of the PWA is made from. Tests are left out: changing one must not rebuild.
PWA_SOURCES = ("index.html", "vite.config.ts", "package.json", "package-lock.json", "build", "public", "src")


class CannotInstall(Exception):
    """Something outside the project is missing; the message says what and what to do."""


def runtime() -> None:
    """The virtual environment with what the server needs."""
    _install_lock("requirements.lock", covers=("requirements.lock",))


def dev() -> None:
    """The same with the tools of the tests; the dev lock contains every line of the runtime's."""
    _install_lock("requirements-dev.lock", covers=("requirements.lock", "requirements-dev.lock"))


def pwa() -> None:
    """The PWA's packages, exactly as locked."""
    _install_packages(PWA)


def provider() -> None:
    """The OpenID provider that tests sign in through; apart, so that it weighs on nothing of the PWA's."""
    _install_packages(PROVIDER)


def build() -> None:
    """The built PWA in pwa/dist, when a source of it has changed."""
    pwa()
    stamp = PWA / "node_modules" / ".handoff-build-stamp"
    wanted = _digest(_pwa_sources())
    if _stamped(stamp) == wanted and (PWA / "dist" / "sw.js").exists():
        return
    stamp.unlink(missing_ok=True)
    _run("npm", "run", "--silent", "build", cwd=PWA)
    stamp.write_text(wanted)


def programs() -> None:
    """Chromium and PostgreSQL, for the tests alone: installed where we may, else asked for."""
    wanted: list[tuple[str, str, Callable[[], Path | None]]] = [
        ("Chromium", "chromium", find_chromium),
        ("PostgreSQL", "postgresql", find_postgresql),
    ]
    packages = [package for _, package, find in wanted if find() is None]
    if packages and os.geteuid() == 0 and shutil.which("apt-get") is not None:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        # A failed update or install is not the verdict: the search below is.
        subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL)
    missing = [name for name, _, find in wanted if find() is None]
    if not missing:
        return
    message = f"{' and '.join(missing)} not found: install it (HANDOFF_CHROMIUM names a browser elsewhere)."
    if in_ci():
        raise CannotInstall(message)
    warn(message + " The tests that need it will NOT run.")


def _install_lock(lock: str, covers: Iterable[str]) -> None:
    stamps = {name: VENV / f".handoff-{name}.stamp" for name in covers}
    wanted = {name: _digest([ROOT / name]) for name in covers}
    if PYTHON.exists() and _stamped(stamps[lock]) == wanted[lock]:
        return
    if not PYTHON.exists():
        _create_environment()
    _run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", ROOT / lock)
    for name, stamp in stamps.items():
        stamp.write_text(wanted[name])


def _install_packages(folder: Path) -> None:
    _check_node()
    stamp = folder / "node_modules" / ".handoff-stamp"
    wanted = _digest([folder / "package-lock.json", folder / ".npmrc"])
    if _stamped(stamp) == wanted:
        return
    _run("npm", "ci", cwd=folder)
    stamp.write_text(wanted)


def _create_environment() -> None:
    if sys.version_info < MINIMUM_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        raise CannotInstall(f"Python 3.11 or newer is needed, this is {found}: make PYTHON=python3.12 run")
    try:
        _run(sys.executable, "-m", "venv", VENV)
    except CannotInstall as error:
        shutil.rmtree(VENV, ignore_errors=True)
        hint = "This Python cannot make a virtual environment; on Debian: apt-get install python3-venv"
        raise CannotInstall(hint) from error


def _check_node() -> None:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise CannotInstall(f"Node.js {MINIMUM_NODE} or newer with npm is needed, and none is on PATH.")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    major = re.match(r"v(\d+)", version)
    if major is None or int(major[1]) < MINIMUM_NODE:
        raise CannotInstall(f"Node.js {MINIMUM_NODE} or newer is needed, this is {version}.")


def _pwa_sources() -> list[Path]:
    files: list[Path] = []
    for name in PWA_SOURCES:
        path = PWA / name
        files += sorted(path.rglob("*")) if path.is_dir() else [path]
    return [path for path in files if path.is_file() and ".test." not in path.name]


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _stamped(stamp: Path) -> str | None:
    return stamp.read_text() if stamp.exists() else None


def _run(*command: str | Path, cwd: Path = ROOT) -> None:
    print("+", *(_short(part) for part in command), flush=True)
    code = subprocess.run([str(part) for part in command], cwd=cwd, check=False).returncode
    if code != 0:
        raise CannotInstall(f"{_short(command[0])} ended with code {code}; its own message stands above.")


def _short(part: str | Path) -> str:
    return str(part.relative_to(ROOT)) if isinstance(part, Path) and part.is_relative_to(ROOT) else str(part)


STEPS: dict[str, Callable[[], None]] = {
    "runtime": runtime,
    "dev": dev,
    "pwa": pwa,
    "build": build,
    "provider": provider,
    "programs": programs,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in STEPS]
    if unknown or not names:
        print(f"usage: python3 -m scripts.install {' | '.join(STEPS)}", file=sys.stderr)
        return 2
    try:
        for name in names:
            STEPS[name]()
    except CannotInstall as error:
        print(f"\nCannot install: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
