"""A world: its phones, its server, the network between them, and what the schedule does to each."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlmodel import select

from api.accounts import people as accounts
from api.auth import sessions
from api.devices import service as devices
from api.tables.devices import Device
from api.tables.people import User
from api.tables.records import Head
from tests.simulation import casting, log
from tests.simulation.casting import AT_PHONES, SECOND_AGENCY
from tests.simulation.host import Host
from tests.simulation.invariants import after_answer, after_step
from tests.simulation.network import MANGLED, Message, Network
from tests.simulation.oracle import Oracle
from tests.simulation.phones import Person, Phone, Phones
from tests.simulation.schedule import Move, wishes
from tests.simulation.server import Answer, Doom, Killed, Server
from tests.simulation.sight import sees_own

BASE = "base"
PUSH, PULL = "/api/sync/push", "/api/sync/pull"
ROUND_TRIPS = 60
"""More than any act needs with a network that works."""
YEAR_MS = 365 * 24 * 3600 * 1000


class Stuck(AssertionError):
    """An act that never ends although the network works."""


class World:
    """One run of one schedule. `found` makes what every world begins with; `World` begins from there."""

    def __init__(self, host: Host, server: Server, beginning: Beginning) -> None:
        self.server, self.network, self.oracle = server, Network(), Oracle()
        server.reset(BASE)
        self.phones = Phones(host, server.clock, self.network, self.oracle, server.app.state.keys.active.private)
        self.phones.people = {login: Person(**vars(one)) for login, one in beginning.people.items()}
        self.phones.all = [
            Phone(each.number, each.people, each.holder, dict(each.cookies), dict(each.devices))
            for each in beginning.phones
        ]
        self.step = 0
        self.visible: dict[str, int] = {}
        self.highest = 0
        self.looked_at: set[str] = set()
        self.forked: set[str] = set()
        """Devices whose numbers were given out twice, because their profile was put back to an earlier copy."""
        self._epochs = {self.head().epoch}
        self.copies: list[tuple[str, str]] = []
        self.profile_copies: dict[int, tuple[dict[str, str], dict[str, str]]] = {}
        commands: list[dict[str, Any]] = [{"do": "reset"}]
        commands += [{"do": "profile", "profile": one.profile, "copy": f"base-{one.number}"} for one in self.phones.all]
        self.phones.run(commands, *self.phones.all)

    def make(self, move: Move) -> None:
        """Carry out a move and look whether all that must hold still holds. Raises Violation."""
        self.step += 1
        self.phones.seed = move.seed
        phone = self.phones.all[move.phone]
        getattr(self, f"_{move.name}")(phone, move.numbers)
        after_step(self)
        sees_own(self, phone)

    # What people do.

    def _write(self, phone: Phone, numbers: tuple[int, ...], kill: dict[str, Any] | None = None) -> None:
        if self.phones.device_of(phone) is None:
            return
        wished = wishes(self.phones.people[phone.holder].role, numbers, f"{self.step}-")
        _, commands = self.phones.begin(phone, "author", self.phones.authoring(phone, wished), kill=kill)
        self.phones.run(commands, phone)

    def _flush(self, phone: Phone, _: tuple[int, ...]) -> None:
        """Begin to send; what comes of it is the network's affair."""
        self._begin(phone, "flush")

    def _pull(self, phone: Phone, _: tuple[int, ...]) -> None:
        self._begin(phone, "pull")

    def _exchange(self, phone: Phone, _: tuple[int, ...]) -> None:
        """Send and fetch, with a network that works."""
        for what in ("flush", "pull"):
            act = self._begin(phone, what)
            if act is not None:
                self.carry_through(phone, act)

    def _two_tabs(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        """A second page sends or writes at the same moment."""
        device_id = self.phones.device_of(phone)
        if device_id is None:
            return
        other = self.phones.another_tab()
        wished = wishes(self.phones.people[phone.holder].role, numbers, f"{self.step}-")
        given = self.phones.authoring(phone, wished)
        here, first = self.phones.begin(phone, "author" if numbers[0] % 2 else "flush", given)
        opening = [{"do": "open", "tab": other, "profile": phone.profile, "newer": phone.newer}]
        _, second = self.phones.begin(phone, "author", self.phones.authoring(phone, wished), tab=other)
        self.phones.run([*first, *opening, *second], phone)
        self.carry_through(phone, here)
        self.phones.run([{"do": "kill", "tab": other, "keep": False}], phone)

    def _change_person(self, _: Phone, numbers: tuple[int, ...]) -> None:
        """On the phone that two people share, in the page that is open: one writes, and then the other."""
        phone = next(one for one in self.phones.all if len(one.people) > 1)
        if numbers[2] % 2:
            self._write(phone, numbers)
        phone.holder = phone.people[(phone.people.index(phone.holder) + 1) % len(phone.people)]
        if numbers[0] % 2 or self.phones.device_of(phone) is None:
            self.sign_in(phone)
        if numbers[1] % 2:
            self._write(phone, numbers[1:] + numbers[:1])

    def sign_in(self, phone: Phone) -> None:
        """With a network that works. A closed account is refused."""
        act, commands = self.phones.begin(phone, "signIn", self.phones.signing_in(phone))
        self.phones.run(commands, phone)
        self.carry_through(phone, act)

    def _set_clock(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        off_ms = (0, 3600_000, -YEAR_MS * 3, YEAR_MS * 7, -90_000, YEAR_MS * 40)[numbers[0] % 6]
        self.phones.run([{"do": "clock", "profile": phone.profile, "off_ms": off_ms}])

    def _upgrade(self, phone: Phone, _: tuple[int, ...]) -> None:
        """The page is closed, and a newer app opens."""
        self.phones.kill(phone)
        phone.newer = True

    # What befalls phones.

    def _die_writing(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        self._write(phone, numbers[1:] + numbers[:1], {"after": 1 + numbers[0] % 90, "keep": numbers[0] % 7 < 4})

    def _die_exchanging(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        """The tab dies at some step of storing an answer."""
        act = self._begin(phone, "pull" if numbers[0] % 3 == 0 else "flush")
        mine = [one for one in self.network.under_way if one.tab == phone.tab and one.listening]
        if act is None or not mine:
            return
        commands = self._reach(mine[-1])
        fate = {"after": 1 + numbers[1] % 40, "keep": numbers[2] % 2 == 0}
        self.phones.run([*commands, {"do": "die", "tab": phone.tab, "kill": fate}], phone)

    def _wipe(self, phone: Phone, _: tuple[int, ...]) -> None:
        """The browser's data are cleared: what only this phone had is gone."""
        self._replace_profile(phone, None)
        phone.cookies.clear()
        phone.devices.clear()
        self.sign_in(phone)

    def _copy_profile(self, phone: Phone, _: tuple[int, ...]) -> None:
        self.profile_copies[phone.number] = (dict(phone.cookies), dict(phone.devices))
        self.phones.run([{"do": "copy", "profile": phone.profile, "name": f"copy-{phone.number}"}])

    def _put_back_profile(self, phone: Phone, _: tuple[int, ...]) -> None:
        """The phone is what it was when it was copied, and goes on from there."""
        copied = self.profile_copies.get(phone.number)
        if copied is None:
            return
        self._replace_profile(phone, f"copy-{phone.number}")
        phone.cookies, phone.devices = dict(copied[0]), dict(copied[1])
        self.forked |= set(phone.devices.values())

    def _replace_profile(self, phone: Phone, copy: str | None) -> None:
        before = self.oracle.held[phone.number]
        self.phones.kill(phone)
        self.phones.run([{"do": "profile", "profile": phone.profile, "copy": copy}], phone)
        self.oracle.destroyed(log.stored(self.server.database), before)

    # What befalls the server.

    def _kill_server(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        """The next requests meet a server that dies at one of its commits."""
        self.server.doom = Doom(1 + numbers[0] % 3, after_commit=numbers[1] % 2 == 0)

    def _back_up(self, phone: Phone, _: tuple[int, ...]) -> None:
        self._copied(published=False)

    def _publish(self, phone: Phone, _: tuple[int, ...]) -> None:
        self._copied(published=True)

    def _copied(self, *, published: bool) -> None:
        name = f"backup-{self.step}"
        stored = log.stored(self.server.database)
        if published:
            self.server.clock.advance(timedelta(seconds=1))
            self.server.publish(name)
            self.oracle.published |= stored
        else:
            self.server.back_up(name)
        self.copies.append((name, self.head().epoch))

    def _restore(self, phone: Phone, numbers: tuple[int, ...], *, announced: bool = False) -> None:
        if not self.copies:
            return
        name, epoch = self.copies[numbers[0] % len(self.copies)]
        # Phones never go back to an epoch that they have left: a copy from before an announced restore is restored announced.
        self.server.restore(name, announced=announced or epoch != self.head().epoch)
        self._epochs.add(self.head().epoch)
        self.visible, self.highest = {}, 0
        self.looked_at.clear()
        self.oracle.replaced(log.stored(self.server.database))
        self._look_up_people()

    def _look_up_people(self) -> None:
        """Roles and closed accounts are those of the copy."""
        with self.server.database.read() as session:
            for person in self.phones.people.values():
                user = session.get(User, person.user_id)
                standing = sessions.standing_membership(session, person.user_id, self.server.clock.now())
                person.active = user is not None and user.active and standing is not None
                if standing is not None:
                    person.role, person.agency_id = standing.role, standing.agency_id

    def _restore_meanwhile(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        """The database is replaced while an answer of the former one is still under way, and the phone hears of both."""
        if not self.copies:
            self._back_up(phone, numbers)
        self._write(phone, (9 * numbers[0] + 1, *numbers[1:]))
        if numbers[1] % 3:
            act = self._begin(phone, "flush")
            for message in self._asking(phone, PUSH)[-1:]:
                self._reach(message, only_there=True)
                self.network.remove(message)
                self._tell(message, [{"do": "fail", "tab": message.tab, "id": message.id}])
            if act is None or not self.phones.outcome(act).over:
                return
        if numbers[2] % 2:
            self._publish(phone, numbers)
        self._begin(phone, "flush")
        for message in self._asking(phone, PUSH)[-1:]:
            self._reach(message, only_there=True)
        self._restore(phone, numbers[3:] + numbers[:3], announced=numbers[2] % 5 < 2)
        act = self._begin(phone, "pull")
        if act is not None:
            self.carry_through(phone, act, path=PULL)

    def _restore_announced(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        self._restore(phone, numbers, announced=True)

    def _pass_time(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        self.server.clock.advance(timedelta(seconds=(3, 31, 65, 600, 2400)[numbers[0] % 5]))
        self.phones.run([], *self.phones.all)

    def _end_session(self, phone: Phone, _: tuple[int, ...]) -> None:
        with self.server.database.write() as session:
            sessions.end_all(session, self.phones.people[phone.holder].user_id)

    def _change_role(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        """Out of one scope and into another."""
        person = self.phones.people[phone.holder]
        if not person.active:
            return
        if person.role == "officer":
            role, agency_id = ("coordinator", None) if numbers[0] % 2 else ("officer", SECOND_AGENCY)
        else:
            role, agency_id = ("case_manager", None) if person.role == "coordinator" else ("coordinator", None)
        with self.server.database.write() as session:
            accounts.give_role(session, person.user_id, casting.PROGRAM, role, agency_id, self.server.clock.now())
        person.role, person.agency_id, person.moved = role, agency_id, True

    def _deactivate(self, phone: Phone, _: tuple[int, ...]) -> None:
        person = self.phones.people[phone.holder]
        with self.server.database.write() as session:
            accounts.deactivate(session, person.login, self.server.clock.now())
        person.active = False

    def _revoke(self, phone: Phone, _: tuple[int, ...]) -> None:
        with self.server.database.write() as session:
            device = session.get(Device, self.phones.device_of(phone) or "")
            if device is not None:
                devices.revoke(session, device, self.server.clock.now(), actor_id=None, source="simulation")

    # What befalls messages.

    def _deliver(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        if (message := self._one(phone, numbers)) is not None:
            if message.answer is None and numbers[1] % 4 == 0:
                self._reach(message, only_there=True)
            else:
                self._hand_over(message)

    def _lose(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        """The request or its answer is lost; the phone hears of it at once, or waits in vain."""
        message = self._one(phone, numbers)
        if message is None:
            return
        if numbers[1] % 2:
            self._reach(message, only_there=True)
        if numbers[2] % 4:
            self.network.remove(message)
            self._tell(message, [{"do": "fail", "tab": message.tab, "id": message.id}])
        else:
            self._pass_time(phone, (1,))

    def _duplicate(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        """The server gets it twice; the phone hears one of the answers."""
        message = self._one(phone, numbers)
        if message is None:
            return
        first = self._asked(message)
        second = self._asked(message)
        message.answer = (first if numbers[1] % 2 else second) or first or second
        self._hand_over(message)

    def _mangle(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        """Something else answers in the server's place, whether or not the request got there."""
        message = self._one(phone, numbers)
        if message is None:
            return
        true = self._asked(message) if numbers[1] % 2 and message.answer is None else message.answer
        shown = MANGLED[numbers[2] % len(MANGLED)](true or Answer(200, {"content-type": "application/json"}, b"{}"))
        self.network.remove(message)
        self._tell(message, [self._answering(message, shown)])

    def _race(self, phone: Phone, numbers: tuple[int, ...]) -> None:
        """A reader looks while a writer is about to commit."""
        others = [other for other in self.phones.all if other is not phone]
        other = others[numbers[0] % len(others)]
        self._write(phone, (numbers[0], *numbers[1:]))
        acts = [self._begin(phone, "flush"), self._begin(other, "pull")]
        writers = [one for one in self._asking(phone, PUSH) if one.answer is None]
        readers = [one for one in self._asking(other, PULL) if one.answer is None]
        if not writers or not readers or self.server.doom is not None:
            return
        writer, reader = writers[-1], readers[-1]
        answers = self.server.ask_together(_request(writer), _request(reader))
        for message, answer in zip((writer, reader), answers, strict=True):
            message.answer, message.history = answer, self.oracle.history
            after_answer(self, message, answer)
            self._hand_over(message)
        for each, act in zip((phone, other), acts, strict=True):
            if act is not None:
                self.carry_through(each, act)

    def _asking(self, phone: Phone, path: str) -> list[Message]:
        """What a phone waits for."""
        return [one for one in self._waited_for(phone) if one.path == path]

    # The parts of the above.

    def act(self, phone: Phone, what: str, device_id: str | None = None) -> str | None:
        """Begin something and carry it through; what it says of its outcome."""
        act = self._begin(phone, what, device_id)
        if act is None:
            return None
        self.carry_through(phone, act)
        result = self.phones.outcome(act).result
        return str(result["outcome"]) if isinstance(result, dict) else None

    def _begin(self, phone: Phone, what: str, device_id: str | None = None) -> int | None:
        device_id = device_id or self.phones.device_of(phone)
        if device_id is None:
            return None
        act, commands = self.phones.begin(phone, what, {"device_id": device_id})
        self.phones.run(commands, phone)
        return act

    def carry_through(self, phone: Phone, act: int, path: str = "") -> None:
        """Deliver whatever the phone sends (to this path alone, if one is named) until the act is over. Raises Stuck."""
        for _ in range(ROUND_TRIPS):
            mine = [one for one in self._waited_for(phone) if one.path == path or not path]
            if self.phones.outcome(act).over or not mine:
                return
            self._hand_over(mine[0])
        raise Stuck(f"act {act} on phone {phone.number} never ends")

    def hear_out(self, phone: Phone) -> None:
        """Deliver what the phone still waits for, begun whenever, until it waits for nothing. Raises Stuck."""
        for _ in range(ROUND_TRIPS):
            if not (mine := self._waited_for(phone)):
                return
            self._hand_over(mine[0])
        raise Stuck(f"phone {phone.number} never has enough")

    def _waited_for(self, phone: Phone) -> list[Message]:
        return [one for one in self.network.under_way if one.phone == phone.number and one.listening]

    def _one(self, phone: Phone, numbers: tuple[int, ...]) -> Message | None:
        """A message under way; where there is none, the phone sends one."""
        if not self.network.under_way:
            self._begin(phone, "flush")
        under_way = self.network.under_way
        return under_way[numbers[0] % len(under_way)] if under_way else None

    def _hand_over(self, message: Message) -> None:
        heard = message.listening
        self._tell(message, self._reach(message))
        if heard and message.path in (PUSH, PULL) and message.history == self.oracle.history:
            device_id = json.loads(message.body)["device_id"]
            if device_id in _spoken_of(message.answer):
                self.oracle.hears(message.phone, device_id)

    def _reach(self, message: Message, *, only_there: bool = False) -> list[dict[str, Any]]:
        """Bring a request to the server, if it is not there yet; the commands that bring the answer back."""
        if message.answer is None:
            message.answer = self._asked(message)
        if message.answer is None:
            self.network.remove(message)
            return [{"do": "fail", "tab": message.tab, "id": message.id}]
        if only_there:
            return []
        self.network.remove(message)
        return [self._answering(message, message.answer)]

    def _answering(self, message: Message, answer: Answer) -> dict[str, Any]:
        if message.listening:
            self.phones.all[message.phone].cookies.update(answer.cookies)
        body = answer.body.decode("utf-8", "replace")
        return {
            "do": "answer", "tab": message.tab, "id": message.id, "status": answer.status, "headers": answer.headers,
            "body": body,
        }  # fmt: skip

    def _tell(self, message: Message, commands: list[dict[str, Any]]) -> None:
        self.phones.run(commands, self.phones.all[message.phone])

    def _asked(self, message: Message) -> Answer | None:
        """The server's answer; None if it died over the request."""
        try:
            answer = self.server.ask(*_request(message))
        except Killed:
            self.server.restart()
            return None
        message.history = self.oracle.history
        after_answer(self, message, answer)
        return answer

    def standing(self) -> str:
        """Where everything stands, for whoever reads a schedule that failed."""
        lines = [f"    log {[(row.op_id[-6:], row.position, row.state) for row in log.headers(self.server.database)]}"]
        for phone in self.phones.all:
            seen = self.phones.seen[phone.profile]
            rows = [(row["op_id"][-6:], row["seq"], row["state"], row["position"]) for row in seen["outbox"]]
            kinds = [self.oracle.authored[row["op_id"]].kind for row in seen["outbox"]]
            if rows:
                lines.append(f"    phone {phone.number} ({phone.holder}) {list(zip(rows, kinds, strict=True))}")
        under_way = [(one.id, one.phone, one.path, one.answer is not None) for one in self.network.under_way]
        return "\n".join([*lines, f"    under way {under_way}"])

    def epochs(self) -> set[str]:
        """Every epoch that this world has had: the server writes under them."""
        return self._epochs

    def head(self) -> Head:
        with self.server.database.read() as session:
            return session.exec(select(Head)).one()


def _spoken_of(answer: Answer | None) -> Collection[str]:
    """The devices that an answer speaks of: to another, whose person is not signed in, it says nothing."""
    return json.loads(answer.body)["known"] if answer is not None and answer.status == 200 else ()


def _request(message: Message) -> tuple[str, str, dict[str, str], bytes]:
    return message.method, message.path, message.headers, message.body


class Beginning:
    """What every world begins with: people with accounts, phones that are enrolled and signed in, an empty log."""

    def __init__(self, host: Host, server: Server) -> None:
        with server.database.write() as session:
            ids = casting.enter(session)
        self.people = {one.login: Person(ids[one.login], *one) for one in casting.CAST}
        self.phones = [Phone(number, people, people[0]) for number, people in enumerate(AT_PHONES)]
        server.back_up(BASE)
        for number in range(len(AT_PHONES)):
            host.run([{"do": "profile", "profile": f"p{number}", "copy": None}], 0, 0)
            host.run([{"do": "copy", "profile": f"p{number}", "name": f"base-{number}"}], 0, 0)
        self._enrol(World(host, server, self), server)

    def _enrol(self, world: World, server: Server) -> None:
        for phone in world.phones.all:
            for login in reversed(phone.people):
                phone.holder = login
                world.phones.seed += 1000
                world.sign_in(phone)
            world.phones.kill(phone)
            copying = {"do": "copy", "profile": phone.profile, "name": f"base-{phone.number}"}
            world.phones.run([copying])
        self.phones = world.phones.all
        server.back_up(BASE)
