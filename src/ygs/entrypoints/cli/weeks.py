"""``ygs week …``: a match week from opening to closing."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import Json, clock_time, print_json, print_table, progress, run, say

app = typer.Typer(no_args_is_help=True)

Week = Annotated[str, typer.Argument(help="The week, like 2026-W48 or mw_…; the latest when left out.")]
WeekOption = Annotated[str, typer.Option("--week", help="The week, like 2026-W48 or mw_…; the latest when left out.")]
Person = Annotated[str, typer.Argument(help="A member's id, usr_….")]


@app.command()
def create(
    week: Annotated[str, typer.Argument(help="The ISO week, like 2026-W48; the next free one when left out.")] = "",
    policy: Annotated[
        Path | None, typer.Option(help="The round's policy: a TOML file like examples/policy.toml.", exists=True)
    ] = None,
    seed: Annotated[int, typer.Option(help="Recorded with the plan, so that it can be made again.")] = 0,
    json: Json = False,
) -> None:
    """Open a match week."""
    from ygs.application.actors import Actor
    from ygs.application.rounds.policies import policy_from
    from ygs.application.rounds.weeks import CreateWeek

    request = {"week": week or None, "seed": seed}

    def rules() -> Any:
        return policy_from(policy.read_text("utf-8")) if policy else None

    made = run(lambda ygs: ygs.weeks.create(Actor.operator(), CreateWeek.model_validate(request), rules()))
    _say(made, json, say("opened"))


@app.command(name="list")
def list_weeks(json: Json = False) -> None:
    """The latest match weeks."""
    from ygs.application.actors import Actor

    weeks = run(lambda ygs: ygs.weeks.latest(Actor.operator()))
    if json:
        print_json(weeks)
    elif not weeks:
        typer.echo(say("No match week yet: `ygs week create`"))
    else:
        columns = [say("week"), say("state"), say("answers until"), "id"]
        rows = [(week.week, week.state, clock_time(week.deadline), week.id) for week in weeks]
        print_table(say("Match weeks"), columns, rows)


@app.command()
def lock(week: Week = "", json: Json = False) -> None:
    """Freeze who takes part and what is known of them."""
    _step("lock", week, json, say("locked"))


@app.command()
def discard(week: Week = "", json: Json = False) -> None:
    """Drop the plan and open the week again."""
    _step("discard", week, json, say("opened again"))


@app.command()
def cancel(week: Week = "", json: Json = False) -> None:
    """Hold no round in an open week."""
    _step("cancel", week, json, say("cancelled"))


@app.command()
def close(week: Week = "", json: Json = False) -> None:
    """End a week after its answer deadline; unanswered introductions expire."""
    _step("close", week, json, say("closed"))


@app.command()
def publish(week: Week = "", json: Json = False) -> None:
    """Introduce the proposed pairs, all or none."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        with progress() as report:
            return await ygs.planning.publish(Actor.operator(), await ygs.weeks.find(Actor.operator(), week), report)

    _say(run(work), json, say("published"))


@app.command()
def plan(week: Week = "", json: Json = False) -> None:
    """Solve the locked week and propose the plan."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        with progress() as report:
            await ygs.planning.plan(Actor.operator(), found, progress=report)
        return await ygs.proposals.proposal(Actor.operator(), found, limit=10)

    _print_proposal(run(work), json)


@app.command()
def show(
    week: Week = "",
    pairs: Annotated[int, typer.Option(min=1, max=100, help="How many pairs to list.")] = 20,
    json: Json = False,
) -> None:
    """A week, and its plan when there is one: pairs with reasons, who got no one and why."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        return await ygs.proposals.week(Actor.operator(), await ygs.weeks.find(Actor.operator(), week), limit=pairs)

    week_view, proposal = run(work)
    if json:
        print_json({"week": week_view, "proposal": proposal})
        return
    _say(week_view, False, str(week_view.state))
    if proposal:
        _print_proposal(proposal, False)


@app.command()
def pin(one: Person, other: Person, week: WeekOption = "", json: Json = False) -> None:
    """Make a pair part of the plan; the rest is solved again and the price is shown."""
    _override(week, json, pins=[(one, other)])


@app.command()
def forbid(one: Person, other: Person, week: WeekOption = "", json: Json = False) -> None:
    """Keep a pair out of this week's plan."""
    _override(week, json, forbids=[(one, other)])


@app.command(name="leave-out")
def leave_out(person: Person, week: WeekOption = "", json: Json = False) -> None:
    """Let a person sit this week out."""
    _override(week, json, left_out=[person])


@app.command()
def swap(
    person: Person,
    give_up: Annotated[str, typer.Argument(help="Whom they would lose.")],
    take: Annotated[str, typer.Argument(help="Whom they get instead.")],
    week: WeekOption = "",
    json: Json = False,
) -> None:
    """Give a person another partner: forbids one pair and pins the other."""
    _override(week, json, pins=[(person, take)], forbids=[(person, give_up)])


def _step(step: str, week: str, json: bool, done: str) -> None:
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        return await getattr(ygs.weeks, step)(Actor.operator(), found)

    _say(run(work), json, done)


def _say(week: Any, json: bool, done: str) -> None:
    if json:
        print_json(week)
        return
    deadline = clock_time(week.deadline)
    answers = say("Answers until {deadline}", deadline=deadline)
    typer.echo(f"{week.week} ({week.id}): {done}. {answers}")
    standing = ", ".join(f"{name} {count:,}" for name, count in week.introductions.items() if count)
    if standing:
        typer.echo(say("introductions: {standing}", standing=standing))


def _override(week: str, json: bool, **change: Any) -> None:
    from ygs.application.actors import Actor
    from ygs.domain.matching.plan import Overrides

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        with progress() as report:
            return await ygs.proposals.override(Actor.operator(), found, Overrides.of(**change), report)

    price = run(work)
    if json:
        print_json(price)
        return
    columns = [
        say("objective"),
        say(">before"),
        say(">after"),
        say(">change"),
    ]
    rows = [(each.objective, f"{each.before:,}", f"{each.after:,}", f"{each.change:+,}") for each in price.objectives]
    print_table(say("The price of the override"), columns, rows)


def _print_proposal(proposal: Any, json: bool) -> None:
    if json:
        print_json(proposal)
        return
    from ygs.entrypoints.cli.rendering import print_proposal

    print_proposal(proposal)
