"""The command line, each command as an operator calls it; the server itself as a process of its own."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from api import cli, commands, typescript
from api.administration import openapi
from api.auth import passwords
from api.auth.cookies import token_hash
from api.auth.permissions import matrix
from api.database import Database
from api.devices.keys import SealingKeys, VapidKey, WebhookKey
from api.paging.channels.webhook import webhook_secret
from api.serving import AlreadyRunning, sole_user
from api.settings import Settings
from api.tables.audit import AuditEvent
from api.tables.devices import Device
from api.tables.invitations import Invitation
from api.tables.paging import Delivery, WorkerBeat
from api.tables.people import Bootstrap, Program, User
from api.tables.records import Head
from api.tables.rules import InstalledPack
from tests.api.conftest import JOINED
from tests.api.rule_packs import pack_text
from tests.browser.live_server import LiveServer
from tests.databases import opened_at

PROGRAM_TOML = """
id = "denver"
name = "Denver LEAD"
[config]
call_number = "303-555-0100"
call_name = "On call"
time_zone = "America/Denver"
pathways = ["arrest_diversion", "social_contact"]
pack = "denver"
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command on the test's database; gives its exit code, what it said, and its complaints."""
    monkeypatch.setenv("HANDOFF_DATABASE_URL", database_url)
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path / "data"))

    def command(*words: str) -> tuple[int, str, str]:
        code = cli.main(words)
        said = capsys.readouterr()
        return code, said.out.strip(), said.err.strip()

    return command


@pytest.fixture
def store(database_url: str, tmp_path: Path) -> Iterator[Database]:
    """The same database, to look at what a command left."""
    with closing(opened_at(database_url, tmp_path / "data")) as database:
        yield database


@pytest.fixture
def program(run: Run, tmp_path: Path) -> str:
    path = tmp_path / "program.toml"
    path.write_text(PROGRAM_TOML, "utf-8")
    assert run("add-program", "--file", str(path)) == (0, "denver", "")
    return "denver"


def add_officer(run: Run) -> tuple[int, str, str]:
    run("add-agency", "--program", "denver", "--name", "District 6")
    words = ("--program", "denver", "--role", "officer", "--login", "o.example", "--name", "O. Example")
    return run("add-user", *words, "--agency", "District 6")


def test_a_program_comes_from_toml_or_json(run: Run, store: Database, program: str, tmp_path: Path) -> None:
    path = tmp_path / "program.json"
    config = {"call_number": "911", "call_name": "On call", "time_zone": "America/Denver", "pathways": ["community"]}
    path.write_text(json.dumps({"id": "valley", "name": "Valley", "config": config}), "utf-8")
    assert run("add-program", "--file", str(path))[0] == 0
    with store.read() as session:
        assert set(session.exec(select(Program.id)).all()) == {"denver", "valley"}
    code, _, complaint = run("add-program", "--file", str(path))
    assert (code, "already" in complaint) == (1, True)


@pytest.mark.parametrize("content", ["", "{", '{"id": "x"}', '{"id": "NO!", "name": "x", "config": {}}', "[]"])
def test_a_program_file_that_does_not_fit_is_explained(run: Run, tmp_path: Path, content: str) -> None:
    path = tmp_path / "program.json"
    path.write_text(content, "utf-8")
    code, said, complaint = run("add-program", "--file", str(path))
    assert (code, said) == (1, "")
    assert complaint
    assert "Traceback" not in complaint


def test_a_new_account_gets_an_address_at_which_its_person_chooses_a_passphrase(
    run: Run, store: Database, program: str
) -> None:
    code, said, _ = add_officer(run)
    token = re.search(r"/#/join/([A-Za-z0-9_-]{22})$", said, re.MULTILINE)
    typed = re.search(r"^Or the code: (\w{4}-\w{4})$", said, re.MULTILINE)
    assert code == 0
    assert token is not None
    assert typed is not None
    with store.read() as session:
        user, invitation = session.exec(select(User)).one(), session.exec(select(Invitation)).one()
    assert (user.active, user.password_hash, invitation.made_by) == (False, "", None)
    assert invitation.token_hash == token_hash(token[1])
    for secret in (token[1], typed[1], typed[1].replace("-", "")):
        assert secret not in invitation.model_dump_json()


def test_until_it_is_taken_up_the_same_command_prints_another_address(
    run: Run, store: Database, program: str
) -> None:  # fmt: skip
    former, latter = add_officer(run)[1], add_officer(run)[1]
    assert former != latter
    with store.read() as session:
        ended = [row.ended_at is not None for row in session.exec(select(Invitation).order_by(col(Invitation.id)))]
    assert ended == [True, False]
    with store.write() as session:
        user = session.exec(select(User)).one()
        user.active, user.password_hash = True, "hash"
        session.add(user)
    assert add_officer(run)[0] == 1, "the login is taken"


def test_four_words_differ_each_time_and_have_enough_bits() -> None:
    made = {passwords.four_words() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[a-z]{5}( [a-z]{5}){3}", words) for words in made)
    per_word = 16 * 5 * 16 * 5 * 16
    assert per_word**4 > 2**64


def test_an_unknown_agency_or_role_is_refused(run: Run, program: str) -> None:
    words = ("--program", "denver", "--login", "x", "--name", "X Example")
    assert run("add-user", *words, "--role", "officer", "--agency", "Nowhere")[0] == 1
    assert run("add-user", *words, "--role", "emperor")[0] == 1
    assert run("add-agency", "--program", "nowhere", "--name", "X")[0] == 1


def test_closing_an_account_revokes_its_devices(run: Run, store: Database, program: str) -> None:
    add_officer(run)
    with store.write() as session:
        user = session.exec(select(User)).one()
        for number in (1, 2):
            device = Device(
                id=f"0de00000-0000-4000-8000-00000000000{number}",
                user_id=user.id,
                program_id="denver",
                public_key="",
                cookie_hash="",
                cookie_at=JOINED,
                created_at=JOINED,
                seen_at=JOINED,
                expires_at=JOINED,
            )
            session.add(device)
    assert run("revoke-device", "0de00000-0000-4000-8000-000000000001") == (0, "Revoked.", "")
    assert run("deactivate-user", "o.example") == (0, "Closed. Devices revoked: 1", "")
    with store.read() as session:
        assert set(session.exec(select(Device.state)).all()) == {"revoked"}
        assert not session.exec(select(User.active)).one()
    assert run("revoke-device", "none")[0] == 1
    assert run("deactivate-user", "nobody")[0] == 1


def test_the_bootstrap_address_keeps_its_token_out_of_logs_and_database(
    run: Run, store: Database, program: str
) -> None:
    code, said, _ = run("bootstrap")
    address = said.splitlines()[-1]
    path, _, token = address.partition("#")
    assert code == 0
    assert path == "http://localhost:8000/api/bootstrap-account"
    assert len(token) >= 43
    with store.read() as session:
        assert token not in session.exec(select(Bootstrap.token_hash)).one()
    add_officer(run)
    assert run("bootstrap")[0] == 1, "somebody has an account"


def test_bootstrap_asks_for_a_program_first(run: Run) -> None:
    code, _, complaint = run("bootstrap")
    assert (code, "add-program" in complaint) == (1, True)


def test_mark_durable_moves_forward_and_never_past_the_head(run: Run, store: Database) -> None:
    with store.write() as session:
        head = session.exec(select(Head)).one()
        head.position = 10
        session.add(head)
    for position, expected in ((7, 7), (5, 7), (11, 7), (10, 10)):
        assert run("mark-durable", str(position))[0] == 0
        with store.read() as session:
            assert session.exec(select(Head.durable_position)).one() == expected


def test_permissions_prints_the_table_for_the_readme(run: Run) -> None:
    code, said, _ = run("permissions")
    lines = said.splitlines()
    assert code == 0
    assert len(lines) == len(matrix()) + 1
    assert all(line.count("|") == len(matrix()[0]) + 1 for line in lines)


def test_a_pack_is_installed_and_withdrawn(run: Run, store: Database, program: str, tmp_path: Path) -> None:
    begins = datetime.now(ZoneInfo("America/Denver")).date() + timedelta(days=1)
    path = tmp_path / "pack.yaml"
    path.write_text(pack_text(begins.isoformat()), "utf-8")
    code, name, complaint = run("install-pack", program, str(path))
    assert (code, len(name), complaint) == (0, 64, "")
    code, _, complaint = run("install-pack", program, str(path))
    assert code == 1
    assert "installed already" in complaint
    assert run("withdraw-pack", program, name, "Two\nlines")[0] == 1
    assert run("withdraw-pack", program, name, "A rule was misread.") == (0, "Withdrawn.", "")
    assert run("withdraw-pack", program, name, "Once more.")[0] == 1
    with store.read() as session:
        [row] = session.exec(select(InstalledPack))
    assert (row.hash, row.installed_by, row.withdrawn_by) == (name, None, None)
    assert row.withdrawn_reason == "A rule was misread."


def test_an_unsound_pack_is_explained_line_by_line(run: Run, store: Database, program: str, tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_text(pack_text("2020-01-01", program="elsewhere"), "utf-8")
    code, said, complaint = run("install-pack", program, str(path))
    assert (code, said) == (1, "")
    assert re.search(r"^  line 2: .*elsewhere", complaint, re.MULTILINE)
    assert re.search(r"^  line 4: .*2020-01-01", complaint, re.MULTILINE)
    path.write_text(pack_text().replace("bars", "harsh"), "utf-8")
    code, _, complaint = run("install-pack", program, str(path))
    assert code == 1
    assert re.search(r"^  line \d+: 'tier'", complaint, re.MULTILINE)
    assert run("install-pack", program, str(tmp_path / "nowhere.yaml"))[0] == 1
    path.write_bytes(b"\xff\xfe")
    assert run("install-pack", program, str(path))[0] == 1
    path.write_text(pack_text(), "utf-8")
    assert run("install-pack", "nowhere", str(path))[0] == 1
    assert run("withdraw-pack", program, "0" * 64, "Why not.")[0] == 1
    with store.read() as session:
        assert list(session.exec(select(InstalledPack))) == []


def test_doctor_finds_what_an_operator_gets_wrong(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    code, said, _ = run("doctor")
    assert code == 1
    assert "HANDOFF_PUSH_CONTACT" in said
    assert "ok    disk" in said
    monkeypatch.setenv("HANDOFF_PUSH_CONTACT", "mailto:on-call@lead.test")
    monkeypatch.setenv("HANDOFF_ORIGIN", "https://lead.test")
    SealingKeys.load(tmp_path / "data" / "keys")
    VapidKey.load(tmp_path / "data" / "keys")
    code, said, _ = run("doctor")
    assert (code, "wrong" in said) == (0, False), said
    monkeypatch.setenv("HANDOFF_TRUSTED_PROXIES", "10.0.0.0/8, nonsense")
    monkeypatch.setenv("HANDOFF_DEMO", "1")
    next((tmp_path / "data" / "keys").glob("sealing-*.pem")).write_text("broken")
    said = run("doctor")[1]
    assert all(word in said for word in ("HANDOFF_DEMO", "HANDOFF_TRUSTED_PROXIES", "restore it"))


def test_a_wrong_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "many")
    code, _, complaint = run("permissions")
    assert code == 1
    assert "PORT" in complaint


CONFIG_TOML = """
call_number = "303-555-0100"
call_name = "On call"
time_zone = "America/Denver"
pathways = ["arrest_diversion"]
webhook_url = "https://pager.example/x"
service_hours = [{weekday = 0, start = "08:00", end = "17:00"}]
[[policies]]
name = "all"
steps = [{who = "lead", minutes = 7, channels = ["push", "webhook"]}]
"""


def test_a_programs_settings_are_set_whole_and_shown(run: Run, store: Database, program: str, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_TOML, "utf-8")
    assert run("configure-program", program, "--file", str(path)) == (0, "Configured.", "")
    code, said, _ = run("show-program", program)
    shown = json.loads(said)
    assert code == 0
    assert (shown["policies"][0]["steps"][0]["minutes"], shown["pack"]) == (7, None)
    with store.read() as session:
        assert json.loads(json.dumps(session.get_one(Program, program).config)) == shown
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "program.configure")).one()
    assert (event.program_id, event.subject, event.source) == (program, program, "command line")
    again = tmp_path / "config.json"
    again.write_text(said, "utf-8")
    assert run("configure-program", program, "--file", str(again))[0] == 0
    assert run("show-program", program)[1] == said


@pytest.mark.parametrize(
    ("broken", "named"),
    [("minutes = 7", "minutes = 0"), ("weekday = 0", "weekday = 9"), ('"lead"', '"boss"'), ("https:", "http:")],
)
def test_settings_that_do_not_fit_change_nothing(
    run: Run, store: Database, program: str, tmp_path: Path, broken: str, named: str
) -> None:
    before = run("show-program", program)
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_TOML.replace(broken, named), "utf-8")
    code, said, complaint = run("configure-program", program, "--file", str(path))
    assert (code, said) == (1, "")
    assert re.search("needs attention|must begin with https", complaint)
    assert run("show-program", program) == before


def test_the_webhook_secret_is_the_one_that_signs(run: Run, program: str, tmp_path: Path) -> None:
    code, said, _ = run("webhook-secret", program)
    assert (code, said) == (0, webhook_secret(WebhookKey.load(tmp_path / "data" / "keys").master, program))
    assert run("webhook-secret", program)[1] == said


@pytest.mark.parametrize("command", ["show-program", "webhook-secret", "configure-program"])
def test_a_program_that_is_not_there_is_named(run: Run, program: str, tmp_path: Path, command: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG_TOML, "utf-8")
    more = ("--file", str(path)) if command == "configure-program" else ()
    code, said, complaint = run(command, "nowhere", *more)
    assert (code, said) == (1, "")
    assert "nowhere" in complaint


def test_watch_once_says_what_is_wrong_for_cron(run: Run, store: Database, program: str) -> None:
    code, said, _ = run("watch", "--once")
    assert code == 1
    assert [line.partition(".")[0] for line in said.splitlines()] == [
        "No paging worker looks for work: pages are not going out",
        "denver: No coordinator can be reached by any channel: let one allow notifications on a phone",
    ]
    with store.write() as session:
        session.add(WorkerBeat(worker_id="w", at=datetime.now(UTC)))
        config = session.get_one(Program, program)
        step = {"who": "coordinators", "channels": ["webhook"]}
        config.config = config.config | {
            "webhook_url": "https://pager.example/x", "policies": [{"name": "all", "steps": [step]}],
        }  # fmt: skip
        session.add(config)
    assert run("watch", "--once") == (0, "", "")


def test_watch_once_is_not_content_with_a_database_that_cannot_be_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HANDOFF_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    code, said, _ = run("watch", "--once")
    assert code == 1
    assert "cannot be read" in said


def test_doctor_calls_no_program_24_7_that_is_not(run: Run, program: str, store: Database) -> None:
    code, said, _ = run("doctor")
    assert code == 1
    assert "wrong denver: cannot be called 24/7: nobody is called at all" in said
    assert "look  channels: set up: push, webhook;" in said
    with store.write() as session:
        config = session.get_one(Program, program)
        step = {"who": "coordinators", "channels": ["webhook"]}
        config.config = config.config | {
            "webhook_url": "https://pager.example/x", "policies": [{"name": "all", "steps": [step]}],
        }  # fmt: skip
        session.add(config)
    assert "cannot be called 24/7: the webhook has not taken its last message" in run("doctor")[1]
    with store.write() as session:
        session.add(
            Delivery(
                id="d", kind="page", text="", channel="webhook", program_id=program, user_id="", target_id="webhook",
                state="sent", attempts=1, due_at=JOINED, lease_until=JOINED, created_at=JOINED,
            )
        )  # fmt: skip
    assert "ok    denver: 24/7" in run("doctor")[1]


def test_rekey_wraps_anew_and_with_data_seals_every_row_anew(
    run: Run, program: str, store: Database, tmp_path: Path
) -> None:
    run(
        "add-user",
        "--program",
        program,
        "--role",
        "supervisor",
        "--login",
        "sol",
        "--name",
        "Sol",
        "--callback",
        "5550100",
    )
    keys = tmp_path / "data" / "keys"
    code, said, _ = run("rekey")
    assert code == 0
    assert len(list(keys.glob("data-*.key"))) == 2
    newest = max(keys.glob("data-*.key"), key=lambda path: path.stat().st_mtime_ns)
    assert str(newest) in said
    for number in (2, 3):
        code, said, _ = run("rekey", "--data")
        assert (code, said.splitlines()[-1]) == (0, f"Data key {number} seals from now on; 1 rows sealed anew.")
        with store.read() as session:
            assert session.exec(select(User)).one().callback == "5550100"
    for path in set(keys.glob("data-*.key")) - {newest}:
        path.unlink()
    assert "data-" in run("doctor")[1]
    with store.read() as session:
        actions = session.exec(select(AuditEvent.action).where(col(AuditEvent.action).startswith("keys."))).all()
    assert sorted(actions) == ["keys.data", "keys.data", "keys.rewrap"]


def test_the_key_that_phones_seal_to_is_rotated_and_kept(
    run: Run, program: str, store: Database, tmp_path: Path
) -> None:
    keys = tmp_path / "data" / "keys"
    old = SealingKeys.load(keys).active.key_id
    code, said, _ = run("rotate-sealing-key")
    assert code == 0
    assert SealingKeys.load(keys).active.key_id == said.split()[0] != old
    code, _, complaint = run("retire-sealing-key", old)
    assert code == 1
    assert "keep it until" in complaint
    assert old in SealingKeys.load(keys).by_id
    with store.read() as session:
        actions = session.exec(select(AuditEvent.action).where(col(AuditEvent.action).startswith("keys."))).all()
    assert actions == ["keys.sealing"], "what was refused has not happened"


class TestTypes:
    def test_they_are_written_and_then_current(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(commands, "SCHEMA", tmp_path / "transport" / "schema.d.ts")
        assert cli.main(["types", "--check"]) == 1
        assert cli.main(["types"]) == 0
        first = commands.SCHEMA.read_text("utf-8")
        assert cli.main(["types", "--check"]) == 0
        commands.SCHEMA.write_text(first.replace("string", "number", 1), "utf-8")
        assert cli.main(["types", "--check"]) == 1

    def test_the_same_models_give_the_same_text(self) -> None:
        assert typescript.declarations(openapi()) == typescript.declarations(openapi())

    def test_they_say_what_the_answers_hold(self) -> None:
        text = typescript.declarations(openapi())
        session = text.partition("export interface SessionDocument ")[2].partition("\n}")[0]
        assert "  device_id: string | null;" in session
        assert "  user: SessionUser;" in session
        enrolled = text.partition("export interface Enrolled ")[2].partition("\n}")[0]
        assert "  known: [number, number][];" in enrolled
        assert "HTTPValidationError" not in text

    def test_a_schema_without_a_form_is_an_error(self) -> None:
        document = {"components": {"schemas": {"Odd": {"type": "object", "properties": {"x": {"not": {}}}}}}}
        with pytest.raises(ValueError, match="no TypeScript form"):
            typescript.declarations(document)


class TestServer:
    def test_a_second_server_on_the_same_file_is_refused(self, tmp_path: Path) -> None:
        settings = Settings(data_dir=tmp_path)
        with sole_user(settings), pytest.raises(AlreadyRunning, match="Stop it first"), sole_user(settings):
            pass
        with sole_user(settings):
            pass

    def test_the_worker_alone_is_for_postgresql(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path))
        assert cli.main(["worker"]) == 2
        assert "embedded" in capsys.readouterr().err

    def test_the_demo_starts_twice_keeps_its_data_and_ends_in_order(self, tmp_path: Path) -> None:
        with LiveServer(tmp_path / "data") as server:
            assert "Passphrase of every demo account" in server.log
            accounts = json.load(urllib.request.urlopen(f"{server.url}/api/bootstrap"))["accounts"]
            assert len(accounts) == 19
            second = subprocess.run(
                [sys.executable, "-m", "api.cli", "serve"],
                env={"HANDOFF_DATA_DIR": str(server.data_dir), "PORT": "1", "PATH": ""},
                capture_output=True,
                text=True,
                check=False,
            )
            assert second.returncode == 1
            assert "already uses" in second.stderr
            process = server._process
            assert process is not None
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) in (0, -signal.SIGTERM), server.log
            assert "Application shutdown complete." in server.log
            server.kill()
            server.start()
            address = f"sqlite:///{server.data_dir / 'handoff.sqlite'}"
            with closing(opened_at(address, server.data_dir)) as database, database.read() as session:
                assert len(session.exec(select(User)).all()) == 19
            for line in server.log.splitlines():
                assert not line.startswith("Traceback")

    def test_a_snapshot_is_a_verified_copy(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path))
        assert cli.main(["migrate"]) == 0
        assert cli.main(["snapshot"]) == 0
        (copy,) = (tmp_path / "snapshots").iterdir()
        assert copy.stat().st_size > 0
