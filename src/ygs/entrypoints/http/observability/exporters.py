"""Telling others how the service is doing, when they are configured: errors to Sentry, spans to OpenTelemetry.

Both are sent by threads of their own from queues that end somewhere, so whoever does not answer delays no request; and
whoever does not answer when the service stops delays that by a second.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic, time_ns
from typing import Any, TypeAlias

from ygs.entrypoints.http.observability.request_log import RequestInfo, RequestLog

# For what is still in the queues at the end; within the thirty seconds that stopping may take.
LAST_WORDS_SECONDS = 1.0

# Says what is left to say, and then no more.
Shutdown: TypeAlias = Callable[[], object]


@contextmanager
def exporters(request_log: RequestLog) -> Iterator[None]:
    """While the block runs what is observed is told to those who are configured."""
    farewells = [farewell for farewell in (report_errors(request_log), send_spans(request_log)) if farewell]
    try:
        yield
    finally:
        _say(farewells)


def _say(farewells: list[Shutdown]) -> None:
    """In threads that the process does not wait for: OpenTelemetry would go on trying for half a minute."""
    threads = [Thread(target=farewell, daemon=True) for farewell in farewells]
    for thread in threads:
        thread.start()
    end = monotonic() + LAST_WORDS_SECONDS
    for thread in threads:
        thread.join(max(0.0, end - monotonic()))


def report_errors(request_log: RequestLog) -> Shutdown | None:
    """To Sentry, when SENTRY_DSN says where: places and classes, nothing of requests, of variables or of messages."""
    if not os.environ.get("SENTRY_DSN"):
        return None
    import sentry_sdk

    sentry_sdk.init(
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        # Would have it collect more, of people too, when a variable of the environment says so.
        spotlight=False,
        max_breadcrumbs=0,
        before_send=without_data,
    )
    request_log.on_error.append(sentry_sdk.capture_exception)
    return lambda: sentry_sdk.get_client().close(timeout=LAST_WORDS_SECONDS)


def without_data(event: Any, _hint: object) -> Any:
    """A report without messages, which quote what they choke on."""
    for each in event.get("exception", {}).get("values", []):
        each["value"] = ""
    return event


def send_spans(request_log: RequestLog) -> Shutdown | None:
    """To an OpenTelemetry collector, when OTEL_EXPORTER_OTLP_ENDPOINT says where: method, route and status."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("ygs.http")

    def span(seen: RequestInfo) -> None:
        about = {"http.request.method": seen.method, "http.route": seen.route, "ygs.request_id": seen.request_id}
        ended = time_ns()
        began = ended - int(seen.seconds * 1e9)
        made = tracer.start_span(f"{seen.method} {seen.route}", start_time=began, attributes=about)
        made.set_attribute("http.response.status_code", seen.status or 499)
        made.end(ended)

    request_log.on_request.append(span)
    return provider.shutdown
