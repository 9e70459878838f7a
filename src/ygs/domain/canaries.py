"""Canaries: made-up members in exported sheets, each of one account, so that a sheet that leaks names its reader."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from ygs.domain.ids import UserId


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """The made-up member in every sheet that one account exports. No user has its id.

    `phone`: one that the operator owns, in E.164; None when all of them had an account. `seed` and `made_at`: from
    which its facts are made up. `used_at`: when a sheet was last written with it. Times are UTC.
    """

    id: UserId
    account: UserId
    phone: str | None
    seed: int
    made_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class CanaryMarks:
    """The ids and phones of all canaries, by which an import knows their rows."""

    by_id: Mapping[str, Canary]
    by_phone: Mapping[str, Canary]

    @classmethod
    def of(cls, canaries: Sequence[Canary]) -> Self:
        """The marks of these canaries."""
        return cls({each.id: each for each in canaries}, {each.phone: each for each in canaries if each.phone})

    def among(self, cells: Iterable[str]) -> Canary | None:
        """The canary whose id stands in one of a row's cells, or None."""
        return next((self.by_id[cell] for cell in cells if cell in self.by_id), None)

    def with_phone(self, phone: str | None) -> Canary | None:
        """The canary with that phone, or None."""
        return self.by_phone.get(phone) if phone else None
