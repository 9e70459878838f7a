"""``ygs deliveries …``: messages that nobody took, and sending them again."""

from typing import Annotated, Literal

import typer

from ygs.entrypoints.cli.terminal import Json, clock_time, language, print_item, print_json, run, say

app = typer.Typer(no_args_is_help=True)


@app.command(name="list")
def list_failed(
    channel: Annotated[
        Literal["email", "text", "push", "webhook"] | None, typer.Option(help="Only those by this channel.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    json: Json = False,
) -> None:
    """Messages that were given up, the newest first."""
    from ygs.application.actors import Actor
    from ygs.application.labels import label
    from ygs.domain.deliveries import Channel

    wanted = Channel(channel) if channel else None
    found = run(lambda ygs: ygs.failed_deliveries.list(Actor.operator(), channel=wanted, limit=limit))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No message failed."))
    for each in found:
        how = label("channel", each.channel, language())
        lines = [f"{how}  {each.recipient_id}", f"{clock_time(each.failed_at)}  {each.status or ''} {each.error}"]
        print_item(f"{each.id}  {each.type}", lines)


@app.command()
def resend(delivery: Annotated[str, typer.Argument(help="The message's id, dlv_….")]) -> None:
    """Send a message again, to the address that its recipient has now."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import delivery_id

    run(lambda ygs: ygs.failed_deliveries.resend(Actor.operator(), delivery_id(delivery)))
    typer.echo(say("The message is sent again."))
