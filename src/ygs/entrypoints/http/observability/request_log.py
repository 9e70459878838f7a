"""Request logs and metrics: one log line for each request, and metrics for Prometheus.

Neither holds a body, a query string, a token, an address or an id of a person: routes appear as templates.
"""

import logging
import sys
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from traceback import StackSummary
from typing import Any

import structlog
import structlog.typing
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import Scope

from ygs.entrypoints.quiet_libraries import quiet_libraries

PREFIX = "/api/v1"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


def route_path(scope: Scope) -> str:
    """The path below the root path: where the service is mounted, or what a proxy in front of it takes off."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


@dataclass(frozen=True, slots=True)
class RequestInfo:
    """One answered request; `status` is None when the client had disconnected."""

    scope: Scope
    request_id: str
    status: int | None
    seconds: float

    @property
    def route(self) -> str:
        """The route's template, such as ``/api/v1/match/history/{id}``; "-" when there is none."""
        route = self.scope.get("route")
        below = PREFIX if route_path(self.scope).startswith(f"{PREFIX}/") else ""
        return f"{below}{route.path}" if route else "-"

    @property
    def method(self) -> str:
        """The method, or "other": a client may send any word, and each would become a metric label."""
        method = str(self.scope["method"])
        return method if method in METHODS else "other"


class RequestLog:
    """Counts and logs requests, and calls the functions in `on_request` and `on_error` with each request and error."""

    def __init__(self) -> None:
        self.on_request: list[Callable[[RequestInfo], object]] = []
        self.on_error: list[Callable[[Exception], object]] = []
        self._log: Any = structlog.get_logger("ygs.http")
        self.registry = CollectorRegistry()
        labels = ("method", "route")
        self._requests = Counter("ygs_http_requests", "Requests.", (*labels, "status"), registry=self.registry)
        self._seconds = Histogram(
            "ygs_http_seconds", "Time to answer.", labels, buckets=_SECONDS, registry=self.registry
        )
        self._now = Gauge("ygs_http_in_flight", "Requests being answered.", registry=self.registry)
        self._broken = Counter("ygs_http_failures", "Errors nobody expected.", ("error",), registry=self.registry)

    def began(self) -> None:
        """Count a request that begins."""
        self._now.inc()

    def note(self, seen: RequestInfo) -> None:
        """Count and log a request that ended."""
        self._now.dec()
        method = seen.method
        route = seen.route
        status = seen.status or 499
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(method, route).observe(seen.seconds)
        problem = seen.scope.get("state", {}).get("problem")
        log = self._log.error if status >= 500 else self._log.info
        log(
            "request",
            request_id=seen.request_id,
            method=method,
            route=route,
            status=status,
            ms=round(seen.seconds * 1000, 1),
            **({"problem": problem} if problem else {}),
        )
        for each in self.on_request:
            each(seen)

    def broke(self, request_id: str, error: Exception, stack: StackSummary) -> None:
        """Log the place and the class of an unexpected error. Its message may quote personal data and is left out."""
        self._broken.labels(type(error).__name__).inc()
        where = [f"{frame.filename.rpartition('/site-packages/')[2]}:{frame.lineno} {frame.name}" for frame in stack]
        self._log.error("unexpected", request_id=request_id, error=type(error).__name__, where=where[-12:])
        for each in self.on_error:
            each(error)

    def exposition(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self.registry)


class StandardOutput(logging.Handler):
    """Writes to what `sys.stdout` is at that moment: a stream that was replaced meanwhile may be closed."""

    def emit(self, record: logging.LogRecord) -> None:
        sys.stdout.write(f"{self.format(record)}\n")
        sys.stdout.flush()


def log_as_json() -> None:
    """Write one line of JSON for each event, our own and those of libraries such as uvicorn, with its time in UTC."""
    marks: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *marks, as_json], cache_logger_on_first_use=True
    )
    handler = StandardOutput()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*marks, structlog.stdlib.add_logger_name],
            processors=[
                _only_the_class_of_an_error,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                as_json,
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    quiet_libraries()


def _only_the_class_of_an_error(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A library's error by its class: its message and its traceback may quote personal data."""
    if info := event.pop("exc_info", None):
        event["error"] = getattr(info[0], "__name__", "unknown")
    return event
