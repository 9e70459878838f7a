"""``ygs members …``: find members, and review those who wait."""

import shlex
from typing import Annotated, Any, Literal

import typer

from ygs.entrypoints.cli.people import person_id
from ygs.entrypoints.cli.terminal import Json, clock_time, language, print_json, print_next, print_table, run, say
from ygs.entrypoints.cli.weeks import Person

app = typer.Typer(no_args_is_help=True)


@app.command()
def find(
    search: Annotated[
        str,
        typer.Argument(help="Part of the name, also in initials (ㄱㅁㅈ); phone or its last four digits; e-mail; id."),
    ] = "",
    where: Annotated[
        list[str] | None,
        typer.Option(help="FILTER=VALUE, as GET /admin/members has it: status=active, region=seoul; repeatable."),
    ] = None,
    sort: Annotated[
        Literal["newest", "waiting", "name", "birth_year", "activity"] | None,
        typer.Option(help="The order of the list; newest, or that of the saved filter, if left out."),
    ] = None,
    saved: Annotated[str, typer.Option(help="Within this saved filter, by its name.")] = "",
    total: Annotated[bool, typer.Option("--total", help="Count all who fit.")] = False,
    after: Annotated[str, typer.Option(help="Those after this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    json: Json = False,
) -> None:
    """Search members and staff, and filter them; names are masked. Who was found is on record."""
    from ygs.application.actors import Actor

    given = {"search": search or None, **_filters(where or []), **({"sort": sort} if sort else {})}
    paging = {"total": total, "after": after or None, "limit": limit}

    async def work(ygs: Any) -> Any:
        from ygs.application.directory.search import DirectoryRequest

        opened = await _saved(ygs, saved) if saved else None
        within = {**opened.criteria, "sort": opened.sort} if opened else {}
        request = DirectoryRequest.model_validate({**within, **given, **paging})
        return await ygs.directory.list_members(Actor.operator(), request)

    found = run(work)
    if json:
        print_json(found)
        return
    if total:
        typer.echo(say("In all: {total:,}", total=found.total))
    if not found.items:
        typer.echo(say("Nobody fits."))
        return
    columns = [say("id"), say("name"), say("born"), say("region"), say("status")]
    print_table("", columns, [_line(each) for each in found.items])
    print_next(
        found.items, limit, shlex.join(["ygs", "members", "find", *_same(search, where or [], sort or "", saved)])
    )


def _same(search: str, where: list[str], sort: str, saved: str) -> list[str]:
    """The arguments that ask for the same list again."""
    options = [*(("--where", each) for each in where), ("--sort", sort), ("--saved", saved)]
    return [*([search] if search else []), *(part for option in options if option[1] for part in option)]


def _filters(where: list[str]) -> dict[str, Any]:
    """The filters by name: a list of values, or a value where only one is possible."""
    from ygs.application.directory.search import DirectoryRequest

    given: dict[str, Any] = {}
    for each in where:
        name, _, value = each.partition("=")
        field = DirectoryRequest.model_fields.get(name)
        many = field is not None and field.default == []
        given[name] = [*given.get(name, []), value] if many else value
    return given


def _line(each: Any) -> tuple[object, ...]:
    from ygs.application.labels import label
    from ygs.domain.matching.vocabulary import VOCABULARY

    region = VOCABULARY["region"].label(each.region, language()) if each.region else ""
    return each.id, each.name, each.birth_year, region, label("member_status", each.status, language())


async def _saved(ygs: Any, name: str) -> Any:
    """The operator's saved filter of that name."""
    from ygs.application.actors import Actor
    from ygs.domain.errors import NotFound

    for each in await ygs.saved_filters.list(Actor.operator()):
        if each.name == name:
            return each
    raise NotFound("saved filter", name)


@app.command()
def filters(json: Json = False) -> None:
    """List the operator's saved filters, which all staff see."""
    from ygs.application.actors import Actor

    found = run(lambda ygs: ygs.saved_filters.list(Actor.operator()))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(
            say("No filter is saved. Save one with: {command}", command="ygs members save-filter NAME --where …")
        )
        return
    columns = [say("name"), say("filters"), say("order")]
    print_table("", columns, [_saved_line(each) for each in found])


def _saved_line(each: Any) -> tuple[object, ...]:
    from ygs.application.labels import label

    values = {
        name: ",".join(map(str, value)) if isinstance(value, list) else value for name, value in each.criteria.items()
    }
    filters = " ".join(f"{name}={value}" for name, value in values.items())
    return each.name, filters, label("member_order", each.sort, language())


@app.command()
def save_filter(
    name: Annotated[str, typer.Argument(help="A name that no other has.")],
    where: Annotated[list[str], typer.Option(help="FILTER=VALUE, as for `find`; repeatable.")],
    sort: Annotated[
        Literal["newest", "waiting", "name", "birth_year", "activity"], typer.Option(help="The order of the list.")
    ] = "newest",
    json: Json = False,
) -> None:
    """Keep a filter of the list of members under a name, for all staff."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        from ygs.application.directory.saved_filters import FilterToSave

        request = FilterToSave.model_validate({"name": name, "criteria": _filters(where), "sort": sort})
        return await ygs.saved_filters.save(Actor.operator(), request)

    saved = run(work)
    if json:
        print_json(saved)
        return
    typer.echo(say("Saved: {name}", name=saved.name))


@app.command()
def rename_filter(
    name: Annotated[str, typer.Argument(help="The saved filter.")],
    to: Annotated[str, typer.Argument(help="A name that no other has.")],
) -> None:
    """Give a filter that all staff see another name."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        from ygs.application.directory.saved_filters import FilterName

        saved = await _saved(ygs, name)
        return await ygs.saved_filters.rename(Actor.operator(), saved.id, FilterName(name=to))

    typer.echo(say("Saved: {name}", name=run(work).name))


@app.command()
def remove_filter(name: Annotated[str, typer.Argument(help="The saved filter.")]) -> None:
    """Remove a filter that all staff see."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> None:
        await ygs.saved_filters.remove(Actor.operator(), (await _saved(ygs, name)).id)

    run(work)
    typer.echo(say("Removed: {name}", name=name))


@app.command()
def timeline(
    person: Person,
    before: Annotated[str, typer.Option(help="Those before: `next` of the page before.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    json: Json = False,
) -> None:
    """What happened to a member, latest first; no answer is in it. On record."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        member = await person_id(ygs, person)
        return member, await ygs.timelines.read(Actor.operator(), member, before=before or None, limit=limit)

    member, found = run(work)
    if json:
        print_json(found)
        return
    columns = [say("when"), say("what happened"), say("by"), say("reason")]
    print_table("", columns, [_happened(each) for each in found.items])
    if found.next:
        more = shlex.join(["ygs", "members", "timeline", member, "--before", found.next])
        typer.echo(say("Those that follow: {more}", more=more))


def _happened(each: Any) -> tuple[object, ...]:
    from ygs.application.labels import label

    partner = [each.partner.name or each.partner.id] if each.partner else []
    words = [label("timeline_event", each.event, language()), each.words(language()), *partner]
    by = label("role", each.by, language()) if each.by else ""
    return clock_time(each.at), " · ".join(filter(None, words)), by, each.reason


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
def status(
    to: Annotated[Literal["active", "rejected", "suspended"], typer.Argument(help="The status they are to get.")],
    people: Annotated[list[str], typer.Argument(help="Members, by id or name.")],
    reason: Annotated[str, typer.Option(help="Why: needed to reject and to suspend.")] = "",
    json: Json = False,
) -> None:
    """Change the status of members, each by itself: one who is refused does not stop the others."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        from ygs.application.members.bulk_status import BulkStatusChange

        ids = [await person_id(ygs, person) for person in people]
        return await ygs.bulk_status.change(
            Actor.operator(), BulkStatusChange.model_validate({"ids": ids, "status": to, "reason": reason})
        )

    print_verdicts(run(work), json)


@app.command()
def assign(
    people: Annotated[list[str], typer.Argument(help="Members, by id or name.")],
    to: Annotated[str, typer.Option(help="The consultant, by id or name; nobody if left out.")] = "",
    json: Json = False,
) -> None:
    """Assign members to a consultant, or to nobody."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        from ygs.application.directory.assignments import BulkAssignment

        ids = [await person_id(ygs, person) for person in people]
        consultant = await person_id(ygs, to) if to else None
        request = BulkAssignment.model_validate({"ids": ids, "consultant_id": consultant})
        return await ygs.assignments.assign_many(Actor.operator(), request)

    print_verdicts(run(work), json)


def print_verdicts(verdicts: Any, json: bool) -> None:
    """Print what became of each member; exit 1 when somebody was refused."""
    if json:
        print_json(verdicts)
    else:
        columns = [say("id"), say("done"), say("why not")]
        rows = [
            (each.id, say("yes") if each.done else say("no"), " ".join(each.words.spoken(language())))
            for each in verdicts.rows
        ]
        print_table("", columns, rows)
    if not all(each.done for each in verdicts.rows):
        raise typer.Exit(1)


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
