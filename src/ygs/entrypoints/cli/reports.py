"""``ygs reports …``: reports by members about members, and their resolution. Every read is audited."""

from typing import Annotated, Any, Literal

import typer

from ygs.entrypoints.cli.terminal import (
    Json,
    clock_time,
    language,
    print_heading,
    print_item,
    print_json,
    print_next,
    readable,
    run,
    say,
)

app = typer.Typer(no_args_is_help=True)

Report = Annotated[str, typer.Argument(help="The report's id, rep_….")]


@app.command(name="list")
def list_open(
    after: Annotated[str, typer.Option(help="Those after this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    json: Json = False,
) -> None:
    """Reports nobody has decided on, those that came first first; names are masked."""
    from ygs.application.actors import Actor

    reports = run(lambda ygs: ygs.reports.list_open(Actor.operator(), after=after or None, limit=limit))
    if json:
        print_json(reports)
        return
    if not reports:
        typer.echo(say("No report waits."))
    for each in reports:
        about = say("of")
        by = say("by")
        people = f"{about} {each.subject_name}, {by} {each.reporter_name}"
        print_item(f"{each.id}  {_label(each.category)}", [f"{clock_time(each.created_at)}, {people}"])
    print_next(reports, limit, "ygs reports list")


@app.command()
def show(report: Report, json: Json = False) -> None:
    """One report with all that was written."""
    from ygs.application.actors import Actor

    _print(run(lambda ygs: ygs.reports.read(Actor.operator(), report)), json)


@app.command()
def resolve(
    report: Report,
    resolution: Annotated[
        Literal["dismissed", "warned", "suspended"], typer.Argument(help="Suspend the member first, then say so here.")
    ],
    reason: Annotated[str, typer.Option(help="Why; only staff read it.")],
    json: Json = False,
) -> None:
    """Say, once, what was made of a report."""
    from ygs.application.actors import Actor
    from ygs.application.moderation.reports import ReportResolution

    async def work(ygs: Any) -> Any:
        decision = ReportResolution.model_validate({"resolution": resolution, "words": reason})
        return await ygs.reports.resolve(Actor.operator(), report, decision)

    _print(run(work), json)


def _print(report: Any, json: bool) -> None:
    if json:
        print_json(report)
        return
    print_heading(f"{report.id}: {_label(report.category)}")
    about = say("of")
    by = say("by")
    typer.echo(f"{about}: {report.subject_name} {report.subject}")
    typer.echo(f"{by}: {report.reporter_name} {report.reporter}, {clock_time(report.created_at)}")
    typer.echo(readable(report.words) or say("(nothing written)"))
    if report.resolution is None:
        typer.echo(say("Nobody has decided on it yet."))
        return
    decision = f"{_label(report.resolution)}, {clock_time(report.resolved_at)}"
    resolved = say("resolved")
    typer.echo(f"{resolved}: {decision}: {readable(report.staff_words)}")


def _label(code: Any) -> str:
    from ygs.domain.matching.attribute import Language

    return str(code.label(Language(language())))
