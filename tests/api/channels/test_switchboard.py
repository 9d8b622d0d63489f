"""All channels behind one door: what the settings make possible, and that nothing gets out but an answer."""

import asyncio
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from api.at_rest.key_files import KeyFileError
from api.devices.keys import WEBHOOK_FILE, WebhookKey
from api.paging.channels.answers import Answer, Message
from api.paging.channels.switchboard import Channels, origin_of
from api.settings import Settings, SettingsError, from_environment
from tests.api.channels.messages import message
from tests.http_service import HttpService
from tests.push_service import PushService
from tests.smtp_service import SmtpService

MAIL = {"HANDOFF_SMTP_HOST": "localhost", "HANDOFF_SMTP_FROM": "pages@lead.test"}
PHONE = {"HANDOFF_SMS_ACCOUNT": "AC1", "HANDOFF_SMS_TOKEN": "a secret", "HANDOFF_SMS_FROM": "+15550001111"}
VOICE = {"HANDOFF_SMS_ACCOUNT": "AC1", "HANDOFF_SMS_TOKEN": "a secret", "HANDOFF_VOICE_FROM": "+15550001111"}


def sent(settings: Settings, channel: str, to_send: Message) -> Answer:
    async def run() -> Answer:
        channels = Channels(settings, ec.generate_private_key(ec.SECP256R1()), bytes(32))
        try:
            return await channels.send(channel, to_send)
        finally:
            await channels.close()

    return asyncio.run(run())


@pytest.mark.parametrize(("environment", "more"), [
    ({}, set()), (MAIL, {"email"}), (PHONE, {"sms"}), (VOICE, {"voice"}), (MAIL | PHONE | VOICE, {"email", "sms", "voice"}),
])  # fmt: skip
def test_a_channel_is_there_once_it_is_set_up(environment: dict[str, str], more: set[str]) -> None:
    async def run() -> frozenset[str]:
        channels = Channels(from_environment(environment), ec.generate_private_key(ec.SECP256R1()), bytes(32))
        await channels.close()
        return channels.available()

    assert asyncio.run(run()) == {"push", "webhook"} | more


@pytest.mark.parametrize("channel", ["email", "sms", "voice", "pigeon"])
def test_a_channel_that_is_not_there_never_takes_a_message(channel: str) -> None:
    assert sent(Settings(), channel, message("x")) == Answer("never", None, "NoSuchChannel")


def test_a_fault_of_our_own_is_an_answer_too() -> None:
    broken = message("https://fcm.googleapis.com/x", language="xx")
    assert sent(Settings(), "push", broken) == Answer("again", None, "KeyError")


def test_every_channel_reaches_its_server_with_the_settings_alone() -> None:
    with PushService() as push:
        settings = from_environment(push.environment())
        subscription = push.subscribe()
        assert sent(settings, "push", message(subscription.endpoint, **subscription.keys)).kind == "accepted"
        assert push.received[0].body["text"] == "officer_waiting"
    with SmtpService() as mail:
        more = {"HANDOFF_SMTP_PORT": str(mail.port), "HANDOFF_PUSH_CA_FILE": mail.ca_file}
        assert sent(from_environment(MAIL | more), "email", message("ana@lead.test")).kind == "accepted"
    with HttpService() as web:
        more = {
            "HANDOFF_PRIVATE_HOSTS": web.host,
            "HANDOFF_PUSH_CA_FILE": web.ca_file,
            "HANDOFF_SMS_URL": web.url + "/",
        }
        settings = from_environment(PHONE | VOICE | more)
        for path in ("Messages", "Calls"):
            web.behave(f"/2010-04-01/Accounts/AC1/{path}.json", 201)
        web.behave("/hook", 204)
        assert sent(settings, "sms", message("+15551230000")).kind == "accepted"
        assert sent(settings, "voice", message("+15551230000")).kind == "accepted"
        assert sent(settings, "webhook", message(f"{web.url}/hook")).kind == "accepted"


@pytest.mark.parametrize(("channel", "address", "origin"), [
    ("push", "https://fcm.googleapis.com/fcm/send/a", "fcm.googleapis.com"),
    ("webhook", "https://user:word@Hooks.example.org:8443/x", "hooks.example.org:8443"),
    ("push", "https://[", "push"), ("webhook", "", "webhook"),
    ("email", "ana@lead.test", "email"), ("sms", "+15551230000", "sms"), ("voice", "+15551230000", "voice"),
])  # fmt: skip
def test_whom_a_hung_message_holds_up(channel: str, address: str, origin: str) -> None:
    assert origin_of(channel, address) == origin


@pytest.mark.parametrize(("environment", "named"), [
    ({"HANDOFF_SMTP_HOST": "mail.lead.test"}, "HANDOFF_SMTP_FROM"),
    (MAIL | {"HANDOFF_SMTP_FROM": "Pages <a@b.test>"}, "HANDOFF_SMTP_FROM"),
    (MAIL | {"HANDOFF_SMTP_FROM": "a@b.test\r\nBcc: x@y.test"}, "HANDOFF_SMTP_FROM"),
    ({"HANDOFF_SMTP_FROM": "a@b.test"}, "HANDOFF_SMTP_HOST"),
    (MAIL | {"HANDOFF_SMTP_USER": "u"}, "HANDOFF_SMTP_PASSWORD"),
    (MAIL | {"HANDOFF_SMTP_PASSWORD": "p"}, "HANDOFF_SMTP_USER"),
    (MAIL | {"HANDOFF_SMTP_USER": "u", "HANDOFF_SMTP_PASSWORD": "p", "HANDOFF_SMTP_SECURITY": "none"}, "HANDOFF_SMTP_SECURITY"),
    (MAIL | {"HANDOFF_SMTP_SECURITY": "ssl"}, "HANDOFF_SMTP_SECURITY"),
    (MAIL | {"HANDOFF_SMTP_PORT": "0"}, "HANDOFF_SMTP_PORT"),
    ({"HANDOFF_SMS_ACCOUNT": "AC1"}, "HANDOFF_SMS_TOKEN"),
    ({"HANDOFF_SMS_ACCOUNT": "AC1", "HANDOFF_SMS_TOKEN": "t"}, "HANDOFF_SMS_FROM"),
    ({"HANDOFF_SMS_TOKEN": "t"}, "HANDOFF_SMS_ACCOUNT"),
    ({"HANDOFF_VOICE_FROM": "+15550001111"}, "HANDOFF_SMS_ACCOUNT"),
    (PHONE | {"HANDOFF_SMS_FROM": "5550001111"}, "HANDOFF_SMS_FROM"),
    (PHONE | {"HANDOFF_SMS_ACCOUNT": "../x"}, "HANDOFF_SMS_ACCOUNT"),
    (PHONE | {"HANDOFF_SMS_URL": "http://api.example.org"}, "HANDOFF_SMS_URL"),
    ({"HANDOFF_PRIVATE_HOSTS": "relay"}, "HANDOFF_PRIVATE_HOSTS"),
    ({"HANDOFF_PRIVATE_HOSTS": "relay:80,http://x:1"}, "HANDOFF_PRIVATE_HOSTS"),
])  # fmt: skip
def test_settings_that_do_not_fit_together_are_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        from_environment(environment)


def test_private_hosts_are_read_as_addresses_name_them() -> None:
    settings = from_environment({"HANDOFF_PRIVATE_HOSTS": "Relay.internal:8080, 10.0.0.5:25,[FD00::1]:443,"})
    assert settings.private_targets == {("relay.internal", 8080), ("10.0.0.5", 25), ("fd00::1", 443)}


def test_a_secret_is_never_shown() -> None:
    login = {"HANDOFF_SMTP_USER": "u", "HANDOFF_SMTP_PASSWORD": "hidden-1"}
    settings = from_environment(MAIL | login | PHONE | {"HANDOFF_SMS_TOKEN": "hidden-2"})
    assert "hidden" not in repr(settings) + str(settings) + settings.model_dump_json()
    with pytest.raises(SettingsError) as caught:
        from_environment({"HANDOFF_SMTP_PASSWORD": "hidden-3", "HANDOFF_SMTP_USER": "u"})
    assert "hidden" not in f"{caught.value} {caught.value.__cause__}"


def test_the_webhook_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = WebhookKey.load(tmp_path / "keys")
    path = tmp_path / "keys" / WEBHOOK_FILE
    assert len(made.master) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert WebhookKey.load(tmp_path / "keys") == made
    assert WebhookKey.load(tmp_path / "others") != made
    assert str(made.master) not in repr(made)


@pytest.mark.parametrize("content", [b"", b"short", b"AAAA", b"?" * 44, b"A" * 40])
def test_a_webhook_key_that_is_none_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / WEBHOOK_FILE
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match=WEBHOOK_FILE):
        WebhookKey.load(tmp_path)


def test_a_webhook_key_that_everyone_may_read_is_said(tmp_path: Path) -> None:
    WebhookKey.load(tmp_path)
    (tmp_path / WEBHOOK_FILE).chmod(0o604)
    with pytest.raises(KeyFileError, match="chmod 600"):
        WebhookKey.load(tmp_path)
