"""``ygs memberships …``: plans, contracts, who is due, and refunds. Every read is audited."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from ygs.entrypoints.cli.people import person_id
from ygs.entrypoints.cli.refunds import print_refund
from ygs.entrypoints.cli.terminal import (
    Json,
    language,
    print_heading,
    print_item,
    print_json,
    print_next,
    print_table,
    run,
    say,
)

app = typer.Typer(no_args_is_help=True)
plans = typer.Typer(no_args_is_help=True)
app.add_typer(plans, name="plans", help="The plans that members join on.")

Membership = Annotated[str, typer.Argument(help="The membership's id, mb_….")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day, YYYY-MM-DD; today if left out.")]


@plans.command(name="list")
def list_plans(json: Json = False) -> None:
    """Plans, the oldest first."""
    from ygs.application.actors import Actor

    found = run(lambda ygs: ygs.membership_plans.list(Actor.operator()))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No plan yet."))
    for plan in found:
        _print_plan(plan)


@plans.command()
def offer(
    name: Annotated[str, typer.Argument(help="What the plan is called.")],
    fee: Annotated[int, typer.Option(help="The fee, in won.")],
    months: Annotated[int, typer.Option(help="How many months a contract runs.")],
    promised: Annotated[int, typer.Option(help="How many are promised within that time.")] = 0,
    service: Annotated[int, typer.Option(help="How many are given on top.")] = 0,
    unit: Annotated[
        Literal["meetings", "introductions"], typer.Option(help="What the promised number counts.")
    ] = "meetings",
    basis: Annotated[Literal["meetings", "days"], typer.Option(help="What a refund counts.")] = "meetings",
    agreed: Annotated[
        list[str] | None, typer.Option(help="An attribute that every introduction must meet as wished; repeatable.")
    ] = None,
    json: Json = False,
) -> None:
    """Offer a plan."""
    from ygs.application.actors import Actor

    terms = {"fee": fee, "months": months, "promised": promised, "service": service, "unit": unit, "basis": basis}

    async def work(ygs: Any) -> Any:
        from ygs.application.memberships.plans import PlanRequest

        request = PlanRequest.model_validate({"name": name, "agreed": agreed or [], **terms})
        return await ygs.membership_plans.offer(Actor.operator(), request)

    plan = run(work)
    if json:
        print_json(plan)
    else:
        _print_plan(plan)


@plans.command()
def withdraw(plan: Annotated[str, typer.Argument(help="The plan's id, mp_….")], json: Json = False) -> None:
    """Offer a plan no longer; contracts on it go on."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import plan_id

    found = run(lambda ygs: ygs.membership_plans.withdraw(Actor.operator(), plan_id(plan)))
    if json:
        print_json(found)
    else:
        _print_plan(found)


@app.command(name="list")
def list_open(
    only: Annotated[
        Literal["due", "late", "warned"] | None,
        typer.Option(help="Only those due in the coming week, late, or nearly three months without a meeting."),
    ] = None,
    after: Annotated[str, typer.Option(help="Those after this one.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    json: Json = False,
) -> None:
    """Memberships that have not ended; names are masked."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        from ygs.application.memberships.contracts import MembershipFilter

        wanted = MembershipFilter(only) if only else None
        return await ygs.memberships.list_open(Actor.operator(), only=wanted, after=after or None, limit=limit)

    found = run(work)
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No membership here."))
    for line in found:
        print_item(f"{line.id}  {line.name}  {line.plan}", [*_standing(line), *_left(line)])
    print_next(found, limit, "ygs memberships list")


@app.command()
def start(
    member: Annotated[str, typer.Argument(help="The member's id, or the name if nobody else has it.")],
    plan: Annotated[str, typer.Option(help="The plan's id, mp_….")],
    contracted: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The date of the contract, YYYY-MM-DD.")],
    starts: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its first day; that of the contract if left out.")
    ] = None,
    rules: Annotated[str, typer.Option(help="The refund rules that the contract names, such as 2021.")] = "",
    forecast: Annotated[str | None, typer.Option(help="A kept forecast to keep with the contract, fc_….")] = None,
    json: Json = False,
) -> None:
    """Make a contract with a member."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import user_id

    async def work(ygs: Any) -> Any:
        from ygs.application.memberships.contracts import MembershipRequest

        request = MembershipRequest(
            plan_id=plan,
            contracted_on=contracted.date(),
            starts_on=_date(starts),
            rules=rules,
            forecast_id=forecast,
        )
        return await ygs.memberships.start(Actor.operator(), user_id(await person_id(ygs, member)), request)

    _print(run(work), json)


@app.command()
def show(membership: Membership, json: Json = False) -> None:
    """One ledger: owed, delivered, late, and every introduction."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import membership_id

    _print(run(lambda ygs: ygs.memberships.get(Actor.operator(), membership_id(membership))), json)


@app.command()
def pay(
    membership: Membership,
    amount: Annotated[int, typer.Option(help="In won; below zero for money that was paid back.")],
    on: Day = None,
    json: Json = False,
) -> None:
    """Record a payment; nothing is charged or transferred."""
    _change("pay", "PaymentRequest", membership, {"amount": amount, "on": _date(on)}, json)


@app.command()
def grant(
    membership: Membership, count: Annotated[int, typer.Option(help="How many to give on top.")], json: Json = False
) -> None:
    """Give meetings or introductions on top."""
    _change("grant", "GrantRequest", membership, {"count": count}, json)


@app.command()
def pause(
    membership: Membership,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its first day; today if left out.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which the clock goes on, if it is known.")
    ] = None,
    json: Json = False,
) -> None:
    """Stop the clock of a contract."""
    _change("pause", "ClockPauseRequest", membership, {"since": _date(since), "until": _date(until)}, json)


@app.command()
def resume(membership: Membership, on: Day = None, json: Json = False) -> None:
    """Let the clock of a contract go on."""
    _change("resume", "ClockResumeRequest", membership, {"on": _date(on)}, json)


@app.command(name="fix-date")
def fix_date(
    membership: Membership,
    introduction: Annotated[str, typer.Argument(help="The introduction's id, mh_….")],
    meets: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day of the meeting, YYYY-MM-DD.")],
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day on which the date was fixed, YYYY-MM-DD; today if left out."),
    ] = None,
    json: Json = False,
) -> None:
    """Record that the date of a meeting was fixed."""
    values = {"introduction_id": introduction, "meets_on": _date(meets), "on": _date(on)}
    _change("fix_date", "FixedDateRequest", membership, values, json)


@app.command()
def end(
    membership: Membership,
    reason: Annotated[str, typer.Option(help="Why; only staff read it.")],
    on: Day = None,
    json: Json = False,
) -> None:
    """End a membership: nothing is due any more."""
    _change("end", "EndRequest", membership, {"reason": reason, "on": _date(on)}, json)


@app.command()
def refund(
    membership: Membership,
    fault: Annotated[Literal["member", "operator"], typer.Option(help="For whose reason the contract ends.")],
    evidence: Annotated[str, typer.Option(help="Why it is that side's reason: the refund is kept with it.")] = "",
    on: Day = None,
    json: Json = False,
) -> None:
    """Compute a refund from the ledger, every step shown; keep it when evidence is given. No legal advice."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import membership_id

    async def work(ygs: Any) -> Any:
        from ygs.application.memberships.refund_assessments import RefundDecision
        from ygs.domain.refunds import RefundFault

        about = membership_id(membership)
        if not evidence:
            return await ygs.refunds.preview(Actor.operator(), about, RefundFault(fault), _date(on))
        decision = RefundDecision(fault=RefundFault(fault), evidence=evidence, cancelled_on=_date(on))
        return await ygs.refunds.assess(Actor.operator(), about, decision)

    found = run(work)
    if json:
        print_json(found)
        return
    print_refund(found.refund if evidence else found)
    if evidence:
        typer.echo(say("Kept as {id}.", id=found.id))


@app.command(name="print")
def print_(
    refund: Annotated[str, typer.Argument(help="The id of a refund that was kept, rf_….")],
    to: Annotated[Path, typer.Option(help="The PDF file to write.")],
) -> None:
    """Write a refund that was kept as PDF: one page that a mediator can check."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import refund_id

    to.write_bytes(run(lambda ygs: ygs.refunds.print(Actor.operator(), refund_id(refund), language())))
    typer.echo(str(to))


def _change(what: str, kind: str, membership: str, values: dict[str, Any], json: bool) -> None:
    from ygs.application.actors import Actor
    from ygs.domain.ids import membership_id

    async def work(ygs: Any) -> Any:
        from ygs.application.memberships import contracts

        request = getattr(contracts, kind).model_validate(values)
        return await getattr(ygs.memberships, what)(Actor.operator(), membership_id(membership), request)

    _print(run(work), json)


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _print(ledger: Any, json: bool) -> None:
    if json:
        print_json(ledger)
        return
    print_heading(f"{ledger.id}  {ledger.plan}")
    dates = {"starts": ledger.starts_on, "ends": ledger.ended_on or ledger.ends_on}
    typer.echo(say("{starts} to {ends}, paid {paid:,} of {fee:,} won", paid=ledger.paid, fee=ledger.terms.fee, **dates))
    for sentence in _standing(ledger):
        typer.echo(sentence)
    if over := ledger.overpaid:
        typer.echo(
            say("{over:,} won more than the fee were paid: refunds leave them out. Look for a mistake.", over=over)
        )
    columns = [say("introduction"), say("profile given"), say("met"), say("counts")]
    yes = say("yes")
    no = say("no")
    rows = [
        (each.introduction_id, each.published_on, each.met_on or "", yes if each.counts else _why_not(each, no))
        for each in ledger.introductions
    ]
    if rows:
        print_table(say("Introductions"), columns, rows)


def _why_not(line: Any, no: str) -> str:
    from ygs.application.messages.translate import term

    outside: Sequence[str] = [term(each, language()) for each in line.outside]
    return f"{no}: {', '.join(outside)}" if outside else no


def _standing(ledger: Any) -> list[str]:
    """How far the promise is kept, in sentences."""
    counts = {name: getattr(ledger, name) for name in ("total", "owed", "delivered", "late")}
    found = [say("{total} promised; {owed} owed by now, {delivered} delivered, {late} late.", **counts)]
    if ledger.paused:
        found.append(say("The clock stands still."))
    elif ledger.due:
        found.append(say("An introduction is due in the coming week."))
    if ledger.at_fault:
        found.append(
            say("Three months without a meeting: the operator is at fault since {day}.", day=ledger.meeting_by)
        )
    elif ledger.warned:
        found.append(say("Without a meeting before {day} the operator is at fault.", day=ledger.meeting_by))
    return found


def _left(line: Any) -> list[str]:
    """What to do about the contract of a member who has left: their name is gone."""
    return [say("The member has left: end it with `ygs memberships end`.")] if line.name == "?" else []


def _print_plan(plan: Any) -> None:
    from ygs.application.labels import label
    from ygs.application.messages.translate import term

    terms = plan.terms
    unit = label("promise_unit", terms.unit, language())
    counts = {"fee": terms.fee, "months": terms.months, "promised": terms.promised, "service": terms.service}
    lines = [say("{fee:,} won, {months} months, {unit}: {promised} and {service} on top", unit=unit, **counts)]
    if terms.agreed:
        agreed = ", ".join(term(each, language()) for each in sorted(terms.agreed))
        lines.append(say("agreed on: {conditions}", conditions=agreed))
    if not plan.offered:
        lines.append(say("no longer offered"))
    print_item(f"{plan.id}  {plan.name}", lines)
