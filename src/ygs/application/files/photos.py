"""A member's photos, and their review by staff."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from ygs.application.actors import Actor, Permission
from ygs.application.audit.log import audit_entry
from ygs.application.audit.read_budgets import AuditWriter, kind_of
from ygs.application.changes import begin_change, own_user
from ygs.application.members.review import Decision
from ygs.application.own_members import own_page
from ygs.domain.errors import Unavailable
from ygs.domain.events import photo_refused
from ygs.domain.files import JPEG, MOST_PHOTOS, Album, Photo, PhotoState
from ygs.domain.ids import PhotoId, UserId
from ygs.domain.read_budgets import ReadKind
from ygs.ports.blob_store import BlobStore
from ygs.ports.clock_and_ids import Clock
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.storage import Storage


class PhotoView(BaseModel):
    """One photo. `url` and `thumbnail_url` can be read for 60 s; `width` and `height` in pixels."""

    model_config = ConfigDict(frozen=True)

    id: PhotoId
    state: PhotoState
    reason: str
    cover: bool
    width: int
    height: int
    url: str
    thumbnail_url: str


class ShownPhoto(BaseModel):
    """An approved photo, as others see it. `url` and `thumbnail_url` can be read for 60 s; `width` and `height` in
    pixels."""

    model_config = ConfigDict(frozen=True)

    id: PhotoId
    width: int
    height: int
    url: str
    thumbnail_url: str


class WaitingPhotoView(BaseModel):
    """One photo that waits for review, and its owner."""

    model_config = ConfigDict(frozen=True)

    id: PhotoId
    user_id: UserId
    url: str


class PhotoEdit(BaseModel):
    """A new position of a photo, from 0, and whether it becomes the cover. Fields that are left out change nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    position: StrictInt | None = Field(default=None, ge=0, lt=MOST_PHOTOS)
    cover: StrictBool = False


@dataclass(frozen=True, slots=True)
class Photos:
    """Use cases of photos, for their owner and for staff. URLs are signed outside of transactions."""

    storage: Storage
    store: BlobStore
    clock: Clock
    audit_writer: AuditWriter

    async def list(self, actor: Actor) -> Sequence[PhotoView]:
        """List the actor's photos in their order, in every state."""
        actor.require(Permission.OWN_PROFILE)
        async with self.storage.read() as reading:
            album = await reading.files.album(actor.require_id())
        return await self._views(album)

    async def edit(self, actor: Actor, id: PhotoId, edit: PhotoEdit) -> Sequence[PhotoView]:
        """Move a photo, or make it the cover; return all photos in their new order."""

        def change(album: Album) -> Album:
            album = album.covered_by(id) if edit.cover else album
            return album.moved(id, edit.position) if edit.position is not None else album

        actor.require(Permission.OWN_PROFILE)
        me = actor.require_id()
        return await self._views(await self._change(actor, Permission.OWN_PROFILE, me, id, "photo.edited", change))

    async def delete(self, actor: Actor, id: PhotoId) -> None:
        """Delete a photo and its files."""
        actor.require(Permission.OWN_PROFILE)
        me = actor.require_id()
        now = self.clock.now()
        async with self.storage.write() as tx:
            await own_user(tx, actor, Permission.OWN_PROFILE)
            album = await tx.files.album(me)
            object_keys = album.get(id).object_keys
            await tx.files.save_album(album.without(id))
            await tx.files.schedule_deletion(object_keys)
            await tx.audit.add(audit_entry(actor, "photo.deleted", at=now, subject=me))
        with suppress(Unavailable):  # The deletion is scheduled, so `FileCleanup` tries again.
            await self.store.delete(object_keys)
            async with self.storage.write() as tx:
                await tx.files.deletion_done(object_keys)

    async def list_waiting(
        self, actor: Actor, *, after: PhotoId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[WaitingPhotoView]:
        """List photos that wait for review, oldest first; audited."""
        actor.require(Permission.REVIEW_MEMBERS)
        async with self.storage.read(latest=True) as reading:

            async def read(after: PhotoId | None, limit: int) -> Sequence[tuple[UserId, Photo]]:
                return await reading.files.photos_waiting(after=after, limit=limit)

            waiting = await own_page(
                actor,
                read,
                key=lambda each: each[1].id,
                people=lambda each: [each[0]],
                after=after,
                limit=min(limit, MOST_PAGE),
            )
        owners = (owner for owner, _ in waiting)
        await self.audit_writer.shown(actor, "photo.read", owners, at=self.clock.now(), kind=ReadKind.QUEUE)
        return [
            WaitingPhotoView(id=photo.id, user_id=owner, url=await self.store.presign_read(photo.object_keys[0], JPEG))
            for owner, photo in waiting
        ]

    async def list_of_member(self, actor: Actor, user_id: UserId) -> Sequence[PhotoView]:
        """List all photos of one member, for staff; audited."""
        actor.require(Permission.REVIEW_MEMBERS)
        async with self.storage.read(latest=True) as reading:
            user = await reading.users.get(user_id)
            album = await reading.files.album(user_id)
        await self.audit_writer.shown(actor, "photo.read", [user_id], at=self.clock.now(), kind=kind_of(user))
        return await self._views(album)

    async def approve(self, actor: Actor, id: PhotoId) -> None:
        """Approve a photo: others may see it."""
        actor.require(Permission.REVIEW_MEMBERS)
        await self._decide(actor, id, "photo.approved", "", lambda album: album.approve(id))

    async def refuse(self, actor: Actor, id: PhotoId, decision: Decision) -> None:
        """Refuse a photo: others never see it, and the member reads the reason."""
        actor.require(Permission.REVIEW_MEMBERS)
        reason = decision.reason
        await self._decide(actor, id, "photo.refused", reason, lambda album: album.refuse(id, reason))

    async def _decide(
        self, actor: Actor, id: PhotoId, action: str, reason: str, change: Callable[[Album], Album]
    ) -> None:
        async with self.storage.read(latest=True) as reading:
            owner = await reading.files.owner_of_photo(id)
        await self._change(actor, Permission.REVIEW_MEMBERS, owner, id, action, change, reason)

    async def _change(
        self,
        actor: Actor,
        permission: Permission,
        owner: UserId,
        id: PhotoId,
        action: str,
        change: Callable[[Album], Album],
        reason: str = "",
    ) -> Album:
        async with begin_change(self.storage, actor, permission) as tx:
            await tx.users.get(owner)
            album = await tx.files.album(owner)
            album.get(id)
            changed = change(album)
            now = self.clock.now()
            await tx.files.save_album(changed)
            if changed.get(id).state is PhotoState.REFUSED and album.get(id).state is not PhotoState.REFUSED:
                await tx.outbox.add([photo_refused(owner, id, now)])
            await tx.audit.add(audit_entry(actor, action, at=now, subject=owner, what=id, reason=reason))
        return changed

    async def shown(self, album: Album) -> Sequence[ShownPhoto]:
        """List the approved photos of an album, the cover first. The caller checks the permission."""
        views = [await self._view(album, photo) for photo in album.shown]
        return [
            ShownPhoto(id=each.id, width=each.width, height=each.height, url=each.url, thumbnail_url=each.thumbnail_url)
            for each in views
        ]

    async def thumbnails(self, albums: Iterable[Album]) -> Mapping[UserId, str]:
        """Return a signed thumbnail URL of the first approved photo, for each owner with one. The caller checks the
        permission."""
        first = {album.user_id: album.shown[0].object_keys[1] for album in albums if album.shown}
        return {owner: await self.store.presign_read(key, JPEG) for owner, key in first.items()}

    async def _views(self, album: Album) -> Sequence[PhotoView]:
        return [await self._view(album, photo) for photo in album.photos]

    async def _view(self, album: Album, photo: Photo) -> PhotoView:
        full, thumbnail = photo.object_keys
        return PhotoView(
            id=photo.id,
            state=photo.state,
            reason=photo.reason,
            cover=photo.id == album.cover,
            width=photo.width,
            height=photo.height,
            url=await self.store.presign_read(full, JPEG),
            thumbnail_url=await self.store.presign_read(thumbnail, JPEG),
        )
