"""``ygs jobs …`` and ``ygs worker``: work that runs beside requests."""

from typing import Annotated, Any, Literal, NoReturn

import typer

from ygs.entrypoints.cli.terminal import (
    BUSY,
    REFUSED,
    Json,
    clock_time,
    fail,
    language,
    print_item,
    print_json,
    progress,
    run,
    say,
    stage_name,
)

app = typer.Typer(no_args_is_help=True)

# How often the progress of a job that another process runs is read.
LOOK_SECONDS = 0.5

Id = Annotated[str, typer.Argument(help="The job's id, job_….")]


def worker() -> None:
    """Run jobs until Ctrl-C or SIGTERM, beside `ygs serve` or on another machine: closing weeks, the daily purge.

    `ygs serve` runs jobs itself; more workers share the work.
    """
    from ygs.entrypoints.garbage_collection import spare_what_is_here
    from ygs.entrypoints.workers import work_until_stopped

    async def work(ygs: Any) -> None:
        spare_what_is_here()
        await work_until_stopped(ygs.worker, ygs.dispatcher, ygs.deliverer)

    _write_log()
    run(work)


def _write_log() -> None:
    """Log as the service does; in plain lines on a machine without the extra `http`."""
    import logging

    from ygs.entrypoints.quiet_libraries import quiet_libraries

    try:
        from ygs.entrypoints.http.observability.request_log import log_as_json
    except ModuleNotFoundError:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        quiet_libraries()
    else:
        log_as_json()


@app.command(name="list")
def list_jobs(
    state: Annotated[
        Literal["queued", "running", "done", "failed", "cancelled"] | None,
        typer.Option(help="Only those in this state."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many to list.")] = 20,
    json: Json = False,
) -> None:
    """Jobs, the newest first."""
    from ygs.application.actors import Actor
    from ygs.domain.jobs import JobState

    wanted = JobState(state) if state else None
    found = run(lambda ygs: ygs.jobs.list(Actor.operator(), state=wanted, limit=limit))
    if json:
        print_json(found)
        return
    if not found:
        typer.echo(say("No job here."))
    for job in found:
        _print(job)


@app.command()
def show(job: Id, json: Json = False) -> None:
    """One job and its progress."""
    _change("get", job, json)


@app.command()
def cancel(job: Id, json: Json = False) -> None:
    """Cancel a job: at once while it is queued, within seconds while it runs. One that failed is given up."""
    _change("cancel", job, json)


@app.command()
def retry(job: Id, json: Json = False) -> None:
    """Queue a job again that failed."""
    _change("requeue", job, json)


async def run_to_end(ygs: Any, queued: Any) -> Any:
    """Run a job here, unless a worker has taken it: then show how far that one is. Return the job once it is done.

    Say why it is not done, and exit, when it fails. Ctrl-C cancels the job.
    """
    import asyncio
    from contextlib import suppress

    from ygs.application.actors import Actor
    from ygs.domain.errors import WrongStatus

    try:
        with progress() as report:
            while (job := await ygs.jobs.get(Actor.operator(), queued.id)).finished_at is None:
                if not await ygs.worker.run_job(job.id, report):
                    if job.stage:
                        report(job.stage, job.done, job.total)
                    await asyncio.sleep(LOOK_SECONDS)
    except asyncio.CancelledError:
        with suppress(WrongStatus):  # over in that moment
            await ygs.jobs.cancel(Actor.operator(), queued.id)
        raise
    if job.state != "done":
        _fail(job)
    return job


def _fail(job: Any) -> NoReturn:
    from ygs.domain.errors import LeaseLost, Unavailable

    words = job.error_words.spoken(language()) or [say("The job was cancelled.")]
    fail(words[0], BUSY if job.error in (LeaseLost.code, Unavailable.code) else REFUSED)


def _change(what: str, job: str, json: bool) -> None:
    from ygs.application.actors import Actor
    from ygs.domain.ids import job_id

    found = run(lambda ygs: getattr(ygs.jobs, what)(Actor.operator(), job_id(job)))
    if json:
        print_json(found)
    else:
        _print(found)


def _when(job: Any) -> str:
    """When it ended, or from when on it may begin."""
    if job.state == "queued":
        return say("from {time} on", time=clock_time(job.run_at))
    return clock_time(job.finished_at or job.run_at)


def _print(job: Any) -> None:
    from ygs.application.labels import label

    lines = [f"{label('job_state', job.state, language())}, {_when(job)}"]
    if job.cancel_requested and job.finished_at is None:
        lines.append(say("It is being cancelled."))
    if job.total:
        lines.append(f"{stage_name(job.stage)} {job.done:,}/{job.total:,}")
    lines += job.error_words.spoken(language())
    print_item(f"{job.id}  {label('job_kind', job.kind, language())}", lines)
