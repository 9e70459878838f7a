"""Filters of the directory that staff keep under a name."""

from collections.abc import Sequence
from typing import Protocol

from ygs.domain.ids import SavedFilterId, UserId
from ygs.domain.saved_filters import SavedFilter


class SavedFilterReader(Protocol):
    """Saved filters, to be read."""

    async def visible_to(self, account: UserId | None) -> Sequence[SavedFilter]:
        """The operator's filters and then the account's own, each by name and id, in one statement. None: the
        operator's alone."""
        ...


class SavedFilterRepository(SavedFilterReader, Protocol):
    """Saved filters, to be changed."""

    async def add(self, saved: SavedFilter) -> None:
        """Store a filter. `Conflict` when its owner has one of that name or `MOST_SAVED_FILTERS`, or is not stored.

        Whoever adds or renames one waits for others who do, until they commit.
        """
        ...

    async def rename(self, saved: SavedFilter) -> None:
        """Store the name of a filter that is stored. `Conflict` when its owner has another one of that name."""
        ...

    async def remove(self, owner: UserId | None, id: SavedFilterId) -> bool:
        """Delete an owner's filter; return whether there was one."""
        ...
