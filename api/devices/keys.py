"""The server's private keys: P-256 PEM files beside the database, never in it.

`sealing-<key_id>.pem` opens what phones seal; all of them stay until no phone can still hold something sealed to them, and
the newest is handed out. `vapid.pem` identifies the server to push services. `webhook.key` is what programs' webhook secrets
are derived from: 32 bytes in base64. Made when missing, readable by their owner only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from api.at_rest.key_files import KeyFileError, alone, closed, new_secret, read_secret, write_once, write_secret
from sync.sealing import SUITE_NAME, key_id_of, raw_point, to_base64url

PREFIX, SUFFIX = "sealing-", ".pem"
VAPID_FILE = "vapid.pem"
WEBHOOK_FILE = "webhook.key"


@dataclass(frozen=True)
class SealingKey:
    """One key pair and the name under which phones know it."""

    key_id: str
    private: ec.EllipticCurvePrivateKey

    @property
    def public_key(self) -> str:
        """The raw point, base64url."""
        return to_base64url(raw_point(self.private.public_key()))

    def document(self) -> dict[str, str]:
        """What phones are told of it."""
        return {"key_id": self.key_id, "public_key": self.public_key, "suite": SUITE_NAME}


@dataclass(frozen=True)
class SealingKeys:
    """Every key that still opens, and the one that new operations are sealed to."""

    active: SealingKey
    by_id: Mapping[str, ec.EllipticCurvePrivateKey]

    @classmethod
    def load(cls, folder: Path) -> "SealingKeys":
        """The keys in a folder; the first one is made if there is none. Raises KeyFileError."""
        paths = _sealing_files(folder)
        if not paths:
            with alone(folder):
                if not _sealing_files(folder):
                    make_sealing_file(folder)
            paths = _sealing_files(folder)
        keys = [_sealing_key(path) for path in paths]
        return cls(keys[-1], {key.key_id: key.private for key in keys})


@dataclass(frozen=True)
class VapidKey:
    """The server's identity towards push services (RFC 8292)."""

    private: ec.EllipticCurvePrivateKey
    path: Path

    @classmethod
    def load(cls, folder: Path) -> "VapidKey":
        """The key in a folder; made if there is none. Raises KeyFileError."""
        path = folder / VAPID_FILE
        if not path.exists():
            with alone(folder):
                if not path.exists():
                    _write(path, ec.generate_private_key(ec.SECP256R1()))
        return cls(_read(path), path)

    @property
    def public_key(self) -> str:
        """The raw point, base64url: the phones' `applicationServerKey`."""
        return to_base64url(raw_point(self.private.public_key()))


@dataclass(frozen=True)
class WebhookKey:
    """What the secrets of all webhooks are derived from. Losing it means telling every receiver a new secret."""

    master: bytes = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> "WebhookKey":
        """The key in a folder; made if there is none. Raises KeyFileError."""
        path = folder / WEBHOOK_FILE
        if not path.exists():
            with alone(folder):
                if not path.exists():
                    write_secret(path, new_secret())
        return cls(read_secret(path))


def _sealing_files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{PREFIX}*{SUFFIX}"), key=lambda path: (path.stat().st_mtime_ns, path.name))


def make_sealing_file(folder: Path) -> str:
    """A new key, newer than all others; returns its id. The caller is alone in the folder."""
    private = ec.generate_private_key(ec.SECP256R1())
    key_id = key_id_of(private.public_key())
    _write(folder / f"{PREFIX}{key_id}{SUFFIX}", private)
    return key_id


def _sealing_key(path: Path) -> SealingKey:
    private = _read(path)
    key_id = key_id_of(private.public_key())
    if path.name != f"{PREFIX}{key_id}{SUFFIX}":
        raise KeyFileError(f"{path}: holds the key {key_id}; rename it to {PREFIX}{key_id}{SUFFIX}.")
    return SealingKey(key_id, private)


def _read(path: Path) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(closed(path).read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeyFileError(f"{path}: cannot be read as a private key; restore it from the key backup.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFileError(f"{path}: is not a P-256 key; restore it from the key backup.")
    return key


def _write(path: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    return write_once(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
