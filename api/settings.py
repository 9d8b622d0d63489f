"""Settings: environment variables, read once at start, frozen, checked. The README's table is generated from this."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

PREFIX = "HANDOFF_"
DEFAULT_PUSH_HOSTS = (
    "fcm.googleapis.com,jmt17.google.com,updates.push.services.mozilla.com,.push.apple.com,.notify.windows.com"
)


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and says what it takes."""


class Settings(BaseModel):
    """Each field is the variable HANDOFF_<FIELD IN CAPITALS>, except `port`, which is PORT."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data_dir: Annotated[Path, Field(description="Where the embedded database, snapshots and keys live.")] = Path("data")
    database_url: Annotated[
        str, Field(description="postgresql+psycopg://… for PostgreSQL; empty for SQLite in the data folder.")
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
        str, Field(description="Extra certificate authority for push services (tests, proxies).")
    ] = ""
    snapshot_minutes: Annotated[
        int,
        Field(ge=0, le=24 * 60, description="Minutes between verified snapshots of the embedded database; 0 for none."),
    ] = 60
    log_level: Annotated[
        str, Field(pattern="^(debug|info|warning|error)$", description="debug, info, warning or error.")
    ] = "info"

    @property
    def url(self) -> str:
        """The database address with the embedded default filled in."""
        return self.database_url or f"sqlite:///{self.data_dir / 'handoff.sqlite'}"

    @property
    def keys_dir(self) -> Path:
        """Private keys live beside the database, never in it."""
        return self.data_dir / "keys"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; SettingsError names every variable that is unknown or wrong."""
    values = {key[len(PREFIX) :].lower(): text for key, text in environment.items() if key.startswith(PREFIX)}
    values = {key: text for key, text in values.items() if key not in _FOR_TESTS}
    if "PORT" in environment:
        values["port"] = environment["PORT"]
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = [f"{PREFIX}{str(part['loc'][0]).upper()}: {part['msg']}" for part in error.errors()]
        raise SettingsError("These settings need attention:\n  " + "\n  ".join(lines)) from error


_FOR_TESTS = frozenset({"chromium", "fuzz_pairs", "fuzz_file", "logs", "logs_file", "test_postgres"})
"""Variables that only the test run reads."""
