"""Suspensions of people who left: who was suspended then is known again, by keyed hashes of their contacts."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import UserId
from ygs.domain.users import User


class SuspensionReader(Protocol):
    """Suspensions of people who left, to be read."""

    async def of(self, people: Collection[UserId]) -> Mapping[UserId, datetime]:
        """Those of these live users who have, or had, a contact of somebody who left while suspended; with the time of
        the latest such leaving."""
        ...


class SuspensionRepository(SuspensionReader, Protocol):
    """Suspensions of people who left, to be changed."""

    async def keep_after_withdrawal(self, user: User, at: datetime) -> None:
        """Keep the contacts of a user, present and former, as those of somebody who left while suspended at `at`. Of
        two times for one contact the later stays."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the contacts of people who left before that moment; return how many."""
        ...
