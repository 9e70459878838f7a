"""``ygs audit …``: who read whose data, and how much accounts may read."""

from typing import Annotated

import typer

from ygs.entrypoints.cli.terminal import Json, language, print_item, print_json, run, say

app = typer.Typer(no_args_is_help=True)


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
    from ygs.application.audit.read_budgets import LiftRequest
    from ygs.domain.ids import user_id

    lifted = run(lambda ygs: ygs.budget_lifts.lift(Actor.operator(), user_id(account), LiftRequest(reason=reason)))
    if json:
        print_json(lifted)
        return
    typer.echo(say("{account} may read more people for the rest of the day.", account=account))
