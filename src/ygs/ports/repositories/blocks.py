"""Blocks: pairs of people who are never introduced to each other."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.contacts import Contact
from ygs.domain.ids import UserId
from ygs.domain.users import User


class BlockReader(Protocol):
    """Pairs of people who must never be introduced to each other."""

    async def of(self, id: UserId) -> Sequence[UserId]:
        """Whom this user is kept apart from by id, whoever asked for it; ascending."""
        ...

    async def asked_by(self, id: UserId) -> Mapping[UserId, datetime]:
        """Whom this user asked to be kept apart from, by id, and when; ascending. All that may be told to them."""
        ...

    async def contacts_asked_by(self, id: UserId) -> Sequence[datetime]:
        """When this user asked to be kept apart from whoever has some contact; ascending. Of whom, nobody can tell."""
        ...


class BlockRepository(BlockReader, Protocol):
    """Blocks, to be changed."""

    async def add(self, asked_by: UserId, other: UserId, at: datetime) -> None:
        """Keep two people apart; a second time changes nothing."""
        ...

    async def remove(self, asked_by: UserId, other: UserId) -> None:
        """Take back what this user asked for; a block the other asked for stays. Nothing there is fine."""
        ...

    async def add_contact(self, asked_by: UserId, contact: Contact, at: datetime) -> None:
        """Keep a user apart from whoever has this contact, now or later; a second time changes nothing. Only a keyed
        hash of it is stored."""
        ...

    async def remove_contact(self, asked_by: UserId, contact: Contact) -> None:
        """Take that back. Nothing there is fine."""
        ...

    async def keep_former_contact(self, id: UserId, contact: Contact) -> None:
        """Let every block by this contact, made before or after, stand around a user who gives the contact up: nobody
        gets out of a block by another number. A second time changes nothing. Only a keyed hash of it is stored."""
        ...

    async def keep_after_withdrawal(self, user: User) -> None:
        """Let every block around a user who is leaving stand between the contacts they have or had and the others, so
        that it is there again should they come back with another id. A second time changes nothing."""
        ...
