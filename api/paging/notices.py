"""Word to somebody of the staff that is no page: their shifts changed, a phone of theirs is no longer reached."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session

from api.paging import outbox, reach
from api.paging.escalation import Address
from api.rota.policy import LADDER


def tell(session: Session, program_id: str, told: Iterable[tuple[str, str]], now: datetime) -> None:
    """Send each (user, text key) to all phones of the user; to somebody without a phone, by the next channel there is."""
    for user_id, words in sorted(set(told)):
        for address in _nearest(session, user_id, without=""):
            outbox.write(session, None, outbox.at_once(address, now), "notice", words, now, program_id=program_id)


def tell_lost(session: Session, program_id: str, user_id: str, target_id: str, now: datetime) -> None:
    """One of somebody's addresses is dead: they hear of it by another one."""
    for address in _nearest(session, user_id, without=target_id):
        outbox.write(session, None, outbox.at_once(address, now), "notice", "phone_removed", now, program_id=program_id)


def tell_otherwise(session: Session, program_id: str, user_id: str, words: str, now: datetime) -> int:
    """To everything of somebody's but the phones' push, which stayed silent; how many addresses there are."""
    found = [address for address in reach.addresses(session, [user_id]).get(user_id, []) if address.channel != "push"]
    for address in found:
        outbox.write(session, None, outbox.at_once(address, now), "notice", words, now, program_id=program_id)
    return len(found)


def send_test(session: Session, program_id: str, user_id: str, now: datetime) -> int:
    """A test message to every address of a user; returns how many there are."""
    found = reach.addresses(session, [user_id]).get(user_id, [])
    for address in found:
        outbox.write(session, None, outbox.at_once(address, now), "test", "test", now, program_id=program_id)
    return len(found)


def _nearest(session: Session, user_id: str, without: str) -> list[Address]:
    """The addresses of the first channel of the usual order that the user has."""
    found = [a for a in reach.addresses(session, [user_id]).get(user_id, []) if a.target_id != without]
    for channel in LADDER:
        if nearest := [address for address in found if address.channel == channel]:
            return nearest
    return []
