"""``ygs admin``: makes administrators."""

from typing import Annotated, Any, Literal

import typer

app = typer.Typer(no_args_is_help=True)

Name = Annotated[str, typer.Option(prompt=True, help="Their name.")]
Phone = Annotated[str, typer.Option(prompt=True, help="The phone to sign in with, in any spelling.")]
BirthYear = Annotated[int, typer.Option(prompt=True, help="The year they were born in.")]
Gender = Annotated[Literal["female", "male"], typer.Option(prompt=True, help="Their gender.")]
# Never an argument: every user of the machine can read arguments.
Password = Annotated[
    str,
    typer.Option(
        prompt=True,
        hide_input=True,
        confirmation_prompt=True,
        envvar="YGS_ADMIN_PASSWORD",
        help="15 to 128 characters.",
    ),
]
Key = Annotated[
    str,
    typer.Option(
        prompt=True,
        hide_input=True,
        envvar="YGS_AUTHENTICATOR_KEY",
        help="The key that enrolling an authenticator showed.",
    ),
]


@app.command()
def code(key: Key) -> None:
    """Print the six digits that an authenticator app with a key shows now, where there is no phone with one."""
    from datetime import UTC, datetime

    from ygs.domain.errors import InvalidText
    from ygs.domain.totp import code_now
    from ygs.entrypoints.cli.terminal import USAGE, fail

    try:
        typer.echo(code_now(key, datetime.now(UTC)))
    except InvalidText as error:
        fail(error, USAGE)


@app.command()
def create(name: Name, phone: Phone, birth_year: BirthYear, gender: Gender, password: Password) -> None:
    """Make an administrator, who then signs in and enrols an authenticator.

    The password is asked for, or read from the environment variable YGS_ADMIN_PASSWORD.
    """
    from pydantic import SecretStr

    from ygs.application.accounts.sign_up import PhoneAndPassword
    from ygs.application.actors import Actor
    from ygs.domain.errors import N_, Misconfigured
    from ygs.entrypoints.cli.terminal import run, say

    request = PhoneAndPassword(
        name=name,
        phone=phone,
        password=SecretStr(password),
        birth_year=birth_year,
        gender=gender,
        seeks=frozenset({"female", "male"}),
    )

    async def work(ygs: Any) -> str:
        if ygs.accounts is None:
            raise Misconfigured(N_("accounts are not installed: pip install 'ygs[accounts]'"))
        return str(await ygs.accounts.sign_up.administrator(Actor.operator(), request))

    administrator = run(work)
    typer.echo(say("Made the administrator {made}", made=administrator))
