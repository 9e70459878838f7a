"""What the chance model learned: integers, so everything after the fit is exact."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ygs.domain.matching.chance import GenderRates, PersonRates
from ygs.domain.matching.market import Genders


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceParameters:
    """The fitted model.

    `rates`: what the answers of each gender have in common. `people`: how each person of the history departs from that;
    anybody else is average. `answers`: how many answers were learned from; `through`: the last week of the history, as
    in `Side` (0: none).
    """

    rates: Mapping[Genders, GenderRates]
    people: Mapping[str, PersonRates] = field(default_factory=dict)
    answers: int = 0
    through: int = 0

    def person(self, id: str, gender: Genders) -> PersonRates:
        """What is known of a person; who is unknown is average, and answers as often as their gender."""
        return self.people.get(id) or PersonRates(says_yes=0, wanted=0, answering=self.rates[gender].answering)
