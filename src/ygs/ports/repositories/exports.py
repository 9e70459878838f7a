"""Exports of many people's data: who requested each, who decided on it, and what came of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from ygs.domain.exports import SheetExport
from ygs.domain.ids import ExportId
from ygs.ports.repositories import MOST_PAGE


class ExportReader(Protocol):
    """Exports, to be read."""

    async def get(self, id: ExportId) -> SheetExport:
        """The export, locked until a writing transaction ends, or `NotFound`."""
        ...

    async def page(self, *, after: ExportId | None = None, limit: int = MOST_PAGE) -> Sequence[SheetExport]:
        """At most `limit` exports before `after`, the newest first."""
        ...


class ExportRepository(ExportReader, Protocol):
    """Exports, to be changed."""

    async def add(self, requested: SheetExport) -> SheetExport:
        """Store a new export and return it with its version."""
        ...

    async def save(self, changed: SheetExport) -> SheetExport:
        """Store a changed export, or raise `StaleWrite`; return it with its new version."""
        ...

    async def purge(self, before: datetime) -> int:
        """Delete the exports that were requested before that moment; return how many."""
        ...
