"""Passphrases: argon2id hashes, with as many at once as the machine can bear.

Figures from OWASP and ASVS 5.0 (19 MiB, two passes, one lane). A flood of sign-ins waits, then is told to come back, so
that it cannot take the memory from phones that deliver referrals.
"""

import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from api.auth.commonest import is_guessable
from api.problems import Malformed, Unavailable

PASSPHRASE_MIN_CHARACTERS = 12
PASSPHRASE_MAX_CHARACTERS = 128
HASHES_AT_ONCE = 2
WAIT_SECONDS = 5.0
RETRY_SECONDS = 5

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_slots = threading.BoundedSemaphore(HASHES_AT_ONCE)
_CONSONANTS, _VOWELS = "bdfgjklmnprstvwz", "aeiou"
_dummy = HASHER.hash(secrets.token_hex(16))


@contextmanager
def _slot() -> Iterator[None]:
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise Unavailable("Many people are signing in at once.", retry_after_seconds=RETRY_SECONDS)
    try:
        yield
    finally:
        _slots.release()


def check_length(passphrase: str) -> None:
    """Refuse a passphrase that is too short or too long; nothing else is asked of it."""
    if not PASSPHRASE_MIN_CHARACTERS <= len(passphrase) <= PASSPHRASE_MAX_CHARACTERS:
        raise Malformed(
            f"A passphrase has {PASSPHRASE_MIN_CHARACTERS} to {PASSPHRASE_MAX_CHARACTERS} characters; four words are good."
        )


def check_choice(passphrase: str, about: Iterable[str]) -> None:
    """Refuse what somebody chose if it is of the wrong length or among the first that anybody would try.

    `about` are words that stand around the person: their name, login and program. Raises Malformed.
    """
    check_length(passphrase)
    if is_guessable(passphrase, about):
        raise Malformed(
            "That is one of the first that somebody would try. Take four words that have nothing to do with you."
        )


def hashed(passphrase: str) -> str:
    """The hash to store. Raises Malformed for a passphrase of the wrong length."""
    check_length(passphrase)
    with _slot():
        return HASHER.hash(passphrase)


def matches(passphrase: str, stored: str | None) -> bool:
    """True if the passphrase fits. Without a stored hash the same work is done, so that the time tells nothing."""
    with _slot():
        try:
            fits = bool(HASHER.verify(stored or _dummy, passphrase))
        except (VerificationError, InvalidHashError):
            fits = False
    return fits and bool(stored)


def four_words() -> str:
    """A new passphrase of four words one can say aloud: 66 random bits, above what an offline guesser can try.

    The words are built (consonant, vowel, …) because a list that gives as many bits would be 90,000 words long.
    """
    return " ".join("".join(secrets.choice(kind) for kind in _WORD) for _ in range(4))


_WORD = (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)
