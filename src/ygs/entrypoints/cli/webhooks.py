"""``ygs webhooks …``: other systems that are told of events."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import typer

from ygs.entrypoints.cli.terminal import Json, clock_time, language, print_item, print_json, run, say

app = typer.Typer(no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The endpoint's id, whk_….")]


@app.command(name="list")
def list_webhooks(json: Json = False) -> None:
    """All endpoints."""
    from ygs.application.actors import Actor

    found = run(lambda ygs: ygs.webhooks.list(Actor.operator()))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No webhook here."))
    for webhook in found:
        _print(webhook)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="Where messages are sent: https://….")],
    types: Annotated[
        list[str], typer.Argument(help="The types of events that it is sent, such as introduction.decided.")
    ],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    json: Json = False,
) -> None:
    """Add an endpoint and show its secret, once."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        from ygs.application.notifications.webhooks import WebhookRequest

        request = WebhookRequest.model_validate({"url": url, "types": types, "description": description})
        return await ygs.webhooks.create(Actor.operator(), request)

    made = run(work)
    if json:
        print_json(made)
        return
    _print(made)
    typer.echo(say("Its secret, shown this once: {secret}", secret=made.secret))


@app.command(name="test")
def send_test(webhook: Id, json: Json = False) -> None:
    """Send an endpoint the event webhook.test; `ygs serve` or `ygs worker` must run."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import webhook_id

    sent = run(lambda ygs: ygs.webhooks.test(Actor.operator(), webhook_id(webhook)))
    if json:
        print_json(sent)
    else:
        _print_delivery(sent)


@app.command()
def attempts(
    webhook: Id,
    state: Annotated[
        Literal["waiting", "delivered", "failed"] | None, typer.Option(help="Only those in this state.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    json: Json = False,
) -> None:
    """An endpoint's messages and every attempt to send them, the newest first."""
    from ygs.application.actors import Actor
    from ygs.domain.deliveries import DeliveryState
    from ygs.domain.ids import webhook_id

    endpoint = webhook_id(webhook)
    wanted = DeliveryState(state) if state else None
    found = run(lambda ygs: ygs.webhooks.deliveries(Actor.operator(), endpoint, state=wanted, limit=limit))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No message here."))
    for delivery in found:
        _print_delivery(delivery)


@app.command()
def resend(
    webhook: Id,
    since: Annotated[
        datetime, typer.Option(help="Messages about events since then, UTC.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
    ],
) -> None:
    """Send all messages again that failed."""
    from ygs.application.actors import Actor
    from ygs.application.notifications.webhooks import ResendRequest
    from ygs.domain.ids import webhook_id

    request = ResendRequest(since=since.replace(tzinfo=UTC))
    sent = run(lambda ygs: ygs.webhooks.resend_since(Actor.operator(), webhook_id(webhook), request))
    typer.echo(say("{count} messages are sent again.", count=sent.count))


def _print(webhook: Any) -> None:
    from ygs.application.labels import label

    state = label("disabled_by", webhook.disabled_by, language()) if webhook.disabled_by else say("Messages are sent.")
    print_item(f"{webhook.id}  {webhook.url}", [state, ", ".join(webhook.types), webhook.description])


def _print_delivery(delivery: Any) -> None:
    from ygs.application.labels import label

    lines = [label("delivery_state", delivery.state, language())]
    lines += [
        f"{each.number}. {clock_time(each.at)}  {each.status or ''} {each.error} {each.milliseconds} ms"
        for each in delivery.attempts
    ]
    print_item(f"{delivery.id}  {delivery.type}", lines)
