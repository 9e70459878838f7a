"""``ygs backup`` and ``ygs restore``."""

from pathlib import Path
from typing import Annotated

import typer

from ygs.entrypoints.cli.terminal import progress, run_async, say

File = Annotated[Path, typer.Argument(help="The backup, a zip file; as confidential as the database.", dir_okay=False)]


def backup(file: File) -> None:
    """Write the database and the folder of photos and documents into one file, while the service runs.

    Keep the keys (YGS_SEALING_KEYS, YGS_INDEX_KEY) elsewhere: without them a backup cannot be restored. Photos and
    documents in S3 are not in it.
    """
    from ygs.bootstrap import backup_database

    with progress() as report:
        rows = run_async(lambda: backup_database(file, progress=report))
    typer.echo(say("Backed up: {file} ({rows:,} rows)", file=file, rows=rows))


def restore(file: Annotated[Path, typer.Argument(help="A file that `ygs backup` wrote.", exists=True)]) -> None:
    """Fill a new, empty database (`ygs db upgrade` makes one) and a new folder of files from a backup: all or nothing.

    The keys must be those the backup was made with. It may come from SQLite and go into PostgreSQL, or the other way.
    """
    from ygs.bootstrap import restore_database

    with progress() as report:
        rows = run_async(lambda: restore_database(file, progress=report))
    typer.echo(say("Restored: {rows:,} rows", rows=rows))
    typer.echo(
        say("Now run `ygs check`, and `ygs purge` before anybody signs in: people erased since are in it again.")
    )
