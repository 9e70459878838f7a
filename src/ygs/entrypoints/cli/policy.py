"""``ygs policy …``: the club's policy for its rounds."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import Json, clock_time, print_json, print_table, run, say

app = typer.Typer(no_args_is_help=True)


@app.command()
def show(json: Json = False) -> None:
    """The policy that new weeks are planned under, and people are explained under."""
    from ygs.application.actors import Actor

    _print(run(lambda ygs: ygs.policies.current(Actor.operator())), json)


@app.command(name="set")
def set_policy(
    file: Annotated[
        Path,
        typer.Argument(
            help="A TOML file like examples/policy.toml; what it leaves out is as in the default.", exists=True
        ),
    ],
    json: Json = False,
) -> None:
    """Set the policy for weeks that are created from now on; existing weeks keep theirs."""
    from ygs.application.actors import Actor
    from ygs.application.rounds.policies import policy_from

    async def work(ygs: Any) -> Any:
        return await ygs.policies.set(Actor.operator(), policy_from(file.read_bytes()))

    _print(run(work), json)


@app.command()
def history(json: Json = False) -> None:
    """The latest hundred policies that were set, the one in force first."""
    from ygs.application.actors import Actor

    policies = run(lambda ygs: ygs.policies.history(Actor.operator()))
    if json:
        print_json(policies)
    elif not policies:
        typer.echo(say("No policy has been set: the default is in force."))
    else:
        columns = [say(">version"), say("name"), say("in force since")]
        rows = [(each.version, each.policy.version, clock_time(each.since)) for each in policies]
        print_table(say("Policies"), columns, rows)


def _print(view: Any, json: bool) -> None:
    if json:
        print_json(view)
        return
    rules = view.policy.model_dump(mode="json")
    affinities = rules.pop("affinities")
    rows = [(name, value) for name, value in rules.items()]
    rows += [(f"affinity: {each['attribute']}", _affinity(each)) for each in affinities]
    title = say("Policy, in force since {since}", since=clock_time(view.since)) if view.since else say("Default policy")
    print_table(title, [say("rule"), say(">value")], rows)


def _affinity(affinity: dict[str, Any]) -> str:
    return f"{affinity['nearness']}, {affinity['weight']} / {affinity['span']}"
