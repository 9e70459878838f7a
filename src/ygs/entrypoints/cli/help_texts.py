"""The command's help and usage errors, in the reader's language.

Our own help stands in the commands as docstrings and option texts; typer brings the rest ("Options"), which it looks up
through `gettext`. Both kinds are in the one catalogue.
"""

import gettext
import os
from collections.abc import Iterator
from typing import IO, Any

from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language

# What typer looks up through gettext, by its own msgids; its usage errors it writes in English only (`usage_error`).
LIBRARY_TEXTS = (
    N_("Arguments"),
    N_("Options"),
    N_("Commands"),
    N_("(deprecated) "),
    N_("(dynamic)"),
    N_("[default: {}]"),
    N_("[env var: {}]"),
    N_("[required]"),
    N_("Missing command."),
    N_("No such command {name!r}."),
)


def default_language() -> Language:
    """The language that the environment or `.env` asks for, Korean otherwise; without loading all settings, so that
    help stays quick."""
    from dotenv import dotenv_values

    asked = os.environ.get("YGS_LANGUAGE") or dotenv_values(".env").get("YGS_LANGUAGE")
    return Language.EN if asked == Language.EN else Language.KO


def translate_library(language: Language) -> None:
    """Let typer find their texts in our catalogue; to be called before it is imported."""
    from ygs.application.messages.catalogue import DOMAIN, LOCALE

    os.environ["LANGUAGE"] = language.value
    gettext.bindtextdomain(DOMAIN, str(LOCALE))


def translate_help(command: Any, language: Language) -> None:
    """Put the help of a command and of all below it into a language, in place."""
    from ygs.application.messages.catalogue import catalogue

    for owner, name, text in help_texts(command):
        setattr(owner, name, catalogue(language).gettext(text))
    for each in _tree(command):
        _translate_usage(each, language)


def _translate_usage(command: Any, language: Language) -> None:
    """The two texts that typer writes in English only: before the usage line, and at ``--help``."""
    from ygs.application.messages.catalogue import catalogue

    words = catalogue(language)
    get_usage = command.get_usage
    get_help_option = command.get_help_option

    def usage(context: Any) -> str:
        return str(get_usage(context)).replace("Usage:", words.gettext(N_("Usage:")), 1)

    def help_option(context: Any) -> Any:
        option = get_help_option(context)
        if option is not None:
            option.help = words.gettext(N_("Show this message and exit."))
        return option

    command.get_usage = usage
    command.get_help_option = help_option


def _tree(command: Any) -> Iterator[Any]:
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from _tree(below)


def usage_error(error: Any, language: Language) -> str:
    """What is wrong with a command line, and where help is. Typer's own sentences are English only."""
    from ygs.application.messages.translate import translate

    template, fields = _usage_template(error)
    said = translate(template, language, **fields)
    path = error.ctx.command_path if error.ctx else "ygs"
    where = translate(N_("Try `{command} --help`."), language, command=path)
    return f"{said}\n{where}"


def _usage_template(error: Any) -> tuple[str, dict[str, object]]:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "NoSuchOption" in kinds:
        return N_("there is no option {option}"), {"option": error.option_name}
    parameter = _spelled(getattr(error, "param", None))
    if "MissingParameter" in kinds:
        return N_("{parameter} is missing"), {"parameter": parameter}
    if "BadParameter" in kinds and parameter:
        least = error.param.min
        most = error.param.max
        if least is None and most is None:
            return N_("{parameter} has a value that does not fit"), {"parameter": parameter}
        expected = f"{'' if least is None else least}..{'' if most is None else most}"
        return N_("{parameter} must be a number: {expected}"), {"parameter": parameter, "expected": expected}
    return N_("the command line is not understood: {message}"), {"message": error.format_message()}


def _spelled(parameter: Any) -> str:
    """A parameter as it is typed: `--people`, or FILE."""
    if parameter is None:
        return ""
    return next((each for each in parameter.opts if each.startswith("--")), str(parameter.name).upper())


def extract(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """Babel's way to read the help of the whole command tree (see babel.cfg)."""
    import typer

    from ygs.entrypoints.cli.app import app

    for text in dict.fromkeys(text for _, _, text in help_texts(typer.main.get_command(app))):
        yield 0, "N_", text, []


def help_texts(command: Any) -> Iterator[tuple[Any, str, str]]:
    """Yield each help text of a command tree, with the object and attribute it stands in; lines of a paragraph
    joined."""
    for name in ("help", "epilog"):
        if text := getattr(command, name, None):
            yield command, name, _joined(text)
    for parameter in command.params:
        if text := getattr(parameter, "help", None):
            yield parameter, "help", _joined(text)
    for below in getattr(command, "commands", {}).values():
        yield from help_texts(below)


def _joined(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
