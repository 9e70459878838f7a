"""``ygs exports …``: sheets of people's data that accounts of staff requested."""

from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import Json, clock_time, language, print_item, print_json, run, say

app = typer.Typer(no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The export's id, exp_….")]


@app.command(name="list")
def list_exports(
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20, json: Json = False
) -> None:
    """Exports, the newest first: who requested what, why, and where it stands."""
    from ygs.application.actors import Actor

    found = run(lambda ygs: ygs.export_jobs.list(Actor.operator(), limit=limit))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("Nobody has requested an export."))
    for each in found:
        _print(each)


@app.command()
def approve(export: Id, json: Json = False) -> None:
    """Approve an export; `ygs serve` or `ygs worker` then writes the sheet."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import export_id

    _printed(run(lambda ygs: ygs.export_jobs.approve(Actor.operator(), export_id(export))), json)


@app.command()
def refuse(
    export: Id,
    reason: Annotated[str, typer.Option(help="Why; the requester reads it.")],
    json: Json = False,
) -> None:
    """Refuse an export."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import export_id

    async def work(ygs: Any) -> Any:
        from ygs.application.jobs.export_jobs import ExportRefusal

        return await ygs.export_jobs.refuse(Actor.operator(), export_id(export), ExportRefusal(reason=reason))

    _printed(run(work), json)


def _printed(export: Any, json: bool) -> None:
    if json:
        print_json(export)
    else:
        _print(export)


def _print(export: Any) -> None:
    from ygs.application.labels import label

    what = label("exported_data", export.data, language())
    people = say("{count} people", count=export.people) if export.people is not None else ""
    contacts = say("with phones and e-mail addresses") if export.contacts else ""
    lines = [export.requested_by, export.reason, people, contacts, export.refusal]
    state = label("export_state", export.state, language())
    title = f"{export.id}  {clock_time(export.requested_at)}  {what}  {state}"
    print_item(title, [line for line in lines if line])
