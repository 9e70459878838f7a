"""The audit log."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ygs.domain.audit import ChainedEntry, ChainHead, Entry
from ygs.domain.ids import UserId
from ygs.ports.repositories import MOST_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which entries a search finds; what is empty or None restricts nothing.

    `actor`: an id, "operator" or "anonymous"; `about`: a user, alone or among others; `actions`: beginnings of actions,
    such as "member."; `since` and `until`: the time, the latter exclusive.
    """

    actor: str = ""
    about: UserId | None = None
    actions: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessSum:
    """How often one account read or changed data of one user by one action, first and last."""

    user_id: UserId
    action: str
    count: int
    first_at: datetime
    last_at: datetime


class AuditReader(Protocol):
    """The audit log, to be read. Entries are read without the ids of their `subjects`; `subjects` reads those."""

    def mac(self, content: bytes) -> bytes:
        """HMAC-SHA256 under the key that chains this log.

        The key is kept outside the stored data and never changes, so encryption keys can be rotated and whoever can
        write to the store cannot compute the chain anew.
        """
        ...

    async def head(self) -> ChainHead:
        """The head of the chain; inside `write()` it stays locked until commit."""
        ...

    async def page(self, *, after: int = 0, limit: int = MOST_PAGE) -> Sequence[ChainedEntry]:
        """At most `limit` entries with numbers above `after`, ascending."""
        ...

    async def about(
        self, subject: UserId, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[ChainedEntry]:
        """At most `limit` entries about one user, alone or among others, with numbers below `before`, descending."""
        ...

    async def search(
        self, wanted: AuditFilter, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[ChainedEntry]:
        """At most `limit` entries that fit, with numbers below `before`, descending."""
        ...

    async def accessed_by(self, actor: str, since: datetime, until: datetime) -> Sequence[AccessSum]:
        """Whose data an account read or changed from `since` until before `until`, by user and action; not its own."""
        ...

    async def span(self, since: datetime, until: datetime) -> tuple[int, int] | None:
        """The least and the greatest number of the entries from `since` until before `until`; None for no entry."""
        ...

    async def subjects(self, first: int, last: int) -> Mapping[int, Sequence[str]]:
        """The ids of the subjects of the entries from number `first` to `last`, ascending, by number."""
        ...

    async def about_any(self, numbers: Sequence[int], people: Collection[str]) -> frozenset[int]:
        """Which entries of these numbers, at most a hundred, have one of these people among their subjects."""
        ...


class AuditRepository(AuditReader, Protocol):
    """The audit log, to be appended to."""

    async def add(self, *entries: Entry) -> None:
        """Append entries to the chain.

        Locks the head until commit, so concurrent writers wait: call it last in a transaction, to hold the lock
        briefly.
        """
        ...

    async def trim(self, before: datetime) -> int:
        """Remove the oldest entries, those from before that moment, and return how many. The rest still verifies."""
        ...
