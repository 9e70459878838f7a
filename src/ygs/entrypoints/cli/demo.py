"""``ygs demo``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ygs.entrypoints.cli import serve as serving
from ygs.entrypoints.cli.serve import Port
from ygs.entrypoints.cli.terminal import say


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
    from ygs.entrypoints.cli.demo_club import play

    staff = play(people=people, weeks=weeks, seed=seed, file=file)
    # The path of this run, since `make` runs it from a folder that is not in PATH.
    look = f"YGS_DATABASE_URL=sqlite:///{file} {sys.argv[0]} week show"
    typer.echo(say("\nLook around:") + f" {look}")
    if serve:
        if staff:
            typer.echo(say("Console:") + f" http://127.0.0.1:{port}/console/{staff.opens}")
            typer.echo(say("  phone {phone}, password {password}", phone=staff.phone, password=staff.password))
            command = f"YGS_AUTHENTICATOR_KEY={staff.key} {sys.argv[0]} admin code"
            typer.echo(say("  the code of its authenticator, a new one each half minute: {command}", command=command))
        typer.echo(f"API: http://127.0.0.1:{port}/docs " + say("(Ctrl-C stops it)"))
        os.environ["YGS_DATABASE_URL"] = f"sqlite:///{file}"
        serving.serve(port=port)
