"""Records that were written on a phone and never arrived, from the phone's own counts.

A phone numbers what is written on it without gaps, and says in every push how many numbers it has given out and how many
records wait. So the server knows which are missing, and of a phone that is gone (removed, replaced, silent, or one whose
memory was cleared) that they will not come by themselves.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from api.tables.devices import Device
from sync.ranges import highest

SILENT = timedelta(days=3)
"""Longer than a phone is without a connection between two shifts."""


class Unarrived(NamedTuple):
    """How many records of a phone are missing. `waiting`: it has them and is expected; `lost`: nobody expects them any more."""

    records: int
    standing: Literal["none", "waiting", "lost"]


def newest_by_person(devices: Iterable[Device]) -> dict[str, datetime]:
    """When each person last enrolled a phone."""
    newest: dict[str, datetime] = {}
    for device in devices:
        newest[device.user_id] = max(newest.get(device.user_id, device.created_at), device.created_at)
    return newest


def unarrived(device: Device, newest_at: datetime, now: datetime) -> Unarrived:
    """What is missing of a phone by its own last word; `newest_at`: when its person last enrolled one, be it this one."""
    missing = _missing(device)
    gone = (
        newest_at > device.seen_at
        or device.state != "active"
        or device.expires_at <= now
        or now - device.seen_at >= SILENT
    )
    if gone:
        lost = missing if device.written else max(missing, device.pending)
    else:
        lost = max(0, missing - device.pending)  # it says itself that it no longer has them
    if lost:
        return Unarrived(lost, "lost")
    return Unarrived(device.pending, "waiting") if device.pending and not gone else Unarrived(0, "none")


def _missing(device: Device) -> int:
    """How many of the numbers that the phone has given out the server does not know. An old app names gaps alone."""
    if not device.known:
        return device.written
    below_first = 0 if device.written else device.known[0][0] - 1
    known = sum(high - low + 1 for low, high in device.known)
    return max(device.written, highest(device.known)) - known - below_first
