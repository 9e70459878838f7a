"""Canaries: made-up members in exported sheets, at most one for each account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.canaries import Canary
from ygs.domain.ids import UserId


class CanaryReader(Protocol):
    """Canaries, to be read."""

    async def find(self, account: UserId) -> Canary | None:
        """The canary of an account, or None.

        Inside `write()` this holds a lock until commit, so two sheets at once cannot both make one.
        """
        ...

    async def all(self) -> Sequence[Canary]:
        """Every canary, ascending by id: not more than accounts of staff that ever exported."""
        ...


class CanaryRepository(CanaryReader, Protocol):
    """Canaries, to be changed. None is ever deleted: a sheet may turn up years later."""

    async def add(self, canary: Canary) -> None:
        """Store a new canary; `Conflict` when its account has one, or another has its id or phone."""
        ...

    async def mark_used(self, account: UserId, at: datetime) -> None:
        """Note that a sheet is written with the canary of an account."""
        ...
