"""Staff's notes on members: members never see them, and every read and change is audited."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter
from ygs.application.changes import begin_change
from ygs.application.versions import require_version
from ygs.domain.errors import N_, Forbidden, NotFound
from ygs.domain.ids import NoteId, UserId
from ygs.domain.notes import Note
from ygs.domain.text import NOTE_LENGTH
from ygs.domain.users import Role
from ygs.ports.clock_and_ids import Clock, Ids
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage, Writing


class NoteRequest(BaseModel):
    """The text of a note."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = Field(max_length=NOTE_LENGTH)


class NoteView(BaseModel):
    """One note on a member, for staff."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: NoteId
    subject: str
    author: str
    text: str
    created_at: datetime
    corrected_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Notes:
    """Use cases of staff's notes on members.

    Staff cannot read or write notes on themselves. A note's author and administrators may correct and remove it.
    """

    storage: Storage
    clock: Clock
    ids: Ids
    audit_writer: AuditWriter

    async def list_about(
        self, actor: Actor, subject: UserId, *, after: NoteId | None = None, limit: int = MOST_PAGE
    ) -> list[NoteView]:
        """List the notes on one member, oldest first; audited."""
        actor.require(Permission.READ_MEMBERS)
        actor.require_another(subject)
        async with self.storage.read(latest=True) as reading:
            await reading.users.get(subject)
            found = await reading.notes.about(subject, after=after, limit=min(limit, MOST_PAGE))
        await self.audit_writer.shown(actor, "notes.read", [subject], at=self.clock.now())
        return [NoteView.model_validate(each) for each in found]

    async def write(self, actor: Actor, subject: UserId, request: NoteRequest) -> NoteView:
        """Write a note on a member."""
        actor.require(Permission.EDIT_MEMBERS)
        actor.require_another(subject)
        author = actor.require_id()
        now = self.clock.now()
        note = Note(id=NoteId(self.ids.make("note")), subject=subject, author=author, text=request.text, created_at=now)
        async with begin_change(self.storage, actor, Permission.EDIT_MEMBERS) as tx:
            await tx.users.get(subject)
            await tx.notes.add(note)
            await tx.audit.add(audit_entry(actor, "note.written", at=now, subject=subject, what=note.id))
        return NoteView.model_validate(note)

    async def correct(self, actor: Actor, id: NoteId, request: NoteRequest, version: int | None = None) -> NoteView:
        """Replace the text of a note; `StaleWrite` when it changed since `version`."""
        now = self.clock.now()
        async with begin_change(self.storage, actor, Permission.EDIT_MEMBERS) as tx:
            note = await _editable(tx, actor, id, version)
            corrected = await tx.notes.save(note.correct(request.text, at=now))
            await tx.audit.add(audit_entry(actor, "note.corrected", at=now, subject=note.subject, what=id))
        return NoteView.model_validate(corrected)

    async def remove(self, actor: Actor, id: NoteId, version: int | None = None) -> None:
        """Delete a note for good; `StaleWrite` when it changed since `version`."""
        async with begin_change(self.storage, actor, Permission.EDIT_MEMBERS) as tx:
            note = await _editable(tx, actor, id, version)
            await tx.notes.remove(id)
            await tx.audit.add(audit_entry(actor, "note.removed", at=self.clock.now(), subject=note.subject, what=id))


async def _editable(tx: Writing, actor: Actor, id: NoteId, version: int | None) -> Note:
    """Return a note that the actor may change.

    `NotFound` for one about the actor, `Forbidden` for another author's unless the actor is an administrator, and
    `StaleWrite` if it changed since `version`.
    """
    actor.require(Permission.EDIT_MEMBERS)
    note = await tx.notes.get(id)
    if note.subject == actor.id:
        raise NotFound("note")
    if actor.role is not Role.ADMIN and note.author != actor.id:
        raise Forbidden(N_("only who wrote a note and administrators may change it: write another one"))
    require_version(note, version)
    return note
