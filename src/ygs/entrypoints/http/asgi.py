"""The service as an ASGI factory, for a server that is not started by ``ygs serve``.

::

    export LIMITS=ygs.entrypoints.http.connection_limits:BoundedProtocol
    uvicorn --factory ygs.entrypoints.http.asgi:service --http $LIMITS --workers 4
    gunicorn -k uvicorn_worker.UvicornWorker -w 4 'ygs.entrypoints.http.asgi:service()'
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from ygs.bootstrap import build
from ygs.entrypoints.garbage_collection import spare_what_is_here
from ygs.entrypoints.http.app import create
from ygs.entrypoints.http.observability.exporters import exporters
from ygs.entrypoints.http.observability.request_log import log_as_json
from ygs.entrypoints.workers import working


def service() -> Starlette:
    """An ASGI application that opens what the settings describe when its server starts, and closes it at the end."""
    log_as_json()
    return Starlette(lifespan=_open)


@asynccontextmanager
async def _open(outer: Starlette) -> AsyncIterator[None]:
    async with build() as ygs:
        app = create(ygs)
        outer.mount("/", app)
        spare_what_is_here()
        with exporters(app.state.request_log):
            async with working(ygs.worker, ygs.dispatcher, ygs.deliverer):
                yield
