"""Commands that only read: explain, why-not, questions, candidates, compare, check, vocabulary."""

from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.people import person_id
from ygs.entrypoints.cli.terminal import FOUND, Json, print_json, print_table, progress, run, say
from ygs.entrypoints.cli.weeks import Person, WeekOption


def explain(
    person: Person,
    other: Annotated[str, typer.Argument(help="Another member: explain the two; without it, the one.")] = "",
    week: WeekOption = "",
    json: Json = False,
) -> None:
    """Why two people suit each other or not; or why somebody got no one, and what would help."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        operator = Actor.operator()
        one = await person_id(ygs, person)
        if other:
            week_id = await ygs.weeks.find(operator, week) if week else None
            return await ygs.explanations.pair(operator, one, await person_id(ygs, other), week_id)
        return await ygs.explanations.person(operator, one, await ygs.weeks.find(operator, week))

    from ygs.entrypoints.cli.rendering import print_text

    explanation = run(work)
    if json:
        print_json(explanation)
    else:
        print_text(explanation.told)


def why_not(
    one: Person,
    other: Annotated[str, typer.Argument(help="Whom they were not introduced to.")],
    week: WeekOption = "",
    json: Json = False,
) -> None:
    """Why a week's plan does not introduce two people: what keeps them apart, or what it would cost."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        week_id = await ygs.weeks.find(Actor.operator(), week)
        return await ygs.explanations.why_not(
            Actor.operator(), week_id, await person_id(ygs, one), await person_id(ygs, other)
        )

    from ygs.entrypoints.cli.rendering import print_text

    why = run(work)
    if json:
        print_json(why)
    else:
        print_text(why.told)


def questions(
    person: Annotated[str, typer.Argument(help="A member: what to ask this one; all of them without it.")] = "",
    week: WeekOption = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many questions of either kind.")] = 20,
    json: Json = False,
) -> None:
    """What to ask whom before a week is published, what could open most mutual candidates first."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        week_id = await ygs.weeks.find(Actor.operator(), week)
        about = await person_id(ygs, person) if person else None
        with progress() as report:
            return await ygs.explanations.questions(
                Actor.operator(), week_id, limit=limit, about=about, progress=report
            )

    from ygs.entrypoints.cli.rendering import print_questions

    listed = run(work)
    if json:
        print_json(listed)
    else:
        print_questions(listed)


def candidates(
    person: Person,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 10,
    json: Json = False,
) -> None:
    """Whom a member could be introduced to today, the best first, and why."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        return await ygs.explanations.candidates(Actor.operator(), await person_id(ygs, person), limit=limit)

    listed = run(work)

    from ygs.entrypoints.cli.rendering import print_candidates

    if json:
        print_json(listed)
    else:
        print_candidates(listed)


def compare(
    week: Annotated[str, typer.Argument(help="The week; the latest when left out.")] = "", json: Json = False
) -> None:
    """The locked week under each strategy, side by side: optimal, stable, greedy."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        with progress() as report:
            return await ygs.proposals.compare(Actor.operator(), await ygs.weeks.find(Actor.operator(), week), report)

    compared = run(work)
    if json:
        print_json(compared)
        return
    from ygs.entrypoints.cli.rendering import print_comparison

    print_comparison(compared)


def check(json: Json = False) -> None:
    """Look every invariant over, in all the data; exit code 4 when one is broken."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        with progress() as report:
            return await ygs.invariant_check.check(Actor.operator(), report)

    violations = run(work)
    if json:
        print_json(violations)
    elif violations:
        columns = [say("invariant"), say("ids"), say("explanation")]
        print_table(
            say("Broken invariants"),
            columns,
            [(each.invariant, " ".join(each.ids), each.explanation) for each in violations],
        )
    else:
        typer.echo(say("Every invariant holds."))
    if violations:
        raise typer.Exit(FOUND)


def vocabulary(
    attribute: Annotated[str, typer.Argument(help="One attribute; all of them when left out.")] = "", json: Json = False
) -> None:
    """Every attribute and value that facts and wishes are made of."""
    from ygs.application.vocabulary import vocabulary as attributes
    from ygs.domain.errors import NotFound
    from ygs.entrypoints.cli.terminal import REFUSED, fail

    try:
        chosen = attributes(attribute)
    except NotFound as error:
        fail(error, REFUSED)
    if json:
        print_json(chosen)
    elif attribute:
        rows: list[tuple[object, ...]] = [(value.code, value.ko, value.en) for value in chosen[0].values]
        rows = rows or [(f"{chosen[0].low}..{chosen[0].high}", "", "")]
        print_table(f"{chosen[0].code}: {chosen[0].ko}, {chosen[0].en}", ["code", "한국어", "English"], rows)
    else:
        rows = [(each.code, each.kind, each.group, each.ko, each.en, len(each.values) or "") for each in chosen]
        print_table(say("Vocabulary"), ["code", "kind", "group", "한국어", "English", ">values"], rows)
