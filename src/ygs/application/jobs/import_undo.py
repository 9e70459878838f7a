"""The undo of an import: the members that it added leave again, unless one of them is in use by now.

Whoever leaves so is erased after the retention period, as everybody who leaves, and can be imported or sign up again at
once. Whoever left before stays as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.changes import require_current
from ygs.application.jobs.import_jobs import ImportView
from ygs.domain.errors import N_, Listed, WrongStatus
from ygs.domain.ids import ImportId, UserId
from ygs.domain.imports import ImportState
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories.imports import ImportedInUse
from ygs.ports.storage import Storage, Writing

AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class ImportUndo:
    """Undoes imports whose members nobody has met, changed or worked with since."""

    storage: Storage
    clock: Clock

    async def undo(self, actor: Actor, id: ImportId) -> ImportView:
        """Let the members that an import added leave, in one transaction. A second call changes nothing.

        `WrongStatus` before the import is stored, and with the number and the reason when some of them were introduced,
        can sign in, were changed since, or have a note, a consultation or a membership.
        """
        actor.require(Permission.IMPORT)
        now = self.clock.now()
        async with self.storage.write(long=True) as tx:
            made = await tx.imports.get(id)
            if made.state is ImportState.UNDONE:
                return ImportView.of(made)
            undone = made.undone(at=now)
            _require_unused(await tx.imports.in_use(id))
            left = await _withdraw(tx, id, now)
            # A week that was being published has ended by now: it bars changes of users, and these have changed.
            _require_unused(await tx.imports.in_use(id))
            saved = await tx.imports.save(undone)
            # Last: it takes long, and nobody shall wait so long who would take the actor's role away.
            await require_current(tx, actor, Permission.IMPORT)
            await tx.audit.add(audit_entry(actor, "import.undone", at=now, what=id, subjects=left))
        return ImportView.of(saved)


async def _withdraw(tx: Writing, id: ImportId, at: datetime) -> Sequence[UserId]:
    """Let the live members of an import leave; return their ids."""
    left: list[UserId] = []
    while ids := await tx.imports.members(id, limit=AT_ONCE):
        users = await tx.users.by_ids(ids)
        # Who changed between the first look and the lock.
        _require_unused(ImportedInUse(changed=sum(user.updated_at != user.created_at for user in users)))
        await tx.users.save_all([user.withdraw(at=at) for user in users])
        left += [user.id for user in users]
    return left


def _require_unused(in_use: ImportedInUse) -> None:
    if reasons := Listed(_reasons(in_use)):
        raise WrongStatus(
            N_("this import cannot be undone, because of its members: {reasons}. Suspend single members instead"),
            reasons=reasons,
        )


def _reasons(in_use: ImportedInUse) -> Iterator[WrongStatus]:
    if in_use.introduced:
        yield WrongStatus(N_("introduced: {count}"), count=in_use.introduced)
    if in_use.signed_in:
        yield WrongStatus(N_("have an account to sign in with: {count}"), count=in_use.signed_in)
    if in_use.changed:
        yield WrongStatus(N_("changed since: {count}"), count=in_use.changed)
    if in_use.attended:
        yield WrongStatus(N_("have a note, a consultation or a membership: {count}"), count=in_use.attended)
