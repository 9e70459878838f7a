"""E-mails by SMTP: messages about events, and one-time codes."""

import ssl
from dataclasses import dataclass, field
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

import aiosmtplib

from ygs.adapters.text_queue import FIRST_PAUSE_SECONDS, QueuedText, TextQueue
from ygs.ports.channels import Refused, TryAgain
from ygs.ports.message_senders import Address, PersonalMessage, SmtpSecurity

TOTAL_SECONDS = 10.0
# Without the code: a telephone that is locked shows the subject.
_CODE_SUBJECT = "이메일 인증번호 (Your code)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """A mail server, and how to sign in to it. `trusted`: the file of certificates it is checked by; the system's when
    empty."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    trusted: str = ""


class SmtpSender:
    """`MessageSender` to e-mail addresses. `sender`: who the mails are from, such as ``Name <name@example.com>``.

    Every message has a connection of its own, so that a server that closes idle ones does no harm.
    """

    def __init__(self, server: SmtpServer, sender: str, *, total: float = TOTAL_SECONDS) -> None:
        name, address = parseaddr(sender)
        self._server = server
        self._sender = Mailbox(name, addr_spec=address)
        self._total = total
        self._context = ssl.create_default_context(cafile=server.trusted or None)

    async def send(self, to: Address, message: PersonalMessage) -> int | None:
        """Send one e-mail; the status is that of SMTP."""
        mail = self._mail(message.id, to.value, message.title)
        mail.set_content("\n\n".join(part for part in (message.text, message.link) if part) + "\n")
        mail["Content-Language"] = message.language.value
        return await self._send(mail)

    async def send_code(self, queued: QueuedText) -> int:
        """Send one e-mail that holds a one-time code, in both languages."""
        mail = self._mail(queued.id, queued.to, _CODE_SUBJECT)
        mail.set_content(queued.text + "\n")
        mail["Content-Language"] = "ko, en"
        return await self._send(mail)

    async def _send(self, mail: EmailMessage) -> int:
        client = self._client()
        # The library's errors quote addresses and what the server said, which may too.
        try:
            async with client:
                await client.send_message(mail)
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPRecipientRefused) as error:
            raise _answered(_of_recipient(error), "recipient_refused") from None
        except aiosmtplib.SMTPDataError as error:
            raise _answered(error.code, "message_refused") from None
        except aiosmtplib.SMTPResponseException as error:
            # Of the sign-in or of the sender: what the operator put right makes the same message pass later.
            raise TryAgain("mail_server_refused", error.code) from None
        except aiosmtplib.SMTPNotSupported:
            raise TryAgain("mail_server_lacks_encryption") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError):
            raise TryAgain("no_answer") from None
        return 250

    def _client(self) -> aiosmtplib.SMTP:
        server = self._server
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.security is SmtpSecurity.TLS,
            start_tls=server.security is SmtpSecurity.STARTTLS,
            tls_context=None if server.security is SmtpSecurity.NONE else self._context,
            timeout=self._total,
        )

    def _mail(self, id: str, to: str, subject: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = self._sender
        try:
            mail["To"] = Mailbox(addr_spec=to)
        except (ValueError, IndexError):
            # Imported addresses are kept as they came.
            raise Refused("no_address") from None
        mail["Subject"] = subject
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{id}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # no absence notice answers it
        return mail


class SmtpMessenger:
    """`Messenger` to e-mail addresses: sends in the background, up to four times while the server does not take it."""

    def __init__(self, sender: SmtpSender, *, pause: float = FIRST_PAUSE_SECONDS) -> None:
        self._queue = TextQueue("the mail server", sender.send_code, pause=pause)

    async def send(self, to: str, text: str) -> None:
        """Take it for delivery."""
        self._queue.put(to, text)

    async def close(self) -> None:
        """Wait a little for what is under way."""
        await self._queue.close()


def _of_recipient(error: aiosmtplib.SMTPRecipientsRefused | aiosmtplib.SMTPRecipientRefused) -> int:
    if isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return error.code
    return error.recipients[0].code


def _answered(status: int, error: str) -> TryAgain | Refused:
    """What an answer of the mail server means: 5xx is final, 4xx is not."""
    return Refused(error, status) if status >= 500 else TryAgain(error, status)
