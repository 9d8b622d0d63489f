"""Passkeys as steps for the browser tests: Chromium's virtual authenticator, and making a passkey with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page, expect

from tests.browser.harness import Phone
from tests.browser.officer_steps import PASSPHRASE, button, english, field, go_to_settings, heading


@dataclass
class Authenticator:
    """A virtual authenticator that is built into the phone."""

    session: CDPSession
    id: str

    def verifies(self, verifies: bool) -> None:
        """Whether the person passes the check by fingerprint, face or screen lock."""
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verifies})

    def credentials(self) -> list[dict[str, Any]]:
        found: dict[str, Any] = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])


def add_authenticator(phone: Phone, *, prf: bool = True, verification: bool = True) -> Authenticator:
    session = phone.context.new_cdp_session(phone.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": verification, "isUserVerified": verification, "hasPrf": prf,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    added: dict[str, Any] = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Authenticator(session, added["authenticatorId"])


def ask(page: Page, method: str, path: str) -> dict[str, Any]:
    """Asks the server as the person at the phone."""
    script = """async ([method, path]) => {
      const answer = await fetch(path, { method, headers: { 'X-Handoff': '1' } });
      return answer.status === 200 ? answer.json() : {};
    }"""
    found: dict[str, Any] = page.evaluate(script, [method, path])
    return found


def enrol_passkey(page: Page, says: str = "passkey_opens") -> None:
    """Me, "Passkeys, passphrase and sessions": adds one, and waits for what the phone says of it."""
    go_to_settings(page)
    page.get_by_role("link", name=english("me_access")).click()
    expect(heading(page)).to_have_text(english("access_title"))
    form = page.locator("form").filter(has=page.get_by_label(english("confirm_passphrase")))
    form.get_by_label(english("confirm_passphrase")).fill(PASSPHRASE)
    button(page, english("continue")).click()
    field(page, english("passkey_label")).fill("Work phone")
    button(page, english("passkey_add")).click()
    expect(page.get_by_role("heading", name="Work phone")).to_be_visible()
    expect(page.get_by_text(english(says), exact=True).first).to_be_visible()


def forget_passkeys(phone: Phone) -> None:
    """The server forgets those of the person at the phone: accounts of the demo are shared."""
    phone.set_online(True)
    for each in ask(phone.page, "GET", "/api/passkeys").get("passkeys", []):
        ask(phone.page, "DELETE", f"/api/passkeys/{each['id']}")
