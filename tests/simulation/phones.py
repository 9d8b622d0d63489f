"""The phones of a world, as the test leads them: who holds which, what they are told to do, and what of that is under way."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from sync import sealing
from tests.simulation import casting
from tests.simulation.host import Answer, Host
from tests.simulation.network import Message, Network
from tests.simulation.oracle import Oracle, Violation
from tests.simulation.schedule import Wishes
from tests.simulation.server import Clock

HONEST_ERRORS = frozenset({None, "Unreachable", "NotOurs", "Problem", "StorageOutdated"})
"""How an act may end for a person: without a connection, refused, or asked to reload."""


@dataclass
class Phone:
    """One browser profile and the people who use it. `tab` is the page that is open, `version` that of the app."""

    number: int
    people: tuple[str, ...]
    holder: str
    cookies: dict[str, str] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    """The device of each person by login, as it was enrolled last."""
    tab: str = ""
    newer: bool = False

    @property
    def profile(self) -> str:
        return f"p{self.number}"


@dataclass
class Person:
    """Somebody of the cast with the role they have now; `moved` if they had another one before."""

    user_id: str
    login: str
    role: str
    agency_id: str | None
    active: bool = True
    moved: bool = False


@dataclass
class Outcome:
    """What became of an act: not yet over, over with a result or an error, or cut off by the tab's death."""

    over: bool = False
    result: Any = None
    error: str | None = None


class Phones:
    """Leads the host: begins acts, hands answers over, and keeps the books of what the phones say."""

    def __init__(
        self, host: Host, clock: Clock, network: Network, oracle: Oracle, key: ec.EllipticCurvePrivateKey
    ) -> None:
        self._host, self._clock, self._network, self._oracle, self._key = host, clock, network, oracle, key
        public = key.public_key()
        self._sealing_key = {
            "key_id": sealing.key_id_of(public), "public_key": sealing.to_base64url(sealing.raw_point(public)),
        }  # fmt: skip
        self.all: list[Phone] = []
        self.people: dict[str, Person] = {}
        self.seen: dict[str, dict[str, Any]] = {}
        self._acts: dict[int, Outcome] = {}
        self._tabs = 0
        self.seed = 0

    def run(self, commands: list[dict[str, Any]], *looked: Phone, deep: bool = False) -> Answer:
        """Let the phones act, then look into the storage of some."""
        looks = [{"do": "look", "profile": phone.profile, "deep": deep} for phone in looked]
        self.seed += 1
        answer = self._host.run([*commands, *looks], self.seed, self._clock.ms)
        for event in answer.events:
            self._hear(event)
        for phone in looked:
            seen = self.seen[phone.profile] = answer.seen[phone.profile]
            self._oracle.found(phone.number, seen["outbox"], self._key)
        return answer

    def _hear(self, event: dict[str, Any]) -> None:
        match event.get("event") or event["note"]:
            case "request":
                phone = next(phone for phone in self.all if phone.tab == event["tab"])
                self._network.send(Message.of(event, phone.number, phone.cookies))
            case "gave_up":
                self._network.given_up(event["id"])
            case "done":
                self._acts[event["id"]] = Outcome(True, event.get("result"), event.get("error"))
                if event.get("error") not in HONEST_ERRORS:
                    raise Violation("progress", f"the phone's code fails: {event['message']}")
            case "killed":
                for phone in self.all:
                    if phone.tab == event["tab"]:
                        phone.tab = ""
            case "writing":
                number = next(phone.number for phone in self.all if event["device_id"] in phone.devices.values())
                self._oracle.intends(number, event)
            case "enrolling":
                login = next(login for login, one in self.people.items() if one.user_id == event["user_id"])
                holder = next(phone for phone in self.all if phone.holder == login)
                holder.devices[login] = event["device_id"]

    def open(self, phone: Phone) -> list[dict[str, Any]]:
        """The commands that make sure a page is open."""
        if phone.tab:
            return []
        phone.tab = self.another_tab()
        return [{"do": "open", "tab": phone.tab, "profile": phone.profile, "newer": phone.newer}]

    def another_tab(self) -> str:
        self._tabs += 1
        return f"t{self._tabs}"

    def begin(
        self, phone: Phone, what: str, given: dict[str, Any], *, kill: dict[str, Any] | None = None, tab: str = ""
    ) -> tuple[int, list[dict[str, Any]]]:
        """The commands that begin an act on a phone, and its number."""
        opening = [] if tab else self.open(phone)
        number = len(self._acts) + 1
        self._acts[number] = Outcome()
        act = {"do": "act", "tab": tab or phone.tab, "id": number, "what": what, "given": given, "kill": kill}
        return number, [*opening, act]

    def outcome(self, act: int) -> Outcome:
        return self._acts[act]

    def kill(self, phone: Phone, *, keep: bool = False) -> None:
        if phone.tab:
            self.run([{"do": "kill", "tab": phone.tab, "keep": keep}], phone)
            phone.tab = ""

    def device_of(self, phone: Phone) -> str | None:
        """The enrolment of whoever holds the phone."""
        return phone.devices.get(phone.holder)

    def authoring(self, phone: Phone, wished: Wishes) -> dict[str, Any]:
        """What `author` is given."""
        person = self.people[phone.holder]
        return {
            "device_id": phone.devices[phone.holder], "user_id": person.user_id, "program_id": casting.PROGRAM,
            "agency_id": person.agency_id, "sealing_key": self._sealing_key, **asdict(wished),
        }  # fmt: skip

    def signing_in(self, phone: Phone) -> dict[str, Any]:
        """What `signIn` is given."""
        person = self.people[phone.holder]
        fields = {
            "user_id": person.user_id, "login": person.login, "program_id": casting.PROGRAM, "role": person.role,
            "agency_id": person.agency_id, "created_at": "2026-04-30T02:14:00Z", "device_id": "",
        }  # fmt: skip
        return {"login": person.login, "password": casting.PASSPHRASE, "fields": fields}
