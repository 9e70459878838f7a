"""Running the service in this process."""

import asyncio
import gc
import signal
import socket
from types import FrameType

import uvicorn

from ygs.bootstrap import Application
from ygs.entrypoints.http.app import create
from ygs.entrypoints.http.observability.exporters import exporters
from ygs.entrypoints.http.protocol import BoundedProtocol

# Shorter than the thirty seconds after which orchestrators stop being patient.
GRACE_SECONDS = 25
# Then what is still running is told to stop, and given this long to put things back: the lease of a round, say.
LETTING_GO_SECONDS = 3
# Made and not yet gone, before the collector looks at the new ones; a request makes some hundreds.
NEW_OBJECTS = 20_000


class Server(uvicorn.Server):
    """Uvicorn's, which waits for those it has told to stop, and stops without dying of the signal: whoever serves still
    has an application to close, and texts on their way."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; at a second Ctrl-C at once."""
        self.force_exit = self.force_exit or (self.should_exit and sig == signal.SIGINT)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, and then wait for who was cancelled."""
        await super().shutdown(sockets)
        if tasks := set(self.server_state.tasks):
            await asyncio.wait(tasks, timeout=LETTING_GO_SECONDS)


async def serve_until_stopped(application: Application, *, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM, then finish what is being answered."""
    app = create(application)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http=BoundedProtocol,
        # None is spoken here, and another protocol would take a connection out of its bounds.
        ws="none",
        # Its lines go where ours go, and look like them.
        log_config=None,
        # Its lines hold paths with people's ids, and query strings; ours hold routes.
        access_log=False,
        server_header=False,
        # Always said: uvicorn would otherwise ask the environment, where "*" is allowed.
        forwarded_allow_ips=[str(network) for network in application.settings.trusted_proxies],
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    spare_what_is_here()
    with exporters(app.state.request_log):
        await Server(config).serve()


def spare_what_is_here() -> None:
    """Let the garbage collector leave alone what a service is made of, and look less often: it would walk hundreds of
    thousands of objects that stay, again and again, while somebody waits."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
