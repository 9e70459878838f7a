"""What a forecast is asked for: a person's facts and wishes, and the contract."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from ygs.application.fact_types import LifestyleFacts, ProfileFacts, WishesEdit
from ygs.application.facts import Gender, coded, to_genders
from ygs.application.forecasts.pool import NOBODYS_ID
from ygs.domain.forecasts import MOST_FORECAST_WEEKS, MOST_PROMISED, ForecastTerms
from ygs.domain.matching.market import Candidate
from ygs.domain.matching.policy import MOST_CAPACITY
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import EARLIEST_BIRTH_YEAR, LATEST_BIRTH_YEAR, require_adult


class ForecastRequest(BaseModel):
    """Somebody who is not a member yet, and the contract that they think of.

    Nothing of it is stored. With `keep` the figures are, but neither facts nor wishes.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    gender: Gender
    seeks: list[Gender] = Field(min_length=1, max_length=2, description="Whom they seek.")
    birth_year: StrictInt = Field(ge=EARLIEST_BIRTH_YEAR, le=LATEST_BIRTH_YEAR)
    profile: ProfileFacts = Field(default_factory=dict)
    lifestyle: LifestyleFacts = Field(default_factory=dict)
    wishes: WishesEdit = Field(default_factory=dict)
    weeks: StrictInt = Field(default=26, ge=1, le=MOST_FORECAST_WEEKS, description="How long the contract lasts.")
    promised: StrictInt = Field(
        default=0, ge=0, le=MOST_PROMISED, description="How many introductions the contract promises; 0 for none."
    )
    capacity: StrictInt | None = Field(
        default=None, ge=1, le=MOST_CAPACITY, description="Introductions a week; those of the policy if left out."
    )
    seed: StrictInt = Field(
        default=0, ge=0, lt=1 << 31, description="With the same seed, club and request the figures are the same."
    )
    keep: bool = Field(default=False, description="Whether to keep the figures, signed, for a contract that follows.")

    @property
    def terms(self) -> ForecastTerms:
        """The contract."""
        return ForecastTerms(weeks=self.weeks, promised=self.promised)

    def candidate(self, today: date, capacity: int) -> Candidate:
        """The person in a round; `NotAdult` for somebody too young, who can be no member."""
        require_adult(self.birth_year, today)
        facts = {"birth_year": VOCABULARY["birth_year"].code_of(self.birth_year)}
        facts |= {code: coded(code, value) for code, value in {**self.profile, **self.lifestyle}.items()}
        return Candidate(
            id=NOBODYS_ID,
            gender=to_genders([self.gender]),
            seeks=to_genders(self.seeks),
            facts=facts,
            wishes={code: wish.wish(code) for code, wish in self.wishes.items()},
            capacity=self.capacity or capacity,
        )
