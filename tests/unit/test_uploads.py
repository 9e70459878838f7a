"""Photos and documents from the first word to the last: what a member sends, what staff decide, and what is left."""

import asyncio
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlparse

import pytest
from PIL import Image

from tests.support.http import served
from tests.support.pictures import A_PDF, SVG, a_jpeg, a_png, a_zip, png_that_says
from ygs.adapters.blobs.grants import Signer
from ygs.adapters.blobs.memory_blobs import MemoryBlobs
from ygs.adapters.blobs.signed_url_store import SignedUrlBlobStore
from ygs.adapters.images.pillow import PillowImages
from ygs.adapters.memory import MemoryStorage
from ygs.application.actors import Actor
from ygs.application.files.cleanup import FileCleanup
from ygs.application.files.documents import Documents, Verification
from ygs.application.files.photos import PhotoEdit, Photos
from ygs.application.files.uploads import UploadRequest, Uploads, UploadView
from ygs.application.members.profile import Members
from ygs.application.members.review import Decision
from ygs.application.operations.purge import Erasure, Retention
from ygs.domain.errors import (
    BadFile,
    Forbidden,
    InvalidFact,
    InvalidText,
    NotFound,
    NotUploaded,
    StaleWrite,
    TooManyAttempts,
    Unavailable,
    UploadExpired,
    WrongStatus,
)
from ygs.domain.files import JPEG, PDF, PNG, DocumentState, FileKind, ObjectKey, PhotoState, photo_object_keys
from ygs.domain.ids import DocumentId, PhotoId, UploadId
from ygs.domain.users import Role
from ygs.entrypoints.testing.accounts import an_audit_writer
from ygs.entrypoints.testing.builders import SEOUL, a_user
from ygs.entrypoints.testing.clock import FrozenClock
from ygs.entrypoints.testing.contracts.files import key
from ygs.entrypoints.testing.ids import CountingIds
from ygs.ports.images import ProcessedImage

ME, OTHER = (Actor.signed_in(a_user(number).id, Role.MEMBER) for number in (1, 2))
STAFF = Actor.known_elsewhere(a_user(9).id, Role.CONSULTANT)
OPERATOR = Actor.operator()
BELOW = "/api/v1/files/"


class FailingFiles(SignedUrlBlobStore):
    """A store that can be told not to answer, or not to remove one file."""

    deaf = False
    kept: ObjectKey | None = None
    putting: asyncio.Event | None = None

    async def put(self, object_key: ObjectKey, data: bytes, content_type: str) -> None:
        if self.putting:
            await self.putting.wait()
        await super().put(object_key, data, content_type)

    async def delete(self, object_keys: Sequence[ObjectKey]) -> None:
        if self.deaf:
            raise Unavailable("no")
        await super().delete([object_key for object_key in object_keys if object_key != self.kept])
        if self.kept in object_keys:
            raise Unavailable("some files could not be removed")


@dataclass
class Kit:
    """All that files need, in memory, with one clock for all."""

    clock: FrozenClock = field(default_factory=FrozenClock)
    storage: MemoryStorage = field(default_factory=MemoryStorage)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)

    def __post_init__(self) -> None:
        signer = Signer(bytes(32), seconds=lambda: self.clock.now().timestamp())
        self.store = FailingFiles(self.blobs, signer, BELOW.rstrip("/"))
        self.uploads = Uploads(self.storage, self.store, PillowImages(), self.clock, CountingIds())
        self.photos = Photos(self.storage, self.store, self.clock, an_audit_writer(self.storage))
        self.documents = Documents(self.storage, self.store, self.clock, an_audit_writer(self.storage))
        self.keeping = FileCleanup(self.storage, self.store, self.clock)

    async def begin(self, kind: FileKind = FileKind.PHOTO, content_type: str = JPEG, actor: Actor = ME) -> UploadView:
        return await self.uploads.begin(actor, UploadRequest(kind=kind, content_type=content_type))

    async def send(self, view: UploadView, data: bytes) -> UploadId:
        await self.store.take(view.url.removeprefix(BELOW), view.fields["Content-Type"], data)
        return UploadId(view.id)

    async def add(self, data: bytes = b"", kind: FileKind = FileKind.PHOTO, content_type: str = JPEG) -> str:
        id = await self.send(await self.begin(kind, content_type), data or a_jpeg())  # noqa: A001
        return (await self.uploads.confirm(ME, id)).id

    async def actions(self) -> list[tuple[str, str, str]]:
        async with self.storage.read() as reading:
            page = await reading.audit.page()
        return [(sealed.entry.action, sealed.entry.actor, sealed.entry.subject) for sealed in page]


@pytest.fixture
async def kit() -> Kit:
    kit = Kit()
    async with kit.storage.write() as tx:
        await tx.users.add_all([a_user(1), a_user(2)])
    return kit


# --- a photo comes in ---


async def test_a_photo_comes_in_stripped_and_nobody_sees_it_before_staff_did(kit: Kit) -> None:
    await kit.add(a_jpeg(orientation=6))
    (photo,) = await kit.photos.list(ME)
    assert (photo.state, photo.cover, photo.width, photo.height) == (PhotoState.UPLOADED, True, 48, 64)
    for url in (photo.url, photo.thumbnail_url):
        given = await kit.store.give(url.removeprefix(BELOW))
        assert not Image.open(io.BytesIO(given.data)).getexif()
    assert not [object_key for object_key in kit.blobs.kept if object_key.path.startswith("incoming")]
    async with kit.storage.read() as reading:
        album = await reading.files.album(a_user(1).id)
    assert await kit.photos.shown(album) == []
    await kit.photos.approve(STAFF, PhotoId(photo.id))
    async with kit.storage.read() as reading:
        assert len(await kit.photos.shown(await reading.files.album(a_user(1).id))) == 1


BAD: Mapping[str, tuple[bytes, FileKind, str]] = {
    "an SVG": (SVG, FileKind.PHOTO, JPEG),
    "a polyglot": (a_jpeg() + a_zip(), FileKind.PHOTO, JPEG),
    "a bomb": (png_that_says(60_000, 60_000), FileKind.PHOTO, PNG),
    "half": (a_jpeg(800, 600)[:-3000], FileKind.PHOTO, JPEG),
    "a PDF that is a page": (b"<html>" + A_PDF, FileKind.INCOME, PDF),
    "half a PDF": (A_PDF[:-7], FileKind.INCOME, PDF),
    "a PDF and a ZIP": (A_PDF + a_zip(), FileKind.INCOME, PDF),
    "a picture that says it is a PDF": (a_jpeg(), FileKind.INCOME, PDF),
    "a document that is an SVG": (SVG, FileKind.IDENTITY, PNG),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_refused_leaves_nothing_but_what_was_sent_and_that_goes_too(kit: Kit, name: str) -> None:
    data, kind, content_type = BAD[name]
    id = await kit.send(await kit.begin(kind, content_type), data)  # noqa: A001
    with pytest.raises(BadFile):
        await kit.uploads.confirm(ME, id)
    assert await kit.photos.list(ME) == []
    assert await kit.documents.list(ME) == []
    kit.clock.advance(days=1, seconds=1)
    assert (await kit.keeping.run(OPERATOR)).uploads == 1
    assert kit.blobs.kept == {}


async def test_after_a_bad_file_a_good_one_can_be_sent_to_the_same_address(kit: Kit) -> None:
    view = await kit.begin()
    with pytest.raises(WrongStatus, match="nothing has been sent"):
        await kit.uploads.confirm(ME, UploadId(view.id))
    with pytest.raises(BadFile):
        await kit.uploads.confirm(ME, await kit.send(view, SVG))
    await kit.uploads.confirm(ME, await kit.send(view, a_jpeg()))


async def test_confirming_twice_and_at_once_makes_one_photo(kit: Kit) -> None:
    id = await kit.send(await kit.begin(), a_jpeg())  # noqa: A001
    made = await asyncio.gather(*(kit.uploads.confirm(ME, id) for _ in range(5)))
    made.append(await kit.uploads.confirm(ME, id))
    assert len({each.id for each in made}) == 1
    assert len(await kit.photos.list(ME)) == 1
    assert len(kit.blobs.kept) == 2


class SlowPictures(PillowImages):
    """Pictures that the first one waits for, until told."""

    def __init__(self) -> None:
        super().__init__()
        self.go, self.first = asyncio.Event(), True

    async def remake(self, data: bytes, content_type: str, *, longest: int) -> ProcessedImage:
        waiting, self.first = self.first, False
        if waiting:
            await self.go.wait()
        return await super().remake(data, content_type, longest=longest)


async def test_a_slow_confirmation_puts_nothing_else_where_an_approved_photo_lies(kit: Kit) -> None:
    view, pictures = await kit.begin(), SlowPictures()
    kit.uploads = replace(kit.uploads, pictures=pictures)
    slow = asyncio.create_task(kit.uploads.confirm(ME, await kit.send(view, a_jpeg(90, 30))))
    await asyncio.sleep(0.05)
    made = await kit.uploads.confirm(ME, await kit.send(view, a_jpeg(640, 480)))
    await kit.photos.approve(STAFF, PhotoId(made.id))
    approved = dict(kit.blobs.kept)
    pictures.go.set()
    assert await slow == made
    assert kit.blobs.kept == approved


async def test_what_is_kept_is_what_was_looked_at_whatever_comes_to_its_address_meanwhile(kit: Kit) -> None:
    view, pictures = await kit.begin(FileKind.INCOME, PDF), SlowPictures()
    id = await kit.send(view, A_PDF)  # noqa: A001
    kit.store.putting = late = asyncio.Event()
    confirming = asyncio.create_task(kit.uploads.confirm(ME, id))
    await asyncio.sleep(0.05)
    await kit.send(view, a_zip())
    late.set()
    await confirming
    assert list(kit.blobs.kept.values()) == [A_PDF]
    photo = await kit.begin()
    kit.uploads = replace(kit.uploads, pictures=pictures)
    confirming = asyncio.create_task(kit.uploads.confirm(ME, await kit.send(photo, a_jpeg(64, 48))))
    await asyncio.sleep(0.05)
    await kit.send(photo, SVG)
    pictures.go.set()
    await confirming
    assert SVG not in kit.blobs.kept.values()


@pytest.mark.parametrize(("kind", "content_type"), [(FileKind.PHOTO, JPEG), (FileKind.INCOME, PDF)])
async def test_a_confirmation_that_breaks_off_halfway_can_be_repeated_or_leaves_nothing(
    kit: Kit, kind: FileKind, content_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = a_jpeg() if kind is FileKind.PHOTO else A_PDF
    repeated, left = [await kit.send(await kit.begin(kind, content_type), data) for _ in range(2)]

    async def broken(*_: object) -> None:
        raise Unavailable("the database does not answer")

    with monkeypatch.context() as while_broken:
        while_broken.setattr(Uploads, "_add_file", broken)
        for each in (repeated, left):
            with pytest.raises(Unavailable):
                await kit.uploads.confirm(ME, each)
    await kit.uploads.confirm(ME, repeated)
    kit.clock.advance(days=1, seconds=1)
    await kit.keeping.run(OPERATOR)
    parts = 2 if kind is FileKind.PHOTO else 1
    assert len(kit.blobs.kept) == parts


async def test_what_is_sent_again_after_confirming_changes_nothing_and_goes(kit: Kit) -> None:
    view = await kit.begin()
    await kit.uploads.confirm(ME, await kit.send(view, a_jpeg()))
    before = dict(kit.blobs.kept)
    await kit.uploads.confirm(ME, await kit.send(view, SVG))
    kit.clock.advance(days=1, seconds=1)
    await kit.keeping.run(OPERATOR)
    assert kit.blobs.kept == before


async def test_anothers_upload_photo_and_document_are_not_there(kit: Kit) -> None:
    upload = await kit.send(await kit.begin(), a_jpeg())
    with pytest.raises(NotFound):
        await kit.uploads.confirm(OTHER, upload)
    photo = PhotoId((await kit.uploads.confirm(ME, upload)).id)
    for asked in (
        kit.uploads.confirm(OTHER, upload),
        kit.photos.edit(OTHER, photo, PhotoEdit(cover=True)),
        kit.photos.delete(OTHER, photo),
    ):
        with pytest.raises(NotFound):
            await asked
    assert await kit.documents.list(OTHER) == []


async def test_uploads_end_have_room_and_are_not_begun_without_end(kit: Kit) -> None:
    late = await kit.send(await kit.begin(), a_jpeg())
    kit.clock.advance(hours=1, seconds=1)
    with pytest.raises(UploadExpired):
        await kit.uploads.confirm(ME, late)
    with pytest.raises(InvalidFact, match="image/jpeg, image/png"):
        await kit.begin(FileKind.PHOTO, PDF)
    ready = [await kit.send(await kit.begin(), a_jpeg()) for _ in range(7)]
    for each in ready[:6]:
        await kit.uploads.confirm(ME, each)
    with pytest.raises(WrongStatus, match="at most 6"):
        await kit.uploads.confirm(ME, ready[6])
    with pytest.raises(WrongStatus, match="at most 6"):
        await kit.begin()
    for _ in range(30 - 7):
        await kit.begin(FileKind.INCOME, PDF)
    with pytest.raises(TooManyAttempts) as refused:
        await kit.begin(FileKind.INCOME, PDF)
    kit.clock.advance(seconds=refused.value.retry_after - 1)
    with pytest.raises(TooManyAttempts) as again:
        await kit.begin(FileKind.INCOME, PDF)
    assert again.value.retry_after == 1
    kit.clock.advance(seconds=1)
    await kit.begin(FileKind.INCOME, PDF)


async def test_nobody_fills_the_store_or_the_desks_of_staff(kit: Kit) -> None:
    view = await kit.begin(FileKind.INCOME, PDF)
    assert view.most_bytes == 10 * 1024 * 1024
    ready = [await kit.send(await kit.begin(FileKind.INCOME, PDF), A_PDF) for _ in range(11)]
    for each in ready[:10]:
        await kit.uploads.confirm(ME, each)
    with pytest.raises(WrongStatus, match="10 documents wait"):
        await kit.uploads.confirm(ME, ready[10])
    with pytest.raises(WrongStatus, match="10 documents wait"):
        await kit.begin(FileKind.INCOME, PDF)
    first = DocumentId((await kit.documents.list_waiting(STAFF))[0].id)
    await kit.documents.refuse(STAFF, first, Decision(reason="흐립니다"))
    await kit.uploads.confirm(ME, ready[10])
    for _hour in range(2):
        kit.clock.advance(hours=1, seconds=1)
        for _ in range(24):
            await kit.begin()
    with pytest.raises(TooManyAttempts) as refused:
        await kit.begin()
    assert refused.value.retry_after == 24 * 60 * 60
    kit.clock.advance(days=1)
    await kit.begin()


# --- the album ---


async def test_photos_are_moved_covered_and_deleted_with_their_bytes(kit: Kit) -> None:
    one, two, three = [PhotoId(await kit.add()) for _ in range(3)]
    assert [photo.id for photo in await kit.photos.edit(ME, three, PhotoEdit(position=0))] == [three, one, two]
    views = await kit.photos.edit(ME, two, PhotoEdit(position=5, cover=True))
    assert [(photo.id, photo.cover) for photo in views] == [(three, False), (one, False), (two, True)]
    await kit.photos.delete(ME, two)
    assert [(photo.id, photo.cover) for photo in await kit.photos.list(ME)] == [(three, True), (one, False)]
    assert len(kit.blobs.kept) == 4


async def test_bytes_that_could_not_be_removed_go_later(kit: Kit) -> None:
    photo = PhotoId(await kit.add())
    kit.store.deaf = True
    await kit.photos.delete(ME, photo)
    assert len(kit.blobs.kept) == 2
    with pytest.raises(Unavailable):
        await kit.keeping.run(OPERATOR)
    kit.store.deaf = False
    told: list[tuple[str, int, int]] = []
    await kit.keeping.run(OPERATOR, lambda *said: told.append(said))
    assert kit.blobs.kept == {}
    assert told == [("files", 2, 2)]
    assert (await kit.keeping.run(OPERATOR)).files == 0


async def test_one_file_that_cannot_be_removed_keeps_no_other_there(kit: Kit) -> None:
    object_keys = [each for number in range(150) for each in photo_object_keys(key(number))]
    for object_key in object_keys:
        await kit.store.put(object_key, b"jpeg", JPEG)
    async with kit.storage.write() as tx:
        await tx.files.schedule_deletion(object_keys)
    kit.store.kept = min(object_keys)
    with pytest.raises(Unavailable):
        await kit.keeping.run(OPERATOR)
    assert list(kit.blobs.kept) == [kit.store.kept]
    kit.store.kept = None
    # Those that were removed beside it are asked for once more: nothing there is fine.
    assert (await kit.keeping.run(OPERATOR)).files == 100
    assert kit.blobs.kept == {}


@pytest.mark.parametrize(("kind", "content_type"), [(FileKind.PHOTO, JPEG), (FileKind.INCOME, PDF)])
async def test_bytes_put_there_again_after_what_they_were_is_gone_do_not_stay(
    kit: Kit, kind: FileKind, content_type: str
) -> None:
    data = a_jpeg() if kind is FileKind.PHOTO else A_PDF
    id = await kit.send(await kit.begin(kind, content_type), data)  # noqa: A001
    kit.store.putting = late = asyncio.Event()
    slow = asyncio.create_task(kit.uploads.confirm(ME, id))
    await asyncio.sleep(0.1)
    kit.store.putting = None
    made = (await kit.uploads.confirm(ME, id)).id
    await remove(kit, kind, made)
    late.set()
    assert (await slow).id == made
    assert kit.blobs.kept != {}
    kit.clock.advance(days=1, seconds=1)
    await kit.keeping.run(OPERATOR)
    assert kit.blobs.kept == {}


async def remove(kit: Kit, kind: FileKind, made: str) -> None:
    """The photo by its owner, the document as if it had served."""
    if kind is FileKind.PHOTO:
        await kit.photos.delete(ME, PhotoId(made))
        return
    async with kit.storage.write() as tx:
        document = await tx.files.document(DocumentId(made))
        await tx.files.save_document(replace(document, removed_at=kit.clock.now()))


async def test_who_is_erased_leaves_nothing_in_the_store(kit: Kit) -> None:
    await kit.add()
    await kit.add(A_PDF, FileKind.EDUCATION, PDF)
    await kit.send(await kit.begin(), a_jpeg())
    assert len(kit.blobs.kept) == 4
    await Members(kit.storage, kit.clock, SEOUL).withdraw(ME)
    kit.clock.advance(days=30, seconds=1)
    erased = await Erasure(kit.storage, kit.clock, Retention(timedelta(days=30))).purge(OPERATOR)
    assert erased.people == 1
    await kit.keeping.run(OPERATOR)
    assert kit.blobs.kept == {}


async def test_staff_look_at_photos_on_record_and_say_why_not(kit: Kit) -> None:
    photo = PhotoId(await kit.add())
    (waiting,) = await kit.photos.list_waiting(STAFF)
    assert waiting.user_id == a_user(1).id
    for reason in ("", "900101-1234567"):
        with pytest.raises(InvalidText):
            await kit.photos.refuse(STAFF, photo, Decision(reason=reason))
    await kit.photos.refuse(STAFF, photo, Decision(reason="얼굴이 보이지 않습니다"))
    with pytest.raises(WrongStatus):
        await kit.photos.approve(STAFF, photo)
    assert (await kit.photos.list(ME))[0].reason == "얼굴이 보이지 않습니다"
    assert await kit.photos.list_waiting(STAFF) == []
    for actor in (ME, OPERATOR):
        with pytest.raises(Forbidden):
            await (kit.photos.approve(ME, photo) if actor is ME else kit.photos.list(actor))
    assert ("photo.read", STAFF.id, a_user(1).id) in await kit.actions()


# --- documents ---


async def test_a_document_is_read_by_staff_alone_and_every_reading_is_on_record(kit: Kit) -> None:
    id = DocumentId(await kit.add(A_PDF, FileKind.EDUCATION, PDF))  # noqa: A001
    assert [document.id for document in await kit.documents.list_waiting(STAFF)] == [id]
    opened = await kit.documents.read(STAFF, id)
    given = await kit.store.give(opened.url.removeprefix(BELOW))
    assert (given.data, given.content_type, given.attachment) == (A_PDF, PDF, "education.pdf")
    assert ("document.read", STAFF.id, a_user(1).id) in await kit.actions()
    with pytest.raises(Forbidden):
        await kit.documents.read(ME, id)
    kit.clock.advance(seconds=62)
    with pytest.raises(NotFound):
        await kit.store.give(opened.url.removeprefix(BELOW))


async def test_no_address_is_given_when_the_reading_cannot_be_written_down(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = DocumentId(await kit.add(A_PDF, FileKind.EDUCATION, PDF))  # noqa: A001
    signed: list[str] = []
    monkeypatch.setattr(kit.store, "presign_read", lambda *_, **__: signed.append("signed"))

    async def full(*_: object) -> None:
        raise Unavailable("the log is full")

    monkeypatch.setattr("ygs.adapters.memory.audit.MemoryAuditRepository.add", full)
    with pytest.raises(Unavailable):
        await kit.documents.read(STAFF, id)
    assert signed == []


async def test_a_reading_that_fails_is_on_record_too(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    id = DocumentId(await kit.add(A_PDF, FileKind.EDUCATION, PDF))  # noqa: A001

    async def silent(*_: object, **__: object) -> str:
        raise Unavailable("the store of files does not answer")

    monkeypatch.setattr(kit.store, "presign_read", silent)
    with pytest.raises(Unavailable):
        await kit.documents.read(STAFF, id)
    assert ("document.read", STAFF.id, a_user(1).id) in await kit.actions()


async def test_a_scanned_document_is_made_anew_too(kit: Kit) -> None:
    id = DocumentId(await kit.add(a_png(), FileKind.IDENTITY, PNG))  # noqa: A001
    given = await kit.store.give((await kit.documents.read(STAFF, id)).url.removeprefix(BELOW))
    assert (given.content_type, given.attachment) == (JPEG, "identity.jpg")
    assert Image.open(io.BytesIO(given.data)).format == "JPEG"


async def test_a_verified_document_verifies_the_fact_until_it_expires(kit: Kit) -> None:
    async with kit.storage.write() as tx:
        user = await tx.users.get(a_user(1).id)
        assert "job_group" not in user.profile.verified
    id = DocumentId(await kit.add(A_PDF, FileKind.EMPLOYMENT, PDF))  # noqa: A001
    opened = await kit.documents.read(STAFF, id)
    until = kit.clock.now() + timedelta(days=90)
    seen = Verification(member_version=opened.member_version, expires_at=until)
    view = await kit.documents.verify(STAFF, id, seen)
    assert (view.state, view.facts, view.expires_at) == (DocumentState.VERIFIED, ["job_group"], until)
    assert "job_group" in await verified(kit)
    with pytest.raises(WrongStatus):
        await kit.documents.refuse(STAFF, id, Decision(reason="늦었습니다"))
    kit.clock.set(until - timedelta(seconds=1))
    assert (await kit.keeping.run(OPERATOR)).expired == 0
    assert "job_group" in await verified(kit)
    kit.clock.set(until)
    assert (await kit.keeping.run(OPERATOR)).expired == 1
    assert "job_group" not in await verified(kit)
    assert "education" in await verified(kit)


async def verified(kit: Kit) -> frozenset[str]:
    async with kit.storage.read() as reading:
        return (await reading.users.get(a_user(1).id)).profile.verified


async def test_a_fact_that_a_newer_document_proves_stays_verified(kit: Kit) -> None:
    for days in (30, 60):
        id = DocumentId(await kit.add(A_PDF, FileKind.EMPLOYMENT, PDF))  # noqa: A001
        version = (await kit.documents.read(STAFF, id)).member_version
        until = kit.clock.now() + timedelta(days=days)
        await kit.documents.verify(STAFF, id, Verification(member_version=version, expires_at=until))
    kit.clock.advance(days=31)
    assert (await kit.keeping.run(OPERATOR)).expired == 1
    assert "job_group" in await verified(kit)


async def test_what_the_member_changed_since_the_document_was_read_is_not_taken_for_proven(kit: Kit) -> None:
    id = DocumentId(await kit.add(A_PDF, FileKind.EMPLOYMENT, PDF))  # noqa: A001
    opened = await kit.documents.read(STAFF, id)
    async with kit.storage.write() as tx:
        await tx.users.save((await tx.users.get(a_user(1).id)).edited(at=kit.clock.now(), name="김새이름"))
    with pytest.raises(StaleWrite):
        await kit.documents.verify(STAFF, id, Verification(member_version=opened.member_version))
    assert "job_group" not in await verified(kit)


async def test_a_document_about_what_the_profile_does_not_say_proves_nothing(kit: Kit) -> None:
    id = DocumentId(await kit.add(A_PDF, FileKind.INCOME, PDF))  # noqa: A001
    version = (await kit.documents.read(STAFF, id)).member_version
    with pytest.raises(WrongStatus, match="income_band"):
        await kit.documents.verify(STAFF, id, Verification(member_version=version))


async def test_a_document_goes_thirty_days_after_the_decision_and_its_record_stays(kit: Kit) -> None:
    id = DocumentId(await kit.add(A_PDF, FileKind.EDUCATION, PDF))  # noqa: A001
    await kit.documents.refuse(STAFF, id, Decision(reason="흐립니다"))
    kit.clock.advance(days=30)
    assert (await kit.keeping.run(OPERATOR)).documents == 0
    kit.clock.advance(seconds=1)
    assert (await kit.keeping.run(OPERATOR)).documents == 1
    assert kit.blobs.kept == {}
    (document,) = await kit.documents.list(ME)
    assert (document.reason, document.removed_at) == ("흐립니다", kit.clock.now())
    with pytest.raises(NotFound):
        await kit.documents.read(STAFF, id)


async def test_an_upload_to_which_nothing_was_sent_in_time_has_expired(kit: Kit) -> None:
    begun = await kit.begin()
    kit.clock.advance(minutes=5)
    with pytest.raises(NotUploaded):
        await kit.uploads.confirm(ME, begun.id)
    kit.clock.advance(seconds=1)
    with pytest.raises(UploadExpired):
        await kit.uploads.confirm(ME, begun.id)


# --- over HTTP ---


async def test_a_repeated_request_for_an_upload_is_never_answered_with_an_address_that_is_over() -> None:
    async with served() as world:
        await world.add("me", a_user(1))
        ids = []
        for seconds in (0, 299, 1, 299):
            world.clock.advance(seconds=seconds)
            asked = {"json": {"kind": "photo", "content_type": JPEG}, "headers": {"Idempotency-Key": "one-upload"}}
            begun = await world.ask("POST", "/uploads", "me", **asked)
            assert begun.status_code == 201
            assert "location" not in begun.headers, "nothing is read there"
            ids.append(begun.json()["id"])
        assert [ids.index(each) for each in ids] == [0, 0, 2, 2]


async def test_over_http_a_photo_goes_to_its_address_and_comes_back_from_one() -> None:
    async with served() as world:
        await world.add("me", a_user(1))
        begun = (await world.ask("POST", "/uploads", "me", json={"kind": "photo", "content_type": JPEG})).json()
        photo = {"file": ("나.jpg", a_jpeg(900, 600), JPEG)}

        async def send(url: str, data: Mapping[str, str], files: object = photo) -> int:
            return (await world.client.post(url, data=dict(data), files=files)).status_code  # type: ignore[arg-type]

        assert await send(begun["url"] + "x", begun["fields"]) == 404
        assert await send(begun["url"], {"Content-Type": "text/html"}) == 422
        assert await send(begun["url"], {}) == 422
        assert await send(begun["url"], begun["fields"], {"other": ("a", b"b")}) == 422
        assert await send(begun["url"], begun["fields"], {"file": ("a", bytes((10 << 20) + 1))}) == 422
        large = await world.client.post(
            begun["url"], data=begun["fields"], files={"file": ("a", bytes((10 << 20) + 100_000))}
        )
        assert (large.status_code, "10 MiB" in large.json()["detail"]) == (413, True)
        assert await send(begun["url"], begun["fields"]) == 204
        made = await world.ask("POST", f"/uploads/{begun['id']}/confirm", "me")
        assert made.status_code == 200
        (mine,) = (await world.ask("GET", "/users/me/photos", "me")).json()["items"]
        assert urlparse(mine["url"]).netloc == ""
        shown = await world.client.get(mine["url"])
        assert (shown.status_code, shown.headers["content-type"]) == (200, JPEG)
        assert shown.headers["x-content-type-options"] == "nosniff"
        assert "no-store" in shown.headers["cache-control"]
        assert Image.open(io.BytesIO(shown.content)).size == (900, 600)
        changed = mine["url"][:-1] + ("A" if mine["url"][-1] != "A" else "B")
        assert (await world.client.get(changed)).status_code == 404
