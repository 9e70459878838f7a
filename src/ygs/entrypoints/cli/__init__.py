"""The `ygs` command."""

import sys

from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language


def main() -> None:
    """Run the command with this process's arguments, in the language of the environment."""
    from ygs.entrypoints.cli.env_file import env_file_fault
    from ygs.entrypoints.cli.help_texts import (
        default_language,
        language_of_environment,
        translate_help,
        translate_library,
        usage_error,
    )

    if fault := env_file_fault(language_of_environment()):
        print(f"ygs: {fault}", file=sys.stderr)  # noqa: T201 - the command's standard error
        sys.exit(2)
    language = default_language()
    # Before typer is imported, because it looks its texts up on import.
    translate_library(language)

    try:
        import rich  # noqa: F401 - a command would fail later without it
        import typer
    except ModuleNotFoundError:
        sys.exit(_without_typer(language))

    from ygs.entrypoints.cli.app import app

    command = typer.main.get_command(app)
    translate_help(command, language)
    try:
        sys.exit(command(standalone_mode=False))
    except typer.Abort:
        sys.exit(130)
    except OSError as error:
        if error.filename is None:
            raise
        print(f"ygs: {_file_fault(error, language)}", file=sys.stderr)  # noqa: T201 - the command's standard error
        sys.exit(1)
    except Exception as error:
        # A usage error has an exit code and names the command; anything else is a bug, and needs its traceback.
        if not hasattr(error, "exit_code"):
            raise
        print(f"ygs: {usage_error(error, language)}", file=sys.stderr)  # noqa: T201 - the command's standard error
        sys.exit(error.exit_code)


def _file_fault(error: OSError, language: Language) -> str:
    from ygs.application.messages.translate import translate

    templates = {
        FileNotFoundError: N_("{file} is not there"),
        IsADirectoryError: N_("{file} is a folder: name a file"),
        PermissionError: N_("{file} may not be read or written by this user"),
    }
    template = templates.get(type(error), N_("{file} cannot be read or written"))
    return translate(template, language, file=error.filename)


def _without_typer(language: Language) -> int:
    from ygs.application.messages.translate import translate

    text = translate(N_("the command line is not installed: pip install 'ygs[cli]'"), language)
    print(f"ygs: {text}", file=sys.stderr)  # noqa: T201 - the command's standard error
    return 2
