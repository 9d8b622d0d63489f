"""What every part of a pack is made of: names, lines, sentences in both languages, and the three pathways."""

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from eligibility_rules.letters import find_stray

MAX_TEXT_LENGTH = 400

Pathway = Literal["arrest_diversion", "social_contact", "community"]


def _readable(text: str) -> str:
    if text != text.strip():
        raise ValueError("has spaces at its ends")
    if not unicodedata.is_normalized("NFC", text):
        raise ValueError("is not in Unicode's composed form (NFC)")
    stray = find_stray(text)
    if stray is not None:
        raise ValueError(f"has {stray}, which English and Spanish do not use")
    return text


Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
ProgramSlug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,47}$")]
Line = Annotated[str, Field(min_length=1, max_length=MAX_TEXT_LENGTH), AfterValidator(_readable)]


class Frozen(BaseModel):
    """Strict, closed and immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Text(Frozen):
    """One sentence for people, in both languages."""

    en: Line
    es: Line
