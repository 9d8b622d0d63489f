"""A program's own settings, and the document that its phones keep for use without a network.

Answers for what may stand in `program.config` and for the consent script with its version and hash. Which rules
hold is `api.rules`' affair; the config only names whose shipped packs apply.
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.rota.model import Zone
from api.rota.policy import AfterHours
from api.rota.practice import Minutes, Practice
from api.tables.people import Program
from eligibility_rules.practice import Approver
from sync.fields import Pathway
from sync.operations import canonical

Phone = Annotated[str, StringConstraints(min_length=3, max_length=40)]

DEFAULT_SCRIPT_VERSION = "default-1"
DEFAULT_SCRIPT = {
    "en": (
        "You do not have to do this. If you want, you can talk with a LEAD case manager about what would help you. "
        "Saying no changes nothing else today. If you say yes, I will tell them your name and how to find you. You can "
        "change your mind later by calling the number on the card. Would you like to talk with them?"
    ),
    "es": (
        "Usted no tiene que hacer esto. Si quiere, puede hablar con una persona de LEAD sobre lo que le ayudaría. Decir "
        "que no no cambia nada más hoy. Si dice que sí, les diré su nombre y cómo encontrarle. Puede cambiar de opinión "
        "después llamando al número de la tarjeta. ¿Le gustaría hablar con ellos?"
    ),
}
"""Until the program's policy group has approved its own."""


class Texts(BaseModel):
    """The words that are read aloud or handed over."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: Annotated[str, StringConstraints(min_length=1, max_length=4000)]
    es: Annotated[str, StringConstraints(min_length=1, max_length=4000)]


class OwnScript(BaseModel):
    """A script that the program approved. A changed text needs a new version."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    texts: Texts


Days = Annotated[int, Field(ge=1, le=36_500)]


class Retention(BaseModel):
    """After how many days, by the server's clock, everything of a referral is erased; None: never."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    declined_or_ineligible_days: Annotated[
        Days | None, Field(description="Since it was decided or closed, where the program never accepted the person.")
    ] = 30
    closed_days: Annotated[Days | None, Field(description="Since any other referral was closed.")] = 1095


class ProgramConfig(Practice):
    """`program.config`, checked when it is written and when it is read; how the program is reached stands in `Practice`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    call_number: Phone
    call_name: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    time_zone: Zone
    languages: list[Literal["en", "es"]] = Field(default=["en", "es"], min_length=1)
    pathways: Annotated[list[Pathway], Field(min_length=1)]
    pack: Annotated[str | None, Field(description="The folder of rule packs, None where there is none yet.")] = None
    text_number: Annotated[Phone | None, Field(description="Takes text messages, if the call number does not.")] = None
    nobody_after_minutes: Annotated[Minutes, Field(description="The officer is told that nobody has answered.")] = 10
    script: OwnScript | None = None
    second_factor: Annotated[
        Literal["required", "optional"],
        Field(description="Whether a passphrase opens anything by itself. A passkey is two factors already."),
    ] = "required"
    retention: Annotated[Retention, Field(description="How long referrals are kept once they have ended.")] = (
        Retention()
    )
    approval_numbers: dict[Approver, Phone] = Field(
        default={}, description="Who is called before an offer, where the rules want somebody's approval."
    )


class Script(BaseModel):
    """The consent script in force; `hash` covers the version and both texts."""

    version: str
    hash: str
    texts: Texts


def config_of(program: Program) -> ProgramConfig:
    """The program's settings."""
    return ProgramConfig.model_validate(program.config)


class AfterHoursEntry(BaseModel):
    """What the program's policies say of a page that comes outside its service hours."""

    pathway: Pathway
    officer_waiting: bool
    behaviour: AfterHours


def after_hours_of(config: ProgramConfig, pathways: Sequence[Pathway]) -> list[AfterHoursEntry]:
    """For each of these pathways, with an officer waiting and without: those that the reader begins."""
    return [
        AfterHoursEntry(
            pathway=pathway, officer_waiting=waiting, behaviour=config.policy_for(pathway, waiting).after_hours
        )
        for pathway in pathways
        for waiting in (True, False)
    ]


def script_of(config: ProgramConfig) -> Script:
    """The program's own script or the default, with the hash that a consent cites."""
    own = config.script or OwnScript(version=DEFAULT_SCRIPT_VERSION, texts=Texts(**DEFAULT_SCRIPT))
    digest = hashlib.sha256(canonical({"version": own.version, "texts": own.texts.model_dump()})).hexdigest()
    return Script(version=own.version, hash=digest, texts=own.texts)
