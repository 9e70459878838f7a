"""Imports of members, and which members each of them added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ygs.domain.ids import ImportId, UserId
from ygs.domain.imports import ImportVerdict, SheetImport
from ygs.ports.repositories import MOST_PAGE


@dataclass(frozen=True, slots=True)
class ImportedInUse:
    """How many of the users that an import added are in use, so that it cannot be undone.

    `introduced`: were ever introduced. `signed_in`: have an account to sign in with. `attended`: have a note by staff,
    a consultation or a membership. `changed`: are live, and were changed since. All but `changed` count who left too.
    """

    introduced: int = 0
    signed_in: int = 0
    attended: int = 0
    changed: int = 0


class ImportReader(Protocol):
    """Imports, to be read."""

    async def get(self, id: ImportId) -> SheetImport:
        """The import, locked until a writing transaction ends, or `NotFound`."""
        ...

    async def page(self, *, after: ImportId | None = None, limit: int = MOST_PAGE) -> Sequence[SheetImport]:
        """At most `limit` imports before `after`, the newest first."""
        ...

    async def members(self, id: ImportId, *, after: UserId | None = None, limit: int = MOST_PAGE) -> Sequence[UserId]:
        """At most `limit` live users that an import added, with ids after `after`, ascending."""
        ...

    async def verdicts(self, id: ImportId, *, after: int = -1, limit: int = MOST_PAGE) -> Sequence[ImportVerdict]:
        """At most `limit` verdicts of an import numbered above `after`, ascending."""
        ...

    async def in_use(self, id: ImportId) -> ImportedInUse:
        """Count those of the users that an import added who are in use, in one statement."""
        ...


class ImportRepository(ImportReader, Protocol):
    """Imports, to be changed."""

    async def add(self, made: SheetImport) -> SheetImport:
        """Store a new import and return it with its version."""
        ...

    async def save(self, made: SheetImport) -> SheetImport:
        """Store a changed import, or raise `StaleWrite`; return it with its new version."""
        ...

    async def add_members(self, id: ImportId, members: Sequence[UserId]) -> None:
        """Record that an import added these users, in a bounded number of statements."""
        ...

    async def replace_verdicts(self, id: ImportId, verdicts: Sequence[ImportVerdict]) -> None:
        """Store the verdicts of an import in place of the earlier ones, in a bounded number of statements."""
        ...

    async def purge_verdicts(self, before: datetime) -> int:
        """Delete the verdicts of the imports that began before that moment; return how many."""
        ...

    async def purge(self, before: datetime, *, only_open: bool = False) -> int:
        """Delete the imports, or only the open ones, that began before that moment; return how many."""
        ...
