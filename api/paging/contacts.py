"""The numbers and mailboxes by which somebody is reached beside their phones, each proven by a code before it is used."""

import hmac
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import Session, col
from uuid6 import uuid7

from api.auth.cookies import token_hash
from api.paging import outbox
from api.paging.escalation import Address
from api.problems import Conflict, Malformed, NotFound, TooMany
from api.tables.paging import ContactPoint

CONTACTS_PER_USER = 6
CODE_DIGITS = 6
CODE_LIFETIME = timedelta(minutes=15)
CODE_TRIES = 5
CODE_EVERY = timedelta(minutes=1)
MAILBOX_LIMIT = 254
_NUMBER = re.compile(r"\+[1-9][0-9]{7,14}")
_NATIONAL = re.compile(r"[2-9][0-9]{9}")
_MAILBOX = re.compile(r"[!-?A-~]+@[a-zA-Z0-9-]+(\.[a-zA-Z0-9-]+)+")
_PUNCTUATION = re.compile(r"[\s().\-]")


def normal(channel: str, address: str) -> str:
    """A number in E.164 (ten digits are a number of North America), or a mailbox. Raises Malformed."""
    text = address.strip()
    if channel == "email":
        if len(text) <= MAILBOX_LIMIT and _MAILBOX.fullmatch(text):
            return text
        raise Malformed("Give a mailbox such as ana@example.org.")
    digits = _PUNCTUATION.sub("", text)
    digits = f"+1{digits}" if _NATIONAL.fullmatch(digits) else digits
    if _NUMBER.fullmatch(digits):
        return digits
    raise Malformed("Give the number with its country, such as +1 303 555 0121.")


def of_user(session: Session, user_id: str) -> list[ContactPoint]:
    """Everything that a user has given, oldest first."""
    statement = select(ContactPoint).where(col(ContactPoint.user_id) == user_id).order_by(col(ContactPoint.id))
    return list(session.execute(statement).scalars())


def add(
    session: Session, user_id: str, program_id: str, channel: str, address: str, language: str, now: datetime
) -> ContactPoint:
    """Take in an address, or the same one again, and send a code to it. Raises Malformed, Conflict, TooMany."""
    wanted = normal(channel, address)
    mine = of_user(session, user_id)
    contact = next((one for one in mine if (one.channel, one.address) == (channel, wanted)), None)
    if contact is None:
        if len(mine) >= CONTACTS_PER_USER:
            raise Conflict(f"There are {CONTACTS_PER_USER} already: remove one first.")
        contact = ContactPoint(
            id=str(uuid7()), user_id=user_id, channel=channel, address=wanted, language=language, created_at=now
        )
        session.add(contact)
        session.flush()
    elif contact.verified_at is not None and contact.disabled_at is None:
        raise Conflict("This one is proven already.")
    sent_at = None if contact.code_expires_at is None else contact.code_expires_at - CODE_LIFETIME
    if sent_at is not None and now - sent_at < CODE_EVERY:
        wait = CODE_EVERY - (now - sent_at)
        raise TooMany("A code is on its way. Ask for another one in a minute.", retry_after_seconds=wait.seconds + 1)
    contact.language = language
    _send_code(session, contact, program_id, now)
    return contact


def _send_code(session: Session, contact: ContactPoint, program_id: str, now: datetime) -> None:
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    contact.code_hash, contact.code_tries = token_hash(code), 0
    contact.code_expires_at = now + CODE_LIFETIME
    contact.disabled_at, contact.reason, contact.failures = None, "", 0
    where = Address(contact.id, contact.user_id, contact.channel, contact.channel)  # type: ignore[arg-type]  # stored
    row = outbox.write(session, None, outbox.at_once(where, now), "code", "code", now, program_id=program_id)
    row.token, row.token_hash = code, ""


def verify(session: Session, user_id: str, contact_id: str, code: str, now: datetime) -> bool:
    """True if the code proves the address. A wrong one counts; after `CODE_TRIES` only a new code helps.

    Raises NotFound for somebody else's, TooMany when the tries are used up, Conflict for a code that is over.
    """
    statement = select(ContactPoint).where(col(ContactPoint.id) == contact_id).with_for_update()
    contact = session.execute(statement).scalar_one_or_none()
    if contact is None or contact.user_id != user_id:
        raise NotFound("There is no such number or mailbox of yours.")
    if contact.verified_at is not None:
        return True
    if contact.code_tries >= CODE_TRIES:
        raise TooMany("Too many wrong codes. Ask for a new one.", retry_after_seconds=int(CODE_EVERY.total_seconds()))
    if contact.code_expires_at is None or contact.code_expires_at <= now:
        raise Conflict("This code is over. Ask for a new one.")
    contact.code_tries += 1
    if not hmac.compare_digest(contact.code_hash, token_hash(code)):
        return False
    contact.verified_at, contact.code_hash, contact.code_expires_at = now, "", None
    return True


def remove(session: Session, user_id: str, contact_id: str) -> None:
    """Forget one of the user's own. Raises NotFound."""
    contact = session.get(ContactPoint, contact_id)
    if contact is None or contact.user_id != user_id:
        raise NotFound("There is no such number or mailbox of yours.")
    session.delete(contact)
