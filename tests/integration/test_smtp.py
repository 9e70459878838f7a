"""E-mails to a real SMTP server: in the clear, by STARTTLS and by TLS."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ygs.adapters.smtp import SmtpSender, SmtpServer
from ygs.entrypoints.testing.contracts.message_senders import (
    MESSAGE,
    MessageSenderContract,
    ReceivedMessages,
    Receiver,
)
from ygs.ports.channels import Refused, TryAgain
from ygs.ports.message_senders import Address, MessageSender, SmtpSecurity

FROM = "연결 <no-reply@example.kr>"
TO = Address("kim.minjun@example.com")
PASSWORD = "four words of it"
_ANSWERS = {Receiver.BUSY: f"451 4.3.0 {TO.value} later", Receiver.REFUSES: f"550 5.1.1 {TO.value} is unknown"}


class MailHandler:
    """Takes or refuses mails as a test says."""

    def __init__(self, receiver: Receiver = Receiver.TAKES) -> None:
        self.receiver = receiver
        self.mails = list[EmailMessage]()
        self.recipients = list[str]()
        self.texts = ReceivedMessages()
        self.encrypted = list[bool]()

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: Any
    ) -> str:
        """Answer to the recipient."""
        if self.receiver in _ANSWERS:
            return _ANSWERS[self.receiver]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        self.encrypted.append(session.ssl is not None)
        self.texts.append(f"{mail['Message-ID']} {mail['Subject']} {mail.get_content()}")
        return "250 OK"


@asynccontextmanager
async def listening(protocol: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on this machine; its port."""
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def _certificate(folder: Path) -> ssl.SSLContext:
    """A server's certificate for this machine, in the file `trusted.pem`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "trusted.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(plain)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "trusted.pem", folder / "key.pem")
    return context


def sender_to(port: int, security: SmtpSecurity = SmtpSecurity.NONE, total: float = 5.0, **more: str) -> SmtpSender:
    server = SmtpServer(host="127.0.0.1", port=port, security=security, **more)
    return SmtpSender(server, FROM, total=total)


class TestSmtpSender(MessageSenderContract):
    """`SmtpSender`."""

    @pytest.fixture(autouse=True)
    async def _servers(self, caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
        caplog.set_level(logging.CRITICAL, "mail.log")  # the server's own
        async with AsyncExitStack() as self.stack:
            yield

    async def receive(self, receiver: Receiver) -> tuple[MessageSender, Address, ReceivedMessages]:
        handler = MailHandler(receiver)
        silent = receiver is Receiver.SILENT
        port = await self.stack.enter_async_context(listening(asyncio.Protocol if silent else lambda: SMTP(handler)))
        return sender_to(port, total=0.3 if silent else 5.0), TO, handler.texts


async def test_a_mail_says_who_it_is_from_and_that_no_person_wrote_it() -> None:
    handler = MailHandler()
    async with listening(lambda: SMTP(handler)) as port:
        assert await sender_to(port).send(TO, MESSAGE) == 250
    (mail,) = handler.mails
    assert handler.recipients == [TO.value]
    assert (mail["From"], mail["To"], mail["Auto-Submitted"]) == (FROM, TO.value, "auto-generated")
    assert (mail["Subject"], mail["Content-Language"]) == (MESSAGE.title, "ko")
    assert mail["Message-ID"] == f"<{MESSAGE.id}@example.kr>"
    assert mail.get_content().replace("\r\n", "\n") == f"{MESSAGE.text}\n\n{MESSAGE.link}\n"


@pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
async def test_a_mail_goes_encrypted_and_signed_in(security: SmtpSecurity, tmp_path: Path) -> None:
    context = _certificate(tmp_path)
    handler = MailHandler()
    logins = list[LoginPassword]()

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        logins.append(data)
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    implicit = security is SmtpSecurity.TLS
    # By TLS from the first byte on, the server does not know that it is encrypted.
    options: dict[str, Any] = {"authenticator": authenticate, "auth_require_tls": not implicit}
    options |= {} if implicit else {"tls_context": context, "require_starttls": True, "auth_required": True}
    async with listening(lambda: SMTP(handler, **options), context if implicit else None) as port:
        trusted = str(tmp_path / "trusted.pem")
        await sender_to(port, security, user="ygs", password=PASSWORD, trusted=trusted).send(TO, MESSAGE)
        with pytest.raises(TryAgain, match="mail_server_refused") as refused:
            await sender_to(port, security, user="ygs", password="another", trusted=trusted).send(TO, MESSAGE)
        assert refused.value.status == 535
        # Whoever has no certificate that we trust gets neither password nor mail.
        with pytest.raises(TryAgain, match="no_answer"):
            await sender_to(port, security, user="ygs", password=PASSWORD).send(TO, MESSAGE)
    assert {each.login for each in logins} == {b"ygs"}
    assert [each.password for each in logins].count(PASSWORD.encode()) == 1
    assert len(handler.mails) == 1


async def test_nothing_goes_in_the_clear_to_a_server_without_starttls() -> None:
    handler = MailHandler()
    async with listening(lambda: SMTP(handler)) as port:
        with pytest.raises(TryAgain):
            await sender_to(port, SmtpSecurity.STARTTLS, user="ygs", password=PASSWORD).send(TO, MESSAGE)
    assert handler.mails == []


@pytest.mark.parametrize("address", ["kim", "a b@example.com", "x@example.com\nBcc: y@example.com", "", "a@b, c@d"])
async def test_an_address_that_is_none_is_refused_before_anything_is_sent(address: str) -> None:
    handler = MailHandler()
    async with listening(lambda: SMTP(handler)) as port:
        with pytest.raises(Refused, match="no_address"):
            await sender_to(port).send(Address(address), MESSAGE)
    assert handler.mails == []
