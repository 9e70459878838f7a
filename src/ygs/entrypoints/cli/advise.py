"""``ygs advise …``: advice of a language model about the pairs of a locked week."""

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
            cost=result["cost"],
            currency=currency,
        )
    )
    _print_end(str(result["end"]))


def _rehearse(week: str, json: bool) -> None:
    """Print every prompt as it would be sent, one after another, and the estimate."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        with progress() as report:
            async for each in ygs.week_advice.dry_run(Actor.operator(), found, report):
                if each.bill:
                    return each.bill
                # Printed as they come: all prompts of a large week would fill the memory.
                _print_prompt(each, json)
        return None

    bill = run(work)
    if json:
        print_json(bill)
        return
    typer.echo(
        say(
            "At most {calls} calls, {tokens} tokens, {cost} {currency}; {pairs} pairs on the shortlists, "
            "{cached} answered before. Nothing was sent.",
            calls=f"{bill.calls:,}",
            tokens=f"{bill.input_tokens + bill.output_tokens:,}",
            cost=bill.cost,
            currency=bill.currency,
            pairs=f"{bill.pairs:,}",
            cached=f"{bill.cached:,}",
        )
    )


def _print_prompt(prompt: Any, json: bool) -> None:
    if json:
        print_json({"instructions": prompt.instructions, "data": prompt.data})
    else:
        typer.echo(prompt.instructions)
        typer.echo(prompt.data)


def _print_end(end: str) -> None:
    reasons = {
        "budget": say("The budget is used up: the other pairs keep their weight."),
        "time": say("The time is over: the other pairs keep their weight."),
        "no_answer": say("Some calls had no answer: their pairs keep their weight. Run it again to ask about those."),
    }
    if end in reasons:
        typer.echo(reasons[end])


@app.command()
def compare(week: Week = "", json: Json = False) -> None:
    """The plan of the week with and without advice: which pairs change, and what was advised about them."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        with progress() as report:
            return await ygs.week_advice.compare(Actor.operator(), found, report)

    found = run(work)
    if json:
        print_json(found)
        return
    for sentence in found.evaluation.words.spoken(language()):
        typer.echo(sentence)
    for title, values in ((say("introduced"), found.introduced), (say("total of scores"), found.total_mutual)):
        typer.echo(
            say("{title}: {without} without advice, {advised} with", title=title, without=values[0], advised=values[1])
        )
    print_heading(say("What was advised is made by a machine."))
    columns = [say("pair"), say("score"), say("moved by"), say("reason")]
    for title, pairs in ((say("Only with advice"), found.only_with), (say("Only without advice"), found.only_without)):
        rows = [(f"{each.a} {each.b}", each.mutual, f"{each.share / 100:+.1f} %", each.reason) for each in pairs]
        print_table(title, columns, rows)


@app.command()
def evaluate(json: Json = False) -> None:
    """Whether advice predicted answers of closed weeks better than the score alone. Only then it moves pairs fully."""
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
