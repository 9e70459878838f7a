"""``ygs import``, ``ygs export`` and ``ygs db``: members from and to files, and the database schema."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import (
    FOUND,
    USAGE,
    Json,
    fail,
    print_json,
    print_table,
    progress,
    run,
    run_async,
    say,
)

db = typer.Typer(no_args_is_help=True)


@db.command()
def upgrade() -> None:
    """Create the database's schema, or bring it to this release's."""
    from ygs.bootstrap import upgrade_database

    head = run_async(upgrade_database)
    typer.echo(say("The database is at head ({head}).", head=head))


def import_(
    file: Annotated[Path, typer.Argument(help="A CSV, zipped CSV or xlsx file.")],
    mapping: Annotated[
        Path | None, typer.Option(help="A TOML file that says what its columns and values mean.")
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Print a first mapping, made from the headers, and import nothing.")
    ] = False,
    ask_model: Annotated[
        bool,
        typer.Option("--ask-model", help="With --suggest: let the language model propose what unknown columns are."),
    ] = False,
    sheet: Annotated[str, typer.Option(help="The sheet to read, instead of the mapping's or the first visible.")] = "",
    header_row: Annotated[
        int | None, typer.Option(min=1, help="The row that names the columns, instead of the mapping's or the found.")
    ] = None,
    commit: Annotated[
        bool, typer.Option("--commit", help="Store the accepted rows; without it this is a dry run.")
    ] = False,
    admit: Annotated[list[int] | None, typer.Option(help="A row number that is not the double it looks like.")] = None,
    verdicts: Annotated[Path | None, typer.Option(help="Write every refused row with its reason to this file.")] = None,
    json: Json = False,
) -> None:
    """Bring members in from another system's file; exit code 4 when rows were refused."""
    from ygs.application.actors import Actor

    if suggest is (mapping is not None):
        fail(say("give either --mapping FILE.toml, or --suggest to print a first mapping of this file"), USAGE)
    if ask_model and not suggest:
        fail(say("give --ask-model with --suggest: the model proposes what columns are, and judges no rows"), USAGE)
    if mapping is None:
        _suggest(file, sheet, header_row, ask_model=ask_model)
        return
    options = {"sheet": sheet or None, "header_row": header_row}
    given = {name: value for name, value in options.items() if value is not None}
    file_mapping = _mapping(mapping).model_copy(update=given)

    async def work(ygs: Any) -> Any:
        with progress() as report:
            return await ygs.member_import.run(
                Actor.operator(),
                str(file),
                file_mapping,
                commit=commit,
                admit=admit or (),
                verdicts=str(verdicts or ""),
                language=ygs.settings.language,
                progress=report,
            )

    report = run(work)
    if json:
        print_json(report)
    else:
        _print_import(report)
    if report.refused:
        raise typer.Exit(FOUND)


def _suggest(file: Path, sheet: str, header_row: int | None, *, ask_model: bool) -> None:
    import asyncio

    from pydantic import SecretStr

    from ygs.application.actors import Actor
    from ygs.bootstrap import build
    from ygs.domain.errors import YgsError
    from ygs.entrypoints.cli.terminal import REFUSED
    from ygs.ports.spreadsheets import TablePlace
    from ygs.settings import Environment, Settings

    if ask_model:

        async def ask(ygs: Any) -> str:
            place = TablePlace(sheet, header_row)
            propose = ygs.column_drafts.propose
            text: str = await ygs.member_import.suggest(Actor.operator(), str(file), place, propose)
            return text

        typer.echo(run(ask), nl=False)
        return
    # A suggestion stores nothing, so it needs neither a database nor what production needs.
    settings = Settings(environment=Environment.DEVELOPMENT, database_url=SecretStr("memory:"))

    async def work() -> str:
        async with build(settings) as ygs:
            return await ygs.member_import.suggest(Actor.operator(), str(file), TablePlace(sheet, header_row))

    try:
        typer.echo(asyncio.run(work()), nl=False)
    except YgsError as error:
        fail(error, REFUSED)


def _mapping(file: Path) -> Any:
    from ygs.application.importing.mapping import parse_mapping
    from ygs.domain.errors import N_, BadFile
    from ygs.entrypoints.cli.terminal import REFUSED

    try:
        return parse_mapping(file.read_bytes())
    except OSError:
        fail(BadFile(N_("cannot read the mapping {file}: give the path of a TOML file"), file=file), REFUSED)
    except BadFile as error:
        fail(error, REFUSED)


def _print_import(report: Any) -> None:
    from ygs.settings import Settings

    language = Settings().language
    rows = [_tally_cells(tally, language) for tally in report.tallies]
    columns = [
        say(">rows"),
        say("column"),
        say("reason"),
        say("detail"),
        say("value"),
        say(">first row"),
    ]
    if rows:
        print_table(say("Rows that do not come in"), columns, rows)
    _print_place(report)
    counts = f"{report.rows:,} / {report.accepted:,} / {report.refused:,} / {report.duplicates:,}"
    typer.echo(say("read / accepted / refused / duplicates: {counts}", counts=counts))
    if report.known_again:
        count = f"{report.known_again:,}"
        typer.echo(say("left suspended once, so they wait for review: {count}", count=count))
    if report.without_phone:
        count = f"{report.without_phone:,}"
        typer.echo(say("without a phone, so they wait for review: {count}", count=count))
    stored = say("Stored. `ygs imports list` shows it, and `ygs imports undo` takes it back.")
    dry_run = say("That was a dry run: add --commit to store them.")
    typer.echo(stored if report.committed else dry_run)


def _tally_cells(tally: Any, language: Any) -> tuple[object, ...]:
    from ygs.application.importing.rejections import detail_in_words

    detail = detail_in_words(tally.detail, language)
    return f"{tally.rows:,}", tally.column, tally.why.label(language), detail, ", ".join(tally.texts), tally.first


def _print_place(report: Any) -> None:
    if report.sheet:
        place = say("sheet {sheet!r}, columns named in row {row}", sheet=report.sheet, row=report.header_row)
    else:
        place = say("columns named in row {row}", row=report.header_row)
    typer.echo(place)
    if report.hidden_rows or report.hidden_columns:
        hidden = f"{report.hidden_rows:,} / {report.hidden_columns:,}"
        typer.echo(say("hidden rows / columns, read too: {hidden}", hidden=hidden))


def export(
    what: Annotated[str, typer.Argument(help="members, introductions, memberships, consultations or reports.")],
    file: Annotated[Path, typer.Argument(help="The file to write, .csv or .xlsx.")],
    reason: Annotated[str, typer.Option(help="Why you need it; it stays on record.")],
    contacts: Annotated[bool, typer.Option("--contacts", help="Members' phones and e-mails too.")] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Of all but members: from this day on, YYYY-MM-DD.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Of all but members: before this day, YYYY-MM-DD.")
    ] = None,
    json: Json = False,
) -> None:
    """Write members, introductions, memberships, consultations or reports to a sheet."""
    from ygs.application.actors import Actor
    from ygs.domain.exports import ExportedData

    if what not in list(ExportedData):
        raise typer.BadParameter(f"export one of {', '.join(ExportedData)}")
    data = ExportedData(what)
    if data is ExportedData.MEMBERS and (since or until):
        raise typer.BadParameter("members have no day: leave --since and --until out")
    days = {"since": since.date() if since else None, "until": until.date() if until else None}

    async def work(ygs: Any) -> Any:
        with progress() as report:
            told = {"reason": reason, "language": ygs.settings.language, "progress": report}
            to = Actor.operator(), str(file)
            if data is ExportedData.MEMBERS:
                return await ygs.member_export.members(*to, contacts=contacts, **told)
            if data is ExportedData.INTRODUCTIONS:
                return await ygs.member_export.introductions(*to, **days, **told)
            return await ygs.member_export.dated(*to, data, **days, **told)

    written = run(work)
    if json:
        print_json(written)
    else:
        typer.echo(say("{file}: {rows:,} rows", file=file, rows=written.rows))
