"""Compression of large replies."""

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Smaller replies fit in one packet anyway.
SMALLEST: Final = 1_400
# Level 6 takes a third of the time of level 9, for replies that are hardly larger.
LEVEL: Final = 6
# These are compressed already.
_COMPRESSED: Final = (
    "image/*",
    "application/zip",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)


class Compression(GZipMiddleware):
    """Gzip for clients that accept it. The bytes then differ from those that a strong ETag would name, so it becomes a
    weak one (decision 14)."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, SMALLEST, LEVEL, exclude_content_types=_COMPRESSED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def weakened(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                tag = headers.get("etag", "")
                if "content-encoding" in headers and tag.startswith('"'):
                    headers["etag"] = f"W/{tag}"
            await send(message)

        await super().__call__(scope, receive, weakened)
