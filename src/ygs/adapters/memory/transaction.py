"""One transaction's own view of the tables."""

import asyncio

from ygs.adapters.memory.snapshot_tables import SnapshotTables


class MemoryTransaction:
    """The tables as this transaction sees them, for as long as its block lasts."""

    def __init__(self, tables: SnapshotTables) -> None:
        self._tables, self._open = tables, True

    async def step(self) -> SnapshotTables:
        """The tables, after letting others run: what happens between two questions here, happens in a database too.

        From here to its end a question or command must not await, so that each is done whole.
        """
        await asyncio.sleep(0)
        if not self._open:
            raise RuntimeError("this transaction is over: ask within its `async with` block")
        return self._tables

    def end(self) -> None:
        """Answer no more."""
        self._open = False
