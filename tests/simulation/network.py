"""Between phones and server: every message lies here until the schedule says what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.server import Answer

PORTAL = "<!doctype html><title>Free Wi-Fi</title><form>Accept the terms</form>"


@dataclass
class Message:
    """A request under way, and its answer once the server has given one."""

    id: int
    phone: int
    tab: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    answer: Answer | None = None
    history: int = 0
    """Which of the databases that this world has had, one after another, gave the answer."""
    listening: bool = True
    """False once the phone waits for it no longer; it may reach the server all the same."""

    @classmethod
    def of(cls, event: dict[str, Any], phone: int, cookies: dict[str, str]) -> Message:
        headers = dict(event["headers"])
        if cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        headers["Sec-Fetch-Site"] = "same-origin"
        body = (event["body"] or "").encode()
        return cls(event["id"], phone, event["tab"], event["method"], event["path"], headers, body)


@dataclass
class Network:
    """The messages under way, in the order they were sent."""

    under_way: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.under_way.append(message)

    def given_up(self, number: int) -> None:
        """Nobody waits for this any more. What had not reached the server may still do so."""
        for message in self.under_way:
            if message.id == number:
                message.listening = False
        self.under_way = [message for message in self.under_way if message.listening or message.answer is None]

    def remove(self, message: Message) -> None:
        self.under_way = [each for each in self.under_way if each is not message]


def _json(status: int, body: object, kind: str = "application/json", **headers: str) -> Answer:
    return Answer(status, {"content-type": kind, **headers}, json.dumps(body).encode())


def _problem(status: int, code: str, **headers: str) -> Answer:
    body = {"type": f"urn:handoff:problem:{code}", "title": code, "status": status, "detail": ""}
    return _json(status, body, "application/problem+json", **headers)


def _portal(_: Answer) -> Answer:
    return Answer(200, {"content-type": "text/html"}, PORTAL.encode())


def _cut(answer: Answer) -> Answer:
    return Answer(answer.status, answer.headers, answer.body[: len(answer.body) * 2 // 3])


def _renamed(answer: Answer) -> Answer:
    """A proxy's page that calls itself what the phone waits for."""
    return Answer(200, {"content-type": "application/json"}, PORTAL.encode())


MANGLED: tuple[Callable[[Answer], Answer], ...] = (
    _portal,
    _cut,
    _renamed,
    lambda _: _json(200, {"ok": True}),
    lambda _: Answer(200, {"content-type": "application/json"}, b""),
    lambda _: Answer(204, {}, b""),
    lambda _: _problem(401, "sign-in-needed"),
    lambda _: _problem(503, "unavailable", **{"retry-after": "5"}),
    lambda _: _problem(500, "crash"),
    lambda _: Answer(502, {"content-type": "text/html"}, b"<h1>Bad gateway</h1>"),
    lambda _: Answer(413, {"content-type": "text/html"}, b"<h1>Too large</h1>"),
    lambda _: _problem(404, "not-found"),
)
"""What may stand in the place of the server's answer."""
