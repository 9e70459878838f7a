"""What a type checker and an editor see of `ygs`: the names that `__init__.py` imports on first use."""

from ygs.application.actors import Actor as Actor
from ygs.application.rounds.dataframes import TablePlan as TablePlan
from ygs.application.rounds.weeks import CreateWeek as CreateWeek
from ygs.bootstrap import Application as Application
from ygs.bootstrap import UnknownHistory as UnknownHistory
from ygs.bootstrap import build as build
from ygs.bootstrap import explain as explain
from ygs.bootstrap import plan_round as plan_round
from ygs.bootstrap import to_frame as to_frame
from ygs.bootstrap import upgrade_database as upgrade_database
from ygs.domain.errors import YgsError as YgsError
from ygs.domain.matching.market import Candidate as Candidate
from ygs.domain.matching.market import Genders as Genders
from ygs.domain.matching.market import Market as Market
from ygs.domain.matching.plan import Overrides as Overrides
from ygs.domain.matching.plan import RoundPlan as RoundPlan
from ygs.domain.matching.policy import Policy as Policy
from ygs.domain.matching.policy import Strategy as Strategy
from ygs.domain.matching.vocabulary import VOCABULARY as VOCABULARY
from ygs.domain.matching.wishes import Importance as Importance
from ygs.domain.matching.wishes import Wish as Wish
from ygs.settings import Settings as Settings

__all__: list[str]
__version__: str
