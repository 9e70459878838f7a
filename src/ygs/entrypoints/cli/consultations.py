"""``ygs consultations …``: the calendar of a day or a week, booking for members, and consultants' hours. Every read of
members is audited."""

from datetime import datetime
from typing import Annotated, Any

import typer

from ygs.entrypoints.cli.people import person_id
from ygs.entrypoints.cli.terminal import (
    Json,
    clock_time,
    language,
    print_item,
    print_json,
    print_next,
    print_table,
    run,
    say,
)

app = typer.Typer(no_args_is_help=True)

Consultation = Annotated[str, typer.Argument(help="The consultation's id, cs_….")]
Slot = Annotated[str, typer.Argument(help="The slot's id, csl_….")]
Consultant = Annotated[str, typer.Argument(help="The consultant's id, usr_….")]
OfConsultant = Annotated[str, typer.Option(help="Only those of this consultant, usr_….")]
Day = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day, YYYY-MM-DD.")]
After = Annotated[str, typer.Option(help="Those after this one.")]
Limit = Annotated[int, typer.Option(min=1, max=100, help="How many to list.")]


@app.command(name="list")
def list_calendar(
    first: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day, YYYY-MM-DD; today if left out.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=31, help="How many days.")] = 7,
    consultant: OfConsultant = "",
    after: After = "",
    limit: Limit = 100,
    json: Json = False,
) -> None:
    """The slots of a day or a week, and who booked them; names are masked."""
    from ygs.application.actors import Actor

    chosen = {"first": first.date() if first else None, "days": days, **_chosen(consultant, after, limit)}
    found = run(lambda ygs: ygs.staff_consultations.calendar(Actor.operator(), **chosen))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No times here yet."))
        return
    columns = [say("when"), say("with"), say("name"), say("state"), say("ID")]
    print_table(say("Consultations"), columns, [_row(each) for each in found])
    if len(found) == limit:
        typer.echo(say("Those that follow: {more}", more=f"ygs consultations list --after {found[-1].slot_id}"))


def _row(line: Any) -> tuple[str, ...]:
    from ygs.application.labels import label

    state = label("consultation_state", line.state, language()) if line.state else say("free")
    name = line.member_name or ""
    return clock_time(line.starts_at), line.consultant_name, name, state, line.consultation_id or line.slot_id


@app.command()
def free(consultant: OfConsultant = "", after: After = "", limit: Limit = 20, json: Json = False) -> None:
    """The coming slots that nobody has booked, the earliest first."""
    from ygs.application.actors import Actor

    chosen = _chosen(consultant, after, limit)
    found = run(lambda ygs: ygs.staff_consultations.list_slots(Actor.operator(), **chosen))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No free time is open."))
    for each in found:
        print_item(f"{each.id}  {clock_time(each.starts_at)}", [each.consultant_name])
    print_next(found, limit, "ygs consultations free")


@app.command(name="open")
def open_slot(
    consultant: Consultant,
    at: Annotated[
        datetime, typer.Argument(formats=["%Y-%m-%d %H:%M"], help='When it begins, "YYYY-MM-DD HH:MM", local time.')
    ],
    minutes: Annotated[int, typer.Option(help="How long, in quarters of an hour.")] = 60,
    json: Json = False,
) -> None:
    """Open one slot, also outside the working hours."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import user_id

    async def work(ygs: Any) -> Any:
        from ygs.application.consultations.views import SlotOpening

        starts_at = at.replace(tzinfo=ygs.settings.time_zone)
        opening = SlotOpening(consultant_id=user_id(consultant), starts_at=starts_at, minutes=minutes)
        return await ygs.office_hours.open_slot(Actor.operator(), opening)

    slot = run(work)
    if json:
        print_json(slot)
    else:
        print_item(f"{slot.id}  {clock_time(slot.starts_at)}", [slot.consultant_name])


@app.command(name="open-series")
def open_series(
    consultant: Consultant,
    day: Annotated[list[str], typer.Option(help="A day of the week, such as monday. Repeat for each.")],
    at: Annotated[list[str], typer.Option(help="When on each of those days, HH:MM, local time. Repeat for each.")],
    first: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first day, YYYY-MM-DD.")],
    last: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day, within a year.")],
    minutes: Annotated[int, typer.Option(help="How long each is, in quarters of an hour.")] = 60,
    weeks_apart: Annotated[int, typer.Option(help="1 for every week, 2 for every other.")] = 1,
    json: Json = False,
) -> None:
    """Open slots that repeat weekly, as far as they fit: within the working hours, and not on closed days."""
    from ygs.application.actors import Actor

    asked = {"consultant_id": consultant, "weekdays": day, "times": at, "minutes": minutes}
    asked |= {"first": first.date(), "last": last.date(), "weeks_apart": weeks_apart}

    async def work(ygs: Any) -> Any:
        from ygs.application.consultations.views import SeriesOpening

        return await ygs.office_hours.open_series(Actor.operator(), SeriesOpening.model_validate(asked))

    opened = run(work)
    if json:
        print_json(opened)
        return
    typer.echo(say("{count} times are open.", count=f"{opened.opened:,}"))
    for told in _left_out(opened):
        typer.echo(told)


def _left_out(opened: Any) -> list[str]:
    """Why times of a series were not opened, and how many."""
    found = {
        "closed_days": say("{count} left out: the club is closed on that day.", count=f"{opened.closed_days:,}"),
        "outside_hours": say("{count} left out: outside the working hours.", count=f"{opened.outside_hours:,}"),
        "taken": say("{count} left out: another time is open then.", count=f"{opened.taken:,}"),
        "skipped": say("{count} left out: over, or more than a year ahead.", count=f"{opened.skipped:,}"),
    }
    return [told for name, told in found.items() if getattr(opened, name)]


@app.command(name="closed-days")
def closed_days(
    year: Annotated[int, typer.Argument(min=2020, max=2100, help="The year.")],
    proposed: Annotated[bool, typer.Option("--proposed", help="The public holidays that are not closed yet.")] = False,
    json: Json = False,
) -> None:
    """The days of a year on which the club is closed."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        listed = ygs.office_hours.propose_closed_days if proposed else ygs.office_hours.closed_days
        return await listed(Actor.operator(), year)

    found = run(work)
    if json:
        print_json(found)
        return
    if not found:
        nothing = say("No public holiday is left to close.") if proposed else say("No day of this year is closed.")
        typer.echo(nothing)
    for each in found:
        typer.echo(f"{each.day}  {each.name}")


@app.command(name="close-days")
def close_days(
    days: Annotated[list[datetime], typer.Argument(formats=["%Y-%m-%d"], help="The days, YYYY-MM-DD.")],
    name: Annotated[str, typer.Option(help="Why, such as the name of a public holiday.")],
    json: Json = False,
) -> None:
    """Close days and take their free slots back. What is booked stays, and is listed for you to move."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        from ygs.application.consultations.views import ClosedDaysEdit

        edit = ClosedDaysEdit.model_validate({"days": [{"day": each.date(), "name": name} for each in days]})
        return await ygs.office_hours.close_days(Actor.operator(), edit)

    closed = run(work)
    if json:
        print_json(closed)
        return
    typer.echo(say("Closed. {count} free times were taken back.", count=f"{closed.closed:,}"))
    if closed.booked:
        print_item(say("Still booked on these days: move or cancel each."), closed.booked)


@app.command(name="open-day")
def open_day(day: Day) -> None:
    """Open a closed day again. Its slots must be opened anew."""
    from ygs.application.actors import Actor

    run(lambda ygs: ygs.office_hours.open_day(Actor.operator(), day.date()))
    typer.echo(say("Open again. Its times must be opened anew."))


@app.command()
def book(
    slot: Slot,
    member: Annotated[str, typer.Argument(help="The member's id, or the name if nobody else has it.")],
    json: Json = False,
) -> None:
    """Book a slot for a member. Both sides are notified."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import slot_id, user_id

    async def work(ygs: Any) -> Any:
        from ygs.application.consultations.views import SlotBookingFor

        whose = user_id(await person_id(ygs, member))
        booking = SlotBookingFor(slot_id=slot_id(slot), member_id=whose)
        return await ygs.staff_consultations.book(Actor.operator(), booking)

    _print(run(work), json)


@app.command()
def move(consultation: Consultation, slot: Slot, json: Json = False) -> None:
    """Move a consultation to another slot, however late. Both sides are notified."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import consultation_id, slot_id

    async def work(ygs: Any) -> Any:
        from ygs.application.consultations.views import SlotBooking

        booking = SlotBooking(slot_id=slot_id(slot))
        return await ygs.staff_consultations.move(Actor.operator(), consultation_id(consultation), booking)

    _print(run(work), json)


@app.command()
def show(consultation: Consultation, json: Json = False) -> None:
    """One consultation, with the notes and what to ask."""
    _act("read", consultation, json)


@app.command()
def cancel(
    consultation: Consultation,
    reason: Annotated[str, typer.Option(help="Why; only staff read it.")],
    json: Json = False,
) -> None:
    """Cancel a consultation, however late. Both sides are notified, without the reason."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import consultation_id

    async def work(ygs: Any) -> Any:
        from ygs.application.consultations.views import ConsultationCancellation

        cancellation = ConsultationCancellation(reason=reason)
        return await ygs.staff_consultations.cancel(Actor.operator(), consultation_id(consultation), cancellation)

    _print(run(work), json)


@app.command()
def done(consultation: Consultation, json: Json = False) -> None:
    """Record that a consultation took place."""
    _act("mark_done", consultation, json)


@app.command(name="no-show")
def no_show(consultation: Consultation, json: Json = False) -> None:
    """Record that the member did not come."""
    _act("mark_no_show", consultation, json)


@app.command()
def hours(
    consultant: Consultant,
    day: Annotated[
        list[str] | None,
        typer.Option(help="The hours of one day of the week: monday=10:00-12:00,13:00-19:00. Repeat for each."),
    ] = None,
    any_time: Annotated[bool, typer.Option("--any-time", help="No hours: times may be opened at any time.")] = False,
    json: Json = False,
) -> None:
    """When a consultant works; with --day the whole week is replaced."""
    from ygs.application.actors import Actor
    from ygs.domain.ids import user_id

    async def work(ygs: Any) -> Any:
        from ygs.application.consultations.views import WorkingHoursFields

        whose = user_id(consultant)
        if day or any_time:
            fields = WorkingHoursFields.model_validate({"days": dict(map(_hours, day or []))})
            return await ygs.office_hours.set_working_hours(Actor.operator(), whose, fields)
        return await ygs.office_hours.working_hours(Actor.operator(), whose)

    found = run(work)
    if json:
        print_json(found)
        return
    print_item(consultant, _working(found) or [say("at any time")])


def _hours(text: str) -> tuple[str, list[dict[str, str]]]:
    """ "monday=10:00-12:00,13:00-19:00" as the day and its hours."""
    name, _, lines = text.partition("=")
    pairs = (line.partition("-") for line in lines.split(",") if line.strip())
    return name.strip(), [{"start": start.strip(), "end": end.strip()} for start, _, end in pairs]


def _working(found: Any) -> list[str]:
    from ygs.application.labels import label

    days = []
    for day, lines in found.days.items():
        told = ", ".join(f"{each.start:%H:%M}-{each.end:%H:%M}" for each in lines)
        days.append(f"{label('weekday', day, language())} {told}")
    return days


def _chosen(consultant: str, after: str, limit: int) -> dict[str, Any]:
    from ygs.domain.ids import slot_id, user_id

    whose = user_id(consultant) if consultant else None
    return {"consultant": whose, "after": slot_id(after) if after else None, "limit": limit}


def _act(what: str, consultation: str, json: bool) -> None:
    from ygs.application.actors import Actor
    from ygs.domain.ids import consultation_id

    about = consultation_id(consultation)
    _print(run(lambda ygs: getattr(ygs.staff_consultations, what)(Actor.operator(), about)), json)


def _print(consultation: Any, json: bool) -> None:
    from ygs.application.labels import label
    from ygs.domain.matching.attribute import Language

    if json:
        print_json(consultation)
        return
    until = clock_time(consultation.ends_at)
    korean = language() is Language.KO
    state = label("consultation_state", consultation.state, language())
    consultant = say("With {name}, until {time}.", name=consultation.consultant_name, time=until)
    told = [f"{clock_time(consultation.starts_at)}, {state}", consultant]
    told += [each.ko if korean else each.en for each in consultation.questions]
    print_item(f"{consultation.id}  {consultation.member_name}", [*told, *filter(None, [consultation.notes])])
