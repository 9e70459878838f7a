"""``ygs forecast``: what a contract would bring somebody who is not a member yet."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import (
    REFUSED,
    Json,
    clock_time,
    fail,
    language,
    print_item,
    print_json,
    progress,
    read_text,
    run,
    say,
)


def forecast(
    file: Annotated[
        str,
        typer.Argument(help="A JSON file with gender, seeks, birth_year, profile, lifestyle and wishes; - for input."),
    ] = "",
    weeks: Annotated[int | None, typer.Option(help="How many weeks the contract lasts; 26 if nobody says.")] = None,
    promised: Annotated[int | None, typer.Option(help="How many introductions it promises.")] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of the simulation.")] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the figures, signed, for a contract that follows.")
    ] = False,
    kept: Annotated[str, typer.Option(help="Show a kept forecast instead, fc_….")] = "",
    json: Json = False,
) -> None:
    """Forecast candidates, introductions and mutual answers, before a contract is made."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import forecast_id

    given = {"weeks": weeks, "promised": promised, "seed": seed, "keep": keep or None}

    async def work(ygs: Any) -> Any:
        if kept:
            return await ygs.forecasts.get(Actor.operator(), forecast_id(kept))
        request = _request(file, {name: value for name, value in given.items() if value is not None})
        with progress() as report:
            return await ygs.forecasts.make(Actor.operator(), request, report)

    if not file and not kept:
        fail(say("Give a file with facts and wishes, or the id of a kept forecast."), REFUSED)
    view = run(work)
    if json:
        print_json(view)
    else:
        _print(view)


def _request(file: str, given: dict[str, Any]) -> Any:
    """The request in a JSON file; the options come before what the file says."""
    import json

    from ygs.application.forecasts.requests import ForecastRequest
    from ygs.domain.errors import N_, BadFile

    text = sys.stdin.read() if file == "-" else read_text(Path(file))
    try:
        person = json.loads(text)
    except ValueError as error:
        raise BadFile(N_("this is not JSON: write facts and wishes as an object")) from error
    if not isinstance(person, dict):
        raise BadFile(N_("this is not JSON: write facts and wishes as an object"))
    return ForecastRequest.model_validate({**person, **given})


def _print(view: Any) -> None:
    from ygs.domain.matching.attribute import Language

    sentences = view.told.spoken(Language(language()))
    if view.id:
        seal = say("signed, unchanged") if view.authentic else say("CHANGED since it was signed")
        print_item(f"{view.id}  {clock_time(view.figures.made_at)}", [seal])
    for sentence in sentences:
        typer.echo(sentence)
