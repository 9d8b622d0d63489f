"""All channels behind one door: which of them this server has, and the one that a message goes by.

Made once where an event loop runs, from the settings and the server's keys; closed when the worker ends.
"""

import ssl
from typing import Protocol
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from api import logs
from api.paging.channels.answers import Answer, Message
from api.paging.channels.email import Email, MailServer
from api.paging.channels.posting import Poster
from api.paging.channels.public import Names
from api.paging.channels.push import Push
from api.paging.channels.telephone import Telephone, TelephoneAccount
from api.paging.channels.webhook import Webhook
from api.settings import Settings


class Sender(Protocol):
    """What each channel is to the switchboard."""

    async def send(self, message: Message) -> Answer:
        """Send one message; never raises for what the other side does."""


def available(settings: Settings) -> frozenset[str]:
    """The channels that these settings make possible. Push and webhooks need nothing."""
    has = {"push", "webhook"}
    if settings.smtp_host:
        has.add("email")
    if settings.sms_account and settings.sms_from:
        has.add("sms")
    if settings.sms_account and settings.voice_from:
        has.add("voice")
    return frozenset(has)


def trust(settings: Settings) -> ssl.SSLContext:
    """Whose certificates are believed."""
    context = ssl.create_default_context()
    if settings.push_ca_file:
        context.load_verify_locations(settings.push_ca_file)
    return context


def origin_of(channel: str, address: str) -> str:
    """Whom a hung message holds up: a push service, a receiver, or the one provider of every other channel."""
    if channel not in ("push", "webhook"):
        return channel
    try:
        return urlsplit(address).netloc.rpartition("@")[2].lower() or channel
    except ValueError:
        return channel


class Channels:
    """Every channel that this server has."""

    def __init__(self, settings: Settings, vapid: ec.EllipticCurvePrivateKey, webhook_master: bytes) -> None:
        context = trust(settings)
        excepted = settings.private_targets
        self._names = Names()
        self._poster = Poster(self._names.lookup, excepted, context)
        self._senders: dict[str, Sender] = {
            "push": Push(self._poster, vapid, settings.push_contact, settings.push_hosts),
            "webhook": Webhook(self._poster, webhook_master, excepted),
        }
        has = available(settings)
        if "email" in has:
            self._senders["email"] = Email(_mail_server(settings), self._names.lookup, context)
        account = _telephone_account(settings)
        if "sms" in has:
            self._senders["sms"] = Telephone(self._poster, account, "sms")
        if "voice" in has:
            self._senders["voice"] = Telephone(self._poster, account, "voice")

    def available(self) -> frozenset[str]:
        """The channels that a message can go by."""
        return frozenset(self._senders)

    def origin_of(self, channel: str, address: str) -> str:
        """As `origin_of`."""
        return origin_of(channel, address)

    async def send(self, channel: str, message: Message) -> Answer:
        """Send one message, within the deadline. Never raises but for the end of the program."""
        sender = self._senders.get(channel)
        if sender is None:
            return Answer("never", note="NoSuchChannel")
        try:
            return await sender.send(message)
        except Exception as error:  # our own fault, and it must not end the page: it is tried again, and said aloud
            logs.error("channel.failed", error, delivery_id=message.delivery_id, kind=channel)
            return Answer("again", note=type(error).__name__)

    async def close(self) -> None:
        """Give the connections back."""
        await self._poster.close()
        self._names.close()


def _mail_server(settings: Settings) -> MailServer:
    return MailServer(
        settings.smtp_host, settings.smtp_port, settings.smtp_from, settings.smtp_security,
        settings.smtp_user, settings.smtp_password.get_secret_value(),
    )  # fmt: skip


def _telephone_account(settings: Settings) -> TelephoneAccount:
    return TelephoneAccount(
        settings.sms_url.rstrip("/"), settings.sms_account, settings.sms_token.get_secret_value(),
        settings.sms_from, settings.voice_from,
    )  # fmt: skip
