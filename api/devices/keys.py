"""The server's private keys: P-256 PEM files beside the database, never in it.

`sealing-<key_id>.pem` opens what phones seal; all of them stay until no phone can still hold something sealed to them, and
the newest is handed out. `vapid.pem` identifies the server to push services. Made when missing, readable by their owner only.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from sync.sealing import SUITE_NAME, key_id_of, raw_point, to_base64url

PREFIX, SUFFIX = "sealing-", ".pem"
VAPID_FILE = "vapid.pem"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
READABLE_BY_OTHERS = 0o007


class KeyFileError(Exception):
    """A key file is unreadable, not what its name says, or open to everyone; the message says what to do."""


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
        paths = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"), key=lambda path: (path.stat().st_mtime_ns, path.name))
        if not paths:
            private = ec.generate_private_key(ec.SECP256R1())
            paths = [_write(folder / f"{PREFIX}{key_id_of(private.public_key())}{SUFFIX}", private)]
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
            _write(path, ec.generate_private_key(ec.SECP256R1()))
        return cls(_read(path), path)

    @property
    def public_key(self) -> str:
        """The raw point, base64url: the phones' `applicationServerKey`."""
        return to_base64url(raw_point(self.private.public_key()))


def _sealing_key(path: Path) -> SealingKey:
    private = _read(path)
    key_id = key_id_of(private.public_key())
    if path.name != f"{PREFIX}{key_id}{SUFFIX}":
        raise KeyFileError(f"{path}: holds the key {key_id}; rename it to {PREFIX}{key_id}{SUFFIX}.")
    return SealingKey(key_id, private)


def _read(path: Path) -> ec.EllipticCurvePrivateKey:
    if path.stat().st_mode & READABLE_BY_OTHERS:
        raise KeyFileError(f"{path}: everyone on this machine may read it; run chmod 600 on it.")
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeyFileError(f"{path}: cannot be read as a private key; restore it from the key backup.") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFileError(f"{path}: is not a P-256 key; restore it from the key backup.")
    return key


def _write(path: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    """Write once, whole, and to the disk: a phone may seal to this key a second later."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return path
