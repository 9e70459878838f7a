"""Documents that prove facts: their owner sees their states, staff read and decide on them, and reads are audited."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter, kind_of
from ygs.application.changes import begin_change
from ygs.application.members.review import Decision
from ygs.application.own_members import own_page
from ygs.application.request_fields import Moment
from ygs.application.versions import require_version
from ygs.domain.errors import NotFound
from ygs.domain.events import document_decided
from ygs.domain.files import PDF, PROVES, Document, DocumentState, FileKind
from ygs.domain.ids import DocumentId, UserId
from ygs.domain.read_budgets import ReadKind
from ygs.ports.blob_store import BlobStore
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage


class DocumentView(BaseModel):
    """One document, without its content.

    `facts`: the facts it proves, until `expires_at`; `could_prove`: the facts its kind can prove. `removed_at`: when
    its file was deleted.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: DocumentId
    user_id: UserId
    kind: FileKind
    state: DocumentState
    reason: str
    facts: list[str]
    could_prove: list[str]
    created_at: datetime
    decided_at: datetime | None
    expires_at: datetime | None
    removed_at: datetime | None

    @classmethod
    def of(cls, document: Document) -> "DocumentView":
        """Build the view of a document."""
        return cls(
            id=document.id,
            user_id=document.user_id,
            kind=document.kind,
            state=document.state,
            reason=document.reason,
            facts=sorted(document.facts),
            could_prove=sorted(PROVES[document.kind][0]),
            created_at=document.created_at,
            decided_at=document.decided_at,
            expires_at=document.expires_at,
            removed_at=document.removed_at,
        )


class OpenedDocument(BaseModel):
    """A URL at which staff read a document for 60 s, and the member's version.

    Send the version with the verification, so that no fact that changed meanwhile counts as proven.
    """

    model_config = ConfigDict(frozen=True)

    document: DocumentView
    url: str
    member_version: int


class Verification(BaseModel):
    """A verification by staff. `member_version`: the member's version that the document was compared with.
    `expires_at`: when its proof ends, if sooner than usual for its kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    member_version: StrictInt
    expires_at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Documents:
    """Use cases of documents, for their owner and for staff."""

    storage: Storage
    store: BlobStore
    clock: Clock
    audit_writer: AuditWriter

    async def list(self, actor: Actor) -> Sequence[DocumentView]:
        """List the actor's documents and the decisions about them."""
        actor.require(Permission.OWN_PROFILE)
        async with self.storage.read() as reading:
            documents = await reading.files.documents_of(actor.require_id())
        return [DocumentView.of(document) for document in documents]

    async def list_waiting(
        self, actor: Actor, *, after: DocumentId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[DocumentView]:
        """List documents that wait for a decision, oldest first; audited for each owner."""
        actor.require(Permission.READ_DOCUMENTS)
        async with self.storage.read(latest=True) as reading:

            async def read(after: DocumentId | None, limit: int) -> Sequence[Document]:
                return await reading.files.documents_waiting(after=after, limit=limit)

            documents = await own_page(
                actor,
                read,
                key=lambda each: each.id,
                people=lambda each: [each.user_id],
                after=after,
                limit=min(limit, MOST_PAGE),
            )
        owners = (document.user_id for document in documents)
        await self.audit_writer.shown(actor, "documents.listed", owners, at=self.clock.now(), kind=ReadKind.QUEUE)
        return [DocumentView.of(document) for document in documents]

    async def list_of_member(self, actor: Actor, user_id: UserId) -> Sequence[DocumentView]:
        """List one member's documents, without their contents; audited."""
        actor.require(Permission.READ_DOCUMENTS)
        async with self.storage.read(latest=True) as reading:
            user = await reading.users.get(user_id)
            documents = await reading.files.documents_of(user_id)
        await self.audit_writer.shown(actor, "documents.listed", [user_id], at=self.clock.now(), kind=kind_of(user))
        return [DocumentView.of(document) for document in documents]

    async def read(self, actor: Actor, id: DocumentId) -> OpenedDocument:
        """Return a URL of one document. The audit entry is written first, so every URL has one."""
        actor.require(Permission.READ_DOCUMENTS)
        async with self.storage.read(latest=True) as reading:
            document = await reading.files.document(id)
            user = await reading.users.get(document.user_id)
        if document.removed_at is not None:
            raise NotFound("document")
        what = f"{document.kind} {id}"
        at = self.clock.now()
        await self.audit_writer.shown(actor, "document.read", [user.id], at=at, kind=kind_of(user), what=what)
        name = f"{document.kind}.{'pdf' if document.content_type == PDF else 'jpg'}"
        url = await self.store.presign_read(document.object_key, document.content_type, attachment=name)
        return OpenedDocument(document=DocumentView.of(document), url=url, member_version=user.version)

    async def verify(self, actor: Actor, id: DocumentId, verification: Verification) -> DocumentView:
        """Verify the facts of the profile that the document proves; `StaleWrite` for an old version of the member."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.READ_DOCUMENTS) as tx:
            owner = (await tx.files.document(id)).user_id
            user = await tx.users.get(owner)
            require_version(user, verification.member_version)
            # Read again under the lock on the user, so that nobody else can decide on it meanwhile.
            document = await tx.files.document(id)
            verified = document.verify(frozenset(user.profile.facts), at=now, expires_at=verification.expires_at)
            profile = replace(user.profile, verified=user.profile.verified | verified.facts)
            await tx.users.save(user.edited(at=now, profile=profile))
            await tx.files.save_document(verified)
            await tx.outbox.add([document_decided(verified, now)])
            what = ",".join(sorted(verified.facts))
            await tx.audit.add(audit_entry(actor, "document.verified", at=now, subject=owner, what=what))
        return DocumentView.of(verified)

    async def refuse(self, actor: Actor, id: DocumentId, decision: Decision) -> DocumentView:
        """Refuse a document; the member reads the reason."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.READ_DOCUMENTS) as tx:
            owner = (await tx.files.document(id)).user_id
            await tx.users.get(owner)
            refused = (await tx.files.document(id)).refuse(decision.reason, at=now)
            await tx.files.save_document(refused)
            await tx.outbox.add([document_decided(refused, now)])
            await tx.audit.add(audit_entry(actor, "document.refused", at=now, subject=owner, reason=refused.reason))
        return DocumentView.of(refused)
