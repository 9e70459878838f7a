"""``ygs serve`` and ``ygs demo``."""

from pathlib import Path
from typing import Annotated

import typer

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]


def serve(host: Host = "127.0.0.1", port: Port = 8000) -> None:
    """Serve the HTTP API. Ctrl-C or SIGTERM stops it: what is being answered is finished first, for 25 seconds at most.

    With SENTRY_DSN set, unexpected errors are reported there; with OTEL_EXPORTER_OTLP_ENDPOINT, spans are sent there.
    """
    from uvicorn.loops.auto import auto_loop_factory

    from ygs.entrypoints.cli.terminal import run
    from ygs.entrypoints.http.observability.requests import log_as_json
    from ygs.entrypoints.http.server import serve_until_stopped

    log_as_json()
    # uvloop's where it is installed: the same answers for less of a core.
    run(lambda ygs: serve_until_stopped(ygs, host=host, port=port), auto_loop_factory())


def demo(
    people: Annotated[int, typer.Option(min=20, max=20_000, help="How many members the club has.")] = 600,
    weeks: Annotated[int, typer.Option(min=0, max=20, help="Weeks already played, with answers and feedback.")] = 3,
    seed: Annotated[int, typer.Option(help="Another seed, another club.")] = 1,
    file: Annotated[Path, typer.Option(help="The SQLite file to write; an earlier demo's is replaced.")] = Path(
        "ygs-demo.db"
    ),
    serve: Annotated[bool, typer.Option(help="Serve the API afterwards.")] = True,
    port: Port = 8000,
) -> None:
    """Make a believable Korean club, play some weeks, plan this one, and serve it."""
    from ygs.entrypoints.cli.demo import play

    play(people=people, weeks=weeks, seed=seed, file=file, serve_at=port if serve else None)
