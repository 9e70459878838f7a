"""The stores of bytes: one contract for all, and what each lets a stranger with an address do, and refuses itself."""

import asyncio
import base64
import json
import signal
import socket
import stat
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from tests.support.blob_stores import BUCKETS, account
from tests.support.seaweed import LocalS3
from ygs.adapters.blobs.folder_blobs import FolderBlobs
from ygs.adapters.blobs.grants import Grant, Signer
from ygs.adapters.blobs.memory_blobs import MemoryBlobs
from ygs.adapters.blobs.s3 import AT_ONCE, S3Account, S3BlobStore
from ygs.adapters.blobs.signed_url_store import Blobs, SignedUrlBlobStore
from ygs.domain.errors import BadFile, NotFound, Unavailable, UploadExpired
from ygs.domain.files import JPEG, Bucket, ObjectKey
from ygs.entrypoints.testing.contracts.files import A_PLACE, ANOTHER, BlobStoreContract
from ygs.ports.blob_store import BlobStore

KEY = bytes(range(32))
MOST = 1000


@pytest.fixture
async def s3(seaweed: LocalS3) -> AsyncIterator[S3BlobStore]:
    files = S3BlobStore(account(seaweed), total=30.0)
    yield files
    await files.close()


class Time:
    """A clock for addresses."""

    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Time:
    return Time()


@pytest.fixture(params=["memory", "folder"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return MemoryBlobs() if request.param == "memory" else FolderBlobs(tmp_path / "files")


@pytest.fixture
def own(blobs: Blobs, seconds: Time) -> SignedUrlBlobStore:
    return SignedUrlBlobStore(blobs, Signer(KEY, seconds=seconds), "/api/v1/files")


class TestOwnFiles(BlobStoreContract):
    @pytest.fixture
    def files(self, own: SignedUrlBlobStore) -> BlobStore:
        return own


class TestS3Files(BlobStoreContract):
    @pytest.fixture
    def files(self, s3: S3BlobStore) -> BlobStore:
        return s3


def token(url: str) -> str:
    return url.removeprefix("/api/v1/files/")


# --- our own addresses ---


async def test_an_address_of_ours_takes_the_agreed_file_and_hands_it_out(own: SignedUrlBlobStore) -> None:
    form = await own.presign_upload(ANOTHER, JPEG, MOST)
    assert own.most_bytes(token(form.url)) == MOST
    await own.take(token(form.url), JPEG, b"x" * MOST)
    given = await own.give(token(await own.presign_read(ANOTHER, JPEG, attachment="identity.jpg")))
    assert (given.data, given.content_type, given.attachment) == (b"x" * MOST, JPEG, "identity.jpg")


@pytest.mark.parametrize(("content_type", "length"), [("text/html", 10), ("", 10), (JPEG, 0), (JPEG, MOST + 1)])
async def test_an_address_of_ours_takes_no_other_type_or_length(
    own: SignedUrlBlobStore, content_type: str, length: int
) -> None:
    form = await own.presign_upload(ANOTHER, JPEG, MOST)
    with pytest.raises(BadFile):
        await own.take(token(form.url), content_type, b"x" * length)
    with pytest.raises(NotFound):
        await own.read(ANOTHER, MOST)


async def test_an_address_of_ours_ends(own: SignedUrlBlobStore, seconds: Time) -> None:
    form = await own.presign_upload(ANOTHER, JPEG, MOST)
    seconds.now += 300
    await own.take(token(form.url), JPEG, b"just in time")
    seconds.now += 1
    with pytest.raises(UploadExpired):
        await own.take(token(form.url), JPEG, b"too late")
    with pytest.raises(NotFound):
        await own.give(token(form.url))
    reading = token(await own.presign_read(ANOTHER, JPEG))
    seconds.now += 60
    assert (await own.give(reading)).data == b"just in time"
    seconds.now += 1
    with pytest.raises(NotFound):
        await own.give(reading)


async def test_an_address_of_ours_that_was_changed_in_any_letter_opens_nothing(own: SignedUrlBlobStore) -> None:
    await own.put(A_PLACE, b"private", JPEG)
    good = token(await own.presign_read(A_PLACE, JPEG))
    said, _, signature = good.partition(".")
    other = Signer(bytes(32)).sign(Grant(bucket="photos", path=A_PLACE.path, content_type=JPEG, until=1 << 40))
    changed = [
        good[:position] + ("A" if good[position] != "A" else "B") + good[position + 1 :]
        for position in range(len(good))
    ]
    for bad in (*changed, other, said, f"{said}.", f".{signature}", "", "사진", f"{good}A", good.rstrip("=") + "="):
        for use in (own.give(bad), own.take(bad, JPEG, b"x")):
            with pytest.raises(NotFound):
                await use


async def test_leave_to_read_is_not_leave_to_write_nor_the_other_way_round(own: SignedUrlBlobStore) -> None:
    await own.put(A_PLACE, b"private", JPEG)
    with pytest.raises(NotFound):
        await own.take(token(await own.presign_read(A_PLACE, JPEG)), JPEG, b"x")
    with pytest.raises(NotFound):
        await own.give(token((await own.presign_upload(A_PLACE, JPEG, MOST)).url))


# --- the folder ---


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "photos/../../x",
        "photos/",
        "photos",
        "",
        f"photos/{'A' * 26}/x",
        "photos/..%2f",
    ],
)
def test_no_place_is_outside_of_the_folder(path: str) -> None:
    with pytest.raises(NotFound):
        ObjectKey(Bucket.PHOTOS, path)


async def test_only_its_owner_can_enter_the_folder(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path / "data" / "files")
    await blobs.write(A_PLACE, b"private")
    for path in (tmp_path / "data" / "files", *everything_below(tmp_path / "data" / "files")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def everything_below(folder: Path) -> list[Path]:
    return list(folder.rglob("*"))


async def test_a_write_that_fails_leaves_the_file_as_it_was_and_no_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FolderBlobs(tmp_path)
    await blobs.write(A_PLACE, b"before")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ygs.adapters.blobs.folder_blobs.os.fsync", full)
    with pytest.raises(Unavailable):
        await blobs.write(A_PLACE, b"after")
    assert await blobs.read(A_PLACE, MOST) == b"before"
    assert files_below(tmp_path) == [A_PLACE.path.partition("/")[2]]


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from ygs.adapters.blobs import folder_blobs
from ygs.entrypoints.testing.contracts.files import A_PLACE
folder_blobs.os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(folder_blobs.FolderBlobs(Path(sys.argv[1])).write(A_PLACE, b"a face"))
"""


async def test_what_a_killed_process_left_half_written_goes_with_its_place(tmp_path: Path) -> None:
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, str(tmp_path))
    assert await killed.wait() == -signal.SIGKILL
    assert len(files_below(tmp_path)) == 1
    blobs = FolderBlobs(tmp_path)
    await blobs.write(ANOTHER, b"another's")
    await blobs.remove(ANOTHER)
    assert len(files_below(tmp_path)) == 1
    await blobs.remove(A_PLACE)
    assert files_below(tmp_path) == []


def files_below(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


async def test_who_reads_while_another_writes_gets_one_or_the_other_whole(tmp_path: Path) -> None:
    blobs, versions = FolderBlobs(tmp_path), [bytes([number]) * 200_000 for number in range(2)]
    await blobs.write(A_PLACE, versions[0])

    async def write() -> None:
        for number in range(20):
            await blobs.write(A_PLACE, versions[number % 2])

    writing = asyncio.create_task(write())
    while not writing.done():
        assert await blobs.read(A_PLACE, 1 << 20) in versions
    await writing


# --- S3 ---


async def post(url: str, fields: Mapping[str, str], data: bytes) -> int:
    async with httpx.AsyncClient() as client:
        reply = await client.post(url, data=dict(fields), files={"file": ("photo", data)})
    return reply.status_code


async def test_the_signed_policy_holds_place_type_size_and_end(s3: S3BlobStore) -> None:
    form = await s3.presign_upload(ANOTHER, JPEG, MOST)
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    conditions = policy["conditions"]
    assert {"key": ANOTHER.path} in conditions
    assert {"bucket": BUCKETS[Bucket.DOCUMENTS]} in conditions
    assert {"Content-Type": JPEG} in conditions
    assert ["content-length-range", 1, MOST] in conditions
    assert not [each for each in conditions if isinstance(each, list) and each[0] == "starts-with"]
    began = datetime.strptime(form.fields["x-amz-date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
    assert 298 <= (datetime.fromisoformat(policy["expiration"]) - began).total_seconds() <= 302


async def test_the_server_takes_what_was_signed(s3: S3BlobStore) -> None:
    for length in (1, MOST):
        form = await s3.presign_upload(ANOTHER, JPEG, MOST)
        assert await post(form.url, form.fields, b"x" * length) == 204
        assert await s3.read(ANOTHER, MOST) == b"x" * length


@pytest.mark.parametrize(
    ("changes", "length"),
    [
        ({"Content-Type": "text/html"}, 10),
        ({"Content-Type": "image/svg+xml"}, 10),
        ({"Content-Type": ""}, 10),
        ({}, 0),
        ({}, MOST + 1),
        ({}, 5_000_000),
        ({"key": A_PLACE.path.replace("photos", "documents")[:-1] + "Z"}, 10),
        ({"key": "documents/${filename}"}, 10),
        ({"x-amz-signature": "0" * 64}, 10),
        ({"x-amz-signature": ""}, 10),
        ({"x-amz-credential": "somebody/20261123/us-east-1/s3/aws4_request"}, 10),
    ],
)
async def test_the_server_refuses_what_was_not_signed(s3: S3BlobStore, changes: Mapping[str, str], length: int) -> None:
    await s3.delete([ANOTHER])
    form = await s3.presign_upload(ANOTHER, JPEG, MOST)
    assert 400 <= await post(form.url, {**form.fields, **changes}, b"x" * length) < 500
    with pytest.raises(NotFound):
        await s3.read(ANOTHER, MOST)


async def test_the_server_refuses_a_widened_policy(s3: S3BlobStore) -> None:
    form = await s3.presign_upload(ANOTHER, JPEG, MOST)
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    policy["conditions"] = [each for each in policy["conditions"] if each != ["content-length-range", 1, MOST]]
    wider = base64.b64encode(json.dumps(policy).encode()).decode()
    assert await post(form.url, {**form.fields, "policy": wider}, b"x" * 2000) == 403


async def test_the_server_refuses_the_other_bucket(s3: S3BlobStore) -> None:
    form = await s3.presign_upload(ANOTHER, JPEG, MOST)
    url = form.url.replace(BUCKETS[Bucket.DOCUMENTS], BUCKETS[Bucket.PHOTOS])
    assert await post(url, form.fields, b"x") == 403


async def test_the_server_refuses_addresses_that_ended(s3: S3BlobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await s3.put(A_PLACE, b"private", JPEG)
    monkeypatch.setattr("ygs.adapters.blobs.s3.UPLOAD_SECONDS", 1)
    monkeypatch.setattr("ygs.adapters.blobs.s3.READ_SECONDS", 1)
    form, url = await s3.presign_upload(ANOTHER, JPEG, MOST), await s3.presign_read(A_PLACE, JPEG)
    await asyncio.sleep(2.5)
    assert await post(form.url, form.fields, b"x") == 403
    async with httpx.AsyncClient() as client:
        assert (await client.get(url)).status_code == 403


async def test_a_read_is_signed_for_a_minute_for_one_file_and_is_saved_not_shown(s3: S3BlobStore) -> None:
    await s3.put(ANOTHER, b"private", JPEG)
    url = httpx.URL(await s3.presign_read(ANOTHER, JPEG, attachment="identity.jpg"))
    assert url.params["X-Amz-Expires"] == "60"
    async with httpx.AsyncClient() as client:
        reply = await client.get(url)
        assert (reply.content, reply.headers["content-type"]) == (b"private", JPEG)
        assert reply.headers["content-disposition"] == 'attachment; filename="identity.jpg"'
        other = url.copy_with(path=url.path.replace(ANOTHER.path, "documents/other"))
        shown = url.copy_set_param("response-content-disposition", "inline")
        longer = url.copy_set_param("X-Amz-Expires", "6000")
        forged = url.copy_set_param("X-Amz-Signature", "0" * 64)
        plain = url.copy_with(query=None)
        for bad in (other, shown, longer, forged, plain):
            assert (await client.get(bad)).status_code in {400, 403}, bad
        for method in ("PUT", "DELETE"):
            assert (await client.request(method, url, content=b"x")).status_code == 403
    assert await s3.read(ANOTHER, MOST) == b"private"


async def test_a_browser_may_send_files_from_the_origins_of_the_rule_that_is_documented(
    s3: S3BlobStore, seaweed: LocalS3
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "decisions" / "0008-a-front-end-elsewhere.md").read_text("utf-8")
    rule = json.loads(page.partition("```json\n")[2].partition("```")[0])
    bucket = BUCKETS[Bucket.DOCUMENTS]
    s3._client.put_bucket_cors(Bucket=bucket, CORSConfiguration=rule)
    begun = await s3.presign_upload(ObjectKey(Bucket.DOCUMENTS, f"incoming/{'0' * 26}"), JPEG, MOST)
    assert f"/{bucket}" in begun.url
    async with httpx.AsyncClient() as client:
        for origin, told in (("https://www.example.kr", "https://www.example.kr"), ("https://other.example", None)):
            form, file = dict(begun.fields), {"file": ("a", b"x", JPEG)}
            reply = await client.post(begun.url, data=form, files=file, headers={"Origin": origin})
            assert reply.headers.get("access-control-allow-origin") == told
    s3._client.delete_bucket_cors(Bucket=bucket)


def test_photos_and_documents_never_share_a_bucket() -> None:
    for photos, documents in (("one", "one"), ("", "documents"), ("photos", "")):
        with pytest.raises(ValueError, match="bucket"):
            S3Account({Bucket.PHOTOS: photos, Bucket.DOCUMENTS: documents}, "ap-northeast-2")


@pytest.fixture
async def hanging() -> AsyncIterator[S3BlobStore]:
    """A server that takes connections and says nothing."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        files = S3BlobStore(S3Account(BUCKETS, "ap-northeast-2", endpoint, "key", "secret"), total=0.3)
        yield files
    await files.close()


async def took(work: Awaitable[object]) -> float:
    began = asyncio.get_running_loop().time()
    with suppress(Unavailable):
        await work
    return asyncio.get_running_loop().time() - began


async def test_a_server_that_hangs_keeps_nobody_waiting_and_is_then_left_alone(hanging: S3BlobStore) -> None:
    assert await took(hanging.read(A_PLACE, MOST)) < 2
    for _ in range(4):
        with pytest.raises(Unavailable):
            await hanging.read(A_PLACE, MOST)
    with pytest.raises(Unavailable, match="at the moment"):
        await hanging.put(A_PLACE, b"x", JPEG)
    assert await took(hanging.read(A_PLACE, MOST)) < 0.1


async def test_addresses_are_signed_while_the_server_hangs_with_everybody_who_asked_it(hanging: S3BlobStore) -> None:
    reading = [asyncio.ensure_future(took(hanging.read(A_PLACE, MOST))) for _ in range(2 * AT_ONCE)]
    await asyncio.sleep(0.05)
    assert (await hanging.presign_read(A_PLACE, JPEG)).startswith("http")
    assert (await hanging.presign_upload(ANOTHER, JPEG, MOST)).fields
    assert not any(each.done() for each in reading)
    await asyncio.gather(*reading)
    assert (await hanging.presign_read(A_PLACE, JPEG)).startswith("http")


async def test_what_is_not_there_is_an_answer_and_leaves_the_server_in_use(s3: S3BlobStore) -> None:
    for _ in range(6):
        with pytest.raises(NotFound):
            await s3.read(ObjectKey(Bucket.PHOTOS, f"photos/{'0' * 26}"), MOST)
    await s3.put(A_PLACE, b"x", JPEG)


async def test_a_server_that_is_not_there_and_keys_that_are_wrong_say_what_to_do(seaweed: LocalS3) -> None:
    for wrong in ({"endpoint": "http://127.0.0.1:1"}, {"secret_key": "wrong"}, {"access_key": "nobody"}):
        files = S3BlobStore(account(seaweed, **wrong), total=30.0)
        with pytest.raises(Unavailable, match="store of files") as refused:
            await files.put(A_PLACE, b"x", JPEG)
        assert "wrong" not in str(refused.value)
        await files.close()
