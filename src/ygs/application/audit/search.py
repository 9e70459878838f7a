"""Search of the audit log, newest first: by account, user, action and time, and whom an entry is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import AuditView, audit_entry
from ygs.application.audit.redaction import Redaction
from ygs.application.changes import begin_change
from ygs.domain.audit import ChainedEntry
from ygs.domain.errors import NotFound
from ygs.domain.ids import UserId
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.audit import AuditFilter
from ygs.ports.storage import Storage, Writing


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """Searches of the audit log by administrators; each search is audited.

    Entries that are withheld from the reader are left out. A search shows them no number either: that an entry of some
    action exists could tell a reader what is withheld from them.
    """

    storage: Storage
    clock: Clock

    async def find(
        self, actor: Actor, wanted: AuditFilter, *, before: int | None = None, limit: int = MOST_PAGE
    ) -> Sequence[AuditView]:
        """The entries that fit, latest first: numbers below `before`, at most `limit` (1..100).

        `Forbidden` about the actor, and about people the actor was ever introduced to.
        """
        actor.require(Permission.READ_AUDIT)
        redaction = await Redaction.towards(actor, self.storage)
        if wanted.actor and wanted.actor != actor.id:
            redaction.require_stranger(UserId(wanted.actor))
        if wanted.about:
            redaction.require_stranger(wanted.about)
        async with begin_change(self.storage, actor, Permission.READ_AUDIT) as tx:
            found = await _find(tx, wanted, redaction, before, min(limit, MOST_PAGE))
            what = " ".join(("actor=" + wanted.actor if wanted.actor else "", *wanted.actions)).strip()
            at = self.clock.now()
            await tx.audit.add(audit_entry(actor, "audit.searched", at=at, subject=wanted.about or "", what=what))
        return [AuditView.of(each) for each in found]

    async def people(self, actor: Actor, number: int) -> Sequence[UserId]:
        """Whom one entry is about, ascending. `NotFound` for an entry that is withheld, or not there."""
        actor.require(Permission.READ_AUDIT)
        redaction = await Redaction.towards(actor, self.storage)
        async with begin_change(self.storage, actor, Permission.READ_AUDIT) as tx:
            page = await tx.audit.page(after=number - 1, limit=1)
            if [each.number for each in page] != [number] or await redaction.withheld(tx, page):
                raise NotFound("audit entry")
            (chained,) = page
            subjects = (await tx.audit.subjects(number, number)).get(number, ())
            people = [chained.entry.subject] if chained.entry.subject else list(subjects)
            entry = audit_entry(actor, "audit.people_read", at=self.clock.now(), subjects=people, what=f"{number}")
            await tx.audit.add(entry)
        return [UserId(each) for each in people]


async def _find(
    tx: Writing, wanted: AuditFilter, redaction: Redaction, before: int | None, limit: int
) -> Sequence[ChainedEntry]:
    found: list[ChainedEntry] = []
    while len(found) < limit:
        page = await tx.audit.search(wanted, before=before, limit=MOST_PAGE)
        withheld = await redaction.withheld(tx, page)
        found += [each for each in page if each.number not in withheld]
        if len(page) < MOST_PAGE:
            break
        before = page[-1].number
    return found[:limit]
