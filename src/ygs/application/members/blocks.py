"""Keeping apart people of whom one knows only a phone or an e-mail address: a former partner, a colleague, family."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.domain.contacts import Contact
from ygs.domain.errors import Conflict, NotFound
from ygs.domain.ids import user_id
from ygs.domain.users import EMAIL_LENGTH
from ygs.ports.clock_and_ids import Clock
from ygs.ports.phone_numbers import Phones
from ygs.ports.storage import Storage

# More than anybody knows people to avoid, and too few to try a phone book.
MOST_CONTACT_BLOCKS = 200


class ContactBlock(BaseModel):
    """Whom to be kept apart from: one phone, in any spelling, or one e-mail address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: str | None = Field(default=None, max_length=40, examples=["010-1234-5678"])
    email: str | None = Field(default=None, max_length=EMAIL_LENGTH)

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.phone is None) is (self.email is None):
            raise ValueError("give either a phone or an e-mail address")
        return self


class ContactBlockView(BaseModel):
    """That there is a block by contact, and since when. Against whom, not even we can read."""

    model_config = ConfigDict(frozen=True)

    since: datetime


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks by contact. Whether anybody here has the contact is never told: the answers are the same."""

    storage: Storage
    clock: Clock
    phones: Phones

    async def mine(self, actor: Actor) -> list[ContactBlockView]:
        """Those the actor asked for, the first first."""
        actor.require(Permission.OWN_PROFILE)
        async with self.storage.read() as reading:
            return [ContactBlockView(since=at) for at in await reading.blocks.contacts_asked_by(actor.require_id())]

    async def add(self, actor: Actor, block: ContactBlock) -> None:
        """Never introduce the actor to whoever has this contact, now or later; a second time changes nothing.
        `Conflict` beyond 200 of them."""
        actor.require(Permission.OWN_PROFILE)
        contact, me, now = self._contact(block), actor.require_id(), self.clock.now()
        async with self.storage.write() as tx:
            await tx.users.get(me)
            if len(await tx.blocks.contacts_asked_by(me)) >= MOST_CONTACT_BLOCKS:
                raise Conflict(f"at most {MOST_CONTACT_BLOCKS} contacts can be kept apart: ask us about more")
            await tx.blocks.add_contact(me, contact, now)
            await tx.audit.add(audit_entry(actor, "block.added", at=now, subject=me, what=contact.kind))

    async def remove(self, actor: Actor, block: ContactBlock) -> None:
        """Take that back; the contact must be given again, since nobody here can read it."""
        actor.require(Permission.OWN_PROFILE)
        contact, me, now = self._contact(block), actor.require_id(), self.clock.now()
        async with self.storage.write() as tx:
            await tx.blocks.remove_contact(me, contact)
            await tx.audit.add(audit_entry(actor, "block.removed", at=now, subject=me, what=contact.kind))

    async def unblock(self, actor: Actor, other: str) -> None:
        """Take back a block by id that the actor asked for, or `NotFound`; one that the other asked for stays."""
        actor.require(Permission.OWN_PROFILE)
        me, them, now = actor.require_id(), user_id(other), self.clock.now()
        async with self.storage.write() as tx:
            if them not in await tx.blocks.asked_by(me):
                raise NotFound("block")
            await tx.blocks.remove(me, them)
            await tx.audit.add(audit_entry(actor, "block.removed", at=now, subject=me))

    def _contact(self, block: ContactBlock) -> Contact:
        return Contact.phone(self.phones.e164(block.phone)) if block.phone else Contact.email(block.email or "")
