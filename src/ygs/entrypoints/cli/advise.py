"""``ygs advise …``: advice of a language model about the pairs of a locked week."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.jobs import run_to_end
from ygs.entrypoints.cli.terminal import Json, language, print_heading, print_json, print_table, progress, run, say
from ygs.entrypoints.cli.weeks import Week

app = typer.Typer(no_args_is_help=True)


@app.command(name="run")
def run_advice(
    week: Week = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Send nothing: print every prompt as it would be sent, and the cost.")
    ] = False,
    json: Json = False,
) -> None:
    """Ask a language model about the best few pairs of each person, within the budget. It is a job: Ctrl-C cancels it.

    Members without a consent of their own for it are in no prompt. What comes of it moves pairs within a bound.
    """
    if dry_run:
        _rehearse(week, json)
        return
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        queued = await ygs.week_jobs.advise(Actor.operator(), found)
        await run_to_end(ygs, queued)
        return (await ygs.jobs.get(Actor.operator(), queued.id)).result, ygs.settings.advisor_currency

    result, currency = run(work)
    if json:
        print_json(result)
        return
    typer.echo(
        say(
            "{pairs} pairs moved; {calls} calls, {tokens} tokens, {cost} {currency}.",
            pairs=f"{result['pairs']:,}",
            calls=f"{result['calls']:,}",
            tokens=f"{result['tokens']:,}",
            cost=_money(result["cost"]),
            currency=currency,
        )
    )
    if result.get("refused"):
        typer.echo(say("{refused} answers were of no use and count for nothing.", refused=f"{result['refused']:,}"))
    _print_end(str(result["end"]))


def _rehearse(week: str, json: bool) -> None:
    """Print every prompt as it would be sent, one after another, and the estimate."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        with progress() as report, _prompts(json) as show:
            # Printed as they come: all prompts of a large week would fill the memory.
            async for each in ygs.week_advice.dry_run(Actor.operator(), found, report):
                if each.bill:
                    return each.bill
                show(each)
        return None

    bill = run(work)
    if json:
        print_json(bill)
        typer.echo("}")
        return
    _print_estimate(bill)


@contextmanager
def _prompts(json: bool) -> Iterator[Any]:
    """Print prompts one after another; as JSON, the beginning of a document that the bill ends."""
    first = True

    def show(prompt: Any) -> None:
        nonlocal first
        if json:
            typer.echo("" if first else ",")
            print_json({"instructions": prompt.instructions, "data": prompt.data}, nl=False)
        else:
            typer.echo(f"{prompt.instructions}\n\n{prompt.data}\n")
        first = False

    if json:
        typer.echo('{"prompts": [', nl=False)
    yield show
    if json:
        typer.echo('],\n"bill": ', nl=False)


def _print_estimate(bill: Any) -> None:
    typer.echo(
        say(
            "At most {calls} calls, {tokens} tokens, {cost} {currency}; {pairs} pairs on the shortlists, "
            "{cached} answered before, {to_ask} to ask about. Nothing was sent.",
            calls=f"{bill.calls:,}",
            tokens=f"{bill.input_tokens + bill.output_tokens:,}",
            cost=_money(bill.cost),
            currency=bill.currency,
            pairs=f"{bill.pairs:,}",
            cached=f"{bill.cached:,}",
            to_ask=f"{bill.to_ask:,}",
        )
    )
    if left_out := bill.pairs - bill.cached - bill.to_ask:
        typer.echo(
            say(
                "{pairs} pairs are not asked about: one of the two has no consent to a version in "
                "YGS_ADVISOR_CONSENT_VERSIONS, or has written no text.",
                pairs=f"{left_out:,}",
            )
        )


def _money(amount: Decimal | str) -> str:
    """An amount to a hundredth of a cent: calls cost less than a cent."""
    return f"{Decimal(amount):,.4f}"


def _print_end(end: str) -> None:
    reasons = {
        "budget": say("The budget is used up: the other pairs keep their weight."),
        "time": say("The time is over: the other pairs keep their weight."),
        "no_answer": say("Some calls had no answer: their pairs keep their weight. Run it again to ask about those."),
    }
    if end in reasons:
        typer.echo(reasons[end])


@app.command()
def show(week: Week = "", json: Json = False) -> None:
    """What advice has moved in a week, and what it has taken so far, over all attempts."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        return await ygs.week_advice.state(Actor.operator(), await ygs.weeks.find(Actor.operator(), week))

    found = run(work)
    if json:
        print_json(found)
        return
    typer.echo(say("{pairs} pairs moved", pairs=f"{found.moved:,}"))
    typer.echo(
        say(
            "{calls} of {most} calls, {cost} of {most_cost} {currency}",
            calls=f"{found.calls:,}",
            most=f"{found.most_calls:,}",
            cost=_money(found.cost),
            most_cost=found.most_cost,
            currency=found.currency,
        )
    )
    if not found.on:
        typer.echo(say("No language model is set up: see YGS_ADVISOR."))


@app.command()
def compare(week: Week = "", json: Json = False) -> None:
    """The plan of the week with and without advice: which pairs change, and what was advised about them."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        with progress() as report:
            return await ygs.week_advice.compare_by_name(Actor.operator(), found, language(), report)

    from ygs.domain.matching.wishes import FULL

    found, people = run(work)
    if json:
        print_json(found)
        return
    for sentence in found.evaluation.words.spoken(language()):
        typer.echo(sentence)
    totals = [f"{each / FULL:,.2f}" for each in found.total_mutual]
    for title, values in ((say("introduced"), found.introduced), (say("total of scores"), totals)):
        typer.echo(
            say("{title}: {without} without advice, {advised} with", title=title, without=values[0], advised=values[1])
        )
    print_heading(say("What was advised is made by a machine."))
    columns = [say("pair"), say(">score"), say(">moved by"), say("reason")]
    for title, pairs in ((say("Only with advice"), found.only_with), (say("Only without advice"), found.only_without)):
        print_table(title, columns, [_compared(each, people) for each in pairs])


def _compared(pair: Any, people: Any) -> tuple[str, str, str, str]:
    from ygs.entrypoints.cli.rendering import called

    two = f"{called(people[pair.a])} · {called(people[pair.b])}"
    moved = f"{pair.share / 100:+.2f} %" if pair.share else ""
    return two, f"{pair.mutual / 100:.1f}%", moved, pair.reason


@app.command()
def evaluate(json: Json = False) -> None:
    """Whether advice predicted answers of closed weeks better than the score alone; until then it is on trial."""
    from ygs.application.actors import Actor

    found = run(lambda ygs: ygs.week_advice.evaluate(Actor.operator()))
    if json:
        print_json(found)
        return
    for sentence in found.words.spoken(language()):
        typer.echo(sentence)
    if found.enough:
        gain = found.gain
        rows = [
            (f"{found.score:.4f}", f"{found.advised:.4f}", f"{gain.mean:+.4f}", f"{gain.low:+.4f} .. {gain.high:+.4f}")
        ]
        title = say("{answers:,} answers of {weeks} weeks", answers=found.answers, weeks=found.weeks)
        print_table(title, [say(">score alone"), say(">with advice"), say(">gain"), say("interval")], rows)
