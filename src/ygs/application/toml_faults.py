"""The mistakes in a TOML file that people write, each with its place, its line and what to write instead."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from unicodedata import normalize

from ygs.domain.errors import N_, BadFile, Listed, YgsError
from ygs.domain.text import shown_text

# Names that pydantic adds to a place: the member of a union that it tried, or the key of a table.
_TRIED = frozenset(("rule", "columns", "int", "str", "list[str]", "bool", "[key]"))

# A rule of pydantic's, or the beginning of its name -> what to do; filled with the limits of the key.
_RULES: Mapping[str, str] = {
    "extra_forbidden": N_("is not known here; remove it"),
    "literal_error": N_("write one of {expected}"),
    "enum": N_("write one of {expected}"),
    "greater_than_equal": N_("write {ge} or more"),
    "less_than_equal": N_("write {le} or less"),
    "string_too_short": N_("must not be empty"),
    "string_too_long": N_("write at most {max_length} characters"),
    "string": N_('write text in quotation marks: "..."'),
    "int": N_("write a whole number"),
    "bool": N_("write true or false"),
    "date": N_("write a date like 2026-12-31"),
    "list": N_('write a list: ["...", "..."]'),
    "tuple": N_('write a list: ["...", "..."]'),
    "is_instance": N_('write a list: ["...", "..."]'),
    "sequence": N_('write a list: ["...", "..."]'),
    "model": N_('write keys such as column = "..." here'),
    "dict": N_('write keys such as column = "..." here'),
    "mapping": N_('write keys such as column = "..." here'),
    "": N_("has a value that does not fit"),
}

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY = re.compile(r"""\s*([\w.-]+|"[^"]*"|'[^']*')\s*=""")


_NONE: Mapping[str, str] = {}


class TomlFault(BadFile, ValueError):
    """One mistake in a file. `key` is where it stands, below what pydantic checks; pydantic gathers all of them."""

    def __init__(self, template: str, *, key: str = "", **fields: object) -> None:
        self.key = key
        super().__init__(template, about="", **fields)


class _Lines(Listed):
    """Mistakes below each other."""

    __slots__ = ()

    @property
    def separator(self) -> str:
        return "\n- "


def read_toml(document: bytes) -> tuple[str, dict[str, Any]]:
    """Return a file's text and what it says; `BadFile` names the line that is not TOML."""
    try:
        text = normalize("NFC", document.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadFile(N_("the file is not UTF-8 text; save it as UTF-8")) from error
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(text, error) from error


def _not_toml(document: str, error: tomllib.TOMLDecodeError) -> BadFile:
    lines = document.splitlines() or [""]
    found = re.search(r"line (\d+)", str(error))
    line = int(found[1]) if found else len(lines)
    text = shown_text(lines[min(line, len(lines)) - 1].strip(), at_most=60)
    if str(error).startswith(("Cannot declare", "Cannot overwrite")):
        template = N_("line {line} of the file gives a table or a key a second time; keep one: {text}")
    else:
        template = N_("line {line} of the file is not TOML; check its quotation marks and brackets: {text}")
    return BadFile(template, line=line, text=text)


def faults_in(
    document: str, mistakes: Iterable[Any], top_keys: Collection[str], examples: Mapping[str, str] = _NONE
) -> Listed:
    """All mistakes that pydantic found in a file, one for each place.

    `top_keys`: the keys that stand outside of tables. `examples`: lines to paste where a place lacks them.
    """
    lines = _lines_of_keys(document)
    found: dict[tuple[str, ...], TomlFault] = {}
    for mistake in mistakes:
        fault = mistake.get("ctx", {}).get("error")
        key = fault.key if isinstance(fault, TomlFault) else ""
        place = tuple(str(part) for part in mistake["loc"] if part not in _TRIED) + tuple(filter(None, key.split(".")))
        if not isinstance(fault, TomlFault):
            fault = _fault(place, mistake, top_keys, examples)
        found.setdefault(place, _placed(place, fault, lines))
    return _Lines(found.values())


def _fault(place: Sequence[str], mistake: Any, top_keys: Collection[str], examples: Mapping[str, str]) -> TomlFault:
    if len(place) == 2 and place[1] in top_keys:
        # A table of TOML goes on until the next one, so keys of the file that follow it become its own.
        return TomlFault(N_("stands below {table}; move it above the first line in brackets"), table=f"[{place[0]}]")
    if mistake["type"] == "missing":
        example = examples.get(".".join(place))
        if example:
            return TomlFault(N_("is missing; write for example:\n{lines}"), lines=example)
        return TomlFault(N_("is missing; write it"))
    if isinstance(ours := mistake.get("ctx", {}).get("error"), YgsError):
        return TomlFault("{fault}", fault=ours)
    template = next(text for rule, text in _RULES.items() if mistake["type"].startswith(rule))
    limits = {name: str(limit).replace(" or ", ", ") for name, limit in mistake.get("ctx", {}).items()}
    return TomlFault(template, **limits)


def _placed(place: Sequence[str], fault: TomlFault, lines: Mapping[tuple[str, ...], int]) -> TomlFault:
    if not place:
        return fault
    # With the colon it is never taken for a code, which readers would see by its label.
    fields: dict[str, Any] = {"place": f"{'.'.join(place)}:", "fault": Listed([fault])}
    for length in range(len(place), 0, -1):
        if line := lines.get(tuple(place[:length])):
            return TomlFault(N_("line {line}, {place} {fault}"), line=line, **fields)
    return TomlFault(N_("{place} {fault}"), **fields)


def _lines_of_keys(document: str) -> Mapping[tuple[str, ...], int]:
    """The line of each table and key; of an inline table, that of its key."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    entries = 0
    for number, line in enumerate(document.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = tuple(part.strip("\"' ") for part in header[2].split("."))
            if header[1] == "[[":
                entries = entries + 1 if (*table, "0") in lines else 0
                table = (*table, str(entries))
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, *(part.strip("\"'") for part in key[1].split("."))), number)
    return lines
