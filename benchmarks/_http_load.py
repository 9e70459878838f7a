"""Load for the HTTP benchmark: keep-alive connections over bare sockets, so that the client costs little."""

import asyncio
from collections.abc import Sequence
from time import perf_counter


class Connection:
    """One connection, one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or b"0")
        return int(head[9:12]), await self._reader.readexactly(length)

    def close(self) -> None:
        self._writer.close()


def get(path: str, token: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


def post(path: str, body: bytes, address: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nX-Forwarded-For: {address}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def rate(port: int, requests: Sequence[bytes], seconds: float, connections: int = 8) -> float:
    """Requests a second, each connection asking again as soon as it is answered."""
    opened = [await Connection.open(port) for _ in range(connections)]
    end, done = perf_counter() + seconds, [0] * connections

    async def work(place: int) -> None:
        while perf_counter() < end:
            status, _ = await opened[place].ask(requests[(place * 31 + done[place]) % len(requests)])
            if status != 200:
                raise RuntimeError(f"answered {status}")
            done[place] += 1

    began = perf_counter()
    await asyncio.gather(*(work(place) for place in range(connections)))
    for each in opened:
        each.close()
    return sum(done) / (perf_counter() - began)


async def waits(port: int, requests: Sequence[bytes], until: asyncio.Event, pause: float = 0.005) -> list[float]:
    """Seconds each of a steady trickle of requests took, until the event is set; ascending."""
    connection, took, number = await Connection.open(port), [], 0
    while not until.is_set():
        began = perf_counter()
        await connection.ask(requests[number % len(requests)])
        took.append(perf_counter() - began)
        number += 1
        await asyncio.sleep(pause)
    connection.close()
    return sorted(took)


async def up(port: int, *, seconds: int = 30) -> None:
    """Wait until somebody listens there; `RuntimeError` after so many seconds."""
    for _ in range(10 * seconds):
        try:
            (await Connection.open(port)).close()
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nobody listens on {port}")
