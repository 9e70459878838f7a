"""Refusals in which people are called by their names instead of by their ids."""

import re
from collections.abc import Mapping
from typing import Any

from ygs.application.person_views import People
from ygs.domain.errors import Listed, RoundRefused
from ygs.domain.ids import ULID, UserId
from ygs.domain.matching.plan import OverrideKind

_USER = re.compile(f"usr_{ULID}")


def people_named(error: RoundRefused) -> set[UserId]:
    """Everybody whose id a refusal shows, alone or in the key of an override."""
    return {UserId(each) for value in _texts(error.fields) for each in _USER.findall(value)}


def name_people(error: RoundRefused, people: People) -> None:
    """Have a refusal call everybody of `people` by name. Its `str`, which a log may hold, stays as it is."""
    error.fields = {field: _named(value, people) for field, value in error.fields.items()}


def _texts(fields: Mapping[str, object]) -> list[str]:
    values = [each for value in fields.values() for each in (value if isinstance(value, Listed) else (value,))]
    inner = [text for each in values if isinstance(each, RoundRefused) for text in _texts(each.fields)]
    return [each for each in values if isinstance(each, str)] + inner


def _named(value: object, people: People) -> object:
    if isinstance(value, Listed):
        return Listed(_named(each, people) for each in value)
    if isinstance(value, RoundRefused):
        # Made anew, since in English one of several is shown by its `str`.
        fields: dict[str, Any] = {field: _named(each, people) for field, each in value.fields.items()}
        return RoundRefused(value.template, **fields)
    if not isinstance(value, str):
        return value
    if value in people:
        return people[value].name
    ids = _USER.findall(value)
    # The key of an override: its kind, then its people.
    return _Override((OverrideKind(value.partition(".")[0]), *(people[each].name for each in ids))) if ids else value


class _Override(Listed):
    """An override in words: its kind and its people."""

    __slots__ = ()

    @property
    def separator(self) -> str:
        return " · "
