"""Reading passkeys, codes and handles."""

from sqlmodel import Session, col, select

from api.tables.credentials import OneTimeCode, Passkey, UserHandle


def passkeys_of(session: Session, user_id: str) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    query = select(Passkey).where(col(Passkey.user_id) == user_id)
    return list(session.exec(query.order_by(col(Passkey.created_at), col(Passkey.id))))


def passkey_of_credential(session: Session, credential_id: str) -> Passkey | None:
    """The passkey that an authenticator names, locked until the transaction ends."""
    return session.exec(select(Passkey).where(col(Passkey.credential_id) == credential_id).with_for_update()).first()


def handle_of(session: Session, user_id: str) -> str | None:
    """What authenticators know a person as."""
    row = session.get(UserHandle, user_id)
    return None if row is None else row.handle


def confirmed_code(session: Session, user_id: str) -> OneTimeCode | None:
    """A person's authenticator app, once it is confirmed."""
    row = session.get(OneTimeCode, user_id)
    return None if row is None or row.confirmed_at is None else row


def has_second_factor(session: Session, user_id: str) -> bool:
    """True for whoever has a passkey or a confirmed authenticator app."""
    passkey = session.exec(select(Passkey.id).where(col(Passkey.user_id) == user_id).limit(1)).first()
    return passkey is not None or confirmed_code(session, user_id) is not None
