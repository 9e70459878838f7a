"""``ygs webhooks …``: other systems that are told of events."""

from datetime import datetime
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

    _print_with_secret(run(work), json)


@app.command()
def enable(webhook: Id, json: Json = False) -> None:
    """Send messages to an endpoint again, about what happens from now on; `resend` sends what failed before."""
    _switch(webhook, json, enabled=True)


@app.command()
def disable(webhook: Id, json: Json = False) -> None:
    """Send an endpoint no more messages."""
    _switch(webhook, json, enabled=False)


@app.command()
def secret(
    webhook: Id,
    immediately: Annotated[
        bool,
        typer.Option("--immediately", help="The former secret signs no more: it has leaked, or the new one was lost."),
    ] = False,
    json: Json = False,
) -> None:
    """Give an endpoint a new secret, shown once; the former one signs beside it for 24 hours."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import webhook_id

    endpoint = webhook_id(webhook)
    made = run(lambda ygs: ygs.webhooks.rotate_secret(Actor.operator(), endpoint, immediately=immediately))
    _print_with_secret(made, json)


@app.command()
def remove(webhook: Id) -> None:
    """Remove an endpoint. What waits for it is not sent any more."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import webhook_id

    run(lambda ygs: ygs.webhooks.delete(Actor.operator(), webhook_id(webhook)))
    typer.echo(say("Removed."))


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
        datetime,
        typer.Option(
            help="Messages about events since then, in the service's time zone.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"]
        ),
    ],
) -> None:
    """Send all messages again that failed."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import webhook_id
    from ygs.entrypoints.cli.weeks import moment_in_zone

    async def work(ygs: Any) -> Any:
        from ygs.application.notifications.webhooks import ResendRequest

        request = ResendRequest(since=moment_in_zone(since, ygs.settings.time_zone))
        return await ygs.webhooks.resend_since(Actor.operator(), webhook_id(webhook), request)

    sent = run(work)
    if sent.count:
        typer.echo(say("{count} messages are sent again.", count=sent.count))
    else:
        typer.echo(say("No message has failed since then. Those that wait are sent again by themselves."))


def _switch(webhook: str, json: bool, *, enabled: bool) -> None:
    from ygs.application.actors import Actor
    from ygs.domain.ids import webhook_id

    async def work(ygs: Any) -> Any:
        from ygs.application.notifications.webhooks import WebhookChange

        found = await ygs.webhooks.get(Actor.operator(), webhook_id(webhook))
        same = found.model_dump(include={"url", "types", "description"})
        change = WebhookChange.model_validate({**same, "enabled": enabled})
        return await ygs.webhooks.change(Actor.operator(), found.id, change, found.version)

    changed = run(work)
    if json:
        print_json(changed)
    else:
        _print(changed)


def _print_with_secret(made: Any, json: bool) -> None:
    if json:
        print_json(made)
        return
    _print(made)
    typer.echo(say("Its secret, shown this once: {secret}", secret=made.secret))


def _print(webhook: Any) -> None:
    from ygs.application.labels import label

    state = label("disabled_by", webhook.disabled_by, language()) if webhook.disabled_by else say("in use")
    print_item(f"{webhook.id}  {webhook.url}", [state, ", ".join(webhook.types), webhook.description])


def _print_delivery(delivery: Any) -> None:
    from ygs.application.labels import label

    lines = [label("delivery_state", delivery.state, language())]
    if delivery.next_attempt_at:
        lines[0] += ", " + say("next attempt from {time} on", time=clock_time(delivery.next_attempt_at))
    for each in delivery.attempts:
        answer = " ".join(filter(None, (str(each.status or ""), each.error, f"{each.milliseconds} ms")))
        lines.append(f"{each.number}. {clock_time(each.at)}  {answer}")
    print_item(f"{delivery.id}  {delivery.type}", lines)
