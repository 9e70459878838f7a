"""The terminal functions of all commands: run a use case, print errors, tables, progress and JSON.

Heavy packages are imported inside functions, so that ``ygs --help`` stays quick.

Exit codes: 0 done; 1 a rule or the data says no; 2 the command line or a setting is wrong; 3 busy, trying again may
work; 4 something was found (`ygs check`, refused rows).
"""

import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import typer

from ygs.domain.errors import N_
from ygs.domain.matching.attribute import Language

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
Result = TypeVar("Result")

REFUSED = 1
USAGE = 2
BUSY = 3
FOUND = 4


def run(work: Callable[[Any], Awaitable[Result]], loop: Callable[[], Any] | None = None) -> Result:
    """Run `work(application)` in the application of the environment's settings; errors as in `run_async`."""
    from ygs.bootstrap import build

    async def inside() -> Result:
        async with build() as application:
            return await work(application)

    return run_async(inside, loop)


def run_async(work: Callable[[], Awaitable[Result]], loop: Callable[[], Any] | None = None) -> Result:
    """Run `work()` on asyncio's loop, or on one that `loop` makes; print an error for people, and exit."""
    import asyncio

    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from ygs.domain.errors import YgsError
    from ygs.entrypoints.garbage_collection import look_less_often

    async def inside() -> Result:
        return await work()

    look_less_often()
    try:
        with asyncio.Runner(loop_factory=loop) as runner:
            return runner.run(inside())
    except YgsError as error:
        fail(error, _exit_code(error))
    except (ValidationError, SettingsError) as error:
        fail("\n".join(faults(error)), USAGE)


def _exit_code(error: Exception) -> int:
    from ygs.domain.errors import LeaseLost, Misconfigured, Unavailable

    if isinstance(error, Misconfigured):
        return USAGE
    return BUSY if isinstance(error, Unavailable | LeaseLost) else REFUSED


def faults(error: Exception) -> list[str]:
    """The faults of settings, or of a command's arguments; never a value, which may be a key."""
    from pydantic import ValidationError

    from ygs.settings import Settings

    if not isinstance(error, ValidationError):
        # pydantic-settings names the field in its text only.
        _, _, rest = str(error).partition('"')
        return [_not_json(rest.partition('"')[0])]
    if error.title != Settings.__name__:
        return [_argument_fault(each) for each in error.errors()]
    return [_setting_fault(str(each["loc"][0]), each) for each in error.errors()]


def _argument_fault(fault: Mapping[str, Any]) -> str:
    from ygs.application.messages.broken_rules import rule_in_words
    from ygs.domain.errors import YgsError

    limits = fault.get("ctx", {})
    words = rule_in_words(fault["type"], limits, language())
    ours = limits.get("error")
    if isinstance(ours, YgsError) and ours.about:
        return words
    place = ".".join(map(str, fault["loc"]))
    return f"{place}: {words}" if place else words


# What a setting takes, where its type does not say it.
_SETTING_RULES: Mapping[str, str] = {
    "time_zone": N_("{name} names no time zone: write one such as Asia/Seoul"),
    "root_path": N_("{name} must be a path such as /match: with a slash before it and none after it"),
    "front_end_origins": N_(
        '{name} must be origins such as ["https://www.example.kr"]: scheme, host and port, no path and no wildcard'
    ),
    "trusted_proxies": N_('{name} must be addresses or networks such as ["10.0.0.5", "10.1.0.0/16"], not everybody'),
}


def _setting_fault(setting: str, fault: Mapping[str, Any]) -> str:
    name = _variable(setting)
    if setting in _SETTING_RULES:
        return say(_SETTING_RULES[setting], name=name)
    if expected := fault.get("ctx", {}).get("expected"):
        return say(N_("{name} must be one of: {expected}"), name=name, expected=str(expected).replace(" or ", ", "))
    least, most = _bounds(setting)
    if least is not None and most is not None:
        return say(N_("{name} must be a number from {least} to {most}"), name=name, least=least, most=most)
    return say(
        N_("{name} has a value that does not fit: the documentation's page of settings says what it takes"), name=name
    )


def _bounds(setting: str) -> tuple[object, object]:
    """The least and the most that a setting of a number takes; None where there is no such bound."""
    from ygs.settings import Settings

    field = Settings.model_fields.get(setting)
    metadata = field.metadata if field else []
    least = next((each.ge for each in metadata if hasattr(each, "ge")), None)
    return least, next((each.le for each in metadata if hasattr(each, "le")), None)


def _not_json(setting: str) -> str:
    from ygs.settings import Settings

    field = Settings.model_fields.get(setting)
    is_list = field is not None and str(field.annotation).startswith("tuple")
    example = '["...", "..."]' if is_list else '{"...": "..."}'
    return say(N_("{name} must be JSON, such as {example}"), name=_variable(setting), example=example)


def _variable(setting: str) -> str:
    return f"YGS_{setting.upper()}"


def fail(error: object, code: int) -> NoReturn:
    """Print an error on standard error, and exit."""
    from ygs.application.messages.translate import explain_error, headline
    from ygs.domain.errors import OverrideInTheWay, YgsError

    if isinstance(error, OverrideInTheWay):
        text = say(
            "{override} stands in the way: take it back first (`ygs week take-back {override}`)", override=error.key
        )
    elif isinstance(error, YgsError):
        text = explain_error(error, language()) or headline(error, language())
    else:
        text = str(error)
    typer.echo(f"ygs: {text}", err=True)
    raise typer.Exit(code)


@contextmanager
def extra_needed(extra: str) -> Iterator[None]:
    """When the block imports a package that is not installed, print which extra to install, and exit."""
    from ygs.bootstrap.extras import requires
    from ygs.domain.errors import Misconfigured

    try:
        with requires(extra):
            yield
    except Misconfigured as error:
        fail(error, USAGE)


def language() -> Language:
    """The language of the settings; Korean when the settings cannot be read."""
    found = _language_and_zone()
    return found[0] if found else Language.KO


def say(template: str, **fields: object) -> str:
    """A message in the command's language, with its fields filled in."""
    from ygs.application.messages.translate import translate

    return translate(template, language(), **fields)


def clock_time(moment: datetime) -> str:
    """A moment as date, hour and minute in the service's time zone; in UTC when the settings cannot be read."""
    found = _language_and_zone()
    return f"{moment.astimezone(found[1] if found else UTC):%Y-%m-%d %H:%M}"


def _language_and_zone() -> tuple[Language, ZoneInfo] | None:
    """Both of the settings; None when they cannot be read."""
    environment = tuple(sorted(each for each in os.environ.items() if each[0].upper().startswith("YGS_")))
    file = Path(".env")
    return _read_language_and_zone(environment, file.read_bytes() if file.is_file() else b"", Path.cwd())


@lru_cache(maxsize=1)
def _read_language_and_zone(*_: object) -> tuple[Language, ZoneInfo] | None:
    # Kept for as long as what they are read from stays: reading takes milliseconds, and every sentence asks.
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from ygs.settings import Settings

    try:
        settings = Settings()
    except (ValidationError, SettingsError):
        return None
    return settings.language, settings.time_zone


def read_text(file: Path) -> str:
    """The text of a file; exit when it is not UTF-8."""
    try:
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError:
        fail(say("The file is not UTF-8 text."), REFUSED)


def readable(text: str) -> str:
    """A text with a replacement character for each control character, which a terminal would obey."""
    return "".join(each if each.isprintable() or each in "\n\u200d" else "\ufffd" for each in text)


def print_json(document: object, *, nl: bool = True) -> None:
    """Print one JSON document; pydantic models and dataclasses included. `nl`: with a line break behind it."""
    from pydantic_core import to_jsonable_python

    typer.echo(json.dumps(to_jsonable_python(document), ensure_ascii=False, indent=2), nl=nl)


def print_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; columns whose heading starts with ">" are aligned right."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Narrow padding, so that the widest table fits 80 columns; Hangul is twice as wide.
    look: dict[str, Any] = {"box": box.SIMPLE_HEAD, "padding": (0, 1, 0, 0), "pad_edge": False}
    table = Table(title=title, title_justify="left", title_style="bold", **look)
    for column in columns:
        # Folded and never cut: an id, or the key of an override, is of no use without its end.
        justify: Any = "right" if column.startswith(">") else "left"
        table.add_column(column.lstrip(">"), justify=justify, overflow="fold")
    for row in rows:
        # Text, not markup: a name may hold square brackets.
        table.add_row(*(Text(readable(str(cell))) for cell in row))
    Console().print(table)


def print_next(found: Sequence[Any], limit: int, command: str) -> None:
    """After a full page, print the command that lists what follows."""
    if len(found) == limit:
        typer.echo(say("Those that follow: {more}", more=f"{command} --after {found[-1].id}"))


def print_heading(text: str) -> None:
    """Print a heading, with a blank line before it."""
    from rich.console import Console
    from rich.text import Text

    Console().print(Text(f"\n{text}", style="bold"))


def print_item(text: str, lines: Iterable[str]) -> None:
    """Print a text, and lines about it, indented and wrapped to the terminal."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console()
    console.print(Text(readable(text)))
    for line in lines:
        console.print(Padding(Text(readable(line)), (0, 0, 0, 4)))


def stage_name(stage: str) -> str:
    """What a stage of long work is called; a restored table and a sealed column by their own names."""
    from ygs.application.labels import LABELS, label

    return label("progress_stage", stage, language()) if stage in LABELS["progress_stage"] else stage


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A `Progress` on standard error, a bar for each stage; draws nothing when that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bars: dict[str, Any] = {}
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as display:

        def report(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                bars[stage] = display.add_task(stage_name(stage))
            display.update(bars[stage], completed=done, total=total)

        yield report
