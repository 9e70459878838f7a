"""Where the bytes of photos and papers are kept, who remembers them, and who looks into a picture."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ygs.domain.files import Album, Document, Photo, Place, Upload
from ygs.domain.ids import DocumentId, PhotoId, UploadId, UserId

READ_SECONDS = 60
UPLOAD_SECONDS = 300


@dataclass(frozen=True, slots=True)
class UploadForm:
    """Where and how a client sends a file: POST ``multipart/form-data`` of `fields` in their order and then ``file``.

    `url` is relative to the service when the service itself takes the file.
    """

    url: str
    fields: Mapping[str, str]


class FileStore(Protocol):
    """Bytes at places. Every question raises `Unavailable` when the store does not answer within seconds."""

    async def presign_upload(self, place: Place, content_type: str, most_bytes: int) -> UploadForm:
        """Leave for somebody to store 1..`most_bytes` bytes of that type at exactly that place, within 300 s.

        The store itself refuses another type, length or place, and a leave that is changed or expired.
        """
        ...

    async def presign_read(self, place: Place, content_type: str, *, attachment: str = "") -> str:
        """An address where anybody can read the file for 60 s; `attachment`: saved under that name, never shown."""
        ...

    async def read(self, place: Place, most_bytes: int) -> bytes:
        """What is there, or `NotFound`; `BadFile` when it is longer."""
        ...

    async def put(self, place: Place, data: bytes, content_type: str) -> None:
        """Store it, all or nothing, in place of what was there."""
        ...

    async def delete(self, places: Sequence[Place]) -> None:
        """Remove what is there; nothing is fine."""
        ...


@dataclass(frozen=True, slots=True)
class Given:
    """A file as it is handed out."""

    data: bytes
    content_type: str
    attachment: str


class FileDesk(Protocol):
    """The other end of a `FileStore` whose addresses our own service answers. `token` is the address's last part."""

    def most_bytes(self, token: str) -> int:
        """How much may be stored with this leave; `NotFound` for one that is wrong, changed or expired."""
        ...

    async def take(self, token: str, content_type: str, data: bytes) -> None:
        """Store a client's file; `NotFound` as above, `BadFile` for another type or length than was agreed."""
        ...

    async def give(self, token: str) -> Given:
        """The file at a signed address; `NotFound` for one that is wrong, changed or expired, or when it is gone."""
        ...


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture made anew from its pixels: JPEG, upright, sRGB, with nothing else in it. Sizes in pixels."""

    data: bytes
    thumbnail: bytes
    width: int
    height: int


class Pictures(Protocol):
    """Looks into files from outside, beside the event loop."""

    async def remake(self, data: bytes, content_type: str, *, longest: int) -> Picture:
        """The picture, at most `longest` pixels wide and high.

        `BadFile` when the bytes are not wholly and only a still picture of that type, or would be more than 40 million
        pixels; `Unavailable` when too many wait.
        """
        ...


class FileReader(Protocol):
    """What is known of photos and papers."""

    async def album(self, user_id: UserId) -> Album:
        """A user's photos; an empty album when there are none."""
        ...

    async def owner_of_photo(self, id: PhotoId) -> UserId:
        """Whose photo it is, or `NotFound`."""
        ...

    async def photos_waiting(self, *, after: PhotoId | None = None, limit: int = 100) -> Sequence[tuple[UserId, Photo]]:
        """Photos of live users that staff have not looked at, ascending by id, those after `after`."""
        ...

    async def document(self, id: DocumentId) -> Document:
        """The paper, or `NotFound`."""
        ...

    async def documents_of(self, user_id: UserId) -> Sequence[Document]:
        """A user's papers, ascending by id."""
        ...

    async def documents_waiting(self, *, after: DocumentId | None = None, limit: int = 100) -> Sequence[Document]:
        """Papers of live users that staff have not decided on, ascending by id, those after `after`."""
        ...

    async def doomed(self, *, after: Place | None = None, limit: int = 100) -> Sequence[Place]:
        """Bytes that must go, in an order that stays; those after `after`."""
        ...

    async def count_doomed(self) -> int:
        """How many files must go."""
        ...


class Files(FileReader, Protocol):
    """Photos, papers and uploads, to be changed. Lock the user first: what is theirs here has no version of its own."""

    async def upload(self, id: UploadId) -> Upload:
        """The upload, or `NotFound`."""
        ...

    async def count_uploads(self, user_id: UserId, since: datetime) -> int:
        """How many the user began since then."""
        ...

    async def add_upload(self, upload: Upload) -> None:
        """Store a new upload; `Conflict` unless its user is live."""
        ...

    async def save_upload(self, upload: Upload) -> None:
        """Store a changed upload."""
        ...

    async def old_uploads(self, before: datetime, limit: int = 100) -> Sequence[Upload]:
        """Those begun before then, ascending by id."""
        ...

    async def remove_uploads(self, ids: Sequence[UploadId]) -> None:
        """Forget them."""
        ...

    async def save_album(self, album: Album) -> None:
        """Store a user's photos, in place of those there were."""
        ...

    async def add_document(self, document: Document) -> None:
        """Store a new paper."""
        ...

    async def save_document(self, document: Document) -> None:
        """Store a changed paper."""
        ...

    async def decided_documents(self, before: datetime, limit: int = 100) -> Sequence[Document]:
        """Papers decided on before then whose bytes are not removed, ascending by id."""
        ...

    async def expired_documents(self, at: datetime, limit: int = 100) -> Sequence[Document]:
        """Verified papers that still stand for facts though they expired by then, ascending by id."""
        ...

    async def remove_all(self, user_ids: Sequence[UserId]) -> Sequence[Place]:
        """Forget these users' uploads, photos and papers, and say where their bytes lie."""
        ...

    async def doom(self, places: Sequence[Place]) -> None:
        """Write down that these bytes must go, with the change that makes them useless."""
        ...

    async def redeem(self, places: Sequence[Place]) -> None:
        """They are gone."""
        ...
