"""Gemini's API on 127.0.0.1: a real HTTP server that answers by a script."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """One answer: status, body, headers; `seconds` later; `hang` never ends it."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0
    hang: bool = False


# Answers the content of a call: the JSON document that the SDK sent.
Script = Callable[[dict[str, Any]], Scripted]


def data_of(call: dict[str, Any]) -> dict[str, Any]:
    """The data of a call's prompt."""
    content = json.loads(call["contents"][0]["parts"][0]["text"])
    assert isinstance(content, dict)
    return content


def replied(
    text: str, *, finish: str = "STOP", seconds: float = 0.0, tokens: tuple[int, int] = (100, 20), thoughts: int = 0
) -> Scripted:
    """An answer with that text, as Gemini gives it."""
    candidate = {"content": {"role": "model", "parts": [{"text": text}]}, "finishReason": finish, "index": 0}
    usage = {"promptTokenCount": tokens[0], "candidatesTokenCount": tokens[1], "totalTokenCount": sum(tokens)}
    usage |= {"thoughtsTokenCount": thoughts} if thoughts else {}
    body = json.dumps({"candidates": [candidate], "usageMetadata": usage}).encode()
    return Scripted(body=body, seconds=seconds)


def answers(call: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
    """A right answer for each item of a call."""
    return [
        {
            "pair": each["pair"],
            "a": each["a"]["name"],
            "b": each["b"]["name"],
            "strength": 50,
            "reason": "두 사람의 주말이 비슷합니다.",
        }
        | changes
        for each in data_of(call)["items"]
    ]


def good(call: dict[str, Any]) -> Scripted:
    """A right answer for every item."""
    return replied(json.dumps({"answers": answers(call)}))


@dataclass
class GeminiServer:
    """Answers by `script`, and keeps what it was sent."""

    script: Script = good
    calls: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the calls of one connection."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                call = json.loads(await reader.readexactly(int(headers["content-length"])))
                self.keys.append(headers.get("x-goog-api-key", ""))
                await self._answer(call, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, call: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        self.calls.append(call)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            scripted = self.script(call)
            await asyncio.sleep(3600 if scripted.hang else scripted.seconds)
        finally:
            self.at_once -= 1
        lines = [f"HTTP/1.1 {scripted.status} Scripted", f"Content-Length: {len(scripted.body)}"]
        lines += ["Content-Type: application/json", *(f"{name}: {value}" for name, value in scripted.headers)]
        writer.write("\r\n".join([*lines, "", ""]).encode() + scripted.body)
        await writer.drain()


def asking(server: GeminiServer, folder: Path) -> dict[str, str]:
    """The environment of a command that works on the database in `folder`, and asks this server."""
    return {
        "YGS_DATABASE_URL": f"sqlite:///{folder}/club.db",
        "YGS_ADVISOR": "gemini",
        "YGS_ADVISOR_KEY": "a-key",
        "YGS_ADVISOR_MODEL": "gemini-test",
        "YGS_ADVISOR_URL": server.url,
        "YGS_ADVISOR_CONSENT_VERSIONS": '["2026-01"]',
    }


@asynccontextmanager
async def serving(script: Script = good) -> AsyncIterator[GeminiServer]:
    """Run a server beside the block."""
    gemini = GeminiServer(script)
    server = await asyncio.start_server(gemini.serve, "127.0.0.1", 0)
    gemini.port = server.sockets[0].getsockname()[1]
    try:
        yield gemini
    finally:
        server.close()
        # Calls that hang are over with the loop.


@contextmanager
def serving_in_thread(script: Script = good) -> Iterator[GeminiServer]:
    """Run a server in a thread of its own, for code that runs a loop itself."""
    ready = threading.Event()
    done: list[Callable[[], object]] = []
    running: list[GeminiServer] = []

    async def run() -> None:
        stop = asyncio.Event()
        async with serving(script) as gemini:
            running.append(gemini)
            loop = asyncio.get_running_loop()
            done.append(lambda: loop.call_soon_threadsafe(stop.set))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield running[0]
    finally:
        done[0]()
        thread.join(10)
