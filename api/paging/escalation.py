"""What a page does next: when it may begin, and the ladder of channels by which one person is called. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.rota.hours import next_opening, open_at
from api.rota.policy import Channel, Policy, Step
from api.rota.practice import Practice

COORDINATORS = ("coordinator", "case_manager")
SUPERVISORS = ("supervisor",)
ROLES_OF = {"coordinators": COORDINATORS, "supervisors": SUPERVISORS, "everyone": COORDINATORS + SUPERVISORS}
"""Whom a step means that names people by what they are; `on_call`, `deputy` and `lead` are the rota's."""


@dataclass(frozen=True)
class Address:
    """One place where somebody is reached: a push subscription, a number, a mailbox; for a webhook nobody's (empty)."""

    target_id: str
    user_id: str
    channel: Channel
    origin: str
    """What stands behind it, for the cap on one hung service: a host, or the channel's name."""


@dataclass(frozen=True)
class Rung:
    """One message to come. `slot` 0 goes at once; later ones wait for a sign of life."""

    address: Address
    slot: int
    due_at: datetime


def opens_in_the_morning(policy: Policy, practice: Practice, now: datetime) -> datetime | None:
    """When calling begins, for a page that may wake nobody now; None where it begins at once."""
    if policy.after_hours == "page" or open_at(practice.service_hours, practice.time_zone, now):
        return None
    return next_opening(practice.service_hours, practice.time_zone, now)


def ladder(addresses: Iterable[Address], step: Step, seen_seconds: int, now: datetime) -> list[Rung]:
    """When each address of one person is used in a step.

    Addresses of one channel go together. A channel that the step does not name is not used, unless none of its channels has
    an address: then all that there are, because any voice is better than none.
    """
    by_channel: dict[Channel, list[Address]] = {}
    for address in addresses:
        by_channel.setdefault(address.channel, []).append(address)
    channels = [channel for channel in step.channels if channel in by_channel] or list(by_channel)
    wait = min(timedelta(seconds=seen_seconds), pace(step, len(channels)))
    return [
        Rung(address, slot, now if step.together else now + slot * wait)
        for slot, channel in enumerate(channels)
        for address in by_channel[channel]
    ]


def pace(step: Step, channels: int) -> timedelta:
    """Between two channels of somebody whose phone showed the notice: the step's time, shared out."""
    return timedelta(minutes=step.minutes) / max(1, channels)


def initials(name: str) -> str:
    """What a lock screen may say of a colleague: "Maya Example" is "M. E."."""
    return " ".join(f"{word[0]}." for word in name.split()[:3])
