"""Files in S3, or in a service that speaks its language: photos in one bucket, documents and what waits in another."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ygs.adapters.circuit_breaker import Breaker
from ygs.domain.errors import N_, BadFile, NotFound, Unavailable
from ygs.domain.files import Bucket, ObjectKey
from ygs.ports.blob_store import READ_SECONDS, UPLOAD_SECONDS, UploadForm

Answer = TypeVar("Answer")

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 5.0
AT_ONCE = 8
MOST_WAITING = 64
_MOST_DELETED = 1000
_GONE = {"NoSuchKey", "404", "NotFound"}
_SILENT = (BotoCoreError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class S3Account:
    """Where and as whom. `endpoint` and the keys empty: AWS, and whatever credentials the machine has."""

    buckets: Mapping[Bucket, str]
    region: str
    endpoint: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not all(self.buckets.get(bucket) for bucket in Bucket) or len(set(self.buckets.values())) != len(Bucket):
            raise ValueError("photos and documents need a bucket each: what is private must not lie with what is shown")


class S3BlobStore:
    """`BlobStore`. boto3 blocks, so it runs in threads; nobody is kept waiting for more than 5 s, and after five
    failures in a row nobody at all for half a minute.

    Addresses are signed here, without asking the server, and in a thread that never waits for it: lists of photos are
    answered while it does not answer. What a read or a write meets once, a broken connection or a busy server, is tried
    once more: storing the same bytes at the same object key twice changes nothing.
    """

    def __init__(self, account: S3Account, *, total: float = TOTAL_SECONDS) -> None:
        self._account = account
        self._total = total
        self._client = _client(account)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="s3")
        self._signing = ThreadPoolExecutor(1, thread_name_prefix="s3-signing")
        self._breaker = Breaker("the store of files")
        self._waiting = 0

    async def presign_upload(self, object_key: ObjectKey, content_type: str, most_bytes: int) -> UploadForm:
        """A POST policy that the server holds the client to: this object key, this type, so many bytes, 300 s."""

        def sign() -> UploadForm:
            signed = self._client.generate_presigned_post(
                **self._at(object_key),
                Fields={"Content-Type": content_type},
                Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, most_bytes]],
                ExpiresIn=UPLOAD_SECONDS,
            )
            return UploadForm(signed["url"], signed["fields"])

        return await self._signed(sign)

    async def presign_read(self, object_key: ObjectKey, content_type: str, *, attachment: str = "") -> str:
        """Grant to read, for 60 s."""
        shown = f'attachment; filename="{attachment}"' if attachment else "inline"
        asked = {**self._at(object_key), "ResponseContentType": content_type, "ResponseContentDisposition": shown}

        def sign() -> str:
            url: str = self._client.generate_presigned_url("get_object", Params=asked, ExpiresIn=READ_SECONDS)
            return url

        return await self._signed(sign)

    async def read(self, object_key: ObjectKey, most_bytes: int) -> bytes:
        """What is there, or `NotFound`, or `BadFile`."""

        def fetch() -> bytes:
            body = self._client.get_object(**self._at(object_key))["Body"]
            with body:
                data: bytes = body.read(most_bytes + 1)
            return data

        data = await self._beside(fetch)
        if len(data) > most_bytes:
            raise BadFile(N_("this file is larger than agreed: begin a new upload"))
        return data

    async def put(self, object_key: ObjectKey, data: bytes, content_type: str) -> None:
        """Store it."""
        await self._beside(lambda: self._client.put_object(**self._at(object_key), Body=data, ContentType=content_type))

    async def delete(self, object_keys: Sequence[ObjectKey]) -> None:
        """Remove what is there, a thousand in one request."""
        for bucket in Bucket:
            keys = [{"Key": object_key.path} for object_key in object_keys if object_key.bucket is bucket]
            for start in range(0, len(keys), _MOST_DELETED):
                await self._delete(self._account.buckets[bucket], keys[start : start + _MOST_DELETED])

    async def close(self) -> None:
        """Give connections and threads back."""
        for threads in (self._threads, self._signing):
            threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def _delete(self, bucket: str, keys: Sequence[Mapping[str, str]]) -> None:
        asked = {"Objects": keys, "Quiet": True}
        reply = await self._beside(lambda: self._client.delete_objects(Bucket=bucket, Delete=asked))
        if reply.get("Errors"):
            raise Unavailable(N_("some files could not be removed: they are tried again later"))

    def _at(self, object_key: ObjectKey) -> dict[str, str]:
        return {"Bucket": self._account.buckets[object_key.bucket], "Key": object_key.path}

    async def _beside(self, work: Callable[[], Answer]) -> Answer:
        """What the server answers."""
        self._breaker.require()
        if self._waiting >= MOST_WAITING:
            raise Unavailable(N_("too many files are on their way: try again in a moment"))
        future = self._threads.submit(work)
        self._waiting += 1
        # Counted until the thread is free again, not until its caller gave up.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _tell(loop, self._leave))
        try:
            async with asyncio.timeout(self._total):
                answer = await asyncio.wrap_future(future)
        except ClientError as error:
            raise self._meaning(error) from error
        except _SILENT as error:
            raise self._breaker.failed() from error
        self._breaker.answered()
        return answer

    def _meaning(self, error: ClientError) -> NotFound | Unavailable:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
            return self._breaker.failed()
        self._breaker.answered()
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _GONE:
            return NotFound("file")
        return Unavailable(N_("the store of files refused ({code}): look at its buckets and keys"), code=code)

    async def _signed(self, sign: Callable[[], Answer]) -> Answer:
        """Only fetching credentials, where the machine has them from elsewhere, takes any time."""
        try:
            async with asyncio.timeout(self._total):
                return await asyncio.wrap_future(self._signing.submit(sign))
        except _SILENT as error:
            raise Unavailable(N_("addresses of files cannot be signed: look at the store's keys")) from error

    def _leave(self) -> None:
        self._waiting -= 1


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(what)


def _client(account: S3Account) -> Any:
    config = Config(
        signature_version="s3v4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=TOTAL_SECONDS,
        retries={"mode": "standard", "total_max_attempts": 2},
        max_pool_connections=AT_ONCE,
        # Beside an endpoint of one's own there is seldom a name for each bucket.
        s3={"addressing_style": "path"} if account.endpoint else {},
    )
    return boto3.session.Session().client(
        "s3",
        region_name=account.region,
        endpoint_url=account.endpoint or None,
        aws_access_key_id=account.access_key or None,
        aws_secret_access_key=account.secret_key or None,
        config=config,
    )
