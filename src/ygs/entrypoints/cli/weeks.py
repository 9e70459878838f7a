"""``ygs week …``: a match week from opening to closing."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any, TypeAlias
from zoneinfo import ZoneInfo

import typer

from ygs.domain.matching.plan import PairOrder
from ygs.domain.week_schedule import Weekday
from ygs.entrypoints.cli.jobs import run_to_end
from ygs.entrypoints.cli.people import person_id
from ygs.entrypoints.cli.terminal import Json, clock_time, language, print_json, print_table, progress, run, say
from ygs.ports.repositories import MOST_PAGE

app = typer.Typer(no_args_is_help=True)

Week = Annotated[str, typer.Argument(help="The week, like 2026-W48 or mw_…; the latest when left out.")]
WeekOption = Annotated[str, typer.Option("--week", help="The week, like 2026-W48 or mw_…; the latest when left out.")]
Changed = Annotated[
    bool, typer.Option("--changed", help="Only where something about somebody has changed since the lock.")
]
After = Annotated[str, typer.Option(help="Go on after this one: the cursor at the end of the page before.")]
Limit = Annotated[int, typer.Option(min=1, max=MOST_PAGE, help="How many to list.")]
All = Annotated[bool, typer.Option("--all", help="List all pages.")]
Person = Annotated[str, typer.Argument(help="A member's id, or the name if nobody else has it.")]
Pairs: TypeAlias = Sequence[tuple[str, str]]


@app.command()
def create(
    week: Annotated[str, typer.Argument(help="The ISO week, like 2026-W48; the next free one when left out.")] = "",
    policy: Annotated[
        Path | None, typer.Option(help="The round's policy: a TOML file like examples/policy.toml.", exists=True)
    ] = None,
    deadline: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%z"],
            help="Until when answers count, in the service's time zone; Sunday 21:00 when left out.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Recorded with the plan, so that it can be made again.")] = 0,
    json: Json = False,
) -> None:
    """Open a match week."""
    from ygs.application.actors import Actor
    from ygs.application.rounds.policies import PolicySettings, policy_from
    from ygs.application.rounds.weeks import CreateWeek

    async def work(ygs: Any) -> Any:
        request = CreateWeek(
            week=week or None,
            deadline=moment_in_zone(deadline, ygs.settings.time_zone) if deadline else None,
            policy=PolicySettings.model_validate(policy_from(policy.read_bytes())) if policy else None,
            seed=seed,
        )
        return await ygs.weeks.create(Actor.operator(), request)

    _print_week(run(work), json, say("opened"))


@app.command()
def schedule(
    enabled: Annotated[bool | None, typer.Option("--on/--off", help="Whether that happens.")] = None,
    weekday: Annotated[Weekday | None, typer.Option(help="The day on which it happens.")] = None,
    hour: Annotated[int | None, typer.Option(min=0, max=23, help="The full hour of that day.")] = None,
    deadline_weekday: Annotated[
        Weekday | None, typer.Option(help="The day of the round's week on which answers end.")
    ] = None,
    deadline_hour: Annotated[int | None, typer.Option(min=0, max=23, help="The full hour of that day.")] = None,
    json: Json = False,
) -> None:
    """When the round of the next week is created and locked by itself; what is given is set."""
    from ygs.application.actors import Actor

    options = {
        "enabled": enabled,
        "weekday": weekday,
        "hour": hour,
        "deadline_weekday": deadline_weekday,
        "deadline_hour": deadline_hour,
    }
    given = {name: value for name, value in options.items() if value is not None}

    async def work(ygs: Any) -> Any:
        current = await ygs.week_schedules.current(Actor.operator())
        if not given:
            return current
        return await ygs.week_schedules.set(Actor.operator(), current.schedule.model_copy(update=given))

    view = run(work)
    if json:
        print_json(view)
    else:
        _print_schedule(view.schedule)


def _print_schedule(settings: Any) -> None:
    from ygs.application.labels import label

    if not settings.enabled:
        typer.echo(say("Match weeks are locked by staff only: `ygs week schedule --on` changes that."))
        return
    typer.echo(
        say(
            "The round of the next week is locked on {weekday} at {hour}:00; answers end on {day} at {end}:00.",
            weekday=label("weekday", settings.weekday, language()),
            hour=f"{settings.hour:02}",
            day=label("weekday", settings.deadline_weekday, language()),
            end=f"{settings.deadline_hour:02}",
        )
    )
    typer.echo(say("Staff are notified then. They plan the week and publish it: neither happens by itself."))


@app.command(name="list")
def list_weeks(json: Json = False) -> None:
    """The latest match weeks."""
    from ygs.application.actors import Actor

    weeks = run(lambda ygs: ygs.weeks.latest(Actor.operator()))
    if json:
        print_json(weeks)
    elif not weeks:
        typer.echo(say("No match week yet: `ygs week create`"))
    else:
        columns = [say("week"), say("state"), say("answers until"), "id"]
        rows = [(week.week, _state_label(week), clock_time(week.deadline), week.id) for week in weeks]
        print_table(say("Match weeks"), columns, rows)


@app.command()
def lock(week: Week = "", json: Json = False) -> None:
    """Freeze who takes part and what is known of them."""
    _step("lock", week, json, say("locked"))


@app.command()
def discard(week: Week = "", json: Json = False) -> None:
    """Drop the plan and open the week again."""
    _step("discard", week, json, say("opened again"))


@app.command()
def cancel(week: Week = "", json: Json = False) -> None:
    """Hold no round in an open week."""
    _step("cancel", week, json, say("cancelled"))


@app.command()
def close(week: Week = "", json: Json = False) -> None:
    """End a week after its answer deadline; unanswered introductions expire."""
    _step("close", week, json, say("closed"))


@app.command()
def publish(week: Week = "", json: Json = False) -> None:
    """Introduce the proposed pairs, all or none. It is a job: Ctrl-C cancels it."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        await run_to_end(ygs, await ygs.week_jobs.publish(Actor.operator(), found))
        return await ygs.weeks.show(Actor.operator(), found)

    _print_week(run(work), json, say("published"))


@app.command()
def plan(week: Week = "", json: Json = False) -> None:
    """Solve the locked week and propose the plan. It is a job: Ctrl-C cancels it."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        await run_to_end(ygs, await ygs.week_jobs.plan(Actor.operator(), found))
        return await ygs.proposals.proposal(Actor.operator(), found, limit=10)

    _print_proposal(run(work), json)


@app.command()
def show(
    week: Week = "",
    pairs: Annotated[int, typer.Option(min=1, max=100, help="How many pairs to list.")] = 20,
    json: Json = False,
) -> None:
    """A week, and its plan when there is one: pairs with reasons, who got no one and why."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        return await ygs.proposals.week(Actor.operator(), await ygs.weeks.find(Actor.operator(), week), limit=pairs)

    week_view, proposal = run(work)
    if json:
        print_json({"week": week_view, "proposal": proposal})
        return
    _print_week(week_view, False, _state_label(week_view))
    if proposal:
        _print_proposal(proposal, False)


@app.command()
def pairs(
    week: Week = "",
    order: Annotated[PairOrder, typer.Option(help="In what order the pairs come.")] = PairOrder.BEST,
    changed: Changed = False,
    after: After = "",
    limit: Limit = 20,
    all_pages: All = False,
    json: Json = False,
) -> None:
    """All pairs of the plan with reasons, page by page."""
    _print_pages("pairs", week, after, limit, json, all_pages=all_pages, order=order, changed=changed)


@app.command()
def unmatched(
    week: Week = "",
    changed: Changed = False,
    after: After = "",
    limit: Limit = 20,
    all_pages: All = False,
    json: Json = False,
) -> None:
    """All who got no one and why, who waited longest first, page by page."""
    _print_pages("unmatched", week, after, limit, json, all_pages=all_pages, changed=changed)


@app.command()
def overrides(week: Week = "", json: Json = False) -> None:
    """What staff decided for the week, with the keys that take it back."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        return await ygs.proposals.overrides(Actor.operator(), await ygs.weeks.find(Actor.operator(), week))

    found = run(work)
    if json:
        print_json(found)
    elif not found:
        typer.echo(say("There are no overrides."))
    else:
        from ygs.entrypoints.cli.rendering import print_overrides

        print_overrides(found)


@app.command(name="take-back")
def take_back(
    key: Annotated[str, typer.Argument(help="The override's key, as `ygs week overrides` lists it.")],
    week: WeekOption = "",
    json: Json = False,
) -> None:
    """Take one override back; the rest is solved again and what changes is shown."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        with progress() as report:
            return await ygs.proposals.take_back(Actor.operator(), found, key, report)

    _print_price(run(work), json)


@app.command()
def pin(one: Person, other: Person, week: WeekOption = "", json: Json = False) -> None:
    """Make a pair part of the plan; the rest is solved again and the price is shown."""
    _override(week, json, pins=[(one, other)])


@app.command()
def forbid(one: Person, other: Person, week: WeekOption = "", json: Json = False) -> None:
    """Keep a pair out of this week's plan."""
    _override(week, json, forbids=[(one, other)])


@app.command(name="leave-out")
def leave_out(person: Person, week: WeekOption = "", json: Json = False) -> None:
    """Let a person sit this week out."""
    _override(week, json, left_out=[person])


@app.command()
def swap(
    one: Person,
    partner: Annotated[str, typer.Argument(help="Whom the plan gives them, and the other one gets.")],
    other: Annotated[str, typer.Argument(help="One of another pair of the plan.")],
    others_partner: Annotated[str, typer.Argument(help="Whom the plan gives that one, and the first one gets.")],
    week: WeekOption = "",
    json: Json = False,
) -> None:
    """Let two pairs of the plan exchange partners; it is taken back as one."""
    _override(week, json, swaps=[((one, partner), (other, others_partner))])


def _step(step: str, week: str, json: bool, outcome: str) -> None:
    """Call the method `step` of the use case `Weeks` for a week, and print the week with its outcome."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        return await getattr(ygs.weeks, step)(Actor.operator(), found)

    _print_week(run(work), json, outcome)


def _print_week(week: Any, json: bool, outcome: str) -> None:
    """Print a week with what was done to it: its deadline, counts of introductions, and why it failed."""
    if json:
        print_json(week)
        return
    deadline = clock_time(week.deadline)
    answers = say("Answers until {deadline}", deadline=deadline)
    typer.echo(f"{week.week} ({week.id}): {outcome}. {answers}")
    by_state = asdict(week.introductions)
    counts = ", ".join(f"{_count_label(state)} {count:,}" for state, count in by_state.items() if count)
    if counts:
        typer.echo(say("introductions: {standing}", standing=counts))
    for sentence in week.failure.spoken(language()):
        typer.echo(sentence)


def _state_label(week: Any) -> str:
    from ygs.application.labels import label

    return label("week_state", week.state, language())


def _count_label(state: str) -> str:
    """Return the label of a count of introductions: a state, or "met"."""
    from ygs.application.labels import label

    return say("met") if state == "met" else label("introduction_state", state, language())


def moment_in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """Read a time without an offset as one of the service's time zone."""
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _print_pages(items: str, week: str, after: str, limit: int, json: bool, *, all_pages: bool, **filters: Any) -> None:
    """Print a page of a week's proposal, or that and all after it; `items`: "pairs" or "unmatched"."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        most = MOST_PAGE if all_pages else limit
        page = partial(getattr(ygs.proposals, items), Actor.operator(), found, limit=most, **filters)
        listed = last = await page(after=after)
        while all_pages and len(last) == MOST_PAGE:
            last = await page(after=last[-1].cursor)
            listed = [*listed, *last]
        return listed

    listed = run(work)
    if json:
        print_json(listed)
    elif not listed:
        typer.echo(say("There is none."))
    else:
        from ygs.entrypoints.cli import rendering

        getattr(rendering, f"print_{items}")(listed)
        if not all_pages and len(listed) == limit:
            typer.echo(say("Go on with --after {cursor}", cursor=listed[-1].cursor))


def _override(
    week: str,
    json: bool,
    *,
    pins: Pairs = (),
    forbids: Pairs = (),
    left_out: Sequence[str] = (),
    swaps: Sequence[tuple[tuple[str, str], tuple[str, str]]] = (),
) -> None:
    """Add overrides of these people, by id or name, to a week, and print their price."""
    from ygs.application.actors import Actor
    from ygs.domain.matching.plan import Overrides

    async def work(ygs: Any) -> Any:
        found = await ygs.weeks.find(Actor.operator(), week)
        overrides = Overrides.of(
            [await _ids(ygs, pair) for pair in pins],
            [await _ids(ygs, pair) for pair in forbids],
            [await person_id(ygs, each) for each in left_out],
            [(await _ids(ygs, one), await _ids(ygs, other)) for one, other in swaps],
        )
        with progress() as report:
            return await ygs.proposals.override(Actor.operator(), found, overrides, report)

    _print_price(run(work), json)


async def _ids(ygs: Any, pair: tuple[str, str]) -> tuple[str, str]:
    one, other = pair
    return await person_id(ygs, one), await person_id(ygs, other)


def _print_price(price: Any, json: bool) -> None:
    if json:
        print_json(price)
        return
    from ygs.entrypoints.cli.rendering import print_price

    print_price(price)


def _print_proposal(proposal: Any, json: bool) -> None:
    if json:
        print_json(proposal)
        return
    from ygs.entrypoints.cli.rendering import print_proposal

    print_proposal(proposal)
