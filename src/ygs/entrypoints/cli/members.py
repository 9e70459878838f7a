"""``ygs members …``: find members, and review those who wait."""

from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.people import person_id
from ygs.entrypoints.cli.terminal import Json, clock_time, language, print_json, print_next, print_table, run, say
from ygs.entrypoints.cli.weeks import Person

app = typer.Typer(no_args_is_help=True)


@app.command()
def find(name: Annotated[str, typer.Argument(help="The whole name.")], json: Json = False) -> None:
    """The members of that name, with their ids. Who was found is on record."""
    from ygs.application.actors import Actor
    from ygs.application.labels import label

    found = run(lambda ygs: ygs.member_review.find_named(Actor.operator(), name))
    if json:
        print_json(found)
    elif not found:
        typer.echo(say("Nobody is called that."))
    else:
        columns = [say("id"), say("name"), say("born"), say("status")]
        rows = [(each.id, name, each.birth_year, label("member_status", each.status, language())) for each in found]
        print_table("", columns, rows)


@app.command()
def queue(
    after: Annotated[str, typer.Option(help="Those after this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    json: Json = False,
) -> None:
    """Members who wait for review; names are masked."""
    from ygs.application.actors import Actor

    waiting = run(lambda ygs: ygs.member_review.list_queue(Actor.operator(), after=after or None, limit=limit))
    if json:
        print_json(waiting)
        return
    if not waiting:
        typer.echo(say("Nobody waits for review."))
        return
    columns = [say("id"), say("name"), say("born"), say("waits since"), say("to check")]
    print_table("", columns, [_queued(each) for each in waiting])
    print_next(waiting, limit, "ygs members queue")


def _queued(each: Any) -> tuple[object, ...]:
    from ygs.application.labels import label

    marks = ", ".join(label("mark_reason", mark.reason, language()) for mark in each.marks)
    return each.id, each.name, each.birth_year, clock_time(each.waiting_since), marks


@app.command()
def approve(people: Annotated[list[str], typer.Argument(help="Members, by id or name.")]) -> None:
    """Let members who wait for review take part."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> None:
        for person in people:
            approved = await ygs.member_review.approve(Actor.operator(), await person_id(ygs, person))
            typer.echo(say("Approved: {name}", name=approved.name))

    run(work)


@app.command()
def reject(person: Person, reason: Annotated[str, typer.Option(help="Why; the member reads it.")]) -> None:
    """Send a profile back to its member, who can change it and submit it again."""
    from ygs.application.actors import Actor
    from ygs.application.members.review import Decision

    async def work(ygs: Any) -> Any:
        decision = Decision(reason=reason)
        return await ygs.member_review.reject(Actor.operator(), await person_id(ygs, person), decision)

    rejected = run(work)
    typer.echo(say("Sent back: {name}", name=rejected.name))
