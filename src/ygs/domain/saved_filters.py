"""Filters of the directory that staff keep under a name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from ygs.domain.errors import N_
from ygs.domain.ids import SavedFilterId, UserId
from ygs.domain.text import required_text

# What one account keeps, or the operator.
MOST_SAVED_FILTERS = 50
FILTER_NAME_LENGTH = 60

TOO_MANY_FILTERS = N_("50 filters are saved already: remove one first")
FILTER_NAME_TAKEN = N_("a saved filter has that name already: choose another name, or remove that filter first")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedFilter:
    """A filter with its order, under a name that its owner has once.

    `owner`: the account of staff whose it is; None for the operator's, which all staff see. `criteria`: what a member
    must fit, by the names and values of the directory. It holds no search: that would keep somebody's name or phone.
    """

    id: SavedFilterId
    owner: UserId | None
    name: str
    criteria: Mapping[str, Any]
    sort: str
    saved_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", required_text("name", self.name, at_most=FILTER_NAME_LENGTH))

    def renamed(self, name: str) -> Self:
        """The filter under another name."""
        return replace(self, name=name)
