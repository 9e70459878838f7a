"""Uploads that are confirmed at once, over real databases and real stores of bytes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.support.blob_stores import account
from tests.support.pictures import a_jpeg
from tests.support.seaweed import LocalS3
from ygs.adapters.blobs.folder_blobs import FolderBlobs
from ygs.adapters.blobs.grants import Signer
from ygs.adapters.blobs.s3 import S3BlobStore
from ygs.adapters.blobs.signed_url_store import SignedUrlBlobStore
from ygs.adapters.images.pillow import PillowImages
from ygs.adapters.sql.storage import SqlStorage
from ygs.adapters.system import UlidIds
from ygs.application.actors import Actor
from ygs.application.files.cleanup import FileCleanup
from ygs.application.files.uploads import ConfirmedView, UploadRequest, Uploads
from ygs.domain.errors import LimitReached, NotFound
from ygs.domain.files import JPEG, MOST_BYTES, FileKind, ObjectKey
from ygs.domain.ids import UploadId
from ygs.domain.users import Role
from ygs.entrypoints.testing.builders import a_user
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.ports.blob_store import BlobStore
from ygs.ports.signed_urls import SignedUrlEndpoint

ME = Actor.signed_in(a_user(1).id, Role.MEMBER)


@pytest.fixture(params=["folder", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[BlobStore]:
    if request.param == "folder":
        yield SignedUrlBlobStore(FolderBlobs(tmp_path / "files"), Signer(bytes(32)), "")
        return
    seaweed: LocalS3 = request.getfixturevalue("seaweed")
    files = S3BlobStore(account(seaweed), total=30.0)
    yield files
    await files.close()


@pytest.fixture
async def uploads(storage: SqlStorage, store: BlobStore) -> Uploads:
    async with storage.write() as tx:
        await tx.users.add(a_user(1))
    return Uploads(storage, store, PillowImages(), FrozenClock(), UlidIds())


async def sent(uploads: Uploads, data: bytes) -> UploadId:
    view = await uploads.begin(ME, UploadRequest(kind=FileKind.PHOTO, content_type=JPEG))
    if isinstance(uploads.store, S3BlobStore):
        async with httpx.AsyncClient() as client:
            form, file = dict(view.fields), {"file": ("a.jpg", data, JPEG)}
            (await client.post(view.url, data=form, files=file)).raise_for_status()
    else:
        desk: SignedUrlEndpoint = uploads.store  # type: ignore[assignment]
        await desk.take(view.url.removeprefix("/"), JPEG, data)
    return UploadId(view.id)


async def test_of_eight_photos_confirmed_at_once_six_are_kept_and_nothing_of_the_others_stays(
    uploads: Uploads,
) -> None:
    begun = [await sent(uploads, a_jpeg(64 + number, 48)) for number in range(8)]
    replies = await asyncio.gather(*(uploads.confirm(ME, each) for each in begun), return_exceptions=True)
    refused = [reply for reply in replies if not isinstance(reply, ConfirmedView)]
    assert [type(reply) for reply in refused] == [LimitReached] * 2
    async with uploads.storage.write() as tx:
        album = await tx.files.album(a_user(1).id)
        object_keys = [object_key for each in begun for object_key in (await tx.files.upload(each)).object_keys]
    kept = {object_key for photo in album.photos for object_key in photo.object_keys}
    assert (len(album.photos), len(kept)) == (6, 12)
    tomorrow = FrozenClock()
    tomorrow.advance(days=1, seconds=1)
    await FileCleanup(uploads.storage, uploads.store, tomorrow).run(Actor.operator())
    there = {object_key for object_key in object_keys if await exists(uploads.store, object_key)}
    assert there == kept


async def exists(store: BlobStore, object_key: ObjectKey) -> bool:
    try:
        await store.read(object_key, MOST_BYTES)
    except NotFound:
        return False
    return True


async def test_one_upload_confirmed_by_many_at_once_is_one_photo(uploads: Uploads) -> None:
    begun = await sent(uploads, a_jpeg())
    made = await asyncio.gather(*(uploads.confirm(ME, begun) for _ in range(5)))
    assert len({each.id for each in made}) == 1
    assert (await uploads.confirm(ME, begun)) == made[0]
    async with uploads.storage.read() as reading:
        (photo,) = (await reading.files.album(a_user(1).id)).photos
    assert photo.id == made[0].id
