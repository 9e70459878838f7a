"""``ygs refund``: the refund calculator, from figures alone; it needs no database."""

from datetime import datetime
from typing import Annotated, Any, Literal

import typer

from ygs.entrypoints.cli.terminal import Json, language, print_json, print_table, run_async, say


def refund(
    fee: Annotated[int, typer.Option(help="The agreed fee, in won.")],
    contracted: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="The date of the contract, YYYY-MM-DD: it chooses the rules.")
    ],
    fault: Annotated[Literal["member", "operator"], typer.Option(help="For whose reason the contract ends.")],
    meetings: Annotated[int, typer.Option(help="Meetings promised, without those given as a service.")] = 0,
    service: Annotated[int, typer.Option(help="Meetings given as a service.")] = 0,
    held: Annotated[int, typer.Option(help="Meetings that took place.")] = 0,
    stage: Annotated[
        Literal["joined", "profile_given", "date_fixed", "met"],
        typer.Option(help="How far it had come; it is met whenever a meeting took place."),
    ] = "joined",
    days: Annotated[int | None, typer.Option(help="The days of a contract of a period, instead of meetings.")] = None,
    passed: Annotated[int, typer.Option(help="The days that passed, without those paused.")] = 0,
    paid: Annotated[int | None, typer.Option(help="What was paid so far, in won; the whole fee if left out.")] = None,
    rules: Annotated[str, typer.Option(help="The rules that the contract names, such as 2021.")] = "",
    json: Json = False,
) -> None:
    """Compute what is paid back when a membership ends early, every step shown; no legal advice."""
    figures = {
        "fee": fee,
        "contracted_on": contracted.date(),
        "fault": fault,
        "stage": stage,
        "meetings": meetings,
        "service_meetings": service,
        "meetings_held": held,
        "days": days,
        "days_passed": passed,
        "paid": paid,
        "rules": rules,
    }

    async def work() -> Any:
        from ygs.application.memberships.refund_calculator import RefundRequest, calculate

        return calculate(RefundRequest.model_validate(figures))

    found = run_async(work)
    if json:
        print_json(found)
    else:
        print_refund(found)


def print_refund(found: Any) -> None:
    """Print the steps of a refund as a table, the result, and that it is no legal advice."""
    rows = [(step.sentence(language()), step.shown_amount()) for step in found.steps]
    amounts = say("won")
    print_table(say("Refund"), [say("step"), f">{amounts}"], rows)
    if found.owed:
        typer.echo(say("The member still owes {amount:,} won.", amount=found.owed))
    else:
        typer.echo(say("To be paid back: {amount:,} won.", amount=found.to_pay))
    for sentence in found.notice.spoken(language()):
        typer.echo(sentence)
