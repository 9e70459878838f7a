"""``ygs simulate`` and ``ygs backtest``: the effects of a policy on made-up clubs and on past weeks."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import REFUSED, Json, fail, print_json, print_table, progress, run, say


def simulate(
    people: Annotated[int, typer.Option(min=2, max=100_000, help="How many people a made-up club has.")] = 500,
    men: Annotated[
        int | None, typer.Option(min=0, help="How many of them are men; three in five when left out.")
    ] = None,
    weeks: Annotated[int, typer.Option(min=1, max=52, help="How many weeks run.")] = 8,
    seeds: Annotated[
        int, typer.Option(min=2, max=1_000, help="How many clubs: the more, the narrower the interval.")
    ] = 10,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            help="Compare only unconstrained, default, coverage, stable or greedy; or a TOML file like "
            "examples/policy.toml with the usual ones. May be repeated."
        ),
    ] = None,
    chart: Annotated[Path | None, typer.Option(help="Save a chart here: .png, .svg or .pdf.", dir_okay=False)] = None,
    json: Json = False,
) -> None:
    """Run many weeks over made-up clubs and compare policies; the first row is what costs are measured against."""
    import asyncio

    from ygs.domain.errors import YgsError

    if chart:
        _chart_can_be_drawn(chart)
    try:
        outcomes = asyncio.run(_simulated(people, people * 3 // 5 if men is None else men, weeks, seeds, policy or ()))
    except YgsError as error:
        fail(error, REFUSED)
    if chart:
        from ygs.entrypoints.cli.charts import save_chart

        save_chart(outcomes["believing"], people, chart)
    if json:
        print_json(
            [
                {"population": population, **_outcome(each, of_one[0])}
                for population, of_one in outcomes.items()
                for each in of_one
            ]
        )
        return
    _print_outcomes(say("People who answer as their wishes say"), outcomes["believing"])
    _print_outcomes(say("Sceptics, who answer as speed-dating studies found"), outcomes["sceptical"])
    typer.echo(
        say(
            "Means per season, with confidence intervals (level 0.95). mutual: expected mutual yes. cost: against the "
            "first row. left out: never introduced. missed: although an eligible partner was there. wait, most: weeks."
        )
    )
    if chart:
        typer.echo(say("Chart saved: {chart}", chart=chart))


def backtest(
    policy: Annotated[
        str,
        typer.Option(
            help="The policy to try: unconstrained, default, coverage, stable, greedy, or a TOML file like "
            "examples/policy.toml."
        ),
    ],
    weeks: Annotated[int, typer.Option(min=1, max=100, help="How many of the latest weeks.")] = 12,
    json: Json = False,
) -> None:
    """Plan the published weeks again, from what was known then, under another policy."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        (tried,) = _policies([policy]).values()
        with progress() as report:
            return await ygs.backtest.replay(Actor.operator(), tried, weeks=weeks, progress=report)

    replayed = run(work)
    if json:
        print_json(replayed)
    elif not replayed:
        typer.echo(say("No week has been published yet."))
    else:
        _print_replayed(replayed)


async def _simulated(
    people: int, men: int, weeks: int, seeds: int, named: Sequence[str]
) -> Mapping[str, Sequence[Any]]:
    """The results of the policies, by population."""
    from dataclasses import replace

    from pydantic import SecretStr

    from ygs.application.simulation.behaviour import SCEPTICAL
    from ygs.application.simulation.simulate import Scenario, Simulation, usual_policies
    from ygs.bootstrap import build
    from ygs.settings import Settings

    given = _policies(named)
    usual = usual_policies()
    policies = given if usual.keys() & given.keys() else usual | given
    believing = Scenario(men=men, women=people - men, weeks=weeks, seeds=range(1, seeds + 1))
    sceptical = replace(believing, population=SCEPTICAL)
    # Only the engines are needed: no member's data, so no database either.
    async with build(Settings(database_url=SecretStr("memory:"))) as ygs:
        with progress() as report:
            simulation = Simulation(ygs.scorer, ygs.solver)
            return {
                scenario.population.name: simulation.compare(scenario, policies, report)
                for scenario in (believing, sceptical)
            }


def _policies(named: Sequence[str]) -> dict[str, Any]:
    """The policies by name: one of the usual, or of a file, under the name of the file."""
    from ygs.application.rounds.policies import policy_from
    from ygs.application.simulation.simulate import usual_policies
    from ygs.domain.errors import N_, InvalidPolicy

    policies = {}
    usual = usual_policies()
    for name in named:
        if name in usual:
            policies[name] = usual[name]
        elif (file := Path(name)).is_file():
            policies[file.stem] = policy_from(file.read_bytes())
        else:
            raise InvalidPolicy(N_("{name} is neither a file nor one of {names}"), name=name, names=", ".join(usual))
    return policies


def _chart_can_be_drawn(chart: Path) -> None:
    from importlib.util import find_spec

    if not find_spec("matplotlib"):
        fail(
            say("A chart needs `pip install ygs[charts]`."),
            REFUSED,
        )
    if chart.suffix not in (".png", ".svg", ".pdf"):
        fail(say("A chart is saved as .png, .svg or .pdf."), REFUSED)
    if not chart.resolve().parent.is_dir():
        fail(say("There is no such folder: {parent}", parent=chart.parent), REFUSED)


def _outcome(outcome: Any, base: Any) -> dict[str, Any]:
    """An outcome as JSON: all seasons, and the intervals of the table."""
    figures = (
        "expected_mutual",
        "introductions",
        "never_introduced",
        "overlooked",
        "gini",
        "mean_wait",
        "longest_wait",
    )
    intervals = {name: outcome.over(lambda season, name=name: getattr(season, name)) for name in figures}
    return {"policy": outcome.policy, "cost_percent": outcome.cost(base), **intervals, "seasons": outcome.seasons}


def _print_outcomes(title: str, outcomes: Sequence[Any]) -> None:
    columns = [
        say("policy"),
        say(">mutual"),
        say(">cost %"),
        say(">left out"),
        say(">missed"),
        say(">Gini"),
        say(">wait"),
        say(">most"),
    ]
    print_table(title, columns, [_row(outcome, outcomes[0]) for outcome in outcomes])


def _row(outcome: Any, base: Any) -> tuple[object, ...]:
    return (
        outcome.policy,
        _with_interval(outcome.over(lambda season: season.expected_mutual), 1),
        _with_interval(outcome.cost(base), 2),
        _with_interval(outcome.over(lambda season: season.never_introduced), 1),
        _with_interval(outcome.over(lambda season: season.overlooked), 1),
        f"{outcome.over(lambda season: season.gini / 10_000).mean:.3f}",
        f"{outcome.over(lambda season: season.mean_wait).mean:.2f}",
        max(season.longest_wait for season in outcome.seasons),
    )


def _with_interval(interval: Any, digits: int) -> str:
    return f"{interval.mean:,.{digits}f}±{interval.high - interval.mean:,.{digits}f}"


def _print_replayed(replayed: Sequence[Any]) -> None:
    columns = [
        say("week"),
        say(">pairs"),
        say(">same pairs"),
        say(">score %"),
        say(">longest wait (weeks)"),
        say(">Gini"),
        say(">mutual"),
    ]
    title = say("The weeks that were, planned again (then→now)")
    print_table(title, columns, [_replayed_row(each) for each in replayed])
    typer.echo(
        say(
            "mutual: both accepted, of its pairs that were really introduced and decided. wait: the longest of "
            "those without "
            "an introduction, in weeks."
        )
    )


def _replayed_row(each: Any) -> tuple[object, ...]:
    stored = each.stored
    replayed = each.replayed
    return (
        each.week,
        f"{stored.pairs:,}→{replayed.pairs:,}",
        f"{each.same_pairs:,}",
        f"{_mean_score(stored):.1f}→{_mean_score(replayed):.1f}",
        f"{stored.longest_wait}→{replayed.longest_wait}",
        f"{stored.gini / 10_000:.3f}→{replayed.gini / 10_000:.3f}",
        f"{stored.mutual}/{stored.known}→{replayed.mutual}/{replayed.known}",
    )


def _mean_score(figures: Any) -> float:
    return figures.total_mutual / figures.pairs / 100 if figures.pairs else 0.0
