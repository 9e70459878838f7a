"""Running the service, in this process or in several."""

import asyncio
import signal
import socket
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from ygs.bootstrap import Application
from ygs.domain.errors import N_, Misconfigured
from ygs.entrypoints.garbage_collection import spare_what_is_here
from ygs.entrypoints.http.app import create
from ygs.entrypoints.http.connection_limits import BoundedProtocol
from ygs.entrypoints.http.observability.exporters import exporters
from ygs.entrypoints.workers import working
from ygs.settings import Settings

# Shorter than the thirty seconds after which orchestrators stop being patient.
GRACE_SECONDS = 25
# Then what is still running is told to stop, and given this long to put things back: the lease of a round, say.
LETTING_GO_SECONDS = 3
# How long a worker may take to start before it is replaced.
STARTING_SECONDS = 60


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
    config = uvicorn.Config(app, host=host, port=port, **_options(application.settings))
    spare_what_is_here()
    with exporters(app.state.request_log):
        async with working(application.worker, application.dispatcher, application.deliverer):
            await Server(config).serve()


async def settings_for_workers(application: Application) -> Settings:
    """The settings of an application that several processes may serve; what is wrong with them is said here, once.

    `Misconfigured` for a database in memory, which each process would have for itself.
    """
    if application.settings.database_url.get_secret_value().startswith("memory:"):
        raise Misconfigured(N_("several workers cannot share a database in memory: use SQLite or PostgreSQL"))
    await application.readiness.check()
    return application.settings


def serve_by_workers(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve in so many processes, each with an application of its own, until SIGINT or SIGTERM. One that ends by itself
    is replaced."""
    config = uvicorn.Config(
        "ygs.entrypoints.http.asgi:service",
        factory=True,
        lifespan="on",
        host=host,
        port=port,
        workers=workers,
        # Uvicorn's five seconds are less than a busy machine takes to import everything.
        timeout_worker_healthcheck=STARTING_SECONDS,
        **_options(settings),
    )
    Multiprocess(config, [config.bind_socket()]).run()


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "http": BoundedProtocol,
        # None is spoken here, and another protocol would take a connection out of its bounds.
        "ws": "none",
        # Its lines go where ours go, and look like them.
        "log_config": None,
        # Its lines hold paths with people's ids, and query strings; ours hold routes.
        "access_log": False,
        "server_header": False,
        # Always said: uvicorn would otherwise ask the environment, where "*" is allowed.
        "forwarded_allow_ips": [str(network) for network in settings.trusted_proxies],
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }
