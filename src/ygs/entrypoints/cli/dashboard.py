"""``ygs status``: the figures of the day."""

from collections.abc import Iterable, Sequence
from typing import Any

import typer

from ygs.entrypoints.cli.terminal import Json, clock_time, language, print_heading, print_json, print_table, run, say

LACKING_SHOWN = 10


def status(json: Json = False) -> None:
    """The figures of the day: members, who waits for review, what is due, what came of the latest weeks."""
    from ygs.application.actors import Actor

    figures = run(lambda ygs: ygs.dashboard.read(Actor.operator()))
    if json:
        print_json(figures)
        return
    _print_members(figures)
    _print_waiting(figures)
    _print_weeks(figures.weeks)
    if figures.pool:
        _print_pool(figures.pool)


def _print_members(figures: Any) -> None:
    print_heading(say("Members at {time}", time=clock_time(figures.at)))
    joined = figures.members
    columns = [say(">in all"), say(">joined this month"), say(">this week"), say(">today")]
    print_table("", columns, [(joined.total, joined.this_month, joined.this_week, joined.today)])
    _print_counts(say("By status"), _named("member_status", figures.by_status))
    _print_counts(say("Active, by gender"), _named("gender", figures.active_by_gender))
    ages = [(f"{each.from_age}-{each.to_age}", each.count) for each in figures.active_by_age]
    _print_counts(say("Active, by age"), ages)
    _print_counts(say("Active, by region"), _named("region", figures.active_by_region))


def _named(kind: str, counts: Iterable[Any]) -> Sequence[tuple[str, int]]:
    from ygs.application.labels import label
    from ygs.domain.matching.vocabulary import VOCABULARY

    def name(code: str | None) -> str:
        if code is None:
            return say("unknown")
        return VOCABULARY[kind].label(code, language()) if kind in VOCABULARY else label(kind, code, language())

    return [(name(each.code), each.count) for each in counts]


def _print_counts(title: str, counts: Sequence[tuple[str, int]]) -> None:
    if counts:
        print_heading(title)
        print_table("", [say("group"), say(">members")], [(name, f"{count:,}") for name, count in counts])


def _print_waiting(figures: Any) -> None:
    review = figures.review
    if review.since:
        since = clock_time(review.since)
        typer.echo(say("Waiting for review: {count}, the first since {time}", count=review.count, time=since))
    else:
        typer.echo(say("Nobody waits for review."))
    today = figures.consultations_today
    if any((today.booked, today.done, today.no_show)):
        typer.echo(
            say(
                "Consultations today: {booked} to come, {done} done, {no_show} no-show",
                booked=today.booked,
                done=today.done,
                no_show=today.no_show,
            )
        )
    if figures.work_stalled:
        typer.echo(say("Work has waited for more than half an hour: is `ygs serve` or `ygs worker` running?"))
    if failed := figures.waiting.failed_jobs:
        typer.echo(say("Jobs that failed and wait for you: {count}; see `ygs jobs list --state failed`", count=failed))
    if due := figures.due_memberships:
        counted = clock_time(due.counted_at)
        if due.late is None:
            typer.echo(say("Memberships that need you: {count} (counted at {time})", count=due.count, time=counted))
        else:
            told = say(
                "Memberships that need you: {count}, {late} of them late (counted at {time})",
                count=due.count,
                late=due.late,
                time=counted,
            )
            typer.echo(told)


def _print_pool(pool: Any) -> None:
    """The groups that the pool lacks most."""
    from ygs.application.labels import label
    from ygs.domain.matching.vocabulary import VOCABULARY

    def line(each: Any) -> tuple[object, ...]:
        age = say("unknown") if each.from_age is None else f"{each.from_age}-{each.to_age}"
        region = VOCABULARY["region"].label(each.region, language()) if each.region else say("unknown")
        return label("gender", each.gender, language()), age, region, each.wanted, each.there

    lacking = [each for each in pool.cells if each.lacking > 0][:LACKING_SHOWN]
    print_heading(say("Whom the pool lacks (counted at {time})", time=clock_time(pool.counted_at)))
    print_table("", [say("gender"), say("age"), say("region"), say(">wanted"), say(">there")], map(line, lacking))


def _print_weeks(weeks: Sequence[Any]) -> None:
    from ygs.application.labels import label

    columns = [say("week"), say("state"), say(">introductions"), say(">answered"), say(">mutual"), say(">met")]
    states = [label("week_state", each.state, language()) for each in weeks]
    counts = [[each.introduced, each.answered, each.mutual, each.met] for each in weeks]
    rows = [(week.week, state, *map(_number, row)) for week, state, row in zip(weeks, states, counts, strict=True)]
    if rows:
        print_table(say("Match weeks"), columns, rows)


def _number(count: int | None) -> str:
    return "-" if count is None else f"{count:,}"
