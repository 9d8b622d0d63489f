"""Every word that leaves by a channel: constant sentences in two languages, nothing about anybody.

`TITLES` is the twin of the phone's `pwa/src/service-worker/texts.ts`: a push that the phone's own code shows and one that
only the browser shows must read alike. `{by}` stands for the initials of a colleague, `{code}` for a number to type.
"""

from api.paging.channels.answers import Message

NAME = "Warm Handoff"
BY_LIMIT = 8
"""Characters of initials; what is longer is no initials and is cut."""

TITLES = {
    "en": {
        "officer_waiting": "Officer waiting",
        "referral_waiting": "Referral waiting",
        "taken": "Somebody else has it",
        "taken_by": "Taken by {by}",
        "seen": "A coordinator has your referral",
        "seen_by": "{by} has your referral",
        "test": "This is a test. Your phone can be reached",
        "phone_removed": "A phone of yours is no longer reached. Open the app on it",
        "phone_silent": "Your phone did not answer its test",
        "colleague_silent": "A colleague’s phone did not answer its test",
        "cover_asked": "You are asked to take a shift",
        "cover_declined": "Your shift stays yours: they cannot take it",
        "rota_changed": "Your shifts have changed",
        "unknown": "Something is waiting for you",
        "open": "Open the app to see it",
        "arriving": "Arriving in {n} min",
    },
    "es": {
        "officer_waiting": "Oficial en espera",
        "referral_waiting": "Remisión en espera",
        "taken": "Otra persona ya la tiene",
        "taken_by": "La tiene {by}",
        "seen": "Un coordinador tiene su remisión",
        "seen_by": "{by} tiene su remisión",
        "test": "Esto es una prueba. Su teléfono recibe avisos",
        "phone_removed": "Uno de sus teléfonos ya no recibe avisos. Abra la aplicación en él",
        "phone_silent": "Su teléfono no respondió a su prueba",
        "colleague_silent": "El teléfono de un colega no respondió a su prueba",
        "cover_asked": "Le piden que tome un turno",
        "cover_declined": "El turno sigue siendo suyo: no pueden tomarlo",
        "rota_changed": "Sus turnos han cambiado",
        "unknown": "Algo le espera",
        "open": "Abra la aplicación para verlo",
        "arriving": "Llega en {n} min",
    },
}

_CODE = {"en": "Your code is {code}", "es": "Su código es {code}"}
_SPOKEN = {"en": "This is {name}. {title}. {open}.", "es": "Le llama {name}. {title}. {open}."}
_FOOT = {
    "en": "Sent by Warm Handoff by itself. Nobody reads answers to this address.",
    "es": "Enviado automáticamente por Warm Handoff. Nadie lee las respuestas a esta dirección.",
}


def title(message: Message) -> str:
    """The one sentence of a message. A text that is not known here still says that something waits."""
    if message.code:
        return _CODE[message.language].format(code=message.code)
    titles = TITLES[message.language]
    by, bare = initials(message), message.text.removesuffix("_by")
    with_name = titles.get(f"{bare}_by")
    if by and with_name is not None:
        return with_name.format(by=by)
    return titles.get(bare, titles["unknown"])


def below(message: Message) -> str:
    """The second line of a notification: when somebody arrives, where that is known, and otherwise where to look."""
    texts = TITLES[message.language]
    return texts["open"] if message.eta_minutes is None else texts["arriving"].format(n=message.eta_minutes)


def initials(message: Message) -> str:
    """Who answered, fit for any channel."""
    return "".join(letter for letter in message.by if letter.isprintable())[:BY_LIMIT].strip()


def short(message: Message) -> str:
    """For a text message: who writes, the sentence, and where to look."""
    return f"{NAME}: {title(message)}. {_where(message)}".rstrip()


def spoken(message: Message) -> str:
    """For a voice: a code is said digit by digit."""
    if message.code:
        digits = _CODE[message.language].format(code=", ".join(message.code))
        return f"{NAME}. {digits}."
    words = {"name": NAME, "title": title(message), "open": TITLES[message.language]["open"]}
    return _SPOKEN[message.language].format(**words)


def letter(message: Message) -> str:
    """For an e-mail: the sentence, where to look, and that a machine wrote it."""
    parts = [f"{title(message)}.", _where(message), _FOOT[message.language]]
    return "\n\n".join(part for part in parts if part) + "\n"


def _where(message: Message) -> str:
    if message.code:
        return ""
    asked = TITLES[message.language]["open"]
    return f"{asked}: {message.origin}" if message.origin else f"{asked}."
