"""Signed URLs of files that the service itself keeps: upload and download without a session.

The signature is the permission, as in S3. Where files are kept in S3, both routes answer 404.
"""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message

from ygs.domain.errors import N_, BadFile, NotFound
from ygs.entrypoints.http.dependencies import Ygs
from ygs.entrypoints.http.problems import FileTooLarge
from ygs.ports.signed_urls import SignedUrlEndpoint

router = APIRouter(prefix="/files", include_in_schema=False)

# The bytes of a form besides its file: a few fields and the lines between the parts.
FORM_BYTES = 16 * 1024
BODY_SECONDS = 60.0

SignedToken = Annotated[str, Path(max_length=2000)]


async def _endpoint(ygs: Ygs) -> SignedUrlEndpoint:
    if ygs.signed_urls is None:
        raise NotFound("file")
    return ygs.signed_urls


SignedUrls = Annotated[SignedUrlEndpoint, Depends(_endpoint)]


@router.get("/{id}")
async def read_file(id: SignedToken, signed_urls: SignedUrls) -> Response:
    """Return the file of a signed URL."""
    given = await signed_urls.give(id)
    shown = f'attachment; filename="{given.attachment}"' if given.attachment else "inline"
    headers = {
        "Content-Disposition": shown,
        "Cache-Control": "private, no-store",
        # A front end elsewhere shows photos by their addresses, as it would those of S3: whoever has one may.
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(given.data, media_type=given.content_type, headers=headers)


@router.post("/{id}", status_code=204)
async def take_file(id: SignedToken, signed_urls: SignedUrls, request: Request) -> None:
    """Store the ``file`` of a form. The signature is checked before the body is read."""
    body = await _body(request, signed_urls.most_bytes(id) + FORM_BYTES)
    content_type, data = await _file_in(request, body)
    await signed_urls.take(id, content_type, data)


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise FileTooLarge(most - FORM_BYTES)
    except TimeoutError as error:
        raise HTTPException(408) from error
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    return bytes(body)


async def _file_in(request: Request, body: bytes) -> tuple[str, bytes]:
    """The content type that the form names, and its file."""

    async def replay() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async with Request(request.scope, replay).form(max_files=1, max_fields=20) as form:
        file = form.get("file")
        content_type = form.get("Content-Type")
        if not isinstance(file, UploadFile) or not isinstance(content_type, str):
            raise BadFile(N_("send multipart/form-data: the fields of the upload in their order, and then `file`"))
        return content_type, await file.read()
