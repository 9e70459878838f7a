"""Webhooks over HTTP, to public addresses only.

The name in a URL is resolved for each connection, every address it has is judged, and one of them is connected to by
its number. So a name that changes between the two, or in a cache, cannot lead inside. TLS checks the certificate
against the name.
"""

import asyncio
import itertools
import socket
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, TypeAlias

import httpcore

from ygs.adapters.webhooks.public_addresses import is_public
from ygs.ports.channels import Refused, TryAgain

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 15.0
# Read of a reply, so that the connection can be used again; a longer reply closes it. None of it is kept.
MOST_REPLY = 16 * 1024
# As many as are sent to at once by a deliverer.
_MOST_KEPT = 16
_IDLE_SECONDS = 20.0
_GONE = 410
# Those that ask for time: the others' Retry-After, such as that of redirects, means something else.
_ASKS_FOR_TIME = (429, 503)

_Address: TypeAlias = IPv4Address | IPv6Address


class HttpWebhookSender:
    """`WebhookSender` over HTTP/1.1. `insecure`: private addresses and http: are allowed. `certificates`: instead of
    those that the system trusts."""

    ready = True

    def __init__(
        self, *, insecure: bool = False, certificates: ssl.SSLContext | None = None, total: float = TOTAL_SECONDS
    ) -> None:
        self.insecure = insecure
        self._total = total
        self._connections = _Connections(certificates or _system_certificates(), _JudgedConnections(insecure=insecure))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Post it; see the port."""
        try:
            async with asyncio.timeout(self._total):
                status, retry_after = await self._post(url, body, headers)
        except (TimeoutError, httpcore.TimeoutException):
            raise TryAgain("timeout") from None
        except (httpcore.ConnectError, ssl.SSLError):
            raise TryAgain("not_connected") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
            raise TryAgain("no_answer") from None
        if status == _GONE:
            raise Refused("gone", status, gone=True)
        if not 200 <= status < 300:
            raise TryAgain("http_status", status, _wait(retry_after) if status in _ASKS_FOR_TIME else None)
        return status

    async def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        """Status and Retry-After of the reply."""
        timeouts = {"connect": CONNECT_SECONDS, "read": self._total, "write": self._total}
        target = httpcore.URL(url)
        request = httpcore.Request(
            "POST", target, headers=_head(target, body, headers), content=body, extensions={"timeout": timeouts}
        )
        async with self._connections.connected(target.origin) as connection:
            response = await connection.handle_async_request(request)
            await _read(response)
        retry_after = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
        return response.status, retry_after.decode("latin-1")

    async def close(self) -> None:
        """Close all connections."""
        await self._connections.close()


@cache
def _system_certificates() -> ssl.SSLContext:
    """Read once: it takes 60 ms, many times what the rest of an application in memory takes to be made."""
    return ssl.create_default_context()


def _head(target: httpcore.URL, body: bytes, headers: Mapping[str, str]) -> Sequence[tuple[bytes, bytes]]:
    default = {b"http": 80, b"https": 443}[target.scheme]
    port = b"" if target.port in (None, default) else b":%d" % target.port
    fixed = [(b"host", target.host + port), (b"content-length", b"%d" % len(body))]
    return [*fixed, *((name.encode(), value.encode()) for name, value in headers.items())]


async def _read(response: httpcore.Response) -> None:
    """Read the beginning of a reply, and close it."""
    try:
        read = 0
        async for part in response.aiter_stream():
            read += len(part)
            if read > MOST_REPLY:
                break
    finally:
        await response.aclose()


class _Connections:
    """Connections to receivers, kept for a while after use.

    httpcore's own pool examines every connection for every request, which took more than half the time of a message.
    Nothing here reads the environment: a proxy would connect to what nobody judged.
    """

    def __init__(self, certificates: ssl.SSLContext, backend: httpcore.AsyncNetworkBackend) -> None:
        self._certificates = certificates
        self._backend = backend
        self._idle: dict[str, list[httpcore.AsyncHTTPConnection]] = {}

    @asynccontextmanager
    async def connected(self, origin: httpcore.Origin) -> AsyncIterator[httpcore.AsyncHTTPConnection]:
        """A connection that nobody else uses; closed after an error."""
        connection = await self._kept(str(origin)) or self._new(origin)
        try:
            yield connection
        except BaseException:
            await connection.aclose()
            raise
        await self._keep(str(origin), connection)

    async def _kept(self, origin: str) -> httpcore.AsyncHTTPConnection | None:
        kept = self._idle.get(origin, [])
        while kept:
            connection = kept.pop()
            if not connection.has_expired():
                return connection
            await connection.aclose()
        return None

    def _new(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        return httpcore.AsyncHTTPConnection(
            origin, self._certificates, keepalive_expiry=_IDLE_SECONDS, network_backend=self._backend
        )

    async def _keep(self, origin: str, connection: httpcore.AsyncHTTPConnection) -> None:
        kept = self._idle.setdefault(origin, [])
        if connection.is_idle() and not connection.is_closed() and len(kept) < _MOST_KEPT:
            kept.append(connection)
        else:
            await connection.aclose()

    async def close(self) -> None:
        """Close those that are kept."""
        for connection in itertools.chain(*self._idle.values()):
            await connection.aclose()
        self._idle.clear()


class _JudgedConnections(httpcore.AsyncNetworkBackend):
    """Connects to addresses that were judged."""

    def __init__(self, *, insecure: bool) -> None:
        self._insecure = insecure
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of that host which answers; `Refused` when one of them is not public."""
        async with asyncio.timeout(timeout):
            addresses = await _resolve(host, port)
            if not self._insecure and not all(map(is_public, addresses)):
                raise Refused("private_address")
            for address in addresses[:-1]:
                try:
                    return await self._connect(address, port, timeout, socket_options)
                except httpcore.ConnectError:
                    continue
            return await self._connect(addresses[-1], port, timeout, socket_options)

    async def _connect(
        self, address: _Address, port: int, seconds: float | None, options: Iterable[Any] | None
    ) -> httpcore.AsyncNetworkStream:
        return await self._backend.connect_tcp(str(address), port, seconds, socket_options=options)

    async def connect_unix_socket(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise Refused("private_address")

    async def sleep(self, seconds: float) -> None:
        """Sleep."""
        await asyncio.sleep(seconds)


async def _resolve(host: str, port: int) -> Sequence[_Address]:
    """All addresses of a host, by the system's resolver."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TryAgain("unknown_host") from None
    addresses = dict.fromkeys(ip_address(str(address[0])) for *_, address in found)
    if not addresses:
        raise TryAgain("unknown_host")
    return list(addresses)


def _wait(retry_after: str) -> timedelta | None:
    """How long that header asks to wait: seconds or a date; None where it says neither."""
    if retry_after.isascii() and retry_after.isdigit():
        return timedelta(seconds=min(int(retry_after[:9]), 10**6))
    try:
        return max(parsedate_to_datetime(retry_after).astimezone(UTC) - datetime.now(UTC), timedelta())
    except (ValueError, TypeError, OverflowError):
        return None
