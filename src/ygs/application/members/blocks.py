"""Blocks: a member is never introduced to another member, or to the owner of a phone or an e-mail address.

A block also ends a current introduction of the two. One that waits for answers is cancelled, and looks to both members
as if one of them had left. A mutual one stays in the history of both, without contact and photos.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.members.meeting_changes import end_meetings
from ygs.application.person_views import masked_name
from ygs.domain.contacts import Contact
from ygs.domain.errors import N_, LimitReached, NotFound
from ygs.domain.events import ended
from ygs.domain.ids import UserId, user_id
from ygs.domain.introductions import IntroductionState
from ygs.domain.users import EMAIL_LENGTH
from ygs.ports.clock_and_ids import Clock
from ygs.ports.phone_numbers import Phones
from ygs.ports.storage import Storage, Writing

# More than anybody needs, and too few to try the numbers of a phone book.
MOST_CONTACT_BLOCKS = 200
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
        async with self.storage.write() as tx:
            await require_introduced(tx, me, them)
            await add_block(tx, actor, them, self.clock.now())

    async def unblock(self, actor: Actor, other: str) -> None:
        """Remove the actor's block of a member, or `NotFound`; a block by the other member stays."""
        actor.require(Permission.OWN_PROFILE)
        me = actor.require_id()
        them = user_id(other)
        async with self.storage.write() as tx:
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

        A second call changes nothing. `LimitReached` beyond 200 contacts.
        """
        actor.require(Permission.OWN_PROFILE)
        contact = self._contact(block)
        me = actor.require_id()
        now = self.clock.now()
        async with self.storage.write() as tx:
            await tx.users.get(me)
            if len(await tx.blocks.contacts_asked_by(me)) >= MOST_CONTACT_BLOCKS:
                raise LimitReached(
                    N_("at most {most_contact_blocks} contacts can be kept apart: ask us about more"),
                    most_contact_blocks=MOST_CONTACT_BLOCKS,
                )
            await tx.blocks.add_contact(me, contact, now)
            await end_blocked(tx, me, now)
            await tx.audit.add(audit_entry(actor, "block.added", at=now, subject=me, what=contact.kind))

    async def unblock_contact(self, actor: Actor, block: ContactBlock) -> None:
        """Remove the actor's block of this contact, if there is one. The caller repeats the contact, because the stored
        one cannot be read."""
        actor.require(Permission.OWN_PROFILE)
        contact = self._contact(block)
        me = actor.require_id()
        async with self.storage.write() as tx:
            await tx.blocks.remove_contact(me, contact)
            await tx.audit.add(audit_entry(actor, "block.removed", at=self.clock.now(), subject=me, what=contact.kind))

    def _contact(self, block: ContactBlock) -> Contact:
        return Contact.phone(self.phones.e164(block.phone)) if block.phone else Contact.email(block.email or "")


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
