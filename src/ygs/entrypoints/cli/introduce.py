"""``ygs introduce``: introduce two members by hand, beside the week's round."""

from datetime import datetime
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.people import person_id
from ygs.entrypoints.cli.terminal import (
    FOUND,
    Json,
    clock_time,
    language,
    print_item,
    print_json,
    run,
    say,
)
from ygs.entrypoints.cli.weeks import Person, moment_in_zone


def introduce(
    one: Person,
    other: Annotated[str, typer.Argument(help="Another member.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit log. Required without --dry-run.")] = "",
    deadline: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%z"],
            help="Until when they may answer, in the service's time zone; the week's deadline when left out.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what is in the way, and change nothing.")] = False,
    json: Json = False,
) -> None:
    """Introduce two members by hand, in the week that is running; or see what is in the way."""
    from ygs.application.actors import Actor
    from ygs.application.introductions.manual_introductions import ManualIntroduction, PairToIntroduce

    async def work(ygs: Any) -> Any:
        pair = {
            "one": await person_id(ygs, one),
            "other": await person_id(ygs, other),
            "deadline": moment_in_zone(deadline, ygs.settings.time_zone) if deadline else None,
        }
        if dry_run:
            return await ygs.manual_introductions.preview(Actor.operator(), PairToIntroduce.model_validate(pair))
        request = ManualIntroduction.model_validate({**pair, "reason": reason})
        return await ygs.manual_introductions.introduce(Actor.operator(), request)

    view = run(work)
    if json:
        print_json(view)
    else:
        _print(view)
    if view.obstacles:
        raise typer.Exit(FOUND)


def _print(view: Any) -> None:
    from ygs.domain.matching.attribute import Language

    spoken = Language(language())
    scores = (view.satisfaction_of_one, view.satisfaction_of_other, view.mutual)
    percents = " / ".join(f"{score / 100:.0f}%" for score in scores)
    week = f"{view.week}, {clock_time(view.deadline)}" if view.week else ""
    print_item(f"{view.one.name} - {view.other.name}  {percents}", [line for line in (week, view.id) if line])
    for obstacle in view.obstacles:
        for sentence in obstacle.words.spoken(spoken):
            in_the_way = say("In the way")
            typer.echo(f"{in_the_way}: {sentence}")
    for sentence in view.words.spoken(spoken):
        typer.echo(sentence)
