"""``ygs reports …``: what members report of each other, and what is made of it. Every look is on record."""

from typing import Annotated, Any, Literal

import typer

from ygs.entrypoints.cli.terminal import Json, language, print_heading, print_item, print_json, readable, run, words

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

    found = run(lambda ygs: ygs.reports.waiting(Actor.operator(), after=after or None, limit=limit))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(words("처리할 신고가 없습니다.", "No report waits."))
    for each in found:
        about, by = words("대상", "of"), words("신고한 사람", "by")
        people = f"{about} {each.subject_name}, {by} {each.reporter_name}"
        print_item(f"{each.id}  {_label(each.category)}", [f"{_at(each.created_at)} UTC, {people}"])
    if len(found) == limit:
        more = f"ygs reports list --after {found[-1].id}"
        typer.echo(words(f"다음 신고: {more}", f"Those that follow: {more}"))


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
    typer.echo(f"{words('대상', 'of')}: {report.subject_name} {report.subject}")
    typer.echo(f"{words('신고한 사람', 'by')}: {report.reporter_name} {report.reporter}, {_at(report.created_at)} UTC")
    typer.echo(readable(report.words) or words("(남긴 말 없음)", "(nothing written)"))
    if report.resolution is None:
        typer.echo(words("아직 처리하지 않았습니다.", "Nobody has decided on it yet."))
        return
    made = f"{_label(report.resolution)}, {_at(report.resolved_at)} UTC"
    typer.echo(f"{words('처리', 'resolved')}: {made}: {readable(report.staff_words)}")


def _label(code: Any) -> str:
    from ygs.domain.matching.attribute import Language

    return str(code.label(Language(language())))


def _at(moment: Any) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
