"""``ygs settings``, ``ygs keys`` and ``ygs purge``: checks of settings, key rotation, removal of old data."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from ygs.domain.errors import N_
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

# By the setting that names the channel.
_CODES_BY_MAIL = {
    "YGS_SMTP_HOST": N_("One-time codes for e-mail addresses are sent by the mail server {host} (YGS_SMTP_HOST)."),
    "YGS_MESSENGER_URL": N_(
        "One-time codes for e-mail addresses go to the webhook of YGS_MESSENGER_URL, which must send them as e-mails; "
        "with YGS_SMTP_HOST that mail server sends them."
    ),
    "": N_("Without YGS_SMTP_HOST or YGS_MESSENGER_URL no code reaches an e-mail address: nobody can prove a new one."),
}

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
        _remark(configured, opens=not problems)
    if problems:
        raise typer.Exit(FOUND)


def _remark(configured: Any, *, opens: bool) -> None:
    """Print what is no fault but worth knowing; with `opens` also what the service would say when it starts."""
    proxies = ", ".join(map(str, configured.trusted_proxies)) or "-"
    typer.echo(
        say(
            "Proxies believed (YGS_TRUSTED_PROXIES): {proxies}. Everybody behind another counts as one address.",
            proxies=proxies,
        )
    )
    if not configured.messenger_url:
        typer.echo(say("Without YGS_MESSENGER_URL no code reaches a phone: nobody can set a forgotten password anew."))
    _, by_mail = configured.code_channels
    typer.echo(say(_CODES_BY_MAIL[by_mail], host=configured.smtp_host))
    if not configured.canary_phones:
        typer.echo(say("Without YGS_CANARY_PHONES exported sheets hold nobody made up who would name their reader."))
    for remark in _of_this_machine(configured):
        typer.echo(remark)
    if opens and (fault := _opening_fault()):
        typer.echo(fault)


def _of_this_machine(configured: Any) -> Iterator[str]:
    """What stands in the way on this machine: who can read the keys, and where files go."""
    env = Path(".env")
    if env.is_file() and env.stat().st_mode & 0o077:
        yield say(N_("others on this machine can read .env, which holds keys: run `chmod 600 .env`"))
    folder = configured.data_folder.absolute()
    # It is made when the first file comes, if that is possible.
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not configured.s3_photos_bucket and not (there.is_dir() and os.access(there, os.W_OK)):
        template = N_("YGS_DATA_FOLDER: this user cannot write files in {folder}; make the folder, or name another")
        yield say(template, folder=folder)


def _opening_fault() -> str:
    """Why the service cannot be opened now: a package that is missing, or a database that is away; empty if it can."""
    import asyncio

    from ygs.application.messages.translate import explain_error
    from ygs.bootstrap import build
    from ygs.domain.errors import Unavailable

    async def opened() -> None:
        async with build():
            pass

    try:
        asyncio.run(opened())
    except Unavailable as error:
        return explain_error(error, language())
    return ""


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
