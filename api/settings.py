"""Settings: environment variables, read once at start, frozen, checked. The README's table is generated from this."""

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator

PREFIX = "HANDOFF_"
SECRETS = ("smtp_password", "sms_token")
"""Settings that a file may hold instead: the same name with _FILE."""
DEFAULT_PUSH_HOSTS = (
    "fcm.googleapis.com,jmt17.google.com,updates.push.services.mozilla.com,.push.apple.com,.notify.windows.com"
)


_HOST_AND_PORT = re.compile(r"(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\]):(?P<port>[0-9]{1,5})")
_MAILBOX = re.compile(r"[!-?A-~]+@[a-zA-Z0-9.-]+")


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what it takes."""


class Settings(BaseModel):
    """Each field is the variable HANDOFF_<FIELD IN CAPITALS>, except `port`, which is PORT."""

    # Messages of validation never quote a value: one of them may be a password.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    data_dir: Annotated[Path, Field(description="Where the embedded database, its backups and the keys live.")] = Path("data")
    database_url: Annotated[
        str, Field(description="postgresql+psycopg://… for PostgreSQL; empty for SQLite in the data folder.")
    ] = ""
    data_key_file: Annotated[
        str, Field(description="The key that wraps the database's data keys, if it is not in the data folder's `keys`.")
    ] = ""
    data_key_file_old: Annotated[
        str, Field(description="The key before that one, until `rekey` has wrapped the data keys anew.")
    ] = ""
    ledger_dir: Annotated[
        str,
        Field(
            description="Where `ledger.log` is: what was expunged and which phones were revoked, so that no restore undoes it. "
            "Never put an old copy in its place. Servers of one database share it. Empty for the data folder."
        ),
    ] = ""
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535, description="Port to listen on (the variable is PORT).")] = 8000
    demo: Annotated[bool, Field(description="1 loads invented people and shows a banner. Never for real use.")] = False
    origin: Annotated[
        str, Field(description="The public address, such as https://handoff.example.org; empty accepts any host.")
    ] = ""
    trusted_proxies: Annotated[
        str, Field(description="Addresses whose X-Forwarded-For is believed, comma-separated.")
    ] = "127.0.0.1"
    worker: Annotated[
        bool, Field(description="1 runs the paging worker inside the server; 0 where `worker` runs apart.")
    ] = True
    push_contact: Annotated[str, Field(description="mailto: or https: contact given to push services.")] = (
        "mailto:operator@example.org"
    )
    push_hosts: Annotated[
        str, Field(description="Push services that may be called; a leading dot allows subdomains.")
    ] = DEFAULT_PUSH_HOSTS
    push_ca_file: Annotated[
        str, Field(description="Extra certificate authority for all outgoing connections (tests, proxies).")
    ] = ""
    private_hosts: Annotated[
        str,
        Field(
            description="`host:port` entries, comma-separated, that may be posted to at private addresses and by http: "
            "an internal relay or webhook. Everything else must have a public address."
        ),
    ] = ""
    smtp_host: Annotated[str, Field(description="Mail server for the e-mail channel; empty for no e-mail.")] = ""
    smtp_port: Annotated[int, Field(ge=1, le=65535, description="The port of that mail server.")] = 587
    smtp_security: Annotated[
        str,
        Field(
            pattern="^(starttls|tls|none)$", description="starttls (required, never skipped), tls from the start, none."
        ),
    ] = "starttls"
    smtp_user: Annotated[str, Field(description="Login at the mail server; empty for none.")] = ""
    smtp_password: Annotated[SecretStr, Field(description="Password of that login.")] = SecretStr("")
    smtp_password_file: Annotated[str, Field(description="A file that holds it instead.")] = ""
    smtp_from: Annotated[str, Field(description="Address that e-mail comes from, such as pages@lead.example.org.")] = ""
    sms_url: Annotated[
        str, Field(description="Provider of SMS and voice calls: Twilio, or an API compatible with it.")
    ] = "https://api.twilio.com"
    sms_account: Annotated[
        str, Field(pattern="^[A-Za-z0-9_-]*$", description="Account at that provider; empty for no SMS and no calls.")
    ] = ""
    sms_token: Annotated[SecretStr, Field(description="Secret of that account.")] = SecretStr("")
    sms_token_file: Annotated[str, Field(description="A file that holds it instead.")] = ""
    sms_from: Annotated[
        str,
        Field(
            pattern=r"^(\+[0-9]{5,15}|MG[0-9a-f]{32}|[0-9]{3,6})?$",
            description="Number (+15551230000), short code or sender pool (MG…) that SMS come from; empty for no SMS.",
        ),
    ] = ""
    voice_from: Annotated[
        str, Field(pattern=r"^(\+[0-9]{5,15})?$", description="Number that calls come from; empty for no calls.")
    ] = ""
    deadman_url: Annotated[
        str,
        Field(
            description="Fetched once a minute while all is well: an outside service that raises the alarm when that stops. "
            "https, or http to one of the private hosts; empty for none."
        ),
    ] = ""
    snapshot_minutes: Annotated[
        int,
        Field(ge=0, le=24 * 60, description="Minutes between the verified backups that a server makes; 0 for none."),
    ] = 60
    backup_dir: Annotated[
        str,
        Field(
            description="Folder of the verified backups, best on another disk. Empty: `snapshots` in the data folder for the "
            "embedded database, and none made by a server on PostgreSQL."
        ),
    ] = ""
    device_bound_passkeys: Annotated[
        bool, Field(description="1 refuses passkeys that are copied between devices, as CJIS asks of software keys.")
    ] = False
    audit_anchors: Annotated[
        str,
        Field(
            description="File that the audit's hourly anchors are appended to; empty for `anchors.log` in the data folder. Best "
            "where whoever changes the database cannot reach it."
        ),
    ] = ""
    audit_days: Annotated[
        int, Field(ge=365, le=36_500, description="Days that audit events are kept before `prune-audit` lets them go.")
    ] = 730
    log_level: Annotated[
        str, Field(pattern="^(debug|info|warning|error)$", description="debug, info, warning or error.")
    ] = "info"

    @property
    def url(self) -> str:
        """The database address with the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'handoff.sqlite'}"

    @property
    def ledger_folder(self) -> Path:
        """The folder of the ledger."""
        return Path(self.ledger_dir) if self.ledger_dir else self.data_dir

    @property
    def backup_folder(self) -> Path:
        """Where backups go that name no other folder."""
        return Path(self.backup_dir) if self.backup_dir else self.data_dir / "snapshots"

    @property
    def private_targets(self) -> frozenset[tuple[str, int]]:
        """The hosts and ports of `private_hosts`, as addresses name them: an IPv6 address without its brackets."""
        entries = (text.strip().lower() for text in self.private_hosts.split(","))
        found = [_HOST_AND_PORT.fullmatch(text) for text in entries if text]
        return frozenset((each["host"].strip("[]"), int(each["port"])) for each in found if each)

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        faults = [*_address_faults(self), *_deadman_faults(self), *_mail_faults(self), *_telephone_faults(self)]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def audit_anchors_file(self) -> Path:
        """Where the audit's anchors are: outside the database in any case."""
        return Path(self.audit_anchors) if self.audit_anchors else self.data_dir / "anchors.log"

    @property
    def keys_dir(self) -> Path:
        """Private keys live beside the database, never in it."""
        return self.data_dir / "keys"


def _address_faults(settings: Settings) -> list[str]:
    entries = [text.strip() for text in settings.private_hosts.split(",") if text.strip()]
    if len(settings.private_targets) < len({text.lower() for text in entries}):
        return [f"{PREFIX}PRIVATE_HOSTS takes entries such as relay.internal:8080, separated by commas"]
    return []


def _deadman_faults(settings: Settings) -> list[str]:
    if not settings.deadman_url:
        return []
    try:
        parts = urlsplit(settings.deadman_url)
        target = ((parts.hostname or "").lower(), parts.port or 80)
    except ValueError:
        return [f"{PREFIX}DEADMAN_URL is not an address"]
    excepted = parts.scheme == "http" and target in settings.private_targets
    if not target[0] or not (parts.scheme == "https" or excepted) or "@" in parts.netloc or parts.fragment:
        return [f"{PREFIX}DEADMAN_URL must begin with https://, or be http:// to one of {PREFIX}PRIVATE_HOSTS"]
    return []


def _mail_faults(settings: Settings) -> list[str]:
    faults = []
    if settings.smtp_host and not _MAILBOX.fullmatch(settings.smtp_from):
        faults.append(f"{PREFIX}SMTP_HOST needs {PREFIX}SMTP_FROM, a plain mail address")
    if not settings.smtp_host and (settings.smtp_from or settings.smtp_user):
        faults.append(f"{PREFIX}SMTP_FROM and {PREFIX}SMTP_USER need {PREFIX}SMTP_HOST")
    if bool(settings.smtp_user) != bool(settings.smtp_password.get_secret_value()):
        faults.append(f"{PREFIX}SMTP_USER and {PREFIX}SMTP_PASSWORD need each other")
    if settings.smtp_user and settings.smtp_security == "none":
        faults.append(f"{PREFIX}SMTP_SECURITY none would send the password in clear; take starttls or tls")
    return faults


def _telephone_faults(settings: Settings) -> list[str]:
    faults = []
    senders = settings.sms_from or settings.voice_from
    token = settings.sms_token.get_secret_value()
    if settings.sms_account and not (token and senders):
        faults.append(f"{PREFIX}SMS_ACCOUNT needs {PREFIX}SMS_TOKEN, and {PREFIX}SMS_FROM or {PREFIX}VOICE_FROM")
    if not settings.sms_account and (token or senders):
        faults.append(f"{PREFIX}SMS_TOKEN, {PREFIX}SMS_FROM and {PREFIX}VOICE_FROM need {PREFIX}SMS_ACCOUNT")
    plain = settings.sms_url.lower().removeprefix("http://")
    excepted = plain != settings.sms_url.lower() and any(
        plain == f"{host}:{port}" or plain.startswith(f"{host}:{port}/") for host, port in settings.private_targets
    )
    if not settings.sms_url.lower().startswith("https://") and not excepted:
        faults.append(f"{PREFIX}SMS_URL must begin with https://, or be http:// to one of {PREFIX}PRIVATE_HOSTS")
    return faults


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; SettingsError names every variable that is unknown or wrong."""
    values = {key[len(PREFIX) :].lower(): text for key, text in environment.items() if key.startswith(PREFIX)}
    values = {key: text for key, text in values.items() if key not in _FOR_TESTS}
    if "PORT" in environment:
        values["port"] = environment["PORT"]
    for name in SECRETS:
        if path := values.get(f"{name}_file"):
            if name in values:
                raise SettingsError(f"{PREFIX}{name.upper()} and {PREFIX}{name.upper()}_FILE: set one of them.")
            values[name] = _secret_in(Path(path), f"{PREFIX}{name.upper()}_FILE")
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = [_line(part["loc"], part["msg"]) for part in error.errors()]
        raise SettingsError("These settings need attention:\n  " + "\n  ".join(lines)) from error


def _secret_in(path: Path, variable: str) -> str:
    try:
        if path.stat().st_mode & stat.S_IRWXO:
            raise SettingsError(f"{variable}: everyone on this machine may read {path}; run chmod 600 on it.")
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{variable}: {path} cannot be read as text.") from error


def _line(place: tuple[int | str, ...], message: str) -> str:
    """One fault; what concerns several settings names them itself."""
    said = message.removeprefix("Value error, ")
    return f"{PREFIX}{str(place[0]).upper()}: {said}" if place else said


_FOR_TESTS = frozenset({"chromium", "fuzz_pairs", "fuzz_file", "logs", "logs_file", "test_postgres"})
"""Variables that only the test run reads."""
