"""``ygs serve``."""

import errno
import logging
import socket
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from ygs.domain.errors import N_

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Workers = Annotated[int, typer.Option(min=1, max=64, help="In how many processes; they share the database.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]

_IN_THE_WAY: Mapping[int, str] = {
    errno.EADDRINUSE: N_("something listens on port {port} already: stop it, or give another port with --port"),
    errno.EACCES: N_("this user may not listen on port {port}: give one of 1024 or more with --port"),
}
_NOT_HERE = N_("{host} is no address of this machine: give 127.0.0.1, or 0.0.0.0 for all, with --host")


def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = 1) -> None:
    """Serve the HTTP API. Ctrl-C or SIGTERM stops it: what is being answered is finished first, for 25 seconds at most.

    With SENTRY_DSN set, unexpected errors are reported there; with OTEL_EXPORTER_OTLP_ENDPOINT, spans are sent there.
    """
    from ygs.entrypoints.cli.terminal import extra_needed, run

    with extra_needed("http"):
        from uvicorn.loops.auto import auto_loop_factory

        from ygs.bootstrap import warm_up as compile_engines
        from ygs.entrypoints.http.observability.request_log import log_as_json
        from ygs.entrypoints.http.server import serve_by_workers, serve_until_stopped, settings_for_workers

    log_as_json()
    _require_free_port(host, port)
    # Opened and closed: what is wrong with the settings or the database is said before the engines take their time.
    settings = run(settings_for_workers if workers > 1 else _settings)
    _log_code_channels(settings)
    # Before it listens, so that nobody is sent here whose plan would wait for the compiler. In the log, since a service
    # has no terminal to draw a bar on, and would be silent for a minute.
    compile_engines(_logged)
    if workers > 1:
        serve_by_workers(settings, host=host, port=port, workers=workers)
        return
    # uvloop's where it is installed: the same answers for less of a core.
    run(lambda ygs: serve_until_stopped(ygs, host=host, port=port), auto_loop_factory())


async def _settings(ygs: Any) -> Any:
    return ygs.settings


def _log_code_channels(settings: Any) -> None:
    """Say by what one-time codes go: whoever forgot the mail server or the webhook reads it at the first start."""
    channels = (channel or "the log" for channel in settings.code_channels)
    logging.getLogger("ygs.channels").info("codes for phones go by %s, codes for e-mail addresses by %s", *channels)


def _require_free_port(host: str, port: int) -> None:
    """Exit with what to do when nothing can listen there."""
    from ygs.entrypoints.cli.terminal import USAGE, fail, say

    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            # As the server does, so that a port that was just let go of counts as free.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        fail(say(_IN_THE_WAY.get(error.errno or 0, _NOT_HERE), host=host, port=port), USAGE)


def _logged(stage: str, done: int, total: int) -> None:
    logging.getLogger("ygs.engines").info("%s: %d of %d", stage, done, total)


def warm_up() -> None:
    """Compile the engines now, once per machine, so that no first plan waits for it; serve does so before it is
    ready."""
    from ygs.entrypoints.cli.terminal import say

    typer.echo(say(N_("The engines are compiled.") if _compiled() else N_("Nothing to compile: ygs[fast] is missing.")))


def _compiled() -> bool:
    """Compile what is not on disk yet; False without the extra `fast`."""
    from ygs.bootstrap import warm_up
    from ygs.entrypoints.cli.terminal import progress

    with progress() as report:
        return warm_up(report)
