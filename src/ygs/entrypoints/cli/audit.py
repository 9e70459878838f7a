"""``ygs audit …``: who read whose data, and how much accounts may read."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import FOUND, Json, clock_time, language, print_item, print_json, run, say

app = typer.Typer(no_args_is_help=True)


Account = Annotated[str, typer.Option(help="What this account did, usr_….")]
Member = Annotated[str, typer.Option(help="About this user: an id, or an unambiguous name.")]
Action = Annotated[str, typer.Option(help="How the action begins, such as member. or member.read.")]
Since = Annotated[datetime | None, typer.Option(help="From this day or moment on, by the service's clock.")]
Until = Annotated[datetime | None, typer.Option(help="Before this day or moment, by the service's clock.")]


@app.command(name="list")
def list_entries(
    account: Account = "",
    member: Member = "",
    action: Action = "",
    since: Since = None,
    until: Until = None,
    before: Annotated[int | None, typer.Option(min=1, help="Those numbered below this.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    json: Json = False,
) -> None:
    """Entries of the audit log, latest first: who read or changed whose data."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        wanted = await _filter(ygs, account, member, action, since, until)
        return await ygs.audit_search.find(Actor.operator(), wanted, before=before, limit=limit)

    found = run(work)
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No entry fits."))
    for each in found:
        about = each.subject or (say("{count} people", count=each.people) if each.people else "")
        lines = [f"{each.actor} ({each.role})", about, each.what, each.reason]
        print_item(f"{each.number}  {clock_time(each.at)}  {_called(each.action)}", [line for line in lines if line])


def _called(action: str) -> str:
    """What an action is called, and its code, by which one searches."""
    from ygs.application.labels import LABELS, label

    return f"{label('audit_action', action, language())} ({action})" if action in LABELS["audit_action"] else action


@app.command()
def people(number: Annotated[int, typer.Argument(min=1, help="The number of the entry.")], json: Json = False) -> None:
    """Everybody whom one entry is about."""
    from ygs.application.actors import Actor

    found = run(lambda ygs: ygs.audit_search.people(Actor.operator(), number))
    if json:
        print_json(found)
        return
    for each in found:
        typer.echo(each)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write: one entry a line, as JSON.")],
    since: Annotated[datetime, typer.Option(help="From this day or moment on, by the service's clock.")],
    until: Annotated[datetime, typer.Option(help="Before this day or moment, by the service's clock.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit log.")],
) -> None:
    """Write the entries of a time to a file that `ygs audit verify` checks, also elsewhere."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> int:
        from ygs.application.audit.export import AuditExportRequest

        zone = ygs.own_accesses.zone
        times = {"since": since.replace(tzinfo=zone), "until": until.replace(tzinfo=zone)}
        request = AuditExportRequest.model_validate({**times, "reason": reason})
        written = 0
        lines = await ygs.audit_exports.export(Actor.operator(), request)
        with file.open("w", encoding="utf-8") as out:
            async for line in lines:
                out.write(line)
                written += 1
        return written - 2  # Without the first line and the last.

    typer.echo(say("{count} entries are written to {file}.", count=run(work), file=file))


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="What `ygs audit export` or the service wrote.", exists=True)],
    key: Annotated[
        bool, typer.Option("--key", help="With the key of the settings: compute every link of the chain again.")
    ] = False,
    json: Json = False,
) -> None:
    """Verify an export of the audit log, without the service and without a database.

    Without the key: that no entry is missing between the ends, and that nobody was added to or left out of an entry.
    With it also that no entry was changed, and that the ends are those that the service wrote. Exit code 4 when
    anything does not hold.
    """
    from ygs.domain.audit_export import ExportVerifier

    mac = None
    if key:
        from ygs.bootstrap.storages import audit_mac
        from ygs.settings import Settings

        mac = audit_mac(Settings())
    with file.open(encoding="utf-8", errors="replace") as lines:
        found = ExportVerifier.of(lines, mac)
    if json:
        fields = {name: getattr(found, name) for name in ("first", "last", "entries", "withheld")}
        print_json({"holds": not found.faults, "key": key, **fields, "faults": [str(each) for each in found.faults]})
    else:
        _print_verified(found, key=key)
    if found.faults:
        raise typer.Exit(FOUND)


def _print_verified(found: Any, *, key: bool) -> None:
    for fault in found.faults:
        typer.echo(say(fault.template, **fault.fields))
    typer.echo(say("{count} entries, {first} to {last}.", count=found.entries, first=found.first, last=found.last))
    if found.withheld:
        typer.echo(say("{count} of them are withheld: only their places were checked.", count=found.withheld))
    if found.faults:
        return
    if key:
        typer.echo(say("Every link holds: no entry was changed, added or left out."))
    else:
        typer.echo(say("Nothing is missing. Whether entries were changed, only the key of the service tells: --key."))


async def _filter(
    ygs: Any, account: str, member: str, action: str, since: datetime | None, until: datetime | None
) -> Any:
    from ygs.domain.ids import user_id
    from ygs.entrypoints.cli.people import person_id
    from ygs.ports.repositories.audit import AuditFilter

    zone = ygs.own_accesses.zone
    return AuditFilter(
        actor=user_id(account) if account.startswith("usr_") else account,
        about=user_id(await person_id(ygs, member)) if member else None,
        actions=(action,) if action else (),
        since=since.replace(tzinfo=zone) if since else None,
        until=until.replace(tzinfo=zone) if until else None,
    )


@app.command()
def budgets(json: Json = False) -> None:
    """How many people each account of staff was shown today."""
    from ygs.application.actors import Actor
    from ygs.application.labels import label

    found = run(lambda ygs: ygs.budget_lifts.list(Actor.operator()))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("Nobody was shown anything today."))
    for each in found:
        lines = [f"{label('read_kind', use.kind, language())}: {use.used} / {use.limit}" for use in each.budgets]
        if each.lifted_at:
            lines.append(say("Lifted for today: {reason}", reason=each.reason))
        print_item(each.user_id, lines)


@app.command()
def lift(
    account: Annotated[str, typer.Argument(help="The account of staff, usr_….")],
    reason: Annotated[str, typer.Option(help="Why it may read more today; it stands in the audit log.")],
    json: Json = False,
) -> None:
    """Let an account of staff read beyond its budgets for the rest of the day."""
    from ygs.application.actors import Actor
    from ygs.application.audit.budget_lifts import LiftRequest
    from ygs.domain.ids import user_id

    lifted = run(lambda ygs: ygs.budget_lifts.lift(Actor.operator(), user_id(account), LiftRequest(reason=reason)))
    if json:
        print_json(lifted)
        return
    typer.echo(say("{account} may read more people for the rest of the day.", account=account))
