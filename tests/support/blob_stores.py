"""A real S3 server's buckets, as the service would have them."""

import time
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.support.databases import in_a_loop
from tests.support.seaweed import LocalS3
from ygs.adapters.blobs.s3 import S3Account, S3BlobStore
from ygs.domain.files import Bucket

BUCKETS = {Bucket.PHOTOS: "photos-of-members", Bucket.DOCUMENTS: "documents-of-members"}


def account(server: LocalS3, **changes: Any) -> S3Account:
    values = {"endpoint": server.url, "access_key": server.access_key, "secret_key": server.secret_key}
    return S3Account(BUCKETS, "ap-northeast-2", **{**values, **changes})


def made(files: S3BlobStore, bucket: str) -> None:
    """Make a bucket, as soon as the server's parts have found each other."""
    for _ in range(100):
        with suppress(ClientError, BotoCoreError):
            files._client.create_bucket(Bucket=bucket)
            files._client.put_object(Bucket=bucket, Key="ready", Body=b"1")
            return
        time.sleep(0.2)
    raise AssertionError(f"the test server makes no bucket {bucket}")


def with_buckets(server: LocalS3) -> LocalS3:
    """The server, once it has both."""
    files = S3BlobStore(account(server))
    for bucket in BUCKETS.values():
        made(files, bucket)
    in_a_loop(files.close())
    return server
