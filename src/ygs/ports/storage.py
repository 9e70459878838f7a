"""Where everything is kept: transactions, and the repositories they give.

``async with storage.write() as tx`` commits when the block ends and rolls back when it raises; ``storage.read()`` gives
the same questions without the commands, on a replica where there is one. `get` inside `write()` locks what it returns
until the end; `version` catches edits that span requests. Every storage orders texts by code point, so Hangul by its
syllables.

What is stored for the first time gets version 1, and every save raises it. A command that raises has changed nothing
and the transaction goes on. `Conflict` when something new has an id that is taken, or names a user, week or
introduction that is not there. All of it raises `Unavailable` when the store does not answer in time, and `InvalidText`
for text it could not keep.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from ygs.domain.ids import SessionId, UserId
from ygs.domain.users import Status, User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.accounts import AccountReader, AccountRepository
from ygs.ports.repositories.audit import AuditReader, AuditRepository
from ygs.ports.repositories.blocks import BlockReader, BlockRepository
from ygs.ports.repositories.erasure import ErasureRepository
from ygs.ports.repositories.files import FileReader, FileRepository
from ygs.ports.repositories.idempotency import IdempotencyRepository
from ygs.ports.repositories.introductions import IntroductionReader, IntroductionRepository
from ygs.ports.repositories.invariants import InvariantReader
from ygs.ports.repositories.market import MarketReader
from ygs.ports.repositories.notes import NoteReader, NoteRepository
from ygs.ports.repositories.one_time_tokens import OneTimeTokenRepository
from ygs.ports.repositories.outbox import OutboxReader, OutboxRepository
from ygs.ports.repositories.rate_limits import RateLimitRepository
from ygs.ports.repositories.reports import ReportReader, ReportRepository
from ygs.ports.repositories.sessions import Bearer, Caller, SessionReader, SessionRepository
from ygs.ports.repositories.users import UserLine, UserReader, UserRepository
from ygs.ports.repositories.weeks import WeekReader, WeekRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The repositories of a read-only transaction. All of them see the same consistent state."""

    users: UserReader
    blocks: BlockReader
    market: MarketReader
    weeks: WeekReader
    introductions: IntroductionReader
    outbox: OutboxReader
    accounts: AccountReader
    sessions: SessionReader
    files: FileReader
    reports: ReportReader
    notes: NoteReader
    audit: AuditReader
    invariants: InvariantReader


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The repositories of a writing transaction."""

    users: UserRepository
    blocks: BlockRepository
    market: MarketReader
    weeks: WeekRepository
    introductions: IntroductionRepository
    outbox: OutboxRepository
    accounts: AccountRepository
    sessions: SessionRepository
    one_time_tokens: OneTimeTokenRepository
    rate_limits: RateLimitRepository
    files: FileRepository
    reports: ReportRepository
    notes: NoteRepository
    audit: AuditRepository
    idempotency: IdempotencyRepository
    erasure: ErasureRepository


class HotReads(Protocol):
    """What nearly every request asks: each answer is of one moment, of all that is committed by then, where a replica
    may be some moments behind. Outside any transaction, so two hot reads may see two moments."""

    async def bearer(self, id: SessionId) -> Bearer | None:
        """The session, ended or not, with its user as they are now; None when that user left."""
        ...

    async def user(self, id: UserId) -> User:
        """The live user with everything that is theirs, or `NotFound`."""
        ...

    async def caller(self, phone: str, address: str) -> Caller | None:
        """The live user with that E.164 phone, calling from a (blinded) address, if they have an account."""
        ...

    async def lines(
        self, *, status: Status | None = None, after: UserId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[UserLine]:
        """Live users, or those in one status, as lists show them: ascending by id, those after `after`; at most
        `limit`."""
        ...


class Storage(Protocol):
    """Gives transactions, and owns its connections."""

    @property
    def hot_reads(self) -> HotReads:
        """What needs no transaction."""
        ...

    def read(self, *, latest: bool = False) -> AbstractAsyncContextManager[Reading]:
        """A consistent, read-only view; a write through it fails in the database itself.

        `latest`: of all that is committed, where a replica may be some moments behind.
        """
        ...

    def write(self) -> AbstractAsyncContextManager[Writing]:
        """A serialisable read-modify-write: what `get` returned cannot change under it."""
        ...

    async def close(self) -> None:
        """Give all connections back; using the storage afterwards is a mistake."""
        ...
