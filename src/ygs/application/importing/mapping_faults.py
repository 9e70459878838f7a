"""The mistakes in a mapping, each with its place, its line and what to write instead."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ygs.domain.errors import N_, BadFile, Listed
from ygs.domain.text import shown_text

# Names that pydantic adds to a place: the member of a union that it tried, or the key of a table.
_TRIED = frozenset(("rule", "columns", "int", "str", "list[str]", "bool", "[key]"))

# Lines that a person can paste and edit, by the place that lacks them.
_EXAMPLES: Mapping[str, str] = {
    "title": 'title = "회원 명부"',
    "member": '[member]\nname = { column = "이름" }',
    "member.name": 'name = { column = "이름" }',
    "member.gender": 'gender = { column = "성별", values = { "남" = "male", "여" = "female" } }',
    "member.seeks": 'seeks = { column = "성별", values = { "남" = "female", "여" = "male" } }',
    "member.birth_year": 'birth_year = { column = "생년월일", unit = "year" }',
}
_CONSENTS: Mapping[str, str] = {
    "terms": 'terms = { version = "1", given = 2026-01-02 }',
    "privacy": 'privacy = { version = "1", given = 2026-01-02 }',
    "sensitive": 'sensitive = { version = "1", given = 2026-01-02, column = "민감정보 동의", yes = ["동의"] }',
}

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


class MappingFault(BadFile, ValueError):
    """One mistake in a mapping. `key` is where it stands, below what pydantic checks; pydantic gathers all of them."""

    def __init__(self, template: str, *, key: str = "", **fields: object) -> None:
        self.key = key
        super().__init__(template, about="", **fields)


class _Lines(Listed):
    """Mistakes below each other."""

    __slots__ = ()

    @property
    def separator(self) -> str:
        return "\n- "


def consent_lines(purposes: Iterable[str], *, header: bool = True) -> str:
    """The lines of a mapping that say what members agreed to, to paste and edit."""
    lines = [_CONSENTS[purpose] for purpose in purposes]
    return "\n".join(["[consents]", *lines] if header else lines)


def unreadable(document: str, error: tomllib.TOMLDecodeError) -> BadFile:
    """Say which line of a mapping is not TOML."""
    lines = document.splitlines() or [""]
    found = re.search(r"line (\d+)", str(error))
    line = int(found[1]) if found else len(lines)
    text = shown_text(lines[min(line, len(lines)) - 1].strip(), at_most=60)
    if str(error).startswith(("Cannot declare", "Cannot overwrite")):
        template = N_("line {line} of the mapping gives a table or a key a second time; keep one: {text}")
    else:
        template = N_("line {line} of the mapping is not TOML; check its quotation marks and brackets: {text}")
    return BadFile(template, line=line, text=text)


def wrong_mapping(document: str, mistakes: Iterable[Any], top_keys: Collection[str]) -> BadFile:
    """All mistakes that pydantic gathered, one for each place."""
    lines = _lines_of_keys(document)
    found: dict[tuple[str, ...], MappingFault] = {}
    for mistake in mistakes:
        fault = mistake.get("ctx", {}).get("error")
        key = fault.key if isinstance(fault, MappingFault) else ""
        place = tuple(str(part) for part in mistake["loc"] if part not in _TRIED) + tuple(filter(None, key.split(".")))
        if not isinstance(fault, MappingFault):
            fault = _fault(place, mistake, top_keys)
        found.setdefault(place, _placed(place, fault, lines))
    return BadFile(N_("the mapping is wrong:\n- {faults}"), faults=_Lines(found.values()))


def _fault(place: Sequence[str], mistake: Any, top_keys: Collection[str]) -> MappingFault:
    if len(place) == 2 and place[1] in top_keys:
        # A table of TOML goes on until the next one, so keys of the file that follow it become its own.
        return MappingFault(N_("stands below {table}; move it above the first line in brackets"), table=f"[{place[0]}]")
    if mistake["type"] == "missing":
        example = _EXAMPLES.get(".".join(place))
        if example:
            return MappingFault(N_("is missing; write for example:\n{lines}"), lines=example)
        return MappingFault(N_("is missing; write it"))
    template = next(text for rule, text in _RULES.items() if mistake["type"].startswith(rule))
    limits = {name: str(limit).replace(" or ", ", ") for name, limit in mistake.get("ctx", {}).items()}
    return MappingFault(template, **limits)


def _placed(place: Sequence[str], fault: MappingFault, lines: Mapping[tuple[str, ...], int]) -> MappingFault:
    if not place:
        return fault
    # With the colon it is never taken for a code, which readers would see by its label.
    fields: dict[str, Any] = {"place": f"{'.'.join(place)}:", "fault": Listed([fault])}
    for length in range(len(place), 0, -1):
        if line := lines.get(tuple(place[:length])):
            return MappingFault(N_("line {line}, {place} {fault}"), line=line, **fields)
    return MappingFault(N_("{place} {fault}"), **fields)


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
