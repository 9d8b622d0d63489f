"""The command line as a program: help that teaches, messages instead of traces, UTF-8 whatever the locale."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eligibility_rules.__main__ import COMMANDS, main
from eligibility_rules.catalog import SHIPPED
from tests.eligibility_rules.small_packs import SMALL, write

DENVER = SHIPPED / "denver" / "2025-01-01.yaml"


def spawn(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(SHIPPED.parent.parent),
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
    }
    command = [sys.executable, "-m", "eligibility_rules", *words]
    return subprocess.run(command, input=stdin, capture_output=True, env=environment, timeout=120, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert f"python -m eligibility_rules {command}" in said.rsplit("example", 1)[1]


def test_no_command_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["shown"], ["show"], ["explain", "x.yaml"]):
        with pytest.raises(SystemExit) as stopped:
            main(words)
        assert stopped.value.code == 2
        assert "usage: python -m eligibility_rules" in capsys.readouterr().err


def test_a_page_is_utf_8_whatever_the_locale() -> None:
    done = spawn("show", "--html", "--language", "es", str(DENVER))
    assert (done.returncode, done.stderr) == (0, b"")
    assert "¿Qué cargos hay en este arresto?" in done.stdout.decode("utf-8")


def test_a_reader_who_has_seen_enough_meets_no_trace() -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SHIPPED.parent.parent)}
    command = [sys.executable, "-m", "eligibility_rules", "show", "--html", str(DENVER)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert b"Traceback" not in running.stderr.read()


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"- 1\n- 2\n", b"a: &x b\n", b"program: 7\n", b"\xff\xfe", b"[" * 40, b"text"]
)
def test_a_file_that_is_no_pack_is_refused_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    path = tmp_path / "draft.yaml"
    path.write_bytes(content)
    good = write(tmp_path, "good.yaml", SMALL)
    facts = write(tmp_path, "facts.json", "{}")
    assert main(["show", str(path)]) == 2
    assert main(["diff", str(good), str(path)]) == 2
    assert main(["try", str(path), str(facts)]) == 2
    assert main(["explain", str(path), "--pathway", "community", "--facts", str(facts)]) == 2
    assert main(["check", str(path)]) in (1, 2)
    said = capsys.readouterr()
    assert said.err.count("draft.yaml") >= 4


def test_what_is_piped_in_must_be_utf_8() -> None:
    done = spawn("explain", str(DENVER), "--pathway", "social_contact", "--facts", "-", stdin=b"\xff")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.decode("utf-8").startswith("What is piped in is not UTF-8 (byte 0).")
