"""The port of message senders: mail servers, push services and text messages, each with the address it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType, Protocol

from ygs.domain.deliveries import Channel
from ygs.domain.events import EventType
from ygs.domain.matching.attribute import Language


class SmtpSecurity(StrEnum):
    """How a connection to a mail server is encrypted."""

    STARTTLS = "starttls"  # it begins in the clear, and nothing is sent unless it becomes encrypted
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalMessage:
    """What a person is sent about an event, in their language. It tells nothing private.

    `id`: the same whenever the message is sent again, so that a receiver can recognise it. `title`: what happened, in
    one sentence. `text`: what to do next. `link`: where to do it; empty without a front end.
    """

    id: str
    type: EventType
    language: Language
    title: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: an e-mail address, an E.164 phone, or the token of a device. No `repr` shows it."""

    value: str = field(repr=False)


class MessageSender(Protocol):
    """Sends messages by one technology."""

    async def send(self, to: Address, message: PersonalMessage) -> int | None:
        """Send one message once; return the status that the receiver answered, if it has one.

        `TryAgain` when it may succeed later, `Refused` when it never will; neither holds the address. Called outside
        any transaction, and by many at once.
        """
        ...


# The senders of this service; a channel that is missing is switched off.
MessageSenders = NewType("MessageSenders", Mapping[Channel, MessageSender])
