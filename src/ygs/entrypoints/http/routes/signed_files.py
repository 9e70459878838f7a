"""Where files go in and out when the service itself keeps them: at signed addresses, without a session.

An address is its own proof, as one of S3's would be. With S3 nothing is here.
"""

import asyncio
from typing import Annotated, cast

from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message

from ygs.domain.errors import BadFile, NotFound
from ygs.entrypoints.http.dependencies import Ygs
from ygs.ports.signed_urls import SignedUrlEndpoint

machinery = APIRouter(prefix="/files", include_in_schema=False)

# What a form adds to its file: a few fields and the lines between the parts.
FORM_BYTES = 16 * 1024
BODY_SECONDS = 60.0

SignedAddress = Annotated[str, Path(max_length=2000)]


def _desk(ygs: Ygs) -> SignedUrlEndpoint:
    if not hasattr(ygs.blob_store, "take"):
        raise NotFound("file")
    return cast(SignedUrlEndpoint, ygs.blob_store)


@machinery.get("/{id}")
async def read_file(id: SignedAddress, ygs: Ygs) -> Response:
    """The file of a signed address."""
    given = await _desk(ygs).give(id)
    shown = f'attachment; filename="{given.attachment}"' if given.attachment else "inline"
    headers = {
        "Content-Disposition": shown,
        "Cache-Control": "private, no-store",
        # A front end elsewhere shows photos by their addresses, as it would those of S3: whoever has one may.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(given.data, media_type=given.content_type, headers=headers)


@machinery.post("/{id}", status_code=204)
async def take_file(id: SignedAddress, ygs: Ygs, request: Request) -> None:
    """Take a form's ``file``. The address is looked at before a byte of the body is."""
    desk = _desk(ygs)
    body = await _body(request, desk.most_bytes(id) + FORM_BYTES)
    content_type, data = await _file_in(request, body)
    await desk.take(id, content_type, data)


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise HTTPException(413)
    except TimeoutError as error:
        raise HTTPException(408) from error
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    return bytes(body)


async def _file_in(request: Request, body: bytes) -> tuple[str, bytes]:
    """The type that the form says, and the file that is in it."""

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async with Request(request.scope, replay).form(max_files=1, max_fields=20) as form:
        file, content_type = form.get("file"), form.get("Content-Type")
        if not isinstance(file, UploadFile) or not isinstance(content_type, str):
            raise BadFile("send multipart/form-data: the fields of the upload in their order, and then `file`")
        return content_type, await file.read()
