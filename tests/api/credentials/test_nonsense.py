"""Whatever an authenticator says, the server answers with a refusal."""

from __future__ import annotations

import random
from typing import Any

import cbor2
import pytest
from fastapi.testclient import TestClient
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from api.credentials import challenges, passkeys
from api.credentials.models import Assertion, NewCredential
from api.credentials.relying_party import RelyingParty
from api.database import Database
from api.problems import Conflict
from tests.api.conftest import Cast, FakeClock
from tests.api.credentials.authenticator import Algorithm, Authenticator, cose_key
from tests.api.credentials.conftest import PasskeyOf, proof_by

TAMPERINGS = 3000
PARTY = RelyingParty("testserver", ("https://testserver",))
CHALLENGE = bytes(range(32))
OPTIONS = {"user": {"id": "AAAA"}, "challenge": bytes_to_base64url(CHALLENGE)}

JUNK: tuple[Any, ...] = (None, -1, 0, 99, 2**70, "x", b"", b"x", b"\xfe" * 31, [], {}, 1.5, True)
STATEMENTS: tuple[Any, ...] = (
    None,
    [],
    {"sig": b"x"},
    {"sig": b"x", "alg": -7},
    {"sig": b"x", "alg": -7, "x5c": [b"junk"]},
    {"x5c": "a"},
    {"response": b"x", "ver": "1"},
    {"ver": "2.0", "certInfo": b"xx", "pubArea": b"yy", "sig": b"1", "alg": -7, "x5c": [b"x"]},
)


@pytest.fixture
def database_kind() -> str:
    """What is said of a credential does not depend on the database."""
    return "sqlite"


def tampered(text: str, chance: random.Random) -> str:
    """Some bytes changed, taken away or added."""
    raw = bytearray(base64url_to_bytes(text))
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(raw)) if raw else 0
        act = chance.randrange(4)
        if act == 0 and raw:
            raw[place] = chance.randrange(256)
        elif act == 1:
            del raw[place:]
        elif act == 2:
            raw[place:place] = chance.randbytes(chance.randint(1, 40))
        elif raw:
            del raw[place]
    return bytes_to_base64url(bytes(raw)) or "AA"


def test_a_new_passkey_that_was_tampered_with_is_refused_or_whole() -> None:
    seed = random.SystemRandom().getrandbits(32)
    chance = random.Random(seed)
    good = Authenticator().create(OPTIONS)
    refused = 0
    for number in range(TAMPERINGS):
        part = chance.choice(["clientDataJSON", "attestationObject"])
        response = good["response"] | {part: tampered(good["response"][part], chance)}
        credential = NewCredential.model_validate(good | {"response": response})
        try:
            passkeys.read_new(credential, CHALLENGE, PARTY, device_bound=False)
        except Conflict:
            refused += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}, tampering {number}: {error!r}") from error
    assert refused > TAMPERINGS // 2, f"seed {seed}"


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_a_public_key_that_is_none_is_never_kept(algorithm: Algorithm) -> None:
    maker = Authenticator(algorithm=algorithm)
    good = maker.create(OPTIONS)
    key = cose_key(maker.residents[-1].key)
    attestation = cbor2.loads(base64url_to_bytes(good["response"]["attestationObject"]))
    broken = [{part: value for part, value in key.items() if part != left_out} for left_out in key]
    broken += [key | {part: value} for part in key for value in JUNK if value != key[part]]
    broken += [value for value in JUNK if not isinstance(value, dict)]
    for other in broken:
        data = attestation["authData"].replace(cbor2.dumps(key), cbor2.dumps(other))
        assert data != attestation["authData"]
        said = bytes_to_base64url(cbor2.dumps(attestation | {"authData": data}))
        credential = NewCredential.model_validate(good | {"response": good["response"] | {"attestationObject": said}})
        with pytest.raises(Conflict):
            passkeys.read_new(credential, CHALLENGE, PARTY, device_bound=False)


@pytest.mark.parametrize(
    "form", ["packed", "tpm", "apple", "fido-u2f", "android-key", "android-safetynet", "x", None, 3]
)
def test_an_attestation_that_attests_nothing_is_refused(form: object) -> None:
    good = Authenticator().create(OPTIONS)
    attestation = cbor2.loads(base64url_to_bytes(good["response"]["attestationObject"]))
    for statement in STATEMENTS:
        said = bytes_to_base64url(cbor2.dumps(attestation | {"fmt": form, "attStmt": statement}))
        credential = NewCredential.model_validate(good | {"response": good["response"] | {"attestationObject": said}})
        with pytest.raises(Conflict):
            passkeys.read_new(credential, CHALLENGE, PARTY, device_bound=False)


def test_no_tampered_signature_is_believed(
    client: TestClient, passkey_of: PasskeyOf, database: Database, clock: FakeClock, cast: Cast
) -> None:
    seed = random.SystemRandom().getrandbits(32)
    chance = random.Random(seed)
    authenticator = passkey_of("officer")
    good = proof_by(client, authenticator)
    with database.write() as session:
        challenge = challenges.take(session, good["challenge_id"], "prove", clock.now())
    with database.write() as session:
        for number in range(TAMPERINGS):
            part = chance.choice(["clientDataJSON", "authenticatorData", "signature"])
            response = good["credential"]["response"]
            changed = tampered(response[part], chance)
            if changed == response[part]:
                continue
            assertion = Assertion.model_validate(good["credential"] | {"response": response | {part: changed}})
            believed = passkeys.proven(session, PARTY, challenge, assertion, clock.now(), "")
            assert believed is None, f"seed {seed}, tampering {number} of {part}"
        whole = Assertion.model_validate(good["credential"])
        assert passkeys.proven(session, PARTY, challenge, whole, clock.now(), "") is not None


@pytest.mark.parametrize(
    "change",
    [
        {"id": "%%%"},
        {"id": ""},
        {"id": "A" * 1365},
        {"rawId": "AAAA"},
        {"type": "password"},
        {"response": None},
        {"response": {}},
        {"clientExtensionResults": {"prf": {"results": {"first": "AAAA"}}}},
    ],
    ids=str,
)
def test_a_credential_of_another_shape_is_malformed_or_refused(
    client: TestClient, passkey_of: PasskeyOf, change: dict[str, Any]
) -> None:
    body = proof_by(client, passkey_of("officer"))
    body["credential"] |= change
    assert client.post("/api/session/passkey", json=body).status_code in (401, 422)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 5000,
        b'{"type": 1, "challenge": 2, "origin": 3}',
        b'{"type":"webauthn.get"}',
        b'{"type":"webauthn.get","challenge":"\xc3\xa9","origin":"x"}',
    ],
    ids=lambda said: str(said[:30]),
)
def test_client_data_that_is_none_is_refused(client: TestClient, passkey_of: PasskeyOf, said: bytes) -> None:
    body = proof_by(client, passkey_of("officer"))
    body["credential"]["response"]["clientDataJSON"] = bytes_to_base64url(said) or "AA"
    assert client.post("/api/session/passkey", json=body).status_code == 401
