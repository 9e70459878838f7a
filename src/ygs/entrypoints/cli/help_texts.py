"""The command's help and usage errors, in the reader's language.

The help of commands is in their docstrings and option texts. Typer adds texts of its own ("Options"), which it looks up
through `gettext`. Both are in one catalogue.
"""

import gettext
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import IO, Any, Literal, get_args, get_origin

from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language

# The texts that typer looks up through gettext. Its usage errors are in English only (see `usage_error`).
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
    N_("Repeat for confirmation"),
    N_("No such command {name!r}."),
)


_EXAMPLE = datetime(2026, 12, 31, 21, tzinfo=UTC)


def language_of_environment(otherwise: str | None = None) -> Language:
    """The language of the environment, or the one of that code; Korean when there is neither."""
    code = os.environ.get("YGS_LANGUAGE") or otherwise
    return Language.EN if code == Language.EN else Language.KO


def default_language() -> Language:
    """The language of the environment or `.env`, otherwise Korean; loads no settings, so that help stays quick."""
    from dotenv import dotenv_values

    return language_of_environment(dotenv_values(".env", encoding="utf-8-sig").get("YGS_LANGUAGE"))


def translate_library(language: Language) -> None:
    """Make typer find its texts in the catalogue; call it before typer is imported."""
    from ygs.application.messages.catalogue import DOMAIN, LOCALE

    os.environ["LANGUAGE"] = language.value
    gettext.bindtextdomain(DOMAIN, str(LOCALE))


def translate_help(command: Any, language: Language) -> None:
    """Translate the help of a command and of all its subcommands, in place."""
    from ygs.application.messages.catalogue import catalogue

    for owner, name, text in help_texts(command):
        setattr(owner, name, catalogue(language).gettext(text))
    for each in _tree(command):
        _translate_usage(each, language)


def _translate_usage(command: Any, language: Language) -> None:
    """Translate the two texts that typer has in English only: before the usage line, and at ``--help``."""
    from ygs.application.messages.catalogue import catalogue

    translations = catalogue(language)
    get_usage = command.get_usage
    get_help_option = command.get_help_option

    def usage(context: Any) -> str:
        return str(get_usage(context)).replace("Usage:", translations.gettext(N_("Usage:")), 1)

    def help_option(context: Any) -> Any:
        option = get_help_option(context)
        if option is not None:
            option.help = translations.gettext(N_("Show this message and exit."))
        return option

    command.get_usage = usage
    command.get_help_option = help_option


def _tree(command: Any) -> Iterator[Any]:
    yield command
    for below in getattr(command, "commands", {}).values():
        yield from _tree(below)


def usage_error(error: Any, language: Language) -> str:
    """The fault of a command line, and where help is. Typer's own sentences are in English only."""
    from ygs.application.messages.translate import translate

    template, fields = _usage_template(error)
    fault = translate(template, language, **fields)
    path = error.ctx.command_path if error.ctx else "ygs"
    help_hint = translate(N_("Try `{command} --help`."), language, command=path)
    return f"{fault}\n{help_hint}"


def _usage_template(error: Any) -> tuple[str, dict[str, object]]:
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if "NoSuchOption" in kinds:
        return N_("there is no option {option}"), {"option": error.option_name}
    parameter = _spelled(getattr(error, "param", None))
    if "MissingParameter" in kinds:
        return N_("{parameter} is missing"), {"parameter": parameter}
    if "BadParameter" in kinds and parameter:
        template, fields = _takes(error.param)
        return template, {"parameter": parameter, **fields}
    _, _, extra = error.format_message().partition("Got unexpected extra argument(s) ")
    if extra:
        return N_("there is no place for these words: {words}"), {"words": extra.strip("()")}
    message, _, meant = error.format_message().partition(" Did you mean ")
    if meant:
        template = N_("the command line is not understood: {message} Is {meant} meant?")
        return template, {"message": message, "meant": meant.rstrip("?")}
    return N_("the command line is not understood: {message}"), {"message": message}


def _takes(parameter: Any) -> tuple[str, dict[str, object]]:
    """What a parameter takes, for somebody who gave it something else."""
    kind = parameter.type_descriptor
    if choices := ", ".join(_choices(kind.annotation)):
        return N_("{parameter} must be one of: {expected}"), {"expected": choices}
    if _is_time(kind.annotation):
        formats = kind.parameter_info.formats or ["%Y-%m-%d"]
        return N_("{parameter} must be written like {example}"), {"example": f"{_EXAMPLE:{formats[0]}}"}
    if kind.annotation is Path or Path in get_args(kind.annotation):
        if kind.parameter_info.exists:
            return N_("{parameter} names no file that can be read"), {}
        return N_("{parameter} must name a file, not a folder"), {}
    least = parameter.min
    most = parameter.max
    if least is None and most is None:
        return N_("{parameter} has a value that does not fit"), {}
    return N_("{parameter} must be a number: {expected}"), {
        "expected": f"{'' if least is None else least}..{'' if most is None else most}"
    }


def _is_time(annotation: Any) -> bool:
    return annotation is datetime or datetime in get_args(annotation)


def _choices(annotation: Any) -> list[str]:
    """The values of an enumeration or of a `Literal`, also of an optional one; none for another type."""
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(member.value) for member in annotation]
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    return [choice for part in get_args(annotation) for choice in _choices(part)]


def _spelled(parameter: Any) -> str:
    """A parameter as it is typed: `--people`, or FILE."""
    if parameter is None:
        return ""
    return next((each for each in parameter.opts if each.startswith("--")), str(parameter.name).upper())


def extract(
    file: IO[bytes], keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[int, str, str, list[str]]]:
    """A Babel extraction method: the help of the whole command tree (see babel.cfg)."""
    import typer

    from ygs.entrypoints.cli.app import app

    for text in dict.fromkeys(text for _, _, text in help_texts(typer.main.get_command(app))):
        yield 0, "N_", text, []


def help_texts(command: Any) -> Iterator[tuple[Any, str, str]]:
    """Each text of a command tree's help and prompts, its lines joined, with the object and the attribute that hold
    it."""
    for name in ("help", "epilog"):
        if text := getattr(command, name, None):
            yield command, name, _joined(text)
    for parameter in command.params:
        for name in ("help", "prompt"):
            if text := getattr(parameter, name, None):
                yield parameter, name, _joined(text)
    for below in getattr(command, "commands", {}).values():
        yield from help_texts(below)


def _joined(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
