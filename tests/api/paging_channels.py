"""Channels for tests of the worker itself: no network, every message kept, and each address answers as it is told."""

import asyncio
from dataclasses import dataclass, field

from api.paging.channels.answers import Answer, Message
from api.paging.channels.switchboard import Channels
from tests.api.paging_world import PagingWorld, paging_world
from tests.push_service import PushService

ACCEPTED = Answer("accepted", note="201")


@dataclass
class ToldChannels(Channels):
    """`answers` by address; an address in `silent` never answers: whoever sends to it must be killed."""

    answers: dict[str, Answer] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    sent: list[tuple[str, Message]] = field(default_factory=list)

    def available(self) -> frozenset[str]:
        return frozenset({"push", "sms", "voice", "email", "webhook"})

    async def send(self, channel: str, message: Message) -> Answer:
        self.sent.append((channel, message))
        if message.address in self.silent:
            await asyncio.Event().wait()
        return self.answers.get(message.address, ACCEPTED)

    async def close(self) -> None:
        return


def quiet_world(url: str) -> PagingWorld:
    """The paging world with push addresses at a service that does not run: for `ToldChannels`."""
    nowhere = PushService()
    nowhere.host = "push.example"
    return paging_world(url, nowhere)
