"""Worlds: two phones, the server, its backup and what is under way; and every move that leads from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from tests.sync.exhaustive.acts import Written
from tests.sync.exhaustive.phones import Answer, Kept, Phone, Phones
from tests.sync.exhaustive.rules import Rules
from tests.sync.exhaustive.servers import Log, Server
from tests.sync.server import COORDINATOR, OFFICER

NAMES = (OFFICER, COORDINATOR)
SHORT = {OFFICER: "officer", COORDINATOR: "coordinator"}


@dataclass(frozen=True)
class Scope:
    """What may happen, and how often. `begun` was written by the officer, sent and seen by both before."""

    begun: tuple[str, ...] = ("create", "grant")
    officer: tuple[str, ...] = ()
    coordinator: tuple[str, ...] = ()
    in_flight: int = 1
    """Requests and answers under way for one phone at a time."""
    duplicates: int = 1
    """Requests that arrive and are still under way."""
    alone: bool = True
    """Whether the first that waits may be pushed alone; otherwise all that waits is pushed at once."""
    backups: int = 0
    restores: int = 0
    announced: bool = False
    """Whether a restored server begins a new epoch. The last verified backup is restored, at first that of an empty server."""
    older: bool = False
    """Whether that first one may be restored later, too, although phones have let go of what newer ones hold."""


class Message(NamedTuple):
    """A push under way, or its answer."""

    sender: int
    batch: tuple[Written, ...]
    lost: frozenset[str]
    answer: Answer | None = None
    overtaken: bool = False


class Under:
    """One message, to be compared by identity."""

    __slots__ = ("message", "number")

    def __init__(self, message: Message, number: int) -> None:
        self.message, self.number = message, number


class World(NamedTuple):
    """Everything there is. The last three numbers tell what may still happen."""

    phones: tuple[Kept, Kept]
    log: Log
    durable: int
    epoch: int
    backup: Log
    backup_durable: int
    under_way: tuple[Under, ...]
    published: frozenset[Written]
    """What some verified backup holds: nothing else may leave a phone."""
    duplicates: int
    backups: int
    restores: int


Rest = tuple[tuple[Kept, Kept], Log, int, int]
Step = tuple[str, World]


class Worlds:
    """The moves of one scope under one set of rules. Each may raise Violation."""

    def __init__(self, scope: Scope, rules: Rules) -> None:
        self.scope, self.server, self.phones = scope, Server(rules), Phones(rules)
        self._messages: dict[Message, Under] = {}
        self._answered: Callable[[Under, Log, int, int], tuple[Under, Log]] = cache(self._answer)
        self._pushed: Callable[[Kept], tuple[Under, ...]] = cache(self._push)
        self._acts: Callable[[Kept], tuple[tuple[str, Kept], ...]] = cache(self._act)

    def first(self) -> World:
        """The world in which everything begins."""
        officer, coordinator = (self.phones.keep(Phone(name)) for name in NAMES)
        for act in self.scope.begun:
            written = self.phones.write(officer, act)
            assert written is not None
            officer = written
        rest: Rest = (officer, coordinator), self.server.empty, 0, 0
        if self.scope.begun:
            rest = self.round(rest)
        phones, log, durable, epoch = rest
        scope = self.scope
        return World(
            phones, log, durable, epoch, self.server.empty, 0, (), frozenset(), scope.duplicates, scope.backups,
            scope.restores,
        )  # fmt: skip

    def steps(self, world: World) -> Iterator[Step]:
        """Every world that one move leads to."""
        for place, kept in enumerate(world.phones):
            name = SHORT[NAMES[place]]
            for act, after in self._acts(kept):
                yield f"{name} writes {act}", _with(world, place, after)
            pulled = self.phones.pull(kept, world.log, world.epoch, world.durable)
            if pulled is not kept:
                yield f"{name} pulls", self._overtake(_with(world, place, pulled), place)
            if sum(under.message.sender == place for under in world.under_way) < self.scope.in_flight:
                for under in self._pushed(kept):
                    if under not in world.under_way:
                        yield f"{name} pushes {len(under.message.batch)}", self._carry(world, (), (under,))
        for under in world.under_way:
            yield from self._under_way(world, under)
        yield from self._backups(world)

    def _backups(self, world: World) -> Iterator[Step]:
        if world.backups and world.backup is not world.log:
            after = world._replace(backup=world.log, backup_durable=world.durable, durable=len(world.log.operations))
            published = world.published.union(world.log.operations)
            yield "a verified backup", after._replace(published=published, backups=world.backups - 1)
        if not world.restores:
            return
        epoch = world.epoch + 1 if self.scope.announced else world.epoch
        lost = world._replace(epoch=epoch, restores=world.restores - 1)
        if world.backup is not world.log:
            yield "the last backup is restored", lost._replace(log=world.backup, durable=world.backup_durable)
        if self.scope.older and self.server.empty not in (world.backup, world.log):
            yield "the first backup is restored", lost._replace(log=self.server.empty, durable=0)

    def round(self, rest: Rest) -> Rest:
        """Each phone once pulls, pushes all that waits, and pulls, and nothing is lost on the way."""
        (officer, coordinator), log, durable, epoch = rest
        phones = [officer, coordinator]
        for place in range(len(phones)):
            phones[place] = self.phones.pull(phones[place], log, epoch, durable)
            for under in self._pushed(phones[place])[:1]:
                answered, log = self._answered(under, log, epoch, durable)
                phones[place] = self._settled(phones[place], answered.message)
            phones[place] = self.phones.pull(phones[place], log, epoch, durable)
        return (phones[0], phones[1]), log, durable, epoch

    def _under_way(self, world: World, under: Under) -> Iterator[Step]:
        message, name = under.message, SHORT[NAMES[under.message.sender]]
        place = message.sender
        kept = world.phones[place]
        lost = _with(world, place, self.phones.unanswered(kept, message.batch))
        yield (
            f"the {name}'s {'request' if message.answer is None else 'answer'} is lost",
            self._carry(lost, (under,), ()),
        )
        if message.answer is not None:
            after = _with(world, place, self._settled(kept, message))
            after = self._carry(after, (under,), ())
            yield f"the {name} is answered", self._overtake(after, place)
            return
        answered, log = self._answered(under, world.log, world.epoch, world.durable)
        arrived = world._replace(log=log)
        yield f"the {name}'s request arrives", self._carry(arrived, (under,), (answered,))
        if world.duplicates:
            again = arrived._replace(duplicates=world.duplicates - 1)
            yield f"the {name}'s request arrives and will again", self._carry(again, (), (answered,))

    def _settled(self, kept: Kept, message: Message) -> Kept:
        assert message.answer is not None
        return self.phones.settle(kept, message.batch, message.answer, message.overtaken)

    def _answer(self, under: Under, log: Log, epoch: int, durable: int) -> tuple[Under, Log]:
        message = under.message
        after, receipts = self.server.receive(log, message.batch, message.lost)
        name = NAMES[message.sender]
        answer = Answer(epoch, after.known(name), durable, after.known(name, durable), receipts)
        return self._message(message._replace(answer=answer)), after

    def _act(self, kept: Kept) -> tuple[tuple[str, Kept], ...]:
        phone = kept.phone
        acts = self.scope.officer if phone.name == OFFICER else self.scope.coordinator
        done = [one.act for one in phone.written[len(self.scope.begun) if phone.name == OFFICER else 0 :]]
        left = sorted(act for act in set(acts) if done.count(act) < acts.count(act))
        found = ((act, self.phones.write(kept, act)) for act in left)
        return tuple((act, after) for act, after in found if after is not None)

    def _push(self, kept: Kept) -> tuple[Under, ...]:
        """All that waits, and the first alone, as a page sends it that has just been opened."""
        phone = kept.phone
        waiting = phone.waiting()
        batches = [waiting] if waiting else []
        if self.scope.alone and len(waiting) > 1:
            batches.append(waiting[:1])
        return tuple(self._message(Message(NAMES.index(phone.name), batch, phone.lost)) for batch in batches)

    def _overtake(self, world: World, place: int) -> World:
        """The phone has settled an answer: whatever else it asked before is overtaken, which matters where servers change."""
        if not self.scope.backups and not self.scope.announced:
            return world
        late = [under for under in world.under_way if under.message.sender == place and not under.message.overtaken]
        return self._carry(world, late, [self._message(under.message._replace(overtaken=True)) for under in late])

    def _carry(self, world: World, gone: Iterable[Under], come: Iterable[Under]) -> World:
        """The same world with other things under way; order says nothing, and of two alike one is enough."""
        kept = set(world.under_way).difference(gone).union(come)
        return world._replace(under_way=tuple(sorted(kept, key=lambda under: under.number)))

    def _message(self, message: Message) -> Under:
        return self._messages.setdefault(message, Under(message, len(self._messages)))


def _with(world: World, place: int, kept: Kept) -> World:
    """The same world with one phone as it is now."""
    officer, coordinator = world.phones
    return world._replace(phones=(kept, coordinator) if place == 0 else (officer, kept))
