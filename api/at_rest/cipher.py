"""Sealing one value: AES-256-GCM under the newest data key, bound to its place and row.

Sealed form: version (1 byte) ‖ number of the data key (2) ‖ initialisation vector (12) ‖ ciphertext and tag. The place and
the row are authenticated and not stored, so a value moved to another column, row or program does not open. 96 random bits
of vector allow four billion values under one key before a repetition becomes likely enough to matter (NIST SP 800-38D, 8.3).
"""

import hmac
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlmodel import Session

from api.tables.columns import SEALED

NUMBER_BYTES, VECTOR_BYTES = 2, 12
HEADER_BYTES = len(SEALED) + NUMBER_BYTES
CIPHER = "cipher"
"""Under this name `Database` puts its cipher into every session's `info`."""


class CannotUnseal(Exception):
    """A stored value is clear, damaged, from another place, or under a key that is not here. Names the place, never a value."""


class NoCipher(Exception):
    """The session's database was opened without its keys."""


@dataclass(frozen=True)
class DataKeys:
    """The unwrapped keys of one database: those that open, by number; the newest seals; one makes keyed digests."""

    by_number: Mapping[int, bytes]
    digests: bytes

    @property
    def active(self) -> int:
        """The number of the key that seals."""
        return max(self.by_number)


class Cipher:
    """The data keys of one database in memory.

    `read` fetches them through a session: at the first use, and again when another process has added one. It may raise
    KeyFileError.
    """

    def __init__(self, read: Callable[[Session], DataKeys]) -> None:
        self._read = read
        self._opening: dict[bytes, AESGCM] = {}

    def load(self, session: Session) -> None:
        """Use the keys that the database holds now."""
        keys = self._read(session)
        self.active = keys.active
        self._digests = keys.digests
        self._opening = {number.to_bytes(NUMBER_BYTES, "big"): AESGCM(key) for number, key in keys.by_number.items()}
        newest = self.active.to_bytes(NUMBER_BYTES, "big")
        self._header, self._encrypt = SEALED + newest, self._opening[newest].encrypt

    @property
    def loaded(self) -> bool:
        """False until the keys have been read once."""
        return bool(self._opening)

    def seal(self, place: str, row_id: str, plain: bytes) -> bytes:
        """The sealed form of a value for this place and row."""
        vector = os.urandom(VECTOR_BYTES)
        return self._header + vector + self._encrypt(vector, plain, f"{place}|{row_id}".encode())

    def unseal(self, session: Session, place: str, row_id: str, sealed: bytes) -> bytes:
        """The value. Raises CannotUnseal."""
        number = sealed[len(SEALED) : HEADER_BYTES]
        if sealed[: len(SEALED)] != SEALED:
            raise CannotUnseal(f"{place}: holds a clear value; run `handoff rekey`.")
        if number not in self._opening:
            self.load(session)
        key = self._opening.get(number)
        if key is None:
            raise CannotUnseal(f"{place}: sealed under data key {int.from_bytes(number, 'big')}, which is not here.")
        start = HEADER_BYTES + VECTOR_BYTES
        try:
            return key.decrypt(sealed[HEADER_BYTES:start], sealed[start:], f"{place}|{row_id}".encode())
        except (InvalidTag, ValueError) as error:
            raise CannotUnseal(f"{place}: a stored value is damaged or stands in the wrong row.") from error

    def keyed(self, text: str) -> str:
        """A digest that tells equal from different only to whoever holds the key: its content cannot be guessed from it."""
        return hmac.digest(self._digests, text.encode(), "sha256").hex()


def seal(session: Session, place: str, row_id: str, plain: bytes) -> bytes:
    """The sealed form of a value, for one column (`place`) of one row. Raises NoCipher."""
    return cipher_of(session).seal(place, row_id, plain)


def unseal(session: Session, place: str, row_id: str, sealed: bytes) -> bytes:
    """The value sealed for this place and row. Raises CannotUnseal, NoCipher."""
    return cipher_of(session).unseal(session, place, row_id, sealed)


def keyed(session: Session, text: str) -> str:
    """A keyed digest in hex, the same for the same text as long as the database lives. Raises NoCipher."""
    return cipher_of(session).keyed(text)


def cipher_of(session: Session) -> Cipher:
    """The session's cipher. Raises NoCipher."""
    found = cast(Cipher | None, session.info.get(CIPHER))
    if found is None:
        raise NoCipher("This database was opened without its keys: open it with api.at_rest.opened.")
    if not found.loaded:
        found.load(session)
    return found
