"""What travels between an authenticator, the phone and the server.

Options and credentials have the field names of WebAuthn Level 3 (sections 5.8 and 5.1.1, the JSON forms), so that a browser's
`parseCreationOptionsFromJSON` and `toJSON` fit without a translation. Fields that a browser adds are not looked at.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from api.auth.passwords import PASSPHRASE_MAX_CHARACTERS

ONE_LINE = r"^[^\x00-\x1f\x7f]+$"
BASE64URL = r"^[A-Za-z0-9_-]+$"
CREDENTIAL_ID_MAX = 1364
"""1,023 bytes, the most that an authenticator may use (WebAuthn 4)."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=16_384, pattern=BASE64URL)]
CredentialId = Annotated[str, StringConstraints(min_length=1, max_length=CREDENTIAL_ID_MAX, pattern=BASE64URL)]
ChallengeId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=BASE64URL)]
Passphrase = Annotated[str, StringConstraints(min_length=1, max_length=PASSPHRASE_MAX_CHARACTERS)]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Label = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=ONE_LINE)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _FromBrowser(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class CredentialDescriptor(BaseModel):
    id: str
    type: Literal["public-key"]


class RequestOptions(BaseModel):
    """PublicKeyCredentialRequestOptionsJSON: any passkey that the phone has for this server, with user verification."""

    challenge: str
    timeout: int
    rpId: str
    allowCredentials: list[CredentialDescriptor]
    userVerification: Literal["required"]


class RequestChallenge(BaseModel):
    """Answer with the credential and this `challenge_id` within five minutes, once."""

    challenge_id: str
    options: RequestOptions


class RelyingPartyEntity(BaseModel):
    id: str
    name: str


class UserEntity(BaseModel):
    id: str
    name: str
    displayName: str


class CredentialParameters(BaseModel):
    type: Literal["public-key"]
    alg: int


class AuthenticatorSelection(BaseModel):
    residentKey: Literal["required"]
    requireResidentKey: bool
    userVerification: Literal["required"]


class WantedExtensions(BaseModel):
    """`prf` asks whether the passkey can unlock a vault."""

    prf: dict[str, str]


class CreationOptions(BaseModel):
    """PublicKeyCredentialCreationOptionsJSON."""

    rp: RelyingPartyEntity
    user: UserEntity
    challenge: str
    pubKeyCredParams: list[CredentialParameters]
    timeout: int
    excludeCredentials: list[CredentialDescriptor]
    authenticatorSelection: AuthenticatorSelection
    attestation: Literal["none"]
    extensions: WantedExtensions


class CreationChallenge(BaseModel):
    """Answer with the new credential and this `challenge_id` within five minutes, once."""

    challenge_id: str
    options: CreationOptions


class PrfAnswer(BaseModel):
    """What the authenticator said of PRF. Its `results` unlock the vault: a phone that sent them would be refused."""

    model_config = ConfigDict(extra="forbid", strict=True)

    enabled: bool = False


class ExtensionAnswers(_FromBrowser):
    prf: PrfAnswer = PrfAnswer()


class AttestationResponse(_FromBrowser):
    clientDataJSON: Text
    attestationObject: Text


class NewCredential(_FromBrowser):
    """`toJSON()` of what `navigator.credentials.create` gave, without the results of PRF."""

    id: CredentialId
    rawId: CredentialId
    type: Literal["public-key"]
    response: AttestationResponse
    clientExtensionResults: ExtensionAnswers = ExtensionAnswers()


class AssertionResponse(_FromBrowser):
    clientDataJSON: Text
    authenticatorData: Text
    signature: Text
    userHandle: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=BASE64URL)]


class Assertion(_FromBrowser):
    """`toJSON()` of what `navigator.credentials.get` gave, without the results of PRF."""

    id: CredentialId
    rawId: CredentialId
    type: Literal["public-key"]
    response: AssertionResponse
    clientExtensionResults: ExtensionAnswers = ExtensionAnswers()


class NewPasskey(_Request):
    challenge_id: ChallengeId
    label: Label
    credential: NewCredential


class PasskeyDocument(BaseModel):
    """One of a person's passkeys."""

    id: str
    credential_id: str
    label: str
    created_at: str
    last_used_at: str | None
    prf: Annotated[bool, Field(description="It can unlock the vault.")]
    device_bound: Annotated[bool, Field(description="Its key never leaves the device that made it.")]


class PasskeyList(BaseModel):
    """Everything that a person can prove themselves with; `totp` is true once an authenticator app is confirmed."""

    passkeys: list[PasskeyDocument]
    totp: bool
    passphrase: bool


class TotpSecret(BaseModel):
    """The secret in base32 and the address that authenticator apps read from a QR code. Shown this once."""

    secret: str
    uri: str


class TotpConfirmation(_Request):
    code: Code


class PassphraseProof(_Request):
    """A passphrase, with a code where the person has an authenticator app."""

    password: Passphrase
    code: Code | None = None


class PasskeyProof(_Request):
    """A passkey's answer to a challenge from `/api/session/passkey-options`."""

    challenge_id: ChallengeId
    credential: Assertion


class PassphraseChange(_Request):
    """The passphrase until now and the next one."""

    former: Passphrase
    passphrase: Passphrase
    code: Code | None = None


class OpenSession(BaseModel):
    """One open session of a person; `label` is that of the device it speaks from."""

    id: str
    created_at: str
    seen_at: str
    label: str | None
    current: bool


class OpenSessions(BaseModel):
    sessions: list[OpenSession]
