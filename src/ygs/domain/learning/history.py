"""The answers that the chance model learns from: both sides of the introductions of closed weeks."""

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import compress
from typing import NamedTuple

from ygs.domain.matching.market import Column, Genders, type_fact, type_flag, type_mask, type_place


class Said(IntEnum):
    """One side's answer. Silence is no answer: it teaches how often a person answers, never whom they want."""

    NO = 0
    YES = 1
    NOTHING = 2


class Side(NamedTuple):
    """One side of an introduction: what `me` said to `them`, `satisfaction` basis points being what the week expected.

    `week`: the ISO week as a number, year * 100 + week, so that weeks sort by time.
    """

    week: int
    me: str
    them: str
    satisfaction: int
    said: Said


@dataclass(frozen=True, slots=True)
class AnswerHistory:
    """Sides of introductions as columns, ascending by week and people; the order they came in leaves no trace.

    `ids`: everybody in it, ascending; `genders` (uint8): theirs. `me`, `them` (int32): places in `ids`. `week` (int64),
    `satisfaction` (uint16) and `said` (uint8): as in `Side`.
    """

    ids: tuple[str, ...]
    genders: Column
    week: Column
    me: Column
    them: Column
    satisfaction: Column
    said: Column

    @classmethod
    def of(cls, sides: Iterable[Side], genders: Mapping[str, Genders]) -> "AnswerHistory":
        """The history of these sides; `genders` names the gender of everybody in them."""
        ordered = sorted(sides)
        ids = tuple(sorted({person for side in ordered for person in (side.me, side.them)}))
        places = {person: place for place, person in enumerate(ids)}
        return cls(
            ids=ids,
            genders=array(type_flag, (genders[person] for person in ids)),
            week=array(type_mask, (side.week for side in ordered)),
            me=array(type_place, (places[side.me] for side in ordered)),
            them=array(type_place, (places[side.them] for side in ordered)),
            satisfaction=array(type_fact, (side.satisfaction for side in ordered)),
            said=array(type_flag, (side.said for side in ordered)),
        )

    def __len__(self) -> int:
        return len(self.me)

    @property
    def answers(self) -> int:
        """How many sides said yes or no."""
        return len(self) - self.said.count(Said.NOTHING)

    def weeks(self) -> Sequence[int]:
        """The weeks in it, ascending."""
        return sorted(set(self.week))

    def of_weeks(self, weeks: Collection[int]) -> "AnswerHistory":
        """The sides of these weeks; the people and their places stay."""
        wanted = set(weeks)
        return self._kept([week in wanted for week in self.week])

    def answered(self) -> "AnswerHistory":
        """The sides that said yes or no; the people and their places stay."""
        return self._kept([said != Said.NOTHING for said in self.said])

    def sides(self) -> Iterator[Side]:
        """Each side, ascending by week and people."""
        for week, me, them, satisfaction, said in zip(*self._columns(), strict=True):
            yield Side(week, self.ids[me], self.ids[them], satisfaction, Said(said))

    def _kept(self, wanted: Sequence[bool]) -> "AnswerHistory":
        week, me, them, satisfaction, said = (
            array(column.typecode, compress(column, wanted)) for column in self._columns()
        )
        return AnswerHistory(self.ids, self.genders, week, me, them, satisfaction, said)

    def _columns(self) -> tuple[Column, ...]:
        return self.week, self.me, self.them, self.satisfaction, self.said
