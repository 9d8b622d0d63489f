"""Passphrases that are guessed first: a short list, and what is made of the words that stand around a person.

An account takes five wrong guesses and is locked, so whoever guesses has a handful a day: a list of the few dozen that
lead every published ranking, as far as they reach twelve characters, is worth as much here as one of a million. Against a
stolen table the hash must hold, whatever was chosen. Nothing else is asked of a passphrase: rules on digits and signs make
people write them down (NIST SP 800-63B, 5.1.1.2).
"""

import re
import unicodedata
from collections.abc import Iterable

PROGRAM_WORDS = ("lead", "warm", "handoff", "diversion", "police", "sheriff", "officer", "passphrase", "password")
REMAINDER_MIN_LETTERS = 6
"""Letters that must be left when the words around a person are taken out."""
WORD_MIN_LETTERS = 3

_LEADING = """
123456789012 1234567890123 12345678901234 1234567891011 123456123456 121212121212 112233445566 987654321098
000000000000 111111111111 123123123123 aaaaaaaaaaaa abcdefghijkl abcdefghijklm abcd12345678 abc123abc123 a1b2c3d4e5f6
qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyuiopasdf qwertyqwerty qwerty123456 qwerty1234567 qwerty12345678
asdfghjklasdf asdfasdfasdf zxcvbnmzxcvbnm 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv q1w2e3r4t5y6
qazwsxedcrfv zaq12wsxcde3 iloveyou1234 iloveyouforever letmeinletmein welcome12345 welcome123456 changemechangeme
trustno1trustno1 administrator administrator1 administrator123 adminadminadmin admin1234567 admin12345678
footballfootball baseballbaseball monkeymonkey dragondragon sunshine1234 princess1234 superman1234 michaeljordan
correcthorsebatterystaple thequickbrownfox tobeornottobe maytheforcebewithyou inthebeginning
"""
COMMONEST = frozenset(_LEADING.split())


def is_guessable(passphrase: str, about: Iterable[str]) -> bool:
    """True for one of the commonest, and where only digits and a few letters are left without the words around the person."""
    plain = _plain(passphrase)
    if "".join(plain.split()) in COMMONEST:
        return True
    words = {word for text in about for word in _plain(text).split() if len(word) >= WORD_MIN_LETTERS}
    rest = "".join(plain.split())
    for word in sorted(words | set(PROGRAM_WORDS), key=len, reverse=True):
        rest = rest.replace(word, " ")
    return "".join(plain.split()) != rest and sum(letter.isalpha() for letter in rest) < REMAINDER_MIN_LETTERS


def _plain(text: str) -> str:
    """Lower case, without accents, signs as space."""
    unaccented = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(letter for letter in unaccented if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", kept)
