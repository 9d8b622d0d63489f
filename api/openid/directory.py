"""What providers say of themselves: their metadata and their keys, fetched when needed and remembered for a while.

Only issuers that an operator has entered are ever asked for, which bounds what is remembered.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey, import_key
from pydantic import BaseModel, ConfigDict, ValidationError

from api.openid.web import Answer, NoAnswer, Web, may_be_asked
from api.settings import Settings

REMEMBERED = timedelta(hours=1)
"""So long may a withdrawn key still be believed."""
KEYS_AGAIN = timedelta(minutes=1)
"""An unknown key id makes the keys be fetched again, at most so often for each provider."""
KEYS_LIMIT = 100
ASYMMETRIC = ("RSA", "EC", "OKP")
WELL_KNOWN = "/.well-known/openid-configuration"
OK = 200

PublicKey = RSAKey | ECKey | OKPKey


class Metadata(BaseModel):
    """What is used of a provider's metadata (OpenID Connect Discovery 1.0; RFC 8414; RFC 9207)."""

    model_config = ConfigDict(frozen=True, strict=True)

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    code_challenge_methods_supported: list[str] | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]
    authorization_response_iss_parameter_supported: bool = False


class _Keys(BaseModel):
    keys: list[dict[str, Any]]


@dataclass
class _Known:
    metadata: Metadata
    read_at: datetime
    keys: list[PublicKey] = field(default_factory=list)
    keys_at: datetime | None = None


class Directory:
    """The providers' metadata and keys. Every method raises NoAnswer if a provider gives nothing that can be used."""

    def __init__(self, settings: Settings) -> None:
        self.web = Web(settings)
        self._excepted = settings.private_targets
        self._known: dict[str, _Known] = {}

    async def metadata(self, issuer: str, now: datetime) -> Metadata:
        """The provider's metadata, which must name this very issuer."""
        return (await self._entry(issuer, now)).metadata

    async def key(self, issuer: str, key_id: str | None, now: datetime) -> PublicKey | None:
        """The key of that id; without an id the provider's only key; None if it has no such key."""
        entry = await self._entry(issuer, now)
        age = None if entry.keys_at is None else now - entry.keys_at
        found = _pick(entry.keys, key_id)
        if age is None or age > REMEMBERED or (found is None and age > KEYS_AGAIN):
            entry.keys = _public_keys(await self.web.get(entry.metadata.jwks_uri))
            entry.keys_at = now
            found = _pick(entry.keys, key_id)
        return found

    async def _entry(self, issuer: str, now: datetime) -> _Known:
        entry = self._known.get(issuer)
        if entry is None or now - entry.read_at > REMEMBERED:
            metadata = self._checked(issuer, await self.web.get(issuer.rstrip("/") + WELL_KNOWN))
            entry = _Known(metadata, now)
            self._known[issuer] = entry
        return entry

    def _checked(self, issuer: str, answer: Answer) -> Metadata:
        if answer.status != OK:
            raise NoAnswer(f"metadata {answer.status}")
        try:
            metadata = Metadata.model_validate_json(answer.body)
        except ValidationError as error:
            raise NoAnswer("metadata") from error
        methods = metadata.code_challenge_methods_supported
        addresses = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
        if metadata.issuer != issuer or (methods is not None and "S256" not in methods):
            raise NoAnswer("metadata of another issuer, or no S256")
        if not all(may_be_asked(address, self._excepted) for address in addresses):
            raise NoAnswer("metadata with an address that may not be asked")
        return metadata


def _public_keys(answer: Answer) -> list[PublicKey]:
    """Asymmetric keys for signatures; what cannot be read is left out, as RFC 7517, 5 asks."""
    if answer.status != OK:
        raise NoAnswer(f"keys {answer.status}")
    try:
        listed = _Keys.model_validate_json(answer.body).keys[:KEYS_LIMIT]
    except ValidationError as error:
        raise NoAnswer("keys") from error
    found: list[PublicKey] = []
    for entry in listed:
        try:
            if entry.get("use", "sig") != "sig" or entry.get("kty") not in ASYMMETRIC:
                continue
            key = import_key(entry)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey):
            found.append(key)
    return found


def _pick(keys: list[PublicKey], key_id: str | None) -> PublicKey | None:
    fitting = [key for key in keys if key_id is None or key.kid == key_id]
    return fitting[0] if len(fitting) == 1 else None
