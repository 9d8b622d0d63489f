"""What an invitation is shown as: an address whose secret is in the fragment, a code for reading aloud, a square to scan.

The fragment reaches no server and no proxy. The square comes as the path of one drawing, since the phone's policy lets no
text become markup.
"""

import secrets

import segno

TOKEN_BYTES = 16
CODE_CHARACTERS = 8
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: 40 bits in eight characters, and none that is taken for another."""
PATH = "/#/join/"
MARGIN = 4
_MEANT = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_token() -> str:
    """128 random bits for the address."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_code() -> str:
    """40 random bits for a voice or a keyboard."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_CHARACTERS))


def normal_code(typed: str) -> str:
    """A code as it was meant: any case, with or without hyphens and spaces, O for 0, I and L for 1."""
    return typed.upper().translate(_MEANT)


def shown_code(code: str) -> str:
    """A code as it is shown: in two halves."""
    return f"{code[:4]}-{code[4:]}"


def address(origin: str, token: str) -> str:
    """Where the invited person goes."""
    return origin.rstrip("/") + PATH + token


def square(text: str) -> tuple[int, str]:
    """A QR code as the side of its view box, quiet zone included, and the path of its dark parts."""
    rows = [list(row) for row in segno.make(text, error="m", micro=False).matrix_iter(border=MARGIN)]
    parts = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = next((end for end in range(x, len(row)) if not row[end]), len(row)) - x
            if run:
                parts.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run or 1
    return len(rows), "".join(parts)
