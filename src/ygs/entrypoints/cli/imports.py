"""``ygs imports …``: the imports of members so far, and their undo."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import Json, clock_time, fail, language, print_item, print_json, run, say

app = typer.Typer(no_args_is_help=True)


@app.command(name="list")
def list_imports(
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20, json: Json = False
) -> None:
    """Imports of members, the newest first."""
    from ygs.application.actors import Actor

    found = run(lambda ygs: ygs.import_jobs.list(Actor.operator(), limit=limit))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No import yet: `ygs import FILE --suggest` begins one."))
    for made in found:
        _print(made)


@app.command()
def template(
    file: Annotated[Path, typer.Argument(help="The file to write, .xlsx.")],
    sensitive: Annotated[
        bool, typer.Option("--sensitive", help="With religion, marital history and children, which need a consent.")
    ] = False,
) -> None:
    """Write an empty sheet of members to fill in, with lists to choose from; an import reads it as it is."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> None:
        await ygs.import_template.write(Actor.operator(), str(file), language(), sensitive=sensitive)

    run(work)
    typer.echo(say("{file}: fill it in, then `ygs import {file} --suggest`", file=file))


@app.command()
def undo(
    import_: Annotated[str, typer.Argument(metavar="IMPORT", help="The import's id, imp_….")],
    yes: Annotated[bool, typer.Option("--yes", help="Undo it without asking.")] = False,
    json: Json = False,
) -> None:
    """Let the members that an import added leave, all or none; refused once one of them is in use."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import import_id

    async def work(ygs: Any) -> Any:
        made = await ygs.import_jobs.get(Actor.operator(), import_id(import_))
        if made.state == "stored" and not yes:
            _ask(made)
        return await ygs.import_undo.undo(Actor.operator(), made.id)

    undone = run(work)
    if json:
        print_json(undone)
    else:
        _print(undone)


def _ask(made: Any) -> None:
    from ygs.entrypoints.cli.terminal import USAGE

    question = say("The {count} members of this import will leave. Undo it?", count=f"{made.members:,}")
    if not typer.confirm(question, default=False):
        fail(say("nothing was undone"), USAGE)


def _print(made: Any) -> None:
    from ygs.application.labels import label

    state = label("import_state", made.state, language())
    count = say("{count} members", count=f"{made.members:,}")
    print_item(made.id, [f"{state}, {clock_time(made.undone_at or made.stored_at or made.created_at)}, {count}"])
