"""``ygs settings``, ``ygs keys`` and ``ygs purge``: checks of settings, key rotation, removal of old data."""

from typing import Any

import typer

from ygs.entrypoints.cli.terminal import (
    FOUND,
    Json,
    faults,
    language,
    print_json,
    progress,
    run,
    run_async,
    say,
)

settings = typer.Typer(no_args_is_help=True)
keys = typer.Typer(no_args_is_help=True)


@settings.command()
def check(json: Json = False) -> None:
    """Say what production still lacks; exit code 4 when there is something. No key is shown."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from ygs.application.messages.translate import explain_error
    from ygs.settings import Settings

    try:
        configured = Settings()
    except (ValidationError, SettingsError) as error:
        typer.echo("\n".join(faults(error)), err=True)
        raise typer.Exit(FOUND) from None
    problems = configured.problems()
    if json:
        print_json([str(problem) for problem in problems])
    elif problems:
        typer.echo(say("To be mended before production:"))
        for problem in problems:
            typer.echo(f"- {explain_error(problem, language())}")
    else:
        typer.echo(say("Fit for production."))
    if not json:
        _remark(configured)
    if problems:
        raise typer.Exit(FOUND)


def _remark(configured: Any) -> None:
    """Print what is no fault but worth knowing."""
    proxies = ", ".join(map(str, configured.trusted_proxies)) or "-"
    typer.echo(
        say(
            "Proxies believed (YGS_TRUSTED_PROXIES): {proxies}. Everybody behind another counts as one address.",
            proxies=proxies,
        )
    )
    if not configured.messenger_url:
        typer.echo(say("Without YGS_MESSENGER_URL no code reaches a phone: nobody can set a forgotten password anew."))


@keys.command()
def rotate() -> None:
    """Seal everything anew with the key of the highest version, while the service runs; may be stopped and run again.

    First add the new key to YGS_SEALING_KEYS and restart the service; afterwards, once no backup needs it, take the old
    one out.
    """
    from ygs.bootstrap import rotate_keys

    with progress() as report:
        count = run_async(lambda: rotate_keys(progress=report))
    typer.echo(say("Sealed anew: {done:,} values", done=count))


def purge(json: Json = False) -> None:
    """Remove for good: people who left longer ago than YGS_RETENTION_DAYS, and what has served. Members whose pause is
    over come back. Run it daily."""
    from ygs.application.actors import Actor

    async def work(ygs: Any) -> Any:
        with progress() as report:
            await ygs.member_review.end_pauses(Actor.operator())
            purged = await ygs.erasure.purge(Actor.operator(), report)
            # After the purge, so that the files of erased people are deleted too.
            return purged, await ygs.file_cleanup.run(Actor.operator(), report)

    purged, files = run(work)
    if json:
        print_json({**purged.model_dump(), "files": files})
        return
    old = sum(purged.old.model_dump().values())
    typer.echo(
        say(
            "Erased: {people:,} people, the inputs of {weeks:,} weeks, {old:,} old rows",
            people=purged.people,
            weeks=purged.weeks,
            old=old,
        )
    )
