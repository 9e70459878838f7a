"""The audit log: what use cases write into it, and how it is read and checked."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.audit.redaction import Redaction
from ygs.application.group_commit import GroupCommit
from ygs.domain.audit import ChainedEntry, Entry, Verifier
from ygs.domain.ids import UserId
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage

WITHHELD = "withheld"
_CHECKED_AT_A_TIME = 1000


class AuditView(BaseModel):
    """One entry: who did what with whose data, when, from where (a keyed hash) and why. Of one that is withheld from
    this reader there is nothing but its number."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    number: int
    at: datetime | None = None
    actor: str = ""
    role: str = ""
    action: str = WITHHELD
    subject: str = ""
    what: str = ""
    reason: str = ""
    address: str = ""

    @classmethod
    def of(cls, sealed: ChainedEntry, redaction: Redaction) -> "AuditView":
        """The view of an entry in its place, as far as it may be seen."""
        entry = sealed.entry
        if redaction.withholds(entry):
            return cls(number=sealed.number)
        return cls(
            number=sealed.number,
            at=entry.at,
            actor=entry.actor,
            role=entry.role,
            action=entry.action,
            subject=entry.subject,
            what=entry.what,
            reason=entry.reason,
            address=entry.address,
        )


def audit_entry(
    actor: Actor | None, action: str, *, at: datetime, subject: str = "", what: str = "", reason: str = ""
) -> Entry:
    """What an actor does, to be added to the log last in the transaction; None is somebody not signed in."""
    return Entry(
        at=at,
        actor="anonymous" if actor is None else actor.id or "operator",
        role="" if actor is None else actor.role.value,
        action=action,
        subject=subject,
        what=what,
        reason=reason,
        address="" if actor is None else actor.address,
    )


class AuditWriter:
    """Puts on record what was read outside the transaction that records it, before it is shown.

    Each entry is sealed to the one before, so whoever records waits for whoever recorded before. Those who come
    meanwhile are therefore written together, in one transaction: a busy office waits for two, and not for a queue.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._together: GroupCommit[Sequence[Entry], None] = GroupCommit(self._write)

    def add(self, *entries: Entry) -> asyncio.Future[None]:
        """Begin to write them down. To be awaited before anything is shown: it is done once they are in the log, and
        raises what kept them out of it."""
        return self._together.add(entries)

    async def _write(self, together: Sequence[Sequence[Entry]]) -> Sequence[None]:
        async with self._storage.write() as tx:
            await tx.audit.add(*(one for entries in together for one in entries))
        return [None] * len(together)


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Reading and checking what was written. Reading it is itself written down, and nobody learns from it what others
    did about them: see `Redaction`."""

    storage: Storage
    clock: Clock

    async def list(self, actor: Actor, *, after: int = 0, limit: int = MOST_PAGE) -> Sequence[AuditView]:
        """The entries numbered above `after`, ascending; at most `limit`, 1..100."""
        actor.require(Permission.READ_AUDIT)
        redaction = await Redaction.towards(actor, self.storage)
        async with self.storage.write() as tx:
            page = await tx.audit.page(after=after, limit=min(limit, MOST_PAGE))
            await tx.audit.add(audit_entry(actor, "audit.read", at=self.clock.now()))
        return [AuditView.of(sealed, redaction) for sealed in page]

    async def list_about(
        self, actor: Actor, subject: UserId, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[AuditView]:
        """What was done with or read of one user, latest first; at most `limit`, 1..100.

        `Forbidden` about the actor and whom they were ever introduced to.
        """
        actor.require(Permission.READ_AUDIT)
        redaction = await Redaction.towards(actor, self.storage)
        redaction.require_stranger(subject)
        async with self.storage.write() as tx:
            page = await tx.audit.about(subject, before=before, limit=min(limit, MOST_PAGE))
            await tx.audit.add(audit_entry(actor, "audit.read", at=self.clock.now(), subject=subject))
        return [AuditView.of(sealed, redaction) for sealed in page]

    async def verify(self, actor: Actor) -> Sequence[str]:
        """Read the whole log and say what was edited, swapped or cut; nothing when it is whole."""
        actor.require(Permission.READ_AUDIT)
        faults: list[str] = []
        async with self.storage.read() as tx:
            verifier = Verifier.of(await tx.audit.head(), tx.audit.mac)
            while page := await tx.audit.page(after=verifier.number, limit=_CHECKED_AT_A_TIME):
                faults += verifier.read(page)
        return [*faults, *verifier.finish()]
