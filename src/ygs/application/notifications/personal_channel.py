"""The channels that reach a person: e-mail, text and push, as far as they and the service's settings want."""

from asyncio import gather
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import NewType
from zoneinfo import ZoneInfo

from ygs.application.messages.translate import translate
from ygs.application.notifications.texts import TEXTS
from ygs.domain.contacts import ContactKind, proven_contact
from ygs.domain.deliveries import Channel, EventDelivery
from ygs.domain.events import Event
from ygs.domain.ids import DeliveryId, PushDeviceId, UserId
from ygs.domain.matching.attribute import Language
from ygs.domain.notices import ChannelChoices, NoticeSettings, group_of
from ygs.domain.reminders import is_quiet, quiet_until
from ygs.ports.channels import Refused, Send, SendOutcome, TryAgain
from ygs.ports.message_senders import Address, MessageSender, PersonalMessage
from ygs.ports.storage import Reading, Storage, Writing

# The channels of people who chose none, by group of events.
DefaultChannels = NewType("DefaultChannels", ChannelChoices)
# Where a message leads; empty for nowhere.
NoticeLink = NewType("NoticeLink", str)

_CONTACTS = {Channel.EMAIL: ContactKind.EMAIL, Channel.TEXT: ContactKind.PHONE}
# What would wake people waits for the morning; a mail does not.
_LOUD = frozenset({Channel.TEXT, Channel.PUSH})


@dataclass(frozen=True, slots=True)
class _Recipient:
    """Where a message goes. `device`: of a push message."""

    address: Address
    device: PushDeviceId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalChannel:
    """`DeliveryChannel` to people. A person gets what they, or else the service's defaults, choose for its group.

    Contacts are read when a message is sent, never before, and only those that the person has proven to be theirs: at
    any other somebody else might learn that they are a member.
    """

    channel: Channel
    sender: MessageSender = field(repr=False)
    storage: Storage = field(repr=False)
    zone: ZoneInfo
    language: Language
    defaults: DefaultChannels
    link: NoticeLink

    def opens_at(self, at: datetime) -> datetime:
        """When a message may be sent that is ready at that moment: texts and pushes not at night."""
        return quiet_until(at, self.zone) if self.channel in _LOUD and is_quiet(at, self.zone) else at

    async def recipients(
        self, tx: Writing, events: Sequence[Event], notified: Sequence[tuple[UserId, Event]]
    ) -> Sequence[tuple[str, Event]]:
        """The notified people who want the event by this channel and can be reached by it."""
        people = {user_id for user_id, _ in notified}
        settings = await tx.notices.settings(people)
        wanted = [(user_id, event) for user_id, event in notified if self._wants(settings.get(user_id), event)]
        reachable = await self._reachable(tx, {user_id for user_id, _ in wanted})
        return [(user_id, event) for user_id, event in wanted if user_id in reachable]

    async def prepare(self, reading: Reading, deliveries: Sequence[EventDelivery]) -> Mapping[DeliveryId, Send]:
        """What sends each delivery to the addresses its recipient has now; none to whom wants it no more."""
        people = {UserId(each.recipient_id) for each in deliveries}
        settings = await reading.notices.settings(people)
        found = await self._found(reading, people)
        sends = dict[DeliveryId, Send]()
        for each in deliveries:
            user_id = UserId(each.recipient_id)
            if found[user_id] and self._wants(settings.get(user_id), each.event):
                message = self._message(each, settings.get(user_id))
                sends[each.id] = partial(self._send, user_id, found[user_id], message)
        return sends

    async def record(self, tx: Writing, outcomes: Sequence[SendOutcome]) -> None:
        """Nothing: a device that is gone is removed at once, others of the person may be there."""

    def _wants(self, settings: NoticeSettings | None, event: Event) -> bool:
        group = group_of(event.type)
        chosen = settings.channels if settings else {}
        return self.channel in chosen.get(group, self.defaults.get(group, frozenset()))

    async def _reachable(self, tx: Writing, people: Collection[UserId]) -> Collection[UserId]:
        if self.channel is Channel.PUSH:
            return await tx.push_devices.owners(people)
        return await tx.users.reachable(people, _CONTACTS[self.channel])

    async def _found(self, reading: Reading, people: Collection[UserId]) -> Mapping[UserId, Sequence[_Recipient]]:
        """The addresses of these people, decrypted."""
        found = defaultdict[UserId, list[_Recipient]](list)
        if self.channel is Channel.PUSH:
            for device in await reading.push_devices.of_users(people):
                found[device.user_id].append(_Recipient(Address(device.token), device.id))
            return found
        for user in await reading.users.by_ids(sorted(people)):
            if contact := proven_contact(user, _CONTACTS[self.channel]):
                found[user.id].append(_Recipient(Address(contact)))
        return found

    def _message(self, delivery: EventDelivery, settings: NoticeSettings | None) -> PersonalMessage:
        language = settings.language if settings else self.language
        title, text = TEXTS[delivery.event.type]
        return PersonalMessage(
            id=delivery.id,
            type=delivery.event.type,
            language=language,
            title=translate(title, language),
            text=translate(text, language),
            link=self.link,
        )

    async def _send(self, user_id: UserId, recipients: Sequence[_Recipient], message: PersonalMessage) -> int | None:
        """Send to every address; it is sent when one of them took it."""

        async def send_to(recipient: _Recipient) -> int | TryAgain | Refused | None:
            try:
                return await self.sender.send(recipient.address, message)
            except (TryAgain, Refused) as failure:
                return failure

        failures = list[TryAgain | Refused]()
        gone = list[PushDeviceId]()
        status: int | None = None
        for each, answer in zip(recipients, await gather(*map(send_to, recipients)), strict=True):
            if not isinstance(answer, TryAgain | Refused):
                status = answer
                continue
            failures.append(answer)
            if isinstance(answer, Refused) and answer.gone and each.device:
                gone.append(each.device)
        if gone:
            async with self.storage.write() as tx:
                await tx.push_devices.remove(user_id, gone)
        if len(failures) == len(recipients):
            raise _hopeful(failures)
        return status


def _hopeful(failures: Sequence[TryAgain | Refused]) -> TryAgain | Refused:
    """The failure after which another attempt may succeed, if there is one."""
    return next((each for each in failures if isinstance(each, TryAgain)), failures[0])
