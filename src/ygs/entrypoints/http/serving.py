"""Running the service in this process, and telling others how it is doing when they are configured."""

import asyncio
import gc
import os
import signal
import socket
from time import time_ns
from types import FrameType
from typing import Any

import uvicorn

from ygs.bootstrap import Application
from ygs.entrypoints.http.app import create
from ygs.entrypoints.http.observing import Observer, Seen

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
    report_errors(app.state.observer)
    send_spans(app.state.observer)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_level="info",
        # Its lines hold paths with people's ids, and query strings; ours hold routes.
        access_log=False,
        server_header=False,
        # Always said: uvicorn would otherwise ask the environment, where "*" is allowed.
        forwarded_allow_ips=[str(network) for network in application.settings.trusted_proxies],
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    spare_what_is_here()
    await Server(config).serve()


def spare_what_is_here() -> None:
    """Let the garbage collector leave alone what a service is made of, and look less often: it would walk hundreds of
    thousands of objects that stay, again and again, while somebody waits."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)


def report_errors(observer: Observer) -> None:
    """To Sentry, when SENTRY_DSN says where: places and classes, nothing of requests, of variables or of messages."""
    if not os.environ.get("SENTRY_DSN"):
        return
    import sentry_sdk

    sentry_sdk.init(
        default_integrations=False,
        auto_enabling_integrations=False,
        send_default_pii=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        before_send=without_data,
    )
    observer.report.append(sentry_sdk.capture_exception)


def without_data(event: Any, _hint: object) -> Any:
    """A report without messages, which quote what they choke on."""
    for each in event.get("exception", {}).get("values", []):
        each["value"] = ""
    return event


def send_spans(observer: Observer) -> None:
    """To an OpenTelemetry collector, when OTEL_EXPORTER_OTLP_ENDPOINT says where: method, route and status."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("ygs.http")

    def span(seen: Seen) -> None:
        about = {"http.request.method": seen.method, "http.route": seen.route, "ygs.request_id": seen.request_id}
        ended = time_ns()
        began = ended - int(seen.seconds * 1e9)
        made = tracer.start_span(f"{seen.method} {seen.route}", start_time=began, attributes=about)
        made.set_attribute("http.response.status_code", seen.status or 499)
        made.end(ended)

    observer.tell.append(span)
