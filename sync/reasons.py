"""Every answer that an operation can get, and which of them wait for what: the one list that code, documents and tests read."""

from typing import Literal

from sync.admission import Refusal

Status = Literal["applied", "merged", "duplicate", "held", "rejected", "retry"]

REASONS: dict[str, str] = {
    "unknown_key": "retry: sealed to a key this server does not hold",
    "newer_version": "retry: the envelope is of a newer version than the server",
    "newer_kind": "retry: the kind is newer than the server",
    "missing_prev": "retry: an earlier operation of this device on this referral has not arrived (applied and flagged if lost)",
    "cannot_open": "rejected: damaged, or sealed with another header",
    "not_json": "rejected: the content is not JSON",
    "not_canonical": "rejected: the content is not canonical JSON, or holds a float, a lone surrogate or a huge number",
    "envelope": "rejected: a field of the envelope is missing, unknown or wrong",
    "header": "rejected: the header itself is not well formed",
    "server_fault": "retry: the server has a fault with it; the operation stays on the phone",
    "header_mismatch": "rejected: the content is not the operation that the header names",
    "wrong_digest": "rejected: the digest is not that of the content",
    "signature": "rejected: the signature is not this device's",
    "unsigned": "held: written without the device's key; a supervisor looks at it",
    "reserved_device": "rejected: the server's own operations are not accepted from outside",
    "not_this_device": "rejected: made for another device, user or program than the one that sends it",
    "op_id_reuse": "rejected: the id belongs to another operation; both are kept",
    "device_revoked": "held: the device has been revoked; a supervisor looks at it",
    "user_inactive": "held: the account has been closed; a supervisor looks at it",
    "expunged": "rejected: its referral was expunged; nothing of the content is kept",
    "no_role": "held: the author had no role when it was made; a supervisor looks at it",
    "payload": "rejected: a field of the payload is missing, unknown, too long or wrong",
    "too_large": "rejected: larger than the limit",
    "not_permitted": "rejected: the author's role may not do this",
    "unknown_referral": "held: its referral is not here, or not for its author; applied when it arrives",
    "already_created": "rejected: the referral exists already",
    "consent_missing": "held: it carries identity but names no consent of the participant; applied when that arrives",
    "unknown_entry": "held: the approval or override that it confirms or strikes is not here; applied when that arrives",
    "not_alerted": "held: the officer leaves a referral for which nobody was called; applied when the alert arrives",
}
WAITS = frozenset({"unknown_referral", "consent_missing", "unknown_entry", "not_alerted"})
MENDED_BY_A_PERSON = frozenset({"device_revoked", "user_inactive", "no_role", "unsigned"})
"""Held for a supervisor's word and nothing else: that the phone, the account, the role or the missing key is in order."""
EXPUNGED = Refusal("rejected", "expunged", "This referral was expunged. Nothing of what was sent is kept.")
APPLIED: tuple[Status, ...] = ("applied", "merged")
STORED: tuple[Status, ...] = ("applied", "merged", "held", "rejected")
AWAITED_KINDS = frozenset(
    {"referral.create", "referral.alert", "consent.grant", "approval.add", "approval.confirm", "override.add"}
)
