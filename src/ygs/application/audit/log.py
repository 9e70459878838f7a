"""The audit log: entries that use cases write, and their reading and verification."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.audit.redaction import Redaction
from ygs.application.changes import begin_change
from ygs.domain.audit import NOBODY, AuditFault, ChainedEntry, Entry, Subjects, Verifier
from ygs.domain.ids import UserId
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Reading, Storage, Writing

WITHHELD = "withheld"
_CHECKED_AT_A_TIME = 1000


class AuditView(BaseModel):
    """One entry: who did what with whose data, when, from which address (a keyed hash) and why.

    `people`: how many people it is about; `subject`: the one, when it is one. An entry that is withheld from the reader
    shows only its number.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    number: int
    at: datetime | None = None
    actor: str = ""
    role: str = ""
    action: str = WITHHELD
    subject: str = ""
    people: int = 0
    what: str = ""
    reason: str = ""
    address: str = ""

    @classmethod
    def of(cls, sealed: ChainedEntry) -> "AuditView":
        """The whole view of a chained entry."""
        entry = sealed.entry
        return cls(
            number=sealed.number,
            at=entry.at,
            actor=entry.actor,
            role=entry.role,
            action=entry.action,
            subject=entry.subject,
            people=1 if entry.subject else entry.subjects.count,
            what=entry.what,
            reason=entry.reason,
            address=entry.address,
        )


def audit_entry(
    actor: Actor | None,
    action: str,
    *,
    at: datetime,
    subject: str = "",
    subjects: Iterable[str] = (),
    what: str = "",
    reason: str = "",
) -> Entry:
    """Make the entry of an action; `actor` None is somebody not signed in. Add it last in the transaction.

    `subject`, or `subjects` for an action that may be about several people: everybody whom it shows or changes.
    `NotFound` when the actor may not see one of them: since nothing is shown or changed without its entry, this is
    where consultants are kept to their own members.
    """
    people = Subjects.of(subjects)
    if actor is not None:
        actor.require_own(*([subject] if subject else []), *people.ids)
    if people.count == 1:
        (subject,) = people.ids
        people = NOBODY
    return Entry(
        at=at,
        actor="anonymous" if actor is None else actor.id or "operator",
        role="" if actor is None else actor.role.value,
        action=action,
        subject=subject,
        what=what,
        reason=reason,
        address="" if actor is None else actor.address,
        subjects=people,
    )


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Use cases that read and verify the audit log.

    Reading is audited too. `Redaction` withholds from a reader what others did about them.
    """

    storage: Storage
    clock: Clock

    async def list(self, actor: Actor, *, after: int = 0, limit: int = MOST_PAGE) -> Sequence[AuditView]:
        """The entries numbered above `after`, ascending; at most `limit`, 1..100."""
        actor.require(Permission.READ_AUDIT)
        redaction = await Redaction.towards(actor, self.storage)
        async with begin_change(self.storage, actor, Permission.READ_AUDIT) as tx:
            page = await tx.audit.page(after=after, limit=min(limit, MOST_PAGE))
            views = await self._views(tx, page, redaction)
            await tx.audit.add(audit_entry(actor, "audit.read", at=self.clock.now()))
        return views

    async def list_about(
        self, actor: Actor, subject: UserId, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[AuditView]:
        """The entries about one user, latest first; at most `limit`, 1..100.

        `Forbidden` about the actor, and about people the actor was ever introduced to.
        """
        actor.require(Permission.READ_AUDIT)
        redaction = await Redaction.towards(actor, self.storage)
        redaction.require_stranger(subject)
        async with begin_change(self.storage, actor, Permission.READ_AUDIT) as tx:
            page = await tx.audit.about(subject, before=before, limit=min(limit, MOST_PAGE))
            views = await self._views(tx, page, redaction)
            await tx.audit.add(audit_entry(actor, "audit.read", at=self.clock.now(), subject=subject))
        return views

    async def _views(
        self, tx: Reading | Writing, page: Sequence[ChainedEntry], redaction: Redaction
    ) -> Sequence[AuditView]:
        withheld = await redaction.withheld(tx, page)
        return [
            AuditView(number=sealed.number) if sealed.number in withheld else AuditView.of(sealed) for sealed in page
        ]

    async def verify(self, actor: Actor) -> Sequence[AuditFault]:
        """Verify the whole log; returns what was edited, swapped or cut, and nothing when it is intact."""
        actor.require(Permission.READ_AUDIT)
        faults: list[AuditFault] = []
        async with self.storage.read() as tx:
            verifier = Verifier.of(await tx.audit.head(), tx.audit.mac)
            while page := await tx.audit.page(after=verifier.number, limit=_CHECKED_AT_A_TIME):
                faults += verifier.read(page, await tx.audit.subjects(page[0].number, page[-1].number))
        return [*faults, *verifier.finish()]
