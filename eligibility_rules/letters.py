"""Which characters a pack may be written in.

Answers for look-alikes and for what the eye does not see: a letter of another script that passes for a Latin one, a mark
that turns the direction of writing, a space without width. English and Spanish need none of them.
"""

import unicodedata

#: The accented Latin letters up to here suffice for names in either language.
LAST_LATIN = "\u017f"
ORDINALS = "ªº"


def find_stray(text: str) -> str | None:
    """The first character that does not belong in a pack, named for a message; None if all do."""
    if text.isascii() and text.isprintable():
        return None
    return next((_name(character) for character in text if _is_stray(character)), None)


def _is_stray(character: str) -> bool:
    if character.isascii():
        return not character.isprintable()
    if character in ORDINALS:
        return False
    match unicodedata.category(character)[0]:
        case "L":
            return character > LAST_LATIN
        case "P" | "S":
            return False
        case _:  # marks, digits of other scripts, spaces and controls, characters that are not assigned
            return True


def _name(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return f"{code}, {unicodedata.name(character, 'a character without a name')}"
