"""What every `MessageSender` must hold, over a receiver that answers as a test says."""

import logging
from abc import ABC, abstractmethod
from enum import Enum
from typing import TypeAlias

import pytest

from ygs.domain.events import EventType
from ygs.domain.matching.attribute import Language
from ygs.ports.channels import Refused, TryAgain
from ygs.ports.message_senders import Address, MessageSender, PersonalMessage

MESSAGE = PersonalMessage(
    id="dlv_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
    type=EventType.INTRODUCTION_PROPOSED,
    language=Language.KO,
    title="새로운 소개가 있습니다.",
    text="두 분을 소개한 이유를 읽고, 기한 안에 답해 주세요.",
    link="https://www.example.kr/notices",
)


class Receiver(Enum):
    """How the receiver of a `MessageSender` answers."""

    TAKES = "takes"
    BUSY = "busy"  # an error that passes
    REFUSES = "refuses"  # for good
    SILENT = "silent"  # accepts the connection and says nothing


ReceivedMessages: TypeAlias = list[str]


class MessageSenderContract(ABC):
    """Subclass it with a receiver on this machine."""

    @abstractmethod
    async def receive(self, receiver: Receiver) -> tuple[MessageSender, Address, ReceivedMessages]:
        """A sender to a receiver that answers so, with a patience below a second; an address; and the list to which
        the receiver adds each message that it takes, as text."""

    async def test_a_message_arrives_whole(self) -> None:
        sender, to, received = await self.receive(Receiver.TAKES)
        await sender.send(to, MESSAGE)
        (message,) = received
        for part in (MESSAGE.title, MESSAGE.link):
            assert part in message

    async def test_the_same_message_is_recognised_when_it_comes_again(self) -> None:
        sender, to, received = await self.receive(Receiver.TAKES)
        for _ in range(2):
            await sender.send(to, MESSAGE)
        assert len(received) == 2
        assert all(MESSAGE.id in message for message in received)

    async def test_what_may_pass_is_told_from_what_is_final(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        for receiver, error in (
            (Receiver.BUSY, TryAgain),
            (Receiver.SILENT, TryAgain),
            (Receiver.REFUSES, Refused),
        ):
            sender, to, received = await self.receive(receiver)
            with pytest.raises(error) as raised:
                await sender.send(to, MESSAGE)
            assert received == []
            # Neither the error nor what it came from says to whom it was.
            assert to.value not in f"{raised.value!r} {raised.value} {raised.value.__cause__!r} {to!r}"
            assert raised.value.__suppress_context__ or raised.value.__context__ is None
            assert to.value not in caplog.text
