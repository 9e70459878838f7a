"""Writes the pages of the reference that are made from the code: settings, commands, HTTP, permissions, API, decisions.

`make docs` runs it before it builds the site. What it writes is not committed, so it cannot be stale.
"""

import csv
import json
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import griffe
import typer
from pydantic import SecretStr

import ygs
import ygs.entrypoints.testing.contracts
import ygs.ports
from ygs.application.accounts.use_cases import AccountUseCases
from ygs.bootstrap import Application
from ygs.domain.matching.attribute import Attribute
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.entrypoints.cli.app import app as command_line
from ygs.settings import Settings

DOCS = Path(__file__).parent
MADE_FROM_CODE = "<!-- docs/generate.py writes this page: change the code instead. -->\n\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def settings_page() -> str:
    """Every field of `Settings`: the environment's name, the default, and the docstring below the field."""
    file = DOCS.parent / "src/ygs/settings.py"
    documented = griffe.visit("settings", file, file.read_text("utf-8"))["Settings"].members
    rows = []
    for name, field in Settings.model_fields.items():
        docstring = documented[name].docstring
        if docstring is None:
            raise SystemExit(f"Settings.{name} has no docstring below it: say what it is for")
        rows.append((f"`YGS_{name.upper()}`", _default(field.get_default(call_default_factory=True)), _line(docstring)))
    intro = """# Settings

Settings are read once: from the environment, from a file `.env` in the working folder, or as
`Settings(database_url=...)` from an embedder. Lists and mappings are written as JSON. All have a default that suits
development; `ygs settings check` says what production still lacks.

"""
    return intro + table(("variable", "default", "meaning"), rows)


def _default(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value in (None, "", (), {}):
        return "none"
    if isinstance(value, tuple | dict):
        return f"`{json.dumps([str(each) for each in value])}`"
    return f"`{value}`"


def _line(docstring: Any) -> str:
    return " ".join(docstring.value.split())


def cli_page() -> str:
    """Every command of the Typer application with its arguments and options."""
    root = typer.main.get_command(command_line)
    return "# Command line\n\n" + "\n".join(_commands(root, "ygs"))


def _commands(command: Any, path: str) -> Iterator[str]:
    about = re.sub(r"\s+", " ", command.help or "")
    if subcommands := getattr(command, "commands", None):
        yield f"{about}\n\n{command.epilog}\n" if command.epilog else f"## `{path}`\n\n{about}\n"
        for name, subcommand in subcommands.items():
            yield from _commands(subcommand, f"{path} {name}")
        return
    yield f"### `{path}`\n\n{about}\n"
    rows = [_parameter(each) for each in command.params if not each.hidden]
    if rows:
        yield table(("argument or option", "default", "meaning"), rows)


def _parameter(parameter: Any) -> tuple[str, str, str]:
    argument = parameter.param_type_name == "argument"
    name = parameter.name.upper() if argument else ", ".join([*parameter.opts, *parameter.secondary_opts])
    default = parameter.default
    if parameter.required:
        shown = "required"
    else:
        shown = "" if default in (None, False) or callable(default) else f"`{default}`"
    return f"`{name}`", shown, re.sub(r"\s+", " ", parameter.help or "")


def http_page() -> str:
    """Every operation of the pinned list with what it does."""
    from ygs.entrypoints.http.app import ROUTERS
    from ygs.entrypoints.http.observability.request_log import PREFIX

    lines = [
        """# HTTP operations

The service describes itself at `/openapi.json`, and for people at `/docs`. The names below are the operation ids, so
they are the functions of a generated client. Who may call what is in [permissions](permissions.md).
"""
    ]
    for each in ROUTERS:
        lines.append(f"## {each.router.tags[0] if each.router.tags else each.__name__.rpartition('.')[2]}\n")
        about = re.sub(r"\s+", " ", each.__doc__ or "")
        rows = [
            (f"`{method} {PREFIX}{route.path}`", f"`{route.name}`", re.sub(r"\s+", " ", route.endpoint.__doc__ or ""))
            for route in each.router.routes
            for method in sorted(route.methods)
        ]
        lines += [f"{about}\n", table(("request", "operation", "what it does"), rows)]
    return "\n".join(lines)


def permissions_page() -> str:
    """The matrix that the permission test asks, cell by cell."""
    with (DOCS / "permissions" / "routes.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    title = "# Permissions\n\nWhat each [kind of actor](../permissions/README.md) is answered, by route.\n\n"
    body = [[f"`{route}`", *statuses] for route, *statuses in rows]
    return title + table([name.replace("_", " ") for name in header], body)


def vocabulary_page() -> str:
    """Every attribute, its kind and its values in both languages."""
    rows = [(f"`{each.code}`", each.ko, each.en, each.kind.name.lower(), _values(each)) for each in VOCABULARY.values()]
    title = "# Vocabulary\n\nWhat facts and wishes are made of. `ygs vocabulary` prints the same.\n\n"
    return title + table(("code", "한국어", "English", "kind", "values"), rows)


def _values(attribute: Attribute) -> str:
    if attribute.is_number:
        return f"{attribute.low} to {attribute.high}"
    return ", ".join(f"`{value.code}` {value.ko}" for value in attribute.values)


def public_api_page() -> str:
    """What `from ygs import ...` gives."""
    objects = {name: getattr(ygs, name) for name in ygs.__all__}
    about = "# `ygs`\n\nWhat `from ygs import ...` gives. `VOCABULARY` is the [vocabulary](../vocabulary.md) by code.\n"
    entries = [
        _entry(f"{each.__module__}.{each.__qualname__}", f"`ygs.{name}`")
        for name, each in objects.items()
        if hasattr(each, "__qualname__")
    ]
    return about + "\n" + "\n".join(entries)


def use_case_page() -> str:
    """The use cases an `Application` holds, by the attribute that holds them."""
    uses = {name: part for name, part in get_type_hints(Application).items() if _is_use_case(part)}
    accounts = get_type_hints(AccountUseCases)
    uses |= {f"accounts.{name}": part for name, part in accounts.items() if _is_use_case(part)}
    about = """# Use cases

`async with build(settings) as app:` gives an `Application`. Each of its attributes below is one topic; every method
takes the `Actor` who asks and raises `Forbidden` when they may not.
"""
    entries = [
        _entry(f"{part.__module__}.{part.__qualname__}", f"`app.{name}`", only_documented=True)
        for name, part in uses.items()
    ]
    return about + "\n" + "\n".join(entries)


def _is_use_case(part: Any) -> bool:
    return getattr(part, "__module__", "").startswith("ygs.application.")


def ports_page() -> str:
    """Every module of ygs.ports."""
    about = "# Ports\n\nWhat an adapter must answer. [How to write one](../../how-to/storage-adapter.md).\n"
    return _api(about, _modules(ygs.ports))


def testing_page() -> str:
    """Every contract that ships."""
    about = (
        "# Contracts\n\n`ygs.entrypoints.testing.contracts` ships the tests that every adapter of a port must pass. "
        "[How to run them](../../how-to/storage-adapter.md).\n"
    )
    return _api(about, _modules(ygs.entrypoints.testing.contracts))


def _modules(package: Any) -> list[str]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return sorted(each.name for each in found)


def _api(about: str, names: Iterable[str]) -> str:
    return about + "\n" + "\n".join(_entry(name) for name in names)


def _entry(name: str, heading: str = "", *, only_documented: bool = False) -> str:
    options = f"show_root_heading: false\n      show_if_no_docstring: {str(not only_documented).lower()}"
    return f"## {heading or f'`{name}`'}\n\n::: {name}\n    options:\n      {options}\n"


def decisions_page() -> str:
    """The index of the decision pages, by number."""
    found = {page.name: page.read_text("utf-8").splitlines()[0] for page in sorted((DOCS / "decisions").glob("0*.md"))}
    lines = "".join(f"- [{title.lstrip('# ')}]({name})\n" for name, title in found.items())
    return f"# Decisions\n\nOne page each: what was decided, why, what it costs, and what was rejected.\n\n{lines}"


# Every generated page: its path below docs/, and what writes its text.
PAGES: Mapping[str, Callable[[], str]] = {
    "reference/settings.md": settings_page,
    "reference/cli.md": cli_page,
    "reference/http.md": http_page,
    "reference/permissions.md": permissions_page,
    "reference/vocabulary.md": vocabulary_page,
    "reference/api/index.md": public_api_page,
    "reference/api/use-cases.md": use_case_page,
    "reference/api/ports.md": ports_page,
    "reference/api/testing.md": testing_page,
    "decisions/index.md": decisions_page,
}


def main() -> None:
    """Write them all."""
    for path, text in PAGES.items():
        page = DOCS / path
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(MADE_FROM_CODE + text(), "utf-8")


if __name__ == "__main__":
    main()
