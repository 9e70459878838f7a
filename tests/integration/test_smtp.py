"""E-mails to a real SMTP server: in the clear, by STARTTLS and by TLS."""

import asyncio
import json
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
from pydantic import SecretStr

from tests.support.http_server import Answer, serving
from ygs.adapters.sms import WebhookMessenger
from ygs.adapters.smtp import SmtpMessenger, SmtpSender, SmtpServer
from ygs.adapters.split_messenger import SplitMessenger
from ygs.bootstrap.channels import messenger as code_messenger
from ygs.entrypoints.testing.contracts.message_senders import (
    MESSAGE,
    MessageSenderContract,
    ReceivedMessages,
    Receiver,
)
from ygs.ports.channels import Refused, TryAgain
from ygs.ports.message_senders import Address, MessageSender, SmtpSecurity
from ygs.settings import Settings

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


CODE = "[ygs] 이메일 인증번호 12345678 Your code"


async def test_a_code_goes_as_a_mail_whose_subject_does_not_show_it() -> None:
    handler = MailHandler()
    async with listening(lambda: SMTP(handler)) as port:
        messenger = SmtpMessenger(sender_to(port))
        await messenger.send(TO.value, CODE)
        assert handler.mails == []  # whoever asks does not wait for the mail server
        await messenger.close()
    (mail,) = handler.mails
    assert (mail["To"], mail["From"], mail["Content-Language"]) == (TO.value, FROM, "ko, en")
    assert mail.get_content().strip() == CODE
    assert "12345678" not in mail["Subject"]


@pytest.mark.parametrize(("receiver", "status"), [(Receiver.BUSY, 451), (Receiver.REFUSES, 550)])
async def test_of_a_code_that_was_not_sent_the_log_says_the_status_and_nothing_personal(
    receiver: Receiver, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(lambda: SMTP(MailHandler(receiver))) as port:
        messenger = SmtpMessenger(sender_to(port), pause=0.01)
        await messenger.send(TO.value, CODE)
        await messenger.close()
    # The server of this test writes a log too.
    written = [record.getMessage() for record in caplog.records if record.name.startswith("ygs")]
    assert written
    assert written[0].endswith(f"the mail server answered {status}")
    assert TO.value not in written[0]
    assert "12345678" not in written[0]


async def test_a_code_is_sent_once_the_mail_server_takes_mails_again() -> None:
    handler = MailHandler(Receiver.BUSY)
    async with listening(lambda: SMTP(handler)) as port:
        messenger = SmtpMessenger(sender_to(port), pause=0.1)
        await messenger.send(TO.value, CODE)
        await asyncio.sleep(0.05)
        handler.receiver = Receiver.TAKES
        await messenger.close()
    assert handler.recipients == [TO.value]


@pytest.mark.parametrize("has_webhook", [True, False])
async def test_with_a_mail_server_codes_for_addresses_go_there_and_codes_for_phones_to_the_webhook(
    has_webhook: bool, caplog: pytest.LogCaptureFixture
) -> None:
    handler = MailHandler()
    with serving(lambda asked: Answer(204)) as web:
        async with listening(lambda: SMTP(handler)) as port:
            messenger = code_messenger(
                Settings(
                    _env_file=None,
                    messenger_url=web.url if has_webhook else "",
                    messenger_key=SecretStr("5a" * 32),
                    smtp_host="127.0.0.1",
                    smtp_port=port,
                    smtp_security=SmtpSecurity.NONE,
                    smtp_from=FROM,
                )
            )
            assert isinstance(messenger, SplitMessenger)
            await messenger.send(TO.value, CODE)
            await messenger.send("+821012345678", "[ygs] 87654321")
            await messenger.close()
    assert handler.recipients == [TO.value]
    assert [json.loads(asked.body)["to"] for asked in web.asked] == ["+821012345678"] * has_webhook
    assert ("87654321" in caplog.text) is not has_webhook  # development without a webhook
    assert "12345678 Your" not in caplog.text


async def test_without_a_mail_server_the_webhook_gets_codes_for_addresses_too() -> None:
    with serving(lambda asked: Answer(204)) as web:
        messenger = code_messenger(
            Settings(_env_file=None, messenger_url=web.url, messenger_key=SecretStr("5a" * 32), smtp_host="")
        )
        assert isinstance(messenger, WebhookMessenger)
        await messenger.send(TO.value, CODE)
        await messenger.close()
    assert [json.loads(asked.body)["to"] for asked in web.asked] == [TO.value]
