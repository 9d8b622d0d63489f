"""E-mail by the operator's own SMTP server: a plain sentence in the recipient's language and a link to the application.

One connection per message: pages are rare, so a kept connection would nearly always be found closed by the server, and
finding that out costs more than a fresh one. The message's id is the delivery's, so a second copy of it collapses in the
mailbox. The server is the operator's setting and not a stranger's address; it may be private.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from api.paging.channels.answers import DEADLINE_SECONDS, Answer, Message
from api.paging.channels.public import ADDRESSES_TRIED, Lookup
from api.paging.channels.texts import NAME, letter, title

GOODBYE_SECONDS = 1.0
MAILBOX_FULL = 552
NOT_ALLOWED = frozenset({530, 534, 535, 538})
"""Answers about who we are (RFC 4954, 4.); 5.7.x, about what we may do (RFC 3463, 3.8), counts with them."""
_POLICY = re.compile(r"5\.7\.[0-9]+")
_FULL = re.compile(r"5\.2\.2\b")


@dataclass(frozen=True)
class MailServer:
    """The operator's SMTP server. `security`: starttls (required, never skipped), tls from the first byte, or none."""

    host: str
    port: int
    sender: str
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def domain(self) -> str:
        """The sender's domain: names this server in its greeting and in message ids."""
        return self.sender.rpartition("@")[2]


class Email:
    """Sends one message per connection."""

    def __init__(
        self,
        server: MailServer,
        lookup: Lookup,
        context: ssl.SSLContext,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._server, self._lookup, self._context, self._now = server, lookup, context, now

    async def send(self, message: Message) -> Answer:
        """`accepted` means that our own server took it; a mailbox that it finds dead later is not known here."""
        try:
            written = self.write(message)
        except (ValueError, IndexError, MessageError) as error:  # the address is a person's typing
            return Answer("gone", note=type(error).__name__)
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                await self._hand_over(written, message.address)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _judged(error)
        return Answer("accepted", note="250")

    def write(self, message: Message) -> EmailMessage:
        """The letter. ValueError, IndexError or MessageError for an address that is none, as the library has it."""
        written = EmailMessage()
        written["From"] = Address(NAME, addr_spec=self._server.sender)
        written["To"] = Address(addr_spec=message.address)
        written["Subject"] = title(message)
        written["Date"] = format_datetime(self._now())
        written["Message-ID"] = f"<{message.delivery_id}@{self._server.domain}>"
        written["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence note answers it
        written["X-Auto-Response-Suppress"] = "All"
        written["Content-Language"] = message.language
        written.set_content(letter(message), cte="quoted-printable")
        return written

    async def _hand_over(self, written: EmailMessage, recipient: str) -> None:
        server = self._server
        connection = await self._connect()
        client = aiosmtplib.SMTP(
            hostname=server.host,
            sock=connection,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            tls_context=self._context,
            username=server.user or None,
            password=server.password or None,
            timeout=DEADLINE_SECONDS,
            local_hostname=server.domain,
        )
        try:
            await client.connect()
            await client.send_message(written, sender=server.sender, recipients=[recipient])
            with suppress(aiosmtplib.SMTPException, OSError):
                # It has been taken. A server that does not say goodbye changes nothing.
                await client.quit(timeout=GOODBYE_SECONDS)
        finally:
            client.close()
            connection.close()

    async def _connect(self) -> socket.socket:
        """To the first address that answers; one that is silent costs its share of the time. OSError if none does."""
        addresses = (await self._lookup(self._server.host, self._server.port))[:ADDRESSES_TRIED]
        failure: OSError = ConnectionError("no address")
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            connection = socket.socket(family, socket.SOCK_STREAM)
            connection.setblocking(False)
            try:
                async with asyncio.timeout(DEADLINE_SECONDS / (len(addresses) + 1)):
                    await asyncio.get_running_loop().sock_connect(connection, (address, self._server.port))
            except OSError as error:
                connection.close()
                failure = error
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        raise failure


def _judged(error: Exception) -> Answer:
    """What the server's refusal means, by where it was said and by what code."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return _judged(error.recipients[0]) if error.recipients else Answer("again", note=type(error).__name__)
    if not isinstance(error, aiosmtplib.SMTPResponseException):
        # A server that suddenly offers no encryption, or no login, is our settings' trouble or somebody in between.
        plain = isinstance(error, aiosmtplib.SMTPException) and not isinstance(error, OSError)
        return Answer("refused" if plain else "again", note=_name(error))
    note = f"{error.code} {type(error).__name__}"
    if not 500 <= error.code < 600:
        return Answer("again", note=note)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError | aiosmtplib.SMTPSenderRefused):
        return Answer("refused", note=note)
    if error.code in NOT_ALLOWED or _POLICY.match(error.message):
        return Answer("refused", note=note)
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        full = error.code == MAILBOX_FULL or _FULL.match(error.message)
        return Answer("never" if full else "gone", note=note)
    return Answer("never" if isinstance(error, aiosmtplib.SMTPDataError) else "again", note=note)


def _name(error: BaseException) -> str:
    """The error's type; a failed certificate is named as such, however deep it lies."""
    cause = error.__cause__
    return type(cause).__name__ if isinstance(cause, ssl.SSLError) else type(error).__name__
