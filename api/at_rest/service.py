"""Opening a database with its keys, and giving it new ones."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import inspect
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from api import logs
from api.at_rest.cipher import NUMBER_BYTES, Cipher, DataKeys
from api.at_rest.key_files import KeyFileError, new_secret
from api.at_rest.wrapping import KeyPlace, WrappingKey
from api.clock import SystemClock
from api.database import Database, inserting
from api.settings import Settings
from api.tables.at_rest import DataKey

DIGESTS, FIRST = 0, 1
LAST = 256**NUMBER_BYTES - 1


def opened(settings: Settings) -> Database:
    """The settings' database with its cipher; the first keys are made for one that has none.

    Raises KeyFileError if its data keys cannot be unwrapped. One that has no schema yet, or is down, is unlocked when it is
    first used.
    """
    place = KeyPlace.of(settings)
    database = Database(settings.url, keys_dir=settings.keys_dir, ledger_dir=settings.ledger_folder)
    database.cipher = cipher = Cipher(lambda session: _unwrapped(session, place))
    try:
        if inspect(database.reader).has_table("data_key"):
            _unlock(database, cipher, place)
    except OperationalError as error:
        logs.error("at_rest.waiting", error)
    except BaseException:
        database.close()
        raise
    return database


def _unlock(database: Database, cipher: Cipher, place: KeyPlace) -> None:
    with database.read() as session:
        empty = session.exec(select(DataKey.number).limit(1)).first() is None
    if empty:
        _make_first(database, place.first())
    with database.read() as session:
        cipher.load(session)


def _make_first(database: Database, key: WrappingKey) -> None:
    """Servers that start together agree: whoever comes first has made it."""
    now = SystemClock().now()
    rows = [_row(number, key, new_secret(), now) for number in (DIGESTS, FIRST)]
    with database.write() as session:
        session.execute(inserting(session, DataKey, rows).on_conflict_do_nothing())


def _row(number: int, key: WrappingKey, secret: bytes, now: datetime) -> dict[str, object]:
    return {"number": number, "kek_id": key.kek_id, "wrapped": key.wrap(number, secret), "made_at": now}


def _unwrapped(session: Session, place: KeyPlace) -> DataKeys:
    keys = {key.kek_id: key for key in place.all()}
    rows = session.exec(select(DataKey).order_by(col(DataKey.number))).all()
    found = {row.number: _holder(keys, row, place).unwrap(row.number, row.wrapped) for row in rows}
    digests = found.pop(DIGESTS, None)
    if digests is None or not found:
        raise KeyFileError("The database has lost its data keys. Restore it from a backup.")
    return DataKeys(found, digests)


def _holder(keys: Mapping[str, WrappingKey], row: DataKey, place: KeyPlace) -> WrappingKey:
    key = keys.get(row.kek_id)
    if key is None:
        raise KeyFileError(
            f"The database is sealed with the key {row.kek_id}, and neither {place.folder} nor HANDOFF_DATA_KEY_FILE(_OLD) "
            f"holds it. Restore data-{row.kek_id}.key from the key backup; without it the data cannot be read by anybody."
        )
    return key


def rewrap(session: Session, place: KeyPlace) -> WrappingKey:
    """Wrap every data key with a new key-encryption key; returns that key. Raises KeyFileError.

    Killed between the file and the end of the transaction, the next try takes the file that is there.
    """
    rows = session.exec(select(DataKey).order_by(col(DataKey.number)).with_for_update()).all()
    keys = {key.kek_id: key for key in place.all()}
    secrets = {row.number: _holder(keys, row, place).unwrap(row.number, row.wrapped) for row in rows}
    new = place.next({row.kek_id for row in rows})
    for row in rows:
        row.kek_id, row.wrapped = new.kek_id, new.wrap(row.number, secrets[row.number])
        session.add(row)
    return new


def add_data_key(session: Session, place: KeyPlace, now: datetime) -> int:
    """A new data key, which seals from the end of the transaction on; returns its number. Raises KeyFileError.

    Older ones stay: a backup, or a server that has not noticed yet, may still hold something sealed with them.
    """
    newest = session.exec(select(DataKey).order_by(col(DataKey.number).desc()).with_for_update()).first()
    if newest is None:
        raise KeyFileError("The database has no data keys yet. Start the server once.")
    if newest.number >= LAST:
        raise KeyFileError(f"The database has used all {LAST} numbers of data keys.")
    holder = _holder({key.kek_id: key for key in place.all()}, newest, place)
    number = newest.number + 1
    session.execute(inserting(session, DataKey, _row(number, holder, new_secret(), now)))
    return number
