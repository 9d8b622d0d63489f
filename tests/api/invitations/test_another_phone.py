"""Another phone of one's own: the invitation stands for the name, the passphrase is asked as ever; and races."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.api.at_once import together
from tests.api.conftest import AGENCY, PASSPHRASE, FakeClock, SignIn, new_client

OWN_WORDS = "lantern gravel teapot window"
LOOK, ACCEPT = "/api/invitations/look", "/api/invitations/accept"


@pytest.fixture
def enrolment(sign_in: SignIn) -> dict[str, Any]:
    answer = sign_in("officer").post("/api/enrolments")
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.json()
    return document


def token_of(document: dict[str, Any]) -> str:
    return str(document["address"]).rpartition("/#/join/")[2]


def test_it_signs_the_same_person_in_with_the_passphrase_they_have(
    enrolment: dict[str, Any], app: FastAPI, sign_in: SignIn
) -> None:
    elsewhere, here = sign_in("officer"), new_client(app)
    assert here.post(LOOK, json={"token": token_of(enrolment)}).json()["purpose"] == "enrol"
    answer = here.post(ACCEPT, json={"token": token_of(enrolment), "passphrase": PASSPHRASE})
    assert answer.status_code == 200
    assert answer.json()["user"]["login"] == "officer"
    assert elsewhere.get("/api/session").status_code == 200, "the other phone stays signed in"


def test_it_sets_no_passphrase(enrolment: dict[str, Any], app: FastAPI, sign_in: SignIn) -> None:
    answer = new_client(app).post(ACCEPT, json={"token": token_of(enrolment), "passphrase": OWN_WORDS})
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:handoff:problem:sign-in-refused")
    assert "set-cookie" not in answer.headers
    sign_in("officer")
    answer = new_client(app).post(ACCEPT, json={"token": token_of(enrolment), "passphrase": PASSPHRASE})
    assert answer.status_code == 200, "a mistyped passphrase has not used it up"


def test_it_works_once_and_by_its_code(enrolment: dict[str, Any], app: FastAPI) -> None:
    body = {"code": enrolment["code"], "login": "officer", "passphrase": PASSPHRASE}
    assert [new_client(app).post(ACCEPT, json=body).status_code for _ in range(2)] == [200, 404]


def test_a_new_one_ends_the_former(enrolment: dict[str, Any], sign_in: SignIn, app: FastAPI) -> None:
    sign_in("officer").post("/api/enrolments")
    assert new_client(app).post(LOOK, json={"token": token_of(enrolment)}).status_code == 404


def test_it_asks_for_a_fresh_proof(sign_in: SignIn, clock: FakeClock, client: TestClient) -> None:
    officer = sign_in("officer")
    clock.advance(minutes=5, seconds=1)
    assert officer.post("/api/enrolments").status_code == 403
    assert client.post("/api/enrolments").status_code == 401


def test_a_closed_account_gets_in_by_none(enrolment: dict[str, Any], sign_in: SignIn, app: FastAPI) -> None:
    administrator = sign_in("administrator")
    user_id = next(one["id"] for one in administrator.get("/api/people").json()["people"] if one["login"] == "officer")
    administrator.patch(f"/api/people/{user_id}", json={"active": False})
    body = {"token": token_of(enrolment), "passphrase": PASSPHRASE}
    assert new_client(app).post(ACCEPT, json=body).status_code == 404


def test_of_two_who_come_in_at_once_one_does(sign_in: SignIn, app: FastAPI) -> None:
    chosen = ["first lantern gravel teapot", "second lantern gravel teapot"]
    for number in range(4):
        new = {"login": f"race{number}", "name": "Race Example", "role": "officer", "agency_id": AGENCY}
        document = sign_in("administrator").post("/api/invitations", json=new).json()

        def come(words: str, token: str = token_of(document)) -> int:
            return int(new_client(app).post(ACCEPT, json={"token": token, "passphrase": words}).status_code)

        statuses = together([lambda: come(chosen[0]), lambda: come(chosen[1])])
        assert sorted(statuses) == [200, 404]
        for words, status in zip(chosen, statuses, strict=True):
            body = {"login": f"race{number}", "password": words}
            expected = 200 if status == 200 else 401
            assert new_client(app).post("/api/session", json=body).status_code == expected


def test_parallel_guesses_at_a_code_have_five_tries_together(sign_in: SignIn, app: FastAPI) -> None:
    administrator = sign_in("administrator")
    new = {"login": "race", "name": "Race Example", "role": "officer", "agency_id": AGENCY}
    document = administrator.post("/api/invitations", json=new).json()

    def guess(number: int) -> int:
        return int(new_client(app).post(LOOK, json={"code": f"0000-000{number}", "login": "race"}).status_code)

    together([lambda number=number: guess(number) for number in range(8)])  # type: ignore[misc]
    listed = administrator.get("/api/invitations").json()["invitations"]
    assert [entry["code_tries_left"] for entry in listed] == [0]
    assert new_client(app).post(LOOK, json={"code": document["code"], "login": "race"}).status_code == 404
