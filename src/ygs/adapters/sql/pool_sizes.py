"""How many connections a process keeps to its database."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSizes:
    """The largest number of connections of each pool of one process.

    `writers` is PostgreSQL's: SQLite has one writer at a time. `readers` serve read-only transactions, and `hot_reads`
    the prepared queries that most requests begin with. Who needs a connection while all are taken waits some seconds,
    and is then refused. With a replica, PostgreSQL takes `readers` twice: from the replica and from the primary.
    """

    writers: int = 10
    readers: int = 10
    hot_reads: int = 10


DEFAULT_POOLS = PoolSizes()
