"""The stored versions of what was learned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ygs.domain.learning.evaluation import Evaluation
from ygs.domain.matching.chance import GenderRates
from ygs.domain.matching.market import Genders


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedVersion:
    """One fit of the chance model, without what it says of single people, which is stored beside it.

    `number`: 1, 2, 3 ... (0 until it is stored). `through`: the last week that was learned from, year * 100 + week.
    `answers`: how many; `people`: how many people it said something of when it was fitted. `evaluation`: how the model
    predicted weeks that it had not seen. `in_use`: whether weeks that are locked from now on are planned by it.
    """

    number: int = 0
    created_at: datetime
    rates: Mapping[Genders, GenderRates]
    through: int
    answers: int
    people: int
    evaluation: Evaluation
    in_use: bool = False
