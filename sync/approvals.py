"""Approvals and overrides: what is recorded of them, and which roles may give, confirm or correct them.

An officer records at the roadside that somebody approved, or set a rule aside, by radio or telephone; that person confirms it
later with their own account. The phone's twin is `pwa/src/domain/approvals.ts`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from sync.fields import TEXT_LIMIT, Role, is_instant
from sync.operations import Strict, Uuid
from sync.records import Entry

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
SaidText = Annotated[str, Field(min_length=1, max_length=TEXT_LIMIT)]

HELD_BY: dict[str, tuple[Role, ...]] = {
    "officer": ("officer",),
    "sergeant": ("sergeant",),
    "liaison": ("supervisor",),
    "coordinator": ("coordinator", "case_manager"),
    "case_manager": ("case_manager",),
    "supervisor": ("supervisor",),
    "prosecutor": ("prosecutor",),
    "all_partners": ("supervisor",),
}
"""The accounts' roles that speak for whom a program's rules name."""
CONFIRMABLE = frozenset({"approval.add", "override.add"})


def _said(**texts: str | None) -> None:
    for key, text in texts.items():
        if text is not None and not text.strip():
            raise ValueError(f"{key}: say it in words")


def _dated(given_at: str) -> None:
    if not is_instant(given_at):
        raise ValueError("given_at: give an instant such as 2026-04-30T02:14:00Z")


class Approve(Strict):
    """Somebody agreed, by radio, by telephone or in person. `approval` is the pack's name for it."""

    approval: Name
    by_name: SaidText
    by_role: Literal["sergeant", "liaison", "coordinator", "prosecutor", "all_partners"]
    how: Literal["radio", "phone", "in_person"]
    given_at: str

    @model_validator(mode="after")
    def _whole(self) -> "Approve":
        _said(by_name=self.by_name)
        _dated(self.given_at)
        return self


class ConfirmApproval(Strict):
    """Whose word was recorded says whether it was given."""

    entry: Uuid
    answer: Literal["confirmed", "not_given"]


class Override(Strict):
    """A rule that presumes the person out is set aside, with a reason. `self`: by the author, who holds the role."""

    rule: Name
    reason: SaidText
    by_name: SaidText | None
    by_role: Literal["officer", "sergeant", "coordinator", "case_manager", "supervisor", "prosecutor"]
    how: Literal["radio", "phone", "in_person", "self"]
    given_at: str

    @model_validator(mode="after")
    def _whole(self) -> "Override":
        _said(reason=self.reason, by_name=self.by_name)
        _dated(self.given_at)
        if (self.how == "self") != (self.by_name is None):
            raise ValueError("by_name: name who set the rule aside, or nobody where it was oneself")
        return self


def may_override(role: Role, payload: Mapping[str, Any]) -> bool:
    """Whether the author may say this: what one sets aside oneself, one must hold the role for."""
    return payload["how"] != "self" or role in HELD_BY[payload["by_role"]]


def may_confirm(role: Role, user_id: str, entry: Entry) -> bool:
    """Whether this person may confirm the entry: by the role that was named, and never one's own record."""
    if entry["kind"] not in CONFIRMABLE or entry["by"] == user_id or entry["payload"]["how"] == "self":
        return False
    return role in HELD_BY[entry["payload"]["by_role"]]
