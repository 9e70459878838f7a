"""A web server on 127.0.0.1 that receives webhooks and keeps what it got."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from standardwebhooks import Webhook


@dataclass(frozen=True)
class Received:
    """A request: its path, its headers by lower-case names, and its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    def verified(self, secret: str) -> dict[str, object]:
        """The message, checked as a receiver does, with the library of Standard Webhooks."""
        message = Webhook(secret).verify(self.body, self.headers)
        assert isinstance(message, dict)
        return message


# What is answered: a status line's rest with headers, and a body.
Reply = tuple[str, bytes]
TAKEN: Reply = ("204 No Content", b"")


@dataclass
class Receiver:
    """Answers `reply(request)`; with `seconds`, so much later."""

    reply: Callable[[Received], Reply] = lambda _: TAKEN
    seconds: float = 0
    received: list[Received] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        """Where it listens."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await _request(reader):
                self.received.append(request)
                if self.seconds:
                    await asyncio.sleep(self.seconds)
                status, body = self.reply(request)
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


async def _request(reader: asyncio.StreamReader) -> Received | None:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")[:-2]
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Received(first.split()[1], headers, await reader.readexactly(int(headers["content-length"])))


@asynccontextmanager
async def receiving(receiver: Receiver, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Run it beside the block."""
    if tls:
        receiver.scheme = "https"
        tls.sni_callback = lambda _socket, name, _context: receiver.names.append(name)
    server = await asyncio.start_server(receiver._serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
