"""File cleanup: removes decided documents, old uploads, and all files whose deletion is scheduled."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.domain.errors import NotFound, Unavailable
from ygs.domain.files import ObjectKey, Upload
from ygs.domain.ids import UserId
from ygs.ports.blob_store import BlobStore
from ygs.ports.clock_and_ids import Clock
from ygs.ports.scoring_and_solving import Progress, silent
from ygs.ports.storage import Storage, Writing

DOCUMENTS_KEPT_FOR = timedelta(days=30)
UPLOADS_KEPT_FOR = timedelta(days=1)


class RemovedFiles(BaseModel):
    """The numbers of removed documents, documents whose proof expired, removed uploads, and deleted files."""

    model_config = ConfigDict(frozen=True)

    documents: int
    expired: int
    uploads: int
    files: int


@dataclass(frozen=True, slots=True)
class FileCleanup:
    """The daily cleanup of files.

    A transaction that makes files useless schedules their deletion. A second step deletes them from the store until it
    confirms, so a store that does not answer, or a crash, leaves no file behind.
    """

    storage: Storage
    store: BlobStore
    clock: Clock

    async def run(self, actor: Actor, progress: Progress = silent) -> RemovedFiles:
        """Delete documents 30 days after the decision, uploads a day after they began, and all scheduled files.

        Facts whose proof expired become unverified. If a run is interrupted, the next one continues.
        """
        actor.require(Permission.OPERATE)
        now = self.clock.now()
        documents = await self._all(lambda tx: self._documents(tx, now), "documents", progress)
        expired = await self._all(lambda tx: self._expired(tx, now), "expired proofs", progress)
        uploads = await self._all(lambda tx: self._uploads(tx, now), "uploads", progress)
        return RemovedFiles(
            documents=documents, expired=expired, uploads=uploads, files=await self._delete_scheduled(progress)
        )

    async def _all(self, batch: Callable[[Writing], Awaitable[int]], stage: str, progress: Progress) -> int:
        """Run `batch`, each time in a transaction of its own, until it has nothing left to do. Return the total."""
        total = 0
        while True:
            async with self.storage.write() as tx:
                count = await batch(tx)
            if not count:
                return total
            total += count
            progress(stage, total, total)

    async def _documents(self, tx: Writing, now: datetime) -> int:
        old = await tx.files.decided_documents(now - DOCUMENTS_KEPT_FOR)
        for document in old:
            await tx.files.save_document(replace(document, removed_at=now))
        await tx.files.schedule_deletion([document.object_key for document in old])
        operator = Actor.operator()
        removals = [
            audit_entry(operator, "document.removed", at=now, subject=document.user_id, what=document.id)
            for document in old
        ]
        if removals:
            await tx.audit.add(*removals)
        return len(old)

    async def _expired(self, tx: Writing, now: datetime) -> int:
        expired = await tx.files.expired_documents(now)
        for owner in sorted({document.user_id for document in expired}):
            await self._unverify(tx, owner, now)
        for document in expired:
            await tx.files.save_document(replace(document, facts=frozenset()))
        return len(expired)

    async def _unverify(self, tx: Writing, owner: UserId, now: datetime) -> None:
        try:
            user = await tx.users.get(owner)
        except NotFound:  # The owner has left; nothing of theirs is shown.
            return
        documents = await tx.files.documents_of(owner)
        expired = frozenset().union(*(document.facts - document.proven(at=now) for document in documents))
        valid = frozenset[str]().union(*(document.proven(at=now) for document in documents))
        profile = replace(user.profile, verified=user.profile.verified - (expired - valid))
        await tx.users.save(user.edited(at=now, profile=profile))
        what = ",".join(sorted(expired - valid))
        await tx.audit.add(audit_entry(Actor.operator(), "document.expired", at=now, subject=owner, what=what))

    async def _uploads(self, tx: Writing, now: datetime) -> int:
        old = await tx.files.old_uploads(now - UPLOADS_KEPT_FOR)
        await tx.files.schedule_deletion(
            [object_key for each in old for object_key in await self._unused_keys(tx, each)]
        )
        await tx.files.remove_uploads([each.id for each in old])
        return len(old)

    async def _unused_keys(self, tx: Writing, upload: Upload) -> Sequence[ObjectKey]:
        """Return the keys of an upload's files that nothing uses any more.

        While its photo or document exists, that is only the file as it was uploaded. Otherwise it is all its files,
        even if the photo was deleted with its files: the slower of two concurrent confirmations may have stored them
        again.
        """
        album = await tx.files.album(upload.user_id)
        documents = await tx.files.documents_of(upload.user_id)
        existing = {
            *(photo.id for photo in album.photos),
            *(document.id for document in documents if document.removed_at is None),
        }
        return (upload.incoming,) if upload.made in existing else upload.object_keys

    async def _delete_scheduled(self, progress: Progress) -> int:
        """Delete the scheduled files from the store. Return how many.

        Files that the store refuses stay scheduled and do not hold up others; the first error is raised at the end.
        """
        async with self.storage.read(latest=True) as reading:
            total = await reading.files.count_pending_deletions()
        deleted = 0
        after = None
        refused = list[Unavailable]()
        while object_keys := await self._pending(after):
            after = object_keys[-1]
            try:
                await self.store.delete(object_keys)
            except Unavailable as error:
                refused.append(error)
                continue
            async with self.storage.write() as tx:
                await tx.files.deletion_done(object_keys)
            deleted += len(object_keys)
            progress("files", deleted, max(deleted, total))
        if refused:
            raise refused[0]
        return deleted

    async def _pending(self, after: ObjectKey | None) -> Sequence[ObjectKey]:
        async with self.storage.read(latest=True) as reading:
            return await reading.files.pending_deletions(after=after)
