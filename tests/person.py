"""Somebody with a browser but no screen: real HTTP against a running server, for tests and measurements."""

import http.client
import json
from dataclasses import dataclass, field
from typing import Any

from api.demo.cast import PASSPHRASE
from api.demo.devices import ScriptedDevice
from sync import sealing


@dataclass
class Person:
    """A browser without a screen, over real HTTP; it keeps its cookies, Secure ones included, as browsers do on localhost."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, *, port: int | None = None) -> Any:
        connection = http.client.HTTPConnection("localhost", port or self.port, timeout=20)
        headers = {"X-Handoff": "1", "Content-Type": "application/json"}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text}"
        return json.loads(text) if text else None

    def enter(self, login: str) -> ScriptedDevice:
        """Sign in and enrol a phone."""
        user = self.call("POST", "/api/session", {"login": login, "password": PASSPHRASE, "device_id": None})["user"]
        key = sealing.public_key_from(self.call("GET", "/api/program")["sealing_key"]["public_key"])
        phone = ScriptedDevice(user["id"], user["program_id"], key)
        enrolment = {"device_id": phone.device_id, "public_key": phone.public_key, "label": "Test"}
        self.call("POST", "/api/devices", enrolment)
        return phone
