"""What a server outside the demo does not start with, and what the doctor says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from api import cli
from api.at_rest import opened
from api.database import migrate
from api.doctor import examine, refusals
from api.settings import Settings, SettingsError, from_environment
from tests.postgres import APPLICATION, USER

GOOD: dict[str, Any] = {"origin": "https://handoff.example.org", "push_contact": "mailto:ops@lead.example.net"}
MAIL: dict[str, Any] = {"smtp_host": "mail.example.net", "smtp_from": "pages@example.net", "smtp_user": "pages"}


def settings_with(tmp_path: Path, **changes: Any) -> Settings:
    return Settings(data_dir=tmp_path / "data", **(GOOD | changes))


@pytest.mark.parametrize(("changes", "about"), [
    ({}, None),
    ({"origin": "http://handoff.example.org"}, "HANDOFF_ORIGIN"),
    ({"origin": "http://localhost:8000"}, None),
    ({"origin": "http://127.0.0.1:8000"}, None),
    ({"origin": "http://[::1]:8000"}, None),
    ({"origin": "http://localhost.example.org"}, "HANDOFF_ORIGIN"),
    ({"origin": "", "host": "127.0.0.1"}, None),
    ({"origin": "", "host": "0.0.0.0"}, "HANDOFF_ORIGIN"),
    ({"origin": "", "host": "::"}, "HANDOFF_ORIGIN"),
    ({"trusted_proxies": "0.0.0.0/0"}, "HANDOFF_TRUSTED_PROXIES"),
    ({"trusted_proxies": "10.0.0.1, ::/0"}, "HANDOFF_TRUSTED_PROXIES"),
    ({"trusted_proxies": "everybody"}, "HANDOFF_TRUSTED_PROXIES"),
    ({"trusted_proxies": "10.0.0.0/8"}, None),
    ({**MAIL, "smtp_password": SecretStr("Password")}, "HANDOFF_SMTP_PASSWORD"),
    ({**MAIL, "smtp_password": SecretStr("x" * 11)}, "HANDOFF_SMTP_PASSWORD"),
    ({**MAIL, "smtp_password": SecretStr("x" * 12)}, None),
    ({"database_url": "postgresql+psycopg://handoff:postgres@db/handoff"}, "HANDOFF_DATABASE_URL"),
    ({"database_url": "postgresql+psycopg://handoff@db/handoff"}, None),
])  # fmt: skip
def test_weak_settings_are_refused_each_with_what_to_do(
    tmp_path: Path, changes: dict[str, Any], about: str | None
) -> None:
    found = list(refusals(settings_with(tmp_path, **changes)))
    assert [finding.about for finding in found] == ([] if about is None else [about])
    assert all(finding.verdict == "wrong" and len(finding.words) > 20 for finding in found)
    assert not any(secret in finding.words for finding in found for secret in ("Password", "xxxx", "postgres:"))


@pytest.mark.parametrize(("name", "mode", "refused"), [
    ("data.key", 0o600, False), ("data.key", 0o644, True), ("audit.key", 0o604, True), ("vapid.pem", 0o640, False),
])  # fmt: skip
def test_a_key_that_everyone_may_read_is_refused(tmp_path: Path, name: str, mode: int, refused: bool) -> None:
    settings = settings_with(tmp_path)
    settings.keys_dir.mkdir(parents=True, mode=0o700)
    path = settings.keys_dir / name
    path.write_text("secret")
    path.chmod(mode)
    found = list(refusals(settings))
    assert bool(found) == refused
    assert all(str(path) in finding.words and "chmod 600" in finding.words for finding in found)


def test_a_folder_of_keys_that_everyone_may_open_is_refused(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)
    settings.keys_dir.mkdir(parents=True)
    settings.keys_dir.chmod(0o755)
    assert ["chmod 700" in finding.words for finding in refusals(settings)] == [True]


def test_a_server_does_not_start_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HANDOFF_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HANDOFF_ORIGIN", "http://handoff.example.org")
    assert cli.main(["serve"]) == 2
    assert "HANDOFF_ORIGIN: phones keep" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [], "nothing was made before"


def test_the_doctor_knows_whether_the_database_can_be_unlocked(tmp_path: Path) -> None:
    settings = settings_with(tmp_path)

    def said() -> list[tuple[str, str]]:
        return [(finding.verdict, finding.words) for finding in examine(settings) if finding.about == "data key"]

    migrate(settings.url)
    assert [verdict for verdict, _ in said()] == ["look"]
    assert not settings.keys_dir.exists(), "the doctor makes nothing"
    opened(settings).close()
    [(verdict, words), *rest] = said()
    assert verdict == "ok"
    assert "keep a copy apart from its backups" in words
    assert rest == [("look", "not every row is sealed under the newest data key: run rekey")]
    next(settings.keys_dir.glob("data-*.key")).unlink()
    [(verdict, words)] = said()
    assert verdict == "wrong"
    assert "from the key backup" in words


TELEPHONE = {"HANDOFF_SMS_ACCOUNT": "AC1", "HANDOFF_SMS_FROM": "+15550001111"}


class TestSecretsInFiles:
    def file(self, tmp_path: Path, content: bytes = b"a secret of chance\n", mode: int = 0o600) -> dict[str, str]:
        path = tmp_path / "token"
        path.write_bytes(content)
        path.chmod(mode)
        return TELEPHONE | {"HANDOFF_SMS_TOKEN_FILE": str(path)}

    def test_a_secret_is_read_from_its_file(self, tmp_path: Path) -> None:
        settings = from_environment(self.file(tmp_path))
        assert settings.sms_token.get_secret_value() == "a secret of chance"
        assert "chance" not in repr(settings)

    @pytest.mark.parametrize(("content", "mode", "said"), [
        (b"x" * 20, 0o644, "chmod 600"), (b"\xff\xfe", 0o600, "cannot be read as text"),
    ])  # fmt: skip
    def test_a_file_that_is_open_or_no_text_is_refused(
        self, tmp_path: Path, content: bytes, mode: int, said: str
    ) -> None:
        with pytest.raises(SettingsError, match=said):
            from_environment(self.file(tmp_path, content, mode))

    def test_a_file_that_is_not_there_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="HANDOFF_SMS_TOKEN_FILE"):
            from_environment(TELEPHONE | {"HANDOFF_SMS_TOKEN_FILE": str(tmp_path / "none")})

    def test_both_ways_at_once_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match="one of them"):
            from_environment(self.file(tmp_path) | {"HANDOFF_SMS_TOKEN": "another secret"})

    def test_a_secret_in_the_environment_is_worth_a_look(self, tmp_path: Path) -> None:
        settings = settings_with(tmp_path, **MAIL, smtp_password=SecretStr("x" * 20))
        migrate(settings.url)
        [words] = [finding.words for finding in examine(settings) if finding.about == "HANDOFF_SMTP_PASSWORD"]
        assert "HANDOFF_SMTP_PASSWORD_FILE" in words


@pytest.mark.parametrize(("role", "verdict"), [(APPLICATION, "ok"), (USER, "look")])
def test_the_doctor_knows_whom_row_level_security_does_not_bind(
    postgresql_url: str, tmp_path: Path, role: str, verdict: str
) -> None:
    settings = settings_with(tmp_path, database_url=postgresql_url.replace(f"//{APPLICATION}@", f"//{role}@"))
    found = [finding for finding in examine(settings) if finding.about == "wall between programs"]
    assert [finding.verdict for finding in found] == [verdict]


@pytest.mark.parametrize("value", ["on", "off"])
def test_the_doctor_knows_what_postgresql_may_forget(postgresql_url: str, tmp_path: Path, value: str) -> None:
    engine = create_engine(postgresql_url.replace(f"//{APPLICATION}@", f"//{USER}@"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f'ALTER DATABASE "{name}" SET synchronous_commit = {value}'))
    engine.dispose()
    found = [each for each in examine(settings_with(tmp_path, database_url=postgresql_url)) if each.about == "PostgreSQL"]
    said = [each.verdict for each in found if each.words.startswith("synchronous_commit is off")]
    assert said == ([] if value == "on" else ["wrong"])
