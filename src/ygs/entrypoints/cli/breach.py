"""``ygs breach``: whose data an account was shown, with drafts of notices and of the report."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import Json, clock_time, language, print_json, run, say


def breach(
    account: Annotated[str, typer.Option(help="The account that leaked, usr_….")] = "",
    since: Annotated[
        datetime | None, typer.Option("--from", help="From this day or moment on, by the service's clock.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", help="Before this day or moment, by the service's clock.")
    ] = None,
    canary: Annotated[
        str, typer.Option(help="Name the account whose sheets hold the made-up member with this id or phone instead.")
    ] = "",
    known: Annotated[datetime | None, typer.Option(help="Since when you know; now if left out.")] = None,
    intrusion: Annotated[bool, typer.Option(help="Whether somebody came in from outside.")] = True,
    notices: Annotated[
        Path | None, typer.Option(help="A file for the notices: one person a line, as JSON with both languages.")
    ] = None,
    json: Json = False,
) -> None:
    """List whose data an account was shown, and draft the notices and the report to the authority."""
    from ygs.application.actors import Actor
    from ygs.application.operations.breach import BreachQuestion
    from ygs.domain.ids import user_id

    if canary:
        _print_owner(run(lambda ygs: ygs.canaries.owner(Actor.operator(), canary)), json)
        return
    if not account or since is None or until is None:
        raise typer.BadParameter("give --account, --from and --to, or --canary")

    async def work(ygs: Any) -> Any:
        zone = ygs.breaches.zone
        question = BreachQuestion(
            account=user_id(account),
            since=since.replace(tzinfo=zone),
            until=until.replace(tzinfo=zone),
            known_at=known.replace(tzinfo=zone) if known else None,
            intrusion=intrusion,
        )
        return await ygs.breaches.find(Actor.operator(), question, limit=None)

    found = run(work)
    if notices:
        with notices.open("w", encoding="utf-8") as lines:
            lines.writelines(f"{person.model_dump_json()}\n" for person in found.items)
    if json:
        print_json(found)
        return
    _print(found)
    if notices:
        typer.echo(say("The notices are in {file}.", file=notices))


def _print_owner(owner: Any, json: bool) -> None:
    if json:
        print_json(owner)
        return
    typer.echo(say("The sheet was written for {account}.", account=owner.account))
    first, last = clock_time(owner.made_at), clock_time(owner.used_at)
    typer.echo(say("Sheets with this made-up member were written from {first} to {last}.", first=first, last=last))


def _print(found: Any) -> None:
    if not found.people:
        typer.echo(say("The account {account} was shown nobody in this time: check its id.", account=found.account))
        return
    typer.echo(say("{people} people, {in_full} of them in full.", people=found.people, in_full=found.in_full))
    for person in found.items[:20]:
        typer.echo(f"  {person.user_id}  {', '.join(person.data)}  {clock_time(person.first_at)}")
    if found.people > 20:
        typer.echo(say("All of them: --json, or --notices FILE."))
    typer.echo(say("Notify them until {moment}.", moment=clock_time(found.notify_by)))
    if found.must_report:
        typer.echo(say("Report to the authority until {moment}.", moment=clock_time(found.report_by)))
    rules = say(
        "By {law}, as secondary sources gave it on {day}. No legal advice: have a lawyer check it.",
        law=found.law,
        day=found.checked_on,
    )
    typer.echo(rules)
    typer.echo()
    for line in found.report.spoken(language()):
        typer.echo(line)
