"""Blocks: pairs of people who are never introduced to each other."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.contacts import Contact
from ygs.domain.ids import Pair, UserId
from ygs.domain.users import User


class BlockReader(Protocol):
    """Blocks, to be read."""

    async def between(self, people: Collection[UserId]) -> frozenset[Pair]:
        """The pairs among these live users of whom one blocks the other, by id or by contact.

        Call it before showing one user to another, or deciding anything about two. The market holds the same pairs.
        """
        ...

    async def asked_by(self, id: UserId) -> Mapping[UserId, datetime]:
        """The users whom this user blocked by id, ascending, with the times. Other blocks are not shown to the user."""
        ...

    async def contacts_asked_by(self, id: UserId) -> Sequence[datetime]:
        """The times at which this user blocked a contact, ascending. The contacts themselves are hashed."""
        ...

    async def blocked_among(self, id: UserId, contacts: Collection[Contact]) -> frozenset[Contact]:
        """Those of these contacts, at most 500, that this user blocked."""
        ...


class BlockRepository(BlockReader, Protocol):
    """Blocks, to be changed."""

    async def add(self, asked_by: UserId, other: UserId, at: datetime) -> None:
        """Block a user; a block that exists stays as it is."""
        ...

    async def remove(self, asked_by: UserId, other: UserId) -> None:
        """Remove this user's block, if there is one. A block by the other user stays."""
        ...

    async def add_contacts(self, asked_by: UserId, contacts: Collection[Contact], at: datetime) -> None:
        """Block everybody who has one of these contacts now or later. A block that exists stays as it is."""
        ...

    async def remove_contact(self, asked_by: UserId, contact: Contact) -> None:
        """Remove this user's block of a contact, if there is one."""
        ...

    async def keep_former_contact(self, id: UserId, contact: Contact) -> None:
        """Record that a user had this contact, so that blocks of it still apply: a new number ends no block."""
        ...

    async def keep_after_withdrawal(self, user: User) -> None:
        """Turn every block of and by a leaving user into blocks of their contacts, present and former.

        They apply again when the person comes back with another id. Calling it twice changes nothing.
        """
        ...
