"""Accounts, agencies and the first administrator, as an operator makes and closes them."""

from __future__ import annotations

import re

from sqlmodel import col, select

from api.auth import passwords
from api.auth.cookies import token_hash
from api.database import Database
from api.tables.devices import Device
from api.tables.invitations import Invitation
from api.tables.people import Bootstrap, User
from tests.api.cli.conftest import Run
from tests.api.conftest import JOINED


def add_officer(run: Run) -> tuple[int, str, str]:
    run("add-agency", "--program", "denver", "--name", "District 6")
    words = ("--program", "denver", "--role", "officer", "--login", "o.example", "--name", "O. Example")
    return run("add-user", *words, "--agency", "District 6")


def test_a_new_account_gets_an_address_at_which_its_person_chooses_a_passphrase(
    run: Run, store: Database, program: str
) -> None:
    code, said, _ = add_officer(run)
    token = re.search(r"/#/join/([A-Za-z0-9_-]{22})$", said, re.MULTILINE)
    typed = re.search(r"^Or the code: (\w{4}-\w{4})$", said, re.MULTILINE)
    assert code == 0
    assert token is not None
    assert typed is not None
    with store.read() as session:
        user, invitation = session.exec(select(User)).one(), session.exec(select(Invitation)).one()
    assert (user.active, user.password_hash, invitation.made_by) == (False, "", None)
    assert invitation.token_hash == token_hash(token[1])
    for secret in (token[1], typed[1], typed[1].replace("-", "")):
        assert secret not in invitation.model_dump_json()


def test_until_it_is_taken_up_the_same_command_prints_another_address(
    run: Run, store: Database, program: str
) -> None:  # fmt: skip
    former, latter = add_officer(run)[1], add_officer(run)[1]
    assert former != latter
    with store.read() as session:
        ended = [row.ended_at is not None for row in session.exec(select(Invitation).order_by(col(Invitation.id)))]
    assert ended == [True, False]
    with store.write() as session:
        user = session.exec(select(User)).one()
        user.active, user.password_hash = True, "hash"
        session.add(user)
    assert add_officer(run)[0] == 1, "the login is taken"


def test_four_words_differ_each_time_and_have_enough_bits() -> None:
    made = {passwords.four_words() for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(r"[a-z]{5}( [a-z]{5}){3}", words) for words in made)
    per_word = 16 * 5 * 16 * 5 * 16
    assert per_word**4 > 2**64


def test_an_unknown_agency_or_role_is_refused(run: Run, program: str) -> None:
    words = ("--program", "denver", "--login", "x", "--name", "X Example")
    assert run("add-user", *words, "--role", "officer", "--agency", "Nowhere")[0] == 1
    assert run("add-user", *words, "--role", "emperor")[0] == 1
    assert run("add-agency", "--program", "nowhere", "--name", "X")[0] == 1


def test_closing_an_account_revokes_its_devices(run: Run, store: Database, program: str) -> None:
    add_officer(run)
    with store.write() as session:
        user = session.exec(select(User)).one()
        for number in (1, 2):
            device = Device(
                id=f"0de00000-0000-4000-8000-00000000000{number}",
                user_id=user.id,
                program_id="denver",
                public_key="",
                cookie_hash="",
                cookie_at=JOINED,
                created_at=JOINED,
                seen_at=JOINED,
                expires_at=JOINED,
            )
            session.add(device)
    assert run("revoke-device", "0de00000-0000-4000-8000-000000000001") == (0, "Revoked.", "")
    assert run("deactivate-user", "o.example") == (0, "Closed. Devices revoked: 1", "")
    with store.read() as session:
        assert set(session.exec(select(Device.state)).all()) == {"revoked"}
        assert not session.exec(select(User.active)).one()
    assert run("revoke-device", "none")[0] == 1
    assert run("deactivate-user", "nobody")[0] == 1


def test_the_bootstrap_address_keeps_its_token_out_of_logs_and_database(
    run: Run, store: Database, program: str
) -> None:
    code, said, _ = run("bootstrap")
    address = said.splitlines()[-1]
    path, _, token = address.partition("#")
    assert code == 0
    assert path == "http://localhost:8000/api/bootstrap-account"
    assert len(token) >= 43
    with store.read() as session:
        assert token not in session.exec(select(Bootstrap.token_hash)).one()
    add_officer(run)
    assert run("bootstrap")[0] == 1, "somebody has an account"


def test_bootstrap_asks_for_a_program_first(run: Run) -> None:
    code, _, complaint = run("bootstrap")
    assert (code, "add-program" in complaint) == (1, True)
