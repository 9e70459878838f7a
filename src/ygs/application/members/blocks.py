"""Blocks: a member is never introduced to another member, or to the owner of a phone or an e-mail address.

A block also ends a current introduction of the two. One that waits for answers is cancelled, and looks to both members
as if one of them had left. A mutual one stays in the history of both, without contact and photos.
"""

import asyncio
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import begin_change, own_user
from ygs.application.members.meeting_changes import end_meetings
from ygs.application.person_views import masked_name
from ygs.domain.contacts import Contact
from ygs.domain.errors import N_, LimitReached, NotFound, YgsError
from ygs.domain.events import ended
from ygs.domain.ids import UserId, user_id
from ygs.domain.introductions import IntroductionState
from ygs.domain.users import EMAIL_LENGTH
from ygs.ports.clock_and_ids import Clock
from ygs.ports.phone_numbers import Phones
from ygs.ports.storage import Storage, Writing

# An address book with room to spare, and too few to find out a number by trying.
MOST_CONTACT_BLOCKS = 2_000
# Of one request.
MOST_LINES = 500
# In these states there is something that a block ends.
_OPEN = {IntroductionState.WAITING, IntroductionState.MUTUAL}


class ContactBlock(BaseModel):
    """A contact to block: one phone, in any spelling, or one e-mail address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: str | None = Field(default=None, max_length=40, examples=["010-1234-5678"])
    email: str | None = Field(default=None, max_length=EMAIL_LENGTH)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.phone is None) is (self.email is None):
            raise ValueError(N_("give either a phone or an e-mail address"))
        return self


class BlockView(BaseModel):
    """A member whom the reader blocked."""

    model_config = ConfigDict(frozen=True)

    id: UserId = Field(description="The blocked member; unblock them by this id.")
    name: str = Field(description="Their masked name: the first letter, and a circle for each other.")
    since: datetime = Field(description="When the reader blocked them.")


class ContactBlockView(BaseModel):
    """A block by contact and its date. The contact is stored as a keyed hash and cannot be read back."""

    model_config = ConfigDict(frozen=True)

    since: datetime


class ContactList(BaseModel):
    """Contacts to block: in each line one phone, in any spelling, or one e-mail address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    lines: list[Annotated[str, Field(max_length=EMAIL_LENGTH)]] = Field(
        min_length=1, max_length=MOST_LINES, examples=[["010-1234-5678", "someone@example.com"]]
    )


class LineVerdict(StrEnum):
    """What became of a line."""

    BLOCKED = "blocked"
    BLOCKED_BEFORE = "blocked_before"
    NO_CONTACT = "no_contact"
    NO_ROOM = "no_room"


class LineView(BaseModel):
    """A line of the list, without what it said."""

    model_config = ConfigDict(frozen=True)

    line: int = Field(ge=1, le=MOST_LINES, description="Its place in the list, from 1.")
    verdict: LineVerdict


class ContactListView(BaseModel):
    """What became of every line."""

    model_config = ConfigDict(frozen=True)

    lines: list[LineView] = Field(description="In the order of the list.")


@dataclass(frozen=True, slots=True)
class Blocks:
    """A member's blocks. Replies are the same whether or not a contact belongs to a member."""

    storage: Storage
    clock: Clock
    phones: Phones

    async def list(self, actor: Actor) -> Sequence[BlockView]:
        """List the members the actor blocked, ascending by id. Members who blocked the actor are not in it."""
        actor.require(Permission.OWN_PROFILE)
        async with self.storage.read() as reading:
            since = await reading.blocks.asked_by(actor.require_id())
            blocked = await reading.users.by_ids(list(since))
        return [BlockView(id=user.id, name=masked_name(user.name), since=since[user.id]) for user in blocked]

    async def block(self, actor: Actor, other: str) -> None:
        """Block a member: the two are never introduced again, and a current introduction of them ends.

        A second call changes nothing. `NotFound` unless they were introduced.
        """
        actor.require(Permission.OWN_PROFILE)
        me = actor.require_id()
        them = user_id(other)
        async with begin_change(self.storage, actor, Permission.OWN_PROFILE) as tx:
            await require_introduced(tx, me, them)
            await add_block(tx, actor, them, self.clock.now())

    async def unblock(self, actor: Actor, other: str) -> None:
        """Remove the actor's block of a member, or `NotFound`; a block by the other member stays."""
        actor.require(Permission.OWN_PROFILE)
        me = actor.require_id()
        them = user_id(other)
        async with begin_change(self.storage, actor, Permission.OWN_PROFILE) as tx:
            if them not in await tx.blocks.asked_by(me):
                raise NotFound("block")
            await tx.blocks.remove(me, them)
            await tx.audit.add(audit_entry(actor, "block.removed", at=self.clock.now(), subject=me))

    async def list_contacts(self, actor: Actor) -> Sequence[ContactBlockView]:
        """List the actor's blocks by contact, oldest first."""
        actor.require(Permission.OWN_PROFILE)
        async with self.storage.read() as reading:
            return [ContactBlockView(since=at) for at in await reading.blocks.contacts_asked_by(actor.require_id())]

    async def block_contact(self, actor: Actor, block: ContactBlock) -> None:
        """Block the current and any later owner of this contact, and end a current introduction to them.

        A second call changes nothing. `LimitReached` beyond 2,000 contacts.
        """
        actor.require(Permission.OWN_PROFILE)
        contact = self._contact(block)
        _, without_room = await self._block_all(actor, [contact])
        if without_room:
            raise LimitReached(
                N_("at most {most_contact_blocks} contacts can be kept apart: ask us about more"),
                most_contact_blocks=MOST_CONTACT_BLOCKS,
            )

    async def block_contacts(self, actor: Actor, request: ContactList) -> ContactListView:
        """Block many contacts, such as those of an address book, and tell what became of each line.

        A line that is no contact, or for which there is no room, stops none of the others. A second call changes
        nothing.
        """
        actor.require(Permission.OWN_PROFILE)
        # Half a second for a long list, which other requests need not wait for.
        contacts = await asyncio.to_thread(lambda: [self._contact_in(line) for line in request.lines])
        wanted = list(dict.fromkeys(each for each in contacts if each))
        before, without_room = await self._block_all(actor, wanted)
        verdicts = [_verdict(each, before, without_room) for each in contacts]
        return ContactListView(lines=[LineView(line=at, verdict=each) for at, each in enumerate(verdicts, start=1)])

    async def _block_all(
        self, actor: Actor, contacts: Sequence[Contact]
    ) -> tuple[frozenset[Contact], frozenset[Contact]]:
        """Block contacts, and return those that were blocked before, and those for which there is no room."""
        me = actor.require_id()
        now = self.clock.now()
        async with self.storage.write() as tx:
            await own_user(tx, actor, Permission.OWN_PROFILE)
            known = await tx.blocks.blocked_among(me, contacts)
            new = [each for each in contacts if each not in known]
            room = max(0, MOST_CONTACT_BLOCKS - len(await tx.blocks.contacts_asked_by(me)))
            if added := new[:room]:
                await tx.blocks.add_contacts(me, added, now)
                await end_blocked(tx, me, now)
                await tx.audit.add(audit_entry(actor, "block.added", at=now, subject=me, what=_kinds(added)))
        return known, frozenset(new[room:])

    async def unblock_contact(self, actor: Actor, block: ContactBlock) -> None:
        """Remove the actor's block of this contact, if there is one. The caller repeats the contact, because the stored
        one cannot be read."""
        actor.require(Permission.OWN_PROFILE)
        contact = self._contact(block)
        me = actor.require_id()
        async with begin_change(self.storage, actor, Permission.OWN_PROFILE) as tx:
            await tx.blocks.remove_contact(me, contact)
            await tx.audit.add(audit_entry(actor, "block.removed", at=self.clock.now(), subject=me, what=contact.kind))

    def _contact_in(self, line: str) -> Contact | None:
        """The contact that a line holds; None for none."""
        try:
            return Contact.email(line) if "@" in line else Contact.phone(self.phones.e164(line))
        except YgsError:
            return None

    def _contact(self, block: ContactBlock) -> Contact:
        return Contact.phone(self.phones.e164(block.phone)) if block.phone else Contact.email(block.email or "")


def _verdict(contact: Contact | None, before: Set[Contact], without_room: Set[Contact]) -> LineVerdict:
    if contact is None:
        return LineVerdict.NO_CONTACT
    if contact in before:
        return LineVerdict.BLOCKED_BEFORE
    return LineVerdict.NO_ROOM if contact in without_room else LineVerdict.BLOCKED


def _kinds(contacts: Sequence[Contact]) -> str:
    """The kinds of contacts, for the audit log: `phone`, `email`, or both."""
    return " ".join(sorted({each.kind.value for each in contacts}))


async def require_introduced(tx: Writing, me: UserId, them: UserId) -> None:
    """`NotFound` unless the two were ever introduced. Another error for ids that exist would reveal who is a member."""
    if me == them or not await tx.introductions.have_met(me, them):
        raise NotFound("user")


async def add_block(tx: Writing, actor: Actor, them: UserId, at: datetime) -> None:
    """Store the actor's block of a member, end a current introduction of the two, and audit the block."""
    me = actor.require_id()
    await tx.blocks.add(me, them, at)
    await end_blocked(tx, me, at)
    await tx.audit.add(audit_entry(actor, "block.added", at=at, subject=me))


async def end_blocked(tx: Writing, me: UserId, at: datetime) -> None:
    """Cancel the member's waiting introductions to people who block them or whom they block, and their coming meetings,
    and notify both sides.

    The notices are the same as when somebody leaves or is suspended, so that neither learns of a block.
    """
    open_ones = [each for each in await tx.introductions.of_user(me) if each.state in _OPEN]
    blocked = await tx.blocks.between([person for each in open_ones for person in (each.a, each.b)])
    ended_ones = [each for each in open_ones if (each.a, each.b) in blocked]
    cancelled = [each.cancel(at=at) for each in ended_ones if each.state is IntroductionState.WAITING]
    await tx.introductions.save_all(cancelled)
    await tx.outbox.add(event for each in cancelled for event in ended(each, at))
    meetings = await tx.meetings.of_user(me)
    await end_meetings(tx, [each for each in meetings if (each.a, each.b) in blocked], at)
