"""E-mail against a real SMTP server that accepts, refuses, hangs and drops at every step."""

import asyncio
import time
from typing import Any

import pytest

from api.paging.channels import email
from api.paging.channels.answers import Answer
from api.paging.channels.email import Email, MailServer
from api.paging.channels.public import Names
from tests.api.channels.messages import DELIVERY, NOW, ORIGIN, TOKEN, message, trusting
from tests.smtp_service import PASSWORD, USER, SmtpService

ANA = "ana@lead.test"
CLOSED_PORT = 9


def send(
    service: SmtpService, address: str = ANA, *, security: str = "starttls", port: int | None = None,
    trusted: bool = True, login: tuple[str, str] = ("", ""), **other: Any,
) -> Answer:  # fmt: skip
    server = MailServer("localhost", port or service.port, "pages@lead.test", security, *login)

    async def run() -> Answer:
        names = Names()
        context = trusting(service.ca_file)
        if not trusted:
            with SmtpService() as stranger:
                context = trusting(stranger.ca_file)
        try:
            return await Email(server, names.lookup, context, now=lambda: NOW).send(message(address, **other))
        finally:
            names.close()

    return asyncio.run(run())


def test_a_letter_says_a_constant_sentence_and_where_to_look() -> None:
    with SmtpService() as service:
        assert send(service) == Answer("accepted", None, "250")
        [letter], [envelope] = service.received, service.envelopes
        assert (envelope.mail_from, envelope.rcpt_tos) == ("pages@lead.test", [ANA])
        assert letter["To"] == ANA
        assert letter["From"] == "Warm Handoff <pages@lead.test>"
        assert letter["Subject"] == "Officer waiting"
        assert letter["Message-ID"] == f"<{DELIVERY}@lead.test>"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert letter["Date"] == "Thu, 30 Apr 2026 02:15:00 +0000"
        assert letter.get_content_type() == "text/plain"
        text = letter.get_content()
        assert ORIGIN in text
        assert TOKEN not in str(letter)


def test_it_is_written_in_the_persons_language() -> None:
    with SmtpService() as service:
        send(service, language="es")
        assert service.received[0]["Subject"] == "Oficial en espera"
        assert "aplicación" in service.received[0].get_content()


def test_a_second_copy_has_the_same_id() -> None:
    with SmtpService() as service:
        send(service)
        send(service)
        assert len({letter["Message-ID"] for letter in service.received}) == 1


@pytest.mark.parametrize(("security", "encrypted"), [("starttls", True), ("tls", True), ("none", False)])
def test_it_is_encrypted_as_the_settings_say(security: str, encrypted: bool) -> None:
    with SmtpService(tls=security == "tls", starttls=security == "starttls") as service:
        assert send(service, security=security).kind == "accepted"
        assert service.encrypted == [encrypted]


def test_a_login_is_used() -> None:
    with SmtpService(login=True) as service:
        assert send(service, login=(USER, PASSWORD)).kind == "accepted"
        assert service.encrypted == [True]


def test_a_server_without_starttls_gets_nothing() -> None:
    """It may be one that somebody put in between, to read along."""
    with SmtpService(starttls=False) as service:
        answer = send(service, login=(USER, PASSWORD))
        assert answer.kind == "refused"
        assert service.envelopes == []


@pytest.mark.parametrize("login", [(USER, "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_login_is_refused(login: tuple[str, str]) -> None:
    with SmtpService(login=True) as service:
        answer = send(service, login=login)
        assert answer == Answer("refused", None, "535 SMTPAuthenticationError")


def test_a_server_that_wants_a_login_which_is_not_set_refuses() -> None:
    with SmtpService(login=True) as service:
        assert send(service).kind == "refused"


@pytest.mark.parametrize(("step", "said", "kind"), [
    ("MAIL", "451 later", "again"), ("MAIL", "550 not from you", "refused"), ("MAIL", "530 5.7.0 log in", "refused"),
    ("RCPT", "450 later", "again"), ("RCPT", "421 closing", "again"), ("RCPT", "550 5.1.1 nobody of that name", "gone"),
    ("RCPT", "551 moved", "gone"), ("RCPT", "553 no such mailbox", "gone"), ("RCPT", "550 5.7.1 relaying denied", "refused"),
    ("RCPT", "554 5.7.12 policy", "refused"), ("RCPT", "530 log in", "refused"), ("RCPT", "552 full", "never"),
    ("RCPT", "550 5.2.2 full", "never"),
    ("DATA", "451 later", "again"), ("DATA", "554 spam", "never"), ("DATA", "550 5.7.1 not you", "refused"),
])  # fmt: skip
def test_what_the_server_says(step: str, said: str, kind: str) -> None:
    with SmtpService(says={step: said}) as service:
        answer = send(service)
        assert answer.kind == kind
        assert answer.note.startswith(said[:3])
        assert "@" not in answer.note


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_connection_that_drops_is_tried_again(step: str) -> None:
    with SmtpService(says={step: "drop"}) as service:
        assert send(service).kind == "again"


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_is_left_at_the_deadline(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "DEADLINE_SECONDS", 1.0)
    with SmtpService(says={step: "hang"}) as service:
        began = time.monotonic()
        assert send(service).kind == "again"
        assert time.monotonic() - began < 4


@pytest.mark.parametrize("said", ["drop", "hang", "500 no"])
def test_what_was_taken_is_taken_however_the_goodbye_goes(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email, "GOODBYE_SECONDS", 0.2)
    with SmtpService(says={"QUIT": said}) as service:
        assert send(service) == Answer("accepted", None, "250")


def test_nobody_listening_is_tried_again() -> None:
    with SmtpService() as service:
        assert send(service, port=CLOSED_PORT) == Answer("again", None, "ConnectionRefusedError")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_nobody_we_trust_gets_nothing(security: str) -> None:
    with SmtpService(tls=security == "tls") as service:
        assert send(service, security=security, trusted=False).kind == "again"
        assert service.envelopes == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_name_gets_nothing(security: str) -> None:
    with SmtpService(tls=security == "tls", name="elsewhere.example.org") as service:
        answer = send(service, security=security)
        assert (answer.kind, answer.note) == ("again", "SSLCertVerificationError")
        assert service.envelopes == []


@pytest.mark.parametrize("address", [
    "", "nobody", "a@", "@b", "a b@c.test", "a@b\r\nRCPT TO:<c@d.test>", "a@b.test, c@d.test", "<a@b.test>", "a@b.test\n",
])  # fmt: skip
def test_what_is_no_address_ends_it_and_reaches_nobody(address: str) -> None:
    with SmtpService() as service:
        assert send(service, address).kind == "gone"
        assert service.envelopes == []


def test_the_password_is_not_shown_when_the_server_is_printed() -> None:
    assert PASSWORD not in repr(MailServer("localhost", 25, "a@b.test", "tls", USER, PASSWORD))
