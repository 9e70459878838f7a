"""``ygs learn …``: what is learned from blind answers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.jobs import run_to_end
from ygs.entrypoints.cli.terminal import (
    REFUSED,
    Json,
    clock_time,
    fail,
    language,
    print_json,
    print_table,
    read_text,
    run,
    say,
)

app = typer.Typer(no_args_is_help=True)

_Version = Annotated[int, typer.Argument(min=1, help="The number of a version, from `ygs learn show`.")]


@app.command()
def fit(json: Json = False) -> None:
    """Learn from the answers of closed weeks, and judge the result; it is not used before `ygs learn use`."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        operator = Actor.operator()
        job = await run_to_end(ygs, await ygs.learning_jobs.fit(operator))
        return await ygs.learning.show(operator, job.result["version"])

    _print_version(run(work), json)


@app.command()
def show(
    version: Annotated[int | None, typer.Argument(min=1, help="One version; without it, the latest hundred.")] = None,
    json: Json = False,
) -> None:
    """The versions of what was learned, or one of them and how its predictions held."""
    from ygs.application.actors import Actor

    if version is not None:
        _print_version(run(lambda ygs: ygs.learning.show(Actor.operator(), version)), json)
        return
    versions = run(lambda ygs: ygs.learning.versions(Actor.operator()))
    if json:
        print_json(versions)
    elif not versions:
        typer.echo(say("Nothing was learned yet: run `ygs learn fit`."))
    else:
        columns = [say(">version"), say("learned"), say("through"), say(">answers"), say("helps"), say("in use")]
        print_table(say("What was learned"), columns, [_row(each) for each in versions])


@app.command()
def evaluate(
    method: Annotated[str, typer.Option(help="How: `time` predicts later weeks from earlier ones.")] = "time",
    json: Json = False,
) -> None:
    """Judge what would be learned now: later weeks predicted from earlier ones. Nothing is stored."""
    from ygs.application.actors import Actor

    if method != "time":
        # Asked for by name, since it is the usual way to judge a model, and wrong here.
        fail(
            say(
                "Only `time` is offered. Leave-one-out leaks: people's answers add up, so leaving one out tells what "
                "it was, and a round would pick the noes."
            ),
            REFUSED,
        )

    async def work(ygs: Any) -> Any:
        operator = Actor.operator()
        await run_to_end(ygs, await ygs.learning_jobs.evaluate(operator))
        return (await ygs.learning_jobs.latest_evaluation(operator)).evaluation

    evaluation = run(work)
    if json:
        print_json(evaluation)
    else:
        _print_evaluation(evaluation)


@app.command()
def use(version: _Version, json: Json = False) -> None:
    """Plan weeks that are locked from now on by a version, where their policy maximises chances."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        operator = Actor.operator()
        job = await run_to_end(ygs, await ygs.learning_jobs.use(operator, version))
        return await ygs.learning.show(operator, job.result["version"])

    used = run(work)
    if used.number != version and not json:
        typer.echo(
            say(
                "People who shaped version {version} were erased since: it was fitted again without them, as {number}.",
                version=version,
                number=used.number,
            )
        )
    _print_version(used, json)


@app.command()
def off() -> None:
    """Use nothing that was learned: weeks that are locked from now on go by the score alone."""
    from ygs.application.actors import Actor

    run(lambda ygs: ygs.learning.off(Actor.operator()))
    typer.echo(say("Nothing that was learned is in use."))


@app.command()
def score(
    file: Annotated[Path, typer.Argument(help="A CSV of pairs: iid, pid.", exists=True, dir_okay=False)],
    out: Annotated[Path, typer.Argument(help="Where to write iid, pid, chance.", dir_okay=False)],
    answers: Annotated[
        Path | None,
        typer.Option(
            help="Learn from this CSV instead of the club's answers: iid, pid, gender, said, and perhaps week and "
            "satisfaction.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why you need it; it stays on record.")] = "",
) -> None:
    """Write the chance of a mutual yes of every pair in a file."""
    from ygs.application.learning.answer_files import chances_as_csv, read_pairs
    from ygs.domain.errors import YgsError

    try:
        pairs = read_pairs(read_text(file))
        chances = _chances(pairs, reason) if answers is None else _chances_from(pairs, answers)
        out.write_text(chances_as_csv(pairs, chances), "utf-8")
    except YgsError as error:
        fail(error, REFUSED)
    typer.echo(say("{count} pairs written to {out}.", count=len(pairs), out=out))


def _chances(pairs: Any, reason: str) -> Any:
    from ygs.application.actors import Actor

    if not reason:
        fail(say("Give a --reason; it stays on record."), REFUSED)
    return run(lambda ygs: ygs.pair_scores.score(Actor.operator(), pairs, reason=reason))


def _chances_from(pairs: Any, answers: Path) -> Any:
    from ygs.application.learning.answer_files import read_answers
    from ygs.application.learning.pair_scores import chances_of_strangers
    from ygs.bootstrap.engines import engines
    from ygs.ports.chance_model import ChanceModel

    history, genders = read_answers(read_text(answers))
    return list(chances_of_strangers(engines()[ChanceModel].fit(history), genders, pairs))


def _row(view: Any) -> tuple[object, ...]:
    yes, no = say("yes"), say("no")
    helps = yes if view.evaluation.helps else no
    return (
        view.number,
        clock_time(view.created_at),
        view.through,
        f"{view.answers:,}",
        helps,
        yes if view.in_use else no,
    )


def _print_version(view: Any, json: bool) -> None:
    if json:
        print_json(view)
        return
    columns = [say(">version"), say("learned"), say("through"), say(">answers"), say("helps"), say("in use")]
    print_table(say("What was learned"), columns, [_row(view)])
    _print_evaluation(view.evaluation)


def _print_evaluation(evaluation: Any) -> None:
    for sentence in evaluation.words.spoken(language()):
        typer.echo(sentence)
    if not evaluation.enough:
        return
    rows = [
        (name, f"{quality.log_loss:.4f}", f"{quality.auc:.3f}")
        for name, quality in (
            (say("learned"), evaluation.learned),
            (say("score alone"), evaluation.score),
            (say("smoothed rates"), evaluation.rates),
        )
    ]
    title = say("{answers:,} answers of {weeks} weeks", answers=evaluation.answers, weeks=evaluation.weeks)
    print_table(title, [say("predicted by"), say(">log loss"), say(">AUC in a list")], rows)
    _print_gains(evaluation)
    _print_reliability(evaluation.reliability)


def _print_gains(evaluation: Any) -> None:
    gains = ((say("log loss"), evaluation.log_loss_gain), (say("AUC in a list"), evaluation.auc_gain))
    rows = [(name, f"{gain.mean:+.4f}", f"{gain.low:+.4f} .. {gain.high:+.4f}") for name, gain in gains]
    print_table(say("Better than the score alone by"), [say("figure"), say(">gain"), say("interval")], rows)


def _print_reliability(groups: Any) -> None:
    rows = [
        (
            f"{100 * each.predicted:.1f}",
            f"{each.mutual:,}/{each.introductions:,}",
            each.words.spoken(language())[0],
        )
        for each in groups
    ]
    print_table(say("Predicted chances and what happened"), [say(">chance %"), say(">mutual"), say("in words")], rows)
