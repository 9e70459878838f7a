"""``ygs draft …``: what a language model writes for staff. Every text is marked as machine-made and sent to nobody."""

from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.terminal import Json, language, print_json, print_table, run, say

app = typer.Typer(no_args_is_help=True)

Consultation = Annotated[str, typer.Argument(help="The consultation's id, cs_….")]


@app.command()
def services(json: Json = False) -> None:
    """Which drafts are on, and what they have taken today."""
    from ygs.application.actors import Actor

    found = run(lambda ygs: ygs.drafter.services(Actor.operator()))
    if json:
        print_json(found)
        return
    typer.echo(", ".join(found.kinds) or say("No drafts are on: see YGS_ADVISOR_DRAFTS."))
    typer.echo(
        say(
            "Today {calls} of {most_calls} calls, {cost} of {most_cost} {currency}.",
            calls=found.calls,
            most_calls=found.most_calls,
            cost=found.cost,
            most_cost=found.most_cost,
            currency=found.currency,
        )
    )


@app.command()
def summary(member: Annotated[str, typer.Argument(help="The member's id, usr_….")], json: Json = False) -> None:
    """A paragraph about a member who consented."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import user_id

    drafted = run(lambda ygs: ygs.member_summaries.write(Actor.operator(), user_id(member)))
    _print(drafted, [drafted.summary], json)


@app.command()
def messages(
    introduction: Annotated[str, typer.Argument(help="The introduction's id, mh_….")], json: Json = False
) -> None:
    """A message to each of two who are introduced, of what each may see of the other."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import introduction_id

    drafted = run(lambda ygs: ygs.message_drafts.write(Actor.operator(), introduction_id(introduction)))
    _print(drafted, [f"{each.to}: {each.text}" for each in drafted.messages], json)


@app.command()
def facts(consultation: Consultation, json: Json = False) -> None:
    """Facts that the note of a consultation states, with its words. Nothing is stored: see `ygs draft accept`."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import consultation_id

    proposed = run(lambda ygs: ygs.note_facts.propose(Actor.operator(), consultation_id(consultation)))
    if json:
        print_json(proposed)
        return
    columns = [say("attribute"), say("proposed"), say("known now"), say("words of the note")]
    rows = [(each.attribute, _told(each.value), _told(each.now), each.words) for each in proposed.facts]
    print_table(" ".join(proposed.marked.spoken(language())), columns, rows)


@app.command()
def accept(
    consultation: Consultation,
    attribute: Annotated[str, typer.Argument(help="The attribute of one fact that was proposed.")],
    json: Json = False,
) -> None:
    """Store one fact that was proposed, as a correction of the member's data."""
    from ygs.application.actors import Actor
    from ygs.application.drafts.note_facts import AcceptedFact
    from ygs.domain.errors import NotFound
    from ygs.domain.ids import consultation_id

    async def work(ygs: Any) -> Any:
        id_ = consultation_id(consultation)
        proposed = await ygs.note_facts.propose(Actor.operator(), id_)
        for each in proposed.facts:
            if each.attribute == attribute:
                accepted = AcceptedFact(attribute=attribute, value=each.value)
                return await ygs.note_facts.accept(Actor.operator(), id_, accepted)
        raise NotFound("proposed fact")

    changed = run(work)
    if json:
        print_json(changed)
    else:
        typer.echo(say("Stored."))


def _print(drafted: Any, texts: list[str], json: bool) -> None:
    if json:
        print_json(drafted)
        return
    for text in (*drafted.marked.spoken(language()), *texts):
        typer.echo(text)


def _told(value: Any) -> str:
    return "" if value is None else ", ".join(value) if isinstance(value, list) else str(value)
