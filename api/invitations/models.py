"""What invitations look like on the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from api.clock import rfc3339
from api.credentials.models import ONE_LINE, Code, Passphrase
from api.invitations import codes
from api.invitations.service import CODE_TRIES, Drawn, Guest, Purpose
from api.tables.invitations import Invitation
from api.tables.people import User
from sync.fields import Role
from sync.operations import Uuid

Login = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=ONE_LINE)]


class Body(BaseModel):
    """Closed to unknown keys; nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True)


class InviteRequest(Body):
    """Whom to invite, and as what. Asked again before it was taken up, it replaces the former invitation."""

    login: Login
    name: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=ONE_LINE)]
    role: Role
    agency_id: Uuid | None = None
    callback: Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class ShownInvitation(Body):
    """The token of an address, or a code with the login that it was made for."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    code: Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9 -]+$")] | None = None
    login: Login | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "ShownInvitation":
        by_code = self.code is not None and self.login is not None
        by_neither = self.code is None and self.login is None
        if not (by_neither if self.token is not None else by_code):
            raise ValueError("give the token, or the code and the login")
        return self


class AcceptRequest(ShownInvitation):
    """The passphrase that the person chooses; for another phone of theirs, what a sign-in asks for."""

    passphrase: Passphrase
    one_time_code: Code | None = None
    device_id: Uuid | None = None


class Square(BaseModel):
    """A QR code: `<svg viewBox="0 0 {size} {size}"><path d="{path}"/></svg>`, dark on light, quiet zone included."""

    size: int
    path: str


class NewInvitation(BaseModel):
    """Shown once, to whoever made it: the server keeps only hashes."""

    id: str
    user_id: str
    purpose: Purpose
    address: str
    code: Annotated[str, Field(description="Eight characters in two halves; any case, O is 0, I and L are 1.")]
    qr: Square
    expires_at: str


class InvitationEntry(BaseModel):
    """An invitation that still holds."""

    id: str
    user_id: str
    login: str
    name: str
    purpose: Purpose
    made_at: str
    expires_at: str
    code_tries_left: int


class InvitationList(BaseModel):
    invitations: list[InvitationEntry]


class GuestDocument(BaseModel):
    """Whom an invitation is for; `join` and `recover` ask for a new passphrase, `enrol` for the one they have."""

    login: str
    name: str
    role: Role
    program: str
    purpose: Literal["join", "recover", "enrol"]
    expires_at: str


def new_invitation(invitation: Invitation, drawn: Drawn, origin: str) -> NewInvitation:
    """The document for whoever made it."""
    address = codes.address(origin, drawn.token)
    size, path = codes.square(address)
    return NewInvitation.model_validate(
        {
            "id": invitation.id, "user_id": invitation.user_id, "purpose": invitation.purpose, "address": address,
            "code": codes.shown_code(drawn.code), "qr": {"size": size, "path": path},
            "expires_at": rfc3339(invitation.expires_at),
        }
    )  # fmt: skip


def entry(invitation: Invitation, user: User) -> InvitationEntry:
    return InvitationEntry.model_validate(
        {
            "id": invitation.id, "user_id": user.id, "login": user.login, "name": user.name,
            "purpose": invitation.purpose, "made_at": rfc3339(invitation.made_at),
            "expires_at": rfc3339(invitation.expires_at),
            "code_tries_left": max(0, CODE_TRIES - invitation.code_tries),
        }
    )  # fmt: skip


def guest_document(guest: Guest) -> GuestDocument:
    return GuestDocument.model_validate(
        {
            "login": guest.user.login, "name": guest.user.name, "role": guest.membership.role,
            "program": guest.program_name, "purpose": guest.invitation.purpose,
            "expires_at": rfc3339(guest.invitation.expires_at),
        }
    )  # fmt: skip
