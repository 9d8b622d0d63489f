"""A mail server for tests, by aiosmtpd: real SMTP on a real socket, which can be told to fail at every step."""

import asyncio
import socket
import ssl
import tempfile
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "pager", "correct horse"
HANG_SECONDS = 60.0


@dataclass
class SmtpService:
    """Start with `with SmtpService(...) as service:`. `says` maps a step (MAIL, RCPT, DATA, QUIT) to its answer.

    An answer may also be "hang" or "drop". `starttls` offers encryption, `tls` begins with it, `login` asks for one.
    """

    starttls: bool = True
    tls: bool = False
    login: bool = False
    name: str = "localhost"
    says: dict[str, str] = field(default_factory=dict)
    received: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    def __enter__(self) -> "SmtpService":
        self._folder = tempfile.TemporaryDirectory()
        self.ca_file = str(Path(self._folder.name) / "ca.pem")
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.ca_file)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(self.name).configure_cert(context)
        self._controller = _Controller(
            self, hostname="127.0.0.1", port=0, ssl_context=context if self.tls else None,
            tls_context=context if self.starttls and not self.tls else None,
            require_starttls=False, auth_required=self.login, auth_require_tls=self.login, authenticator=self._login,
        )  # fmt: skip
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()
        self._folder.cleanup()

    @property
    def port(self) -> int:
        """Where it listens."""
        return self._controller.bound_port()

    def _login(self, _server: SMTP, _session: Session, _envelope: Envelope, _way: str, data: object) -> AuthResult:
        login, password = getattr(data, "login", b""), getattr(data, "password", b"")
        return AuthResult(success=(login, password) == (USER.encode(), PASSWORD.encode()), handled=False)

    async def _step(self, server: SMTP, name: str) -> str | None:
        """What is to be said at this step instead of "250 OK"; None for nothing else."""
        said = self.says.get(name)
        if said == "hang":
            await asyncio.sleep(HANG_SECONDS)
        if said == "drop":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            return "421 gone"
        return said

    async def handle_MAIL(self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """aiosmtpd's hook."""
        said = await self._step(server, "MAIL")
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return said or "250 OK"

    async def handle_RCPT(self, server: SMTP, _: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        """aiosmtpd's hook."""
        said = await self._step(server, "RCPT")
        if said is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return said or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook."""
        said = await self._step(server, "DATA")
        if said is not None:
            return said
        assert isinstance(envelope.content, bytes)
        self.envelopes.append(envelope)
        self.encrypted.append(self.tls or session.ssl is not None)
        self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"

    async def handle_QUIT(self, server: SMTP, _session: Session, _envelope: Envelope) -> str:
        """aiosmtpd's hook."""
        return await self._step(server, "QUIT") or "221 Bye"


class _Controller(Controller):
    """Listens on whatever port is free; the port that it was given, 0, is no port to look for itself at."""

    def bound_port(self) -> int:
        """The port that the system chose."""
        assert isinstance(self.server, asyncio.Server)
        return int(self.server.sockets[0].getsockname()[1])

    def _trigger_server(self) -> None:
        with socket.create_connection(("127.0.0.1", self.bound_port()), timeout=5) as connection:
            if self.ssl_context is None:
                connection.recv(1024)
            else:
                untrusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                untrusting.check_hostname, untrusting.verify_mode = False, ssl.CERT_NONE
                with untrusting.wrap_socket(connection) as encrypted:
                    encrypted.recv(1024)
