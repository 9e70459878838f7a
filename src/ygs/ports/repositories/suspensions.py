"""Suspensions of people who left, stored as keyed hashes of their contacts, to recognise them when they come back."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.domain.users import User


class SuspensionReader(Protocol):
    """Suspensions of people who left, to be read."""

    async def of(self, people: Collection[UserId]) -> Mapping[UserId, datetime]:
        """The users among these who have, or had, a contact of somebody who left while suspended, with the time,
        the latest if there are several."""
        ...


class SuspensionRepository(SuspensionReader, Protocol):
    """Suspensions of people who left, to be changed."""

    async def keep_after_withdrawal(self, user: User, at: datetime) -> None:
        """Keep the contacts of a user, current and former, as those of somebody who left at `at` while suspended.

        A contact that is kept already gets the later of the two times.
        """
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the contacts of people who left before that moment; return how many."""
        ...
