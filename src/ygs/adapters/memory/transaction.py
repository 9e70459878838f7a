"""The transaction in memory."""

import asyncio

from ygs.adapters.memory.snapshot_tables import SnapshotTables


class MemoryTransaction:
    """The tables of one transaction, until its block ends."""

    def __init__(self, tables: SnapshotTables) -> None:
        self._tables = tables
        self._open = True

    async def step(self) -> SnapshotTables:
        """Let other tasks run, as a database would, and return the tables.

        The caller must not await after this, so that each method runs as a whole.
        """
        await asyncio.sleep(0)
        if not self._open:
            raise RuntimeError("this transaction is over: ask within its `async with` block")
        return self._tables

    def end(self) -> None:
        """End the transaction; later calls raise."""
        self._open = False
