"""File cleanup: removes documents some time after the decision, old uploads, and the files of people who left."""

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


class FilesGone(BaseModel):
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

    async def run(self, actor: Actor, progress: Progress = silent) -> FilesGone:
        """Delete documents 30 days after the decision and uploads a day after they began; unverify facts whose proof
        expired.

        A run that was interrupted continues with the next one.
        """
        actor.require(Permission.OPERATE)
        now = self.clock.now()
        documents = await self._all(lambda tx: self._documents(tx, now), "documents", progress)
        expired = await self._all(lambda tx: self._expired(tx, now), "expired proofs", progress)
        uploads = await self._all(lambda tx: self._uploads(tx, now), "uploads", progress)
        return FilesGone(
            documents=documents, expired=expired, uploads=uploads, files=await self._delete_scheduled(progress)
        )

    async def _all(self, some: Callable[[Writing], Awaitable[int]], stage: str, progress: Progress) -> int:
        total = 0
        while True:
            async with self.storage.write() as tx:
                count = await some(tx)
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
        lost = frozenset().union(*(document.facts - document.proven(at=now) for document in documents))
        kept = frozenset[str]().union(*(document.proven(at=now) for document in documents))
        profile = replace(user.profile, verified=user.profile.verified - (lost - kept))
        await tx.users.save(user.edited(at=now, profile=profile))
        what = ",".join(sorted(lost - kept))
        await tx.audit.add(audit_entry(Actor.operator(), "document.expired", at=now, subject=owner, what=what))

    async def _uploads(self, tx: Writing, now: datetime) -> int:
        old = await tx.files.old_uploads(now - UPLOADS_KEPT_FOR)
        await tx.files.schedule_deletion(
            [object_key for each in old for object_key in await self._unused_keys(tx, each)]
        )
        await tx.files.remove_uploads([each.id for each in old])
        return len(old)

    async def _unused_keys(self, tx: Writing, upload: Upload) -> Sequence[ObjectKey]:
        """The keys of an upload whose files nothing uses any more.

        While its photo or document exists, that is only the file as it was sent. Afterwards it is all: of two
        concurrent confirmations, one may have stored the files again after the photo of the other was deleted.
        """
        album = await tx.files.album(upload.user_id)
        documents = await tx.files.documents_of(upload.user_id)
        existing = {
            *(photo.id for photo in album.photos),
            *(document.id for document in documents if document.removed_at is None),
        }
        return (upload.incoming,) if upload.made in existing else upload.object_keys

    async def _delete_scheduled(self, progress: Progress) -> int:
        """Delete the scheduled files from the store; returns how many.

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
