"""The contracts of file records and of the blob store."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ygs.domain.errors import BadFile, Conflict, InvalidText, LimitReached, NotFound
from ygs.domain.files import JPEG, PDF, Album, Bucket, Document, FileKind, ObjectKey, Photo, PhotoState, Upload
from ygs.domain.ids import DocumentId, PhotoId, UploadId
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.blob_store import BlobStore
from ygs.ports.storage import Storage

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def key(number: int) -> str:
    """The key of some bytes."""
    return numbered("key", number).removeprefix("key_")


def an_upload(number: int = 1, owner: int = 1, kind: FileKind = FileKind.PHOTO) -> Upload:
    """An upload that was begun `number` hours after noon."""
    return Upload(
        id=UploadId(numbered("upl", number)),
        user_id=a_user(owner).id,
        kind=kind,
        content_type=JPEG,
        key=key(number),
        created_at=NOON + number * HOUR,
    )


def a_photo(number: int = 1, state: PhotoState = PhotoState.UPLOADED) -> Photo:
    """A photo in a review state."""
    return Photo(
        id=PhotoId(numbered("pho", number)), key=key(number), width=1200, height=900, created_at=NOON, state=state
    )


def an_album(*photos: Photo, owner: int = 1) -> Album:
    """The album of a user."""
    return Album(user_id=a_user(owner).id, photos=photos)


def a_document(number: int = 1, owner: int = 1, kind: FileKind = FileKind.EDUCATION) -> Document:
    """A document that waits for review."""
    return Document(
        id=DocumentId(numbered("doc", number)),
        user_id=a_user(owner).id,
        kind=kind,
        content_type=PDF,
        size=12_345,
        key=key(number),
        created_at=NOON,
    )


async def with_users(storage: Storage, count: int = 2) -> None:
    """Store users 1..count."""
    async with storage.write() as tx:
        await tx.users.add_all([a_user(number) for number in range(1, count + 1)])


class FileRecordContract:
    """Records of photos, documents and uploads."""

    async def test_an_upload_comes_back_and_is_used_once(self, storage: Storage) -> None:
        await with_users(storage)
        async with storage.write() as tx:
            await tx.files.add_upload(an_upload(1))
            await tx.files.add_upload(an_upload(2, owner=2, kind=FileKind.INCOME))
            for taken in (an_upload(1), an_upload(3, owner=9)):
                with pytest.raises(Conflict):
                    await tx.files.add_upload(taken)
            used = an_upload(1).became("pho_1")
            await tx.files.save_upload(used)
        async with storage.write() as tx:
            assert await tx.files.upload(used.id) == used
            assert await tx.files.upload(an_upload(2).id) == an_upload(2, owner=2, kind=FileKind.INCOME)
            with pytest.raises(NotFound):
                await tx.files.upload(an_upload(3).id)
            assert await tx.files.old_uploads(NOON + 2 * HOUR) == [used]
            await tx.files.remove_uploads([used.id])
            assert await tx.files.old_uploads(NOON + DAY, limit=1) == [an_upload(2, owner=2, kind=FileKind.INCOME)]

    async def test_an_album_comes_back_in_its_order_with_its_cover(self, storage: Storage) -> None:
        await with_users(storage)
        refused = replace(a_photo(2, PhotoState.REFUSED), reason="얼굴이 보이지 않습니다")
        album = an_album(a_photo(3), a_photo(1, PhotoState.APPROVED), refused).covered_by(a_photo(1).id)
        async with storage.write() as tx:
            assert await tx.files.album(a_user(1).id) == an_album()
            await tx.files.save_album(an_album(a_photo(1)))
            await tx.files.save_album(album)
            with pytest.raises(InvalidText):
                await tx.files.save_album(an_album(replace(a_photo(1), reason="nul\x00")))
            await tx.files.save_album(an_album(a_photo(9), owner=2))
        async with storage.read() as reading:
            assert await reading.files.album(a_user(1).id) == album
            two = an_album(a_photo(9), owner=2)
            assert await reading.files.albums([a_user(number).id for number in (3, 2, 1)]) == {
                album.user_id: album,
                two.user_id: two,
            }
            assert await reading.files.albums([]) == {}
            assert await reading.files.owner_of_photo(a_photo(9).id) == a_user(2).id
            with pytest.raises(NotFound):
                await reading.files.owner_of_photo(a_photo(8).id)

    async def test_what_waits_for_staff_is_of_live_users_in_the_order_it_came(self, storage: Storage) -> None:
        await with_users(storage, 3)
        async with storage.write() as tx:
            await tx.files.save_album(an_album(a_photo(5), a_photo(2, PhotoState.APPROVED), a_photo(1)))
            await tx.files.save_album(an_album(a_photo(3), owner=2))
            await tx.files.save_album(an_album(a_photo(4), owner=3))
            for number, owner in ((3, 1), (1, 2), (2, 3)):
                await tx.files.add_document(a_document(number, owner))
            await tx.files.save_document(a_document(3).refuse("흐립니다", at=NOON))
            await tx.users.save((await tx.users.get(a_user(3).id)).withdraw(at=NOON))
        async with storage.read() as reading:
            waiting = await reading.files.photos_waiting()
            assert waiting == [(a_user(1).id, a_photo(1)), (a_user(2).id, a_photo(3)), (a_user(1).id, a_photo(5))]
            assert await reading.files.photos_waiting(after=a_photo(1).id, limit=1) == waiting[1:2]
            assert await reading.files.documents_waiting() == [a_document(1, 2)]
            assert await reading.files.documents_waiting(after=a_document(1).id) == []

    async def test_a_document_comes_back_decided_and_is_found_when_it_is_old(self, storage: Storage) -> None:
        await with_users(storage)
        verified = a_document(1).verify(frozenset({"education"}), at=NOON)
        refused = a_document(2).refuse("다른 사람의 서류입니다", at=NOON + DAY)
        async with storage.write() as tx:
            for number, owner in ((2, 1), (1, 1), (3, 2)):
                await tx.files.add_document(a_document(number, owner))
            with pytest.raises(Conflict):
                await tx.files.add_document(a_document(1))
            await tx.files.save_document(verified)
            await tx.files.save_document(refused)
        async with storage.write() as tx:
            assert await tx.files.documents_of(a_user(1).id) == [verified, refused]
            assert await tx.files.document(refused.id) == refused
            with pytest.raises(NotFound):
                await tx.files.document(a_document(9).id)
            assert await tx.files.decided_documents(NOON + HOUR) == [verified]
            assert verified.expires_at
            assert await tx.files.expired_documents(verified.expires_at - HOUR) == []
            assert await tx.files.expired_documents(verified.expires_at) == [verified]
            await tx.files.save_document(replace(verified, removed_at=NOON, facts=frozenset()))
            assert await tx.files.decided_documents(NOON + 2 * DAY) == [refused]
            assert await tx.files.expired_documents(verified.expires_at) == []

    async def test_everything_of_a_user_goes_and_the_bytes_are_remembered_until_they_are_gone(
        self, storage: Storage
    ) -> None:
        await with_users(storage)
        async with storage.write() as tx:
            for owner in (1, 2):
                await tx.files.add_upload(an_upload(owner, owner))
                await tx.files.save_album(an_album(a_photo(10 + owner), owner=owner))
                await tx.files.add_document(a_document(owner, owner))
            object_keys = await tx.files.remove_all([a_user(1).id])
            mine = {*an_upload(1).object_keys, *a_photo(11).object_keys, a_document(1).object_key}
            assert object_keys == sorted(mine)
            assert await tx.files.remove_all([a_user(1).id]) == []
            await tx.files.schedule_deletion(object_keys)
            await tx.files.schedule_deletion(object_keys)
            assert await tx.files.album(a_user(1).id) == an_album()
            assert await tx.files.album(a_user(2).id) == an_album(a_photo(12), owner=2)
        async with storage.write() as tx:
            assert set(await tx.files.pending_deletions()) == mine
            assert await tx.files.count_pending_deletions() == len(mine)
            first, second, *_ = await tx.files.pending_deletions()
            assert await tx.files.pending_deletions(limit=1) == [first]
            assert await tx.files.pending_deletions(after=first, limit=1) == [second]
            await tx.files.deletion_done(object_keys[1:])
            assert await tx.files.pending_deletions() == object_keys[:1]

    async def test_everything_of_many_users_goes_at_once(self, storage: Storage) -> None:
        await with_users(storage, 4)
        async with storage.write() as tx:
            await tx.files.add_upload(an_upload(1, 1))
            await tx.files.save_album(an_album(a_photo(2), owner=2))
            for number in (3, 4):
                await tx.files.add_document(a_document(number, number))
            object_keys = await tx.files.remove_all([a_user(number).id for number in (1, 2, 3, 9)])
            assert object_keys == sorted({*an_upload(1).object_keys, *a_photo(2).object_keys, a_document(3).object_key})
            assert await tx.files.remove_all([]) == []
            assert await tx.files.documents_of(a_user(4).id) == [a_document(4, 4)]

    async def test_of_seven_photos_that_come_at_once_six_are_kept(self, storage: Storage) -> None:
        await with_users(storage)

        async def add(number: int) -> None:
            async with storage.write() as tx:
                user = await tx.users.get(a_user(1).id)
                await tx.files.save_album((await tx.files.album(user.id)).with_photo(a_photo(number)))

        replies = await asyncio.gather(*(add(number) for number in range(7)), return_exceptions=True)
        assert [type(reply) for reply in replies if reply is not None] == [LimitReached]
        async with storage.read() as reading:
            assert len((await reading.files.album(a_user(1).id)).photos) == 6


A_PLACE = ObjectKey(Bucket.PHOTOS, f"photos/{key(1)}")
ANOTHER = ObjectKey(Bucket.DOCUMENTS, f"documents/{key(1)}")


class BlobStoreContract:
    """The operations of a blob store for the service itself. Its signed URLs are tested over HTTP."""

    async def test_bytes_come_back_and_are_replaced_whole(self, files: BlobStore) -> None:
        data = bytes(range(256)) * 40
        await files.put(A_PLACE, data, JPEG)
        await files.put(ANOTHER, b"another", PDF)
        assert await files.read(A_PLACE, len(data)) == data
        await files.put(A_PLACE, b"less", JPEG)
        assert await files.read(A_PLACE, 4) == b"less"
        assert await files.read(ANOTHER, 100) == b"another"

    async def test_what_is_longer_than_agreed_is_not_read(self, files: BlobStore) -> None:
        await files.put(A_PLACE, b"12345", JPEG)
        with pytest.raises(BadFile):
            await files.read(A_PLACE, 4)

    async def test_what_is_gone_is_not_found_and_goes_twice(self, files: BlobStore) -> None:
        await files.put(A_PLACE, b"gone", JPEG)
        await files.delete([A_PLACE, ANOTHER])
        await files.delete([A_PLACE])
        await files.delete([])
        with pytest.raises(NotFound):
            await files.read(A_PLACE, 100)
