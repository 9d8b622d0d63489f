"""The repository keeps its own promises: walls between packages, locks without hosts, one way to build."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = ("requirements.lock", "requirements-dev.lock")
NPM_FOLDERS = ("pwa", "tests/api/openid/provider")
PIN = re.compile(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==(\S+)", re.MULTILINE | re.IGNORECASE)

#: From the top of the phone's code to its ground: a room may use those after it. Rooms of one floor stand alone.
PWA_FLOORS = (("main",), ("screens",), ("state",), ("transport",), ("storage",), ("domain", "rules"))
WORKER_MAY_USE = {"service-worker", "transport", "storage", "domain"}
RESCUE_MAY_USE = {"storage"}
"""The page that works when the app does not must hang on as little of it as can be."""


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _project_files() -> list[Path]:
    """Everything that is tracked or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


# --- locks ---


@pytest.mark.parametrize("name", PYTHON_LOCKS)
def test_no_python_lock_names_a_host(name: str) -> None:
    found = re.search(r"\w+://|^--|\bgit\+|\bfile:| @ ", _read(name), re.MULTILINE)
    assert found is None, f"{name} names where a package comes from: {found!r}"


@pytest.mark.parametrize("folder", NPM_FOLDERS)
def test_no_npm_lock_names_a_host(folder: str) -> None:
    packages = json.loads(_read(f"{folder}/package-lock.json"))["packages"]
    for name, entry in packages.items():
        entry.pop("funding", None)  # Where its authors take donations, not where it comes from.
        assert "resolved" not in entry, name
        assert "://" not in json.dumps(entry), name
    assert "omit-lockfile-registry-resolved=true" in _read(f"{folder}/.npmrc")


@pytest.mark.parametrize("lock", PYTHON_LOCKS)
def test_every_python_package_is_pinned_by_hash(lock: str) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", _read(lock), flags=re.IGNORECASE)
    assert len(entries) > 20
    for entry in entries:
        name = entry.split("\n")[0]
        assert PIN.match(entry), name
        assert "--hash=sha256:" in entry, name


@pytest.mark.parametrize("folder", NPM_FOLDERS)
def test_every_npm_package_is_pinned_by_hash(folder: str) -> None:
    packages = json.loads(_read(f"{folder}/package-lock.json"))["packages"]
    del packages[""]
    assert packages
    assert [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []


def test_the_dev_lock_contains_the_runtime_lock() -> None:
    """`make test` installs the dev lock alone and takes the runtime's for done."""
    runtime, dev = (dict(PIN.findall(_read(name))) for name in PYTHON_LOCKS)
    assert {name: dev.get(name) for name in runtime} == runtime


# --- text ---


def test_no_file_contains_the_path_of_somebodys_home() -> None:
    home = re.compile(rb"(?<![\w./}-])/(?:home|Users)/[\w.-]+/|(?<![\w./}-])/roo[t]/")
    found = [path.relative_to(ROOT) for path in _project_files() if home.search(path.read_bytes())]
    assert found == []


def test_commands_in_the_readme_exist() -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", "\n".join(re.findall(r"`[^`]+`", _read("README.md")))))
    named |= set(re.findall(r"^\s*(?:\$ )?make ([a-z][a-z-]*)", _read("README.md"), re.MULTILINE))
    targets = set(re.findall(r"^([a-z][a-z-]*):(?!=)", _read("Makefile"), re.MULTILINE))
    assert {"run", "test"} <= named <= targets


def test_scripts_that_make_calls_exist() -> None:
    scripts = json.loads(_read("pwa/package.json"))["scripts"]
    called = set(re.findall(r"\$\(NPM\) ([a-z-]+)", _read("Makefile")))
    assert called
    assert called <= set(scripts)


# --- walls ---


def test_python_imports_keep_the_walls() -> None:
    checker = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([str(checker)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def _pwa_imports() -> Iterator[tuple[Path, str, str]]:
    """(file, its room, the room it imports from) for every import between rooms of the PWA."""
    source = ROOT / "pwa" / "src"
    statement = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]""")
    for path in sorted(source.rglob("*.ts*")):
        for target in statement.findall(path.read_text(encoding="utf-8")):
            resolved = (path.parent / target).resolve()
            if resolved.is_relative_to(source):
                yield path, _room(path.relative_to(source)), _room(resolved.relative_to(source))


def _room(path: Path) -> str:
    return path.parts[0].split(".")[0]


def test_pwa_imports_keep_the_floors() -> None:
    floors = {room: floor for floor, rooms in enumerate(PWA_FLOORS) for room in rooms}
    imports = list(_pwa_imports())
    assert imports
    for path, room, used in imports:
        if room == used:
            continue
        where = f"{path.relative_to(ROOT)} uses {used}"
        if room == "service-worker":
            assert used in WORKER_MAY_USE, where
        elif room == "rescue":
            assert used in RESCUE_MAY_USE, where
        else:
            assert {room, used} <= set(floors), f"{where}: a room without a floor"
            assert floors[room] < floors[used], where


# --- container ---


@dataclass(frozen=True)
class _Stage:
    name: str
    base: str
    steps: tuple[tuple[str, str], ...]

    def all(self, instruction: str) -> list[str]:
        return [text for name, text in self.steps if name == instruction]


def _stages() -> list[_Stage]:
    text = re.sub(r"^#.*\n", "", _read("Dockerfile"), flags=re.MULTILINE).replace("\\\n", " ")
    stages: list[_Stage] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        instruction, _, rest = line.partition(" ")
        if instruction == "FROM":
            base, _, name = rest.partition(" AS ")
            stages.append(_Stage(name, base, ()))
        else:
            last = stages[-1]
            stages[-1] = _Stage(last.name, last.base, (*last.steps, (instruction, rest.strip())))
    return stages


def test_the_container_has_three_stages_and_only_the_last_is_shipped() -> None:
    stages = _stages()
    assert [stage.name for stage in stages] == ["pwa", "dependencies", "runtime"]
    assert stages[0].base.startswith("node:20")
    assert stages[1].base == stages[2].base, "the environment must run on the Python that made it"
    for stage in stages:
        assert not re.search(r":latest|^[^:]+$|\.[a-z]+/", stage.base), "pinned, and from no named host"


def test_the_container_uses_the_same_locks_and_scripts_as_make() -> None:
    pwa, dependencies, _ = _stages()
    commands = [part.strip() for text in pwa.all("RUN") for part in text.split("&&")]
    assert commands == ["npm ci", "npm run build", "npm run budget"]
    assert '"npm", "ci"' in _read("scripts/install.py")
    assert set(re.findall(r"npm run ([a-z-]+)", " ".join(commands))) <= set(
        json.loads(_read("pwa/package.json"))["scripts"]
    )
    install = " ".join(dependencies.all("RUN"))
    assert "--require-hashes" in install
    assert "--requirement requirements.lock" in install
    assert '"--require-hashes"' in _read("scripts/install.py")


def test_the_container_runs_as_nobody_special_and_reports_its_health() -> None:
    *_, runtime = _stages()
    assert runtime.all("USER") == ["handoff"]
    assert [name for name, _ in runtime.steps].index("USER") < [name for name, _ in runtime.steps].index("CMD")
    [check] = runtime.all("HEALTHCHECK")
    assert "/healthz" in check
    program = json.loads(check[check.index("[") :])
    compile(program[2], "HEALTHCHECK", "exec")
    assert json.loads(runtime.all("CMD")[0]) == ["python", "-m", "api.cli", "serve"]


def test_the_container_copies_what_is_there_and_all_that_runs() -> None:
    names = {stage.name for stage in _stages()}
    ignored = _read(".dockerignore")
    copied: set[str] = set()
    for stage in _stages():
        for text in stage.all("COPY"):
            *sources, _ = shlex.split(text)
            if sources[0].startswith("--from="):
                assert sources[0].removeprefix("--from=") in names
                continue
            for source in sources:
                assert (ROOT / source).exists(), source
                assert f"!{source.split('/')[0]}\n" in ignored, f".dockerignore keeps {source} out"
            copied |= {source.rstrip("/") for source in sources}
    assert {"eligibility_rules", "sync", "api", "migrations", "pwa", "requirements.lock"} <= copied


def test_the_evidence_that_the_security_pages_name_is_there() -> None:
    files = {path.name for path in (ROOT / "tests").rglob("test_*.py")} | {"locked_profile.py"}
    for page in ("SECURITY.md", "docs/asvs.md"):
        text = _read(page)
        assert set(re.findall(r"\w+\.py\b", text)) - {"fields.py"} <= files, page
        assert all((ROOT / folder).is_dir() for folder in re.findall(r"`(tests/[\w/]+/)`", text)), page
