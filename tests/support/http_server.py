"""A real HTTP server on this machine, whose answers a test writes."""

import hmac
import json
import sys
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """What to answer; a dict or list is sent as JSON."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def sent(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Web:
    """Where it is, and what it was asked. `answer` may be replaced at any time."""

    url: str
    answer: Callable[[ReceivedRequest], Answer]
    asked: list[ReceivedRequest] = field(default_factory=list)

    def count(self, path: str) -> int:
        return sum(each.path == path for each in self.asked)


@contextmanager
def serving(answer: Callable[[ReceivedRequest], Answer]) -> Iterator[Web]:
    web = Web("", answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            asked = ReceivedRequest(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
            web.asked.append(asked)
            answered = web.answer(asked)
            self.send_response(answered.status)
            for name, value in ({"content-type": "application/json"} | dict(answered.headers)).items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answered.sent)))
            self.end_headers()
            self.wfile.write(answered.sent)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 100

        def handle_error(self, request: object, client_address: object) -> None:
            # Clients that gave up waiting are what some tests are about; any other error is the test's own mistake.
            if not isinstance(sys.exc_info()[1], ConnectionError):
                super().handle_error(request, client_address)  # type: ignore[arg-type]

    server = Server(("127.0.0.1", 0), Handler)
    web.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def with_hmac(header: object, claims: object, key: bytes) -> str:
    """A JWT signed with HS256 by any key, which a library would not do with a public one."""
    parts = (urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims))
    told = ".".join(parts)
    return f"{told}.{urlsafe_b64encode(hmac.digest(key, told.encode(), 'sha256')).decode().rstrip('=')}"
