"""Staff: match weeks. Planning and publishing are jobs, which the reply names; overrides are solved at once."""

from typing import Annotated

from fastapi import Body, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from ygs.application.advisor.week_advice import AdviceBill, AdviceComparison, AdviceState
from ygs.application.explanations.override_price import OverridePrice
from ygs.application.explanations.proposal_views import (
    Comparison,
    OverrideView,
    PairView,
    ProposalView,
    UnmatchedView,
)
from ygs.application.explanations.views import QuestionList, WhyNotView
from ygs.application.jobs.queue import JobView
from ygs.application.rounds.audit_bundle import AuditBundle, ReleaseRequest, ReleaseView
from ygs.application.rounds.weeks import CreateWeek, WeekView
from ygs.domain.ids import ULID, UserId, user_id
from ygs.domain.matching.plan import Overrides, PairOrder
from ygs.entrypoints.http.dependencies import (
    USER,
    AfterWeek,
    Idempotent,
    Page,
    PageLimit,
    SignedIn,
    UserInPath,
    WeekInPath,
    Ygs,
    only_page,
    page,
)
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter
from ygs.ports.repositories import MOST_PAGE

router = PrefixRouter(prefix="/admin/match-weeks", tags=["staff: match weeks"], responses=refuses(*UNAUTHORISED, 503))

_MOST_OVERRIDES = 1_000
_AfterCursor = Annotated[
    str,
    Query(
        max_length=100, pattern=rf"^(-?[0-9]{{1,9}}(\.usr_{ULID}){{1,2}})?$", description="`next` of the page before."
    ),
]
_Changed = Annotated[bool, Query(description="Only where something about somebody has changed since the lock.")]
_OverrideInPath = Annotated[
    str,
    Path(
        pattern=rf"^(pin|forbid|leave_out|swap)(\.usr_{ULID}){{1,4}}$",
        description="The `key` of an override in the list of the week's overrides.",
        examples=["leave_out.usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S"],
    ),
]
_Pairs = Annotated[list[tuple[str, str]], Field(default_factory=list, max_length=_MOST_OVERRIDES)]


class OverrideRequest(BaseModel):
    """Pairs that must be, pairs that must not, people who sit this week out, and pairs of the plan that exchange
    partners, added to those there are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pins: _Pairs
    forbids: _Pairs
    left_out: Annotated[list[str], Field(default_factory=list, max_length=_MOST_OVERRIDES)]
    swaps: Annotated[
        list[tuple[tuple[str, str], tuple[str, str]]], Field(default_factory=list, max_length=_MOST_OVERRIDES)
    ]

    def overrides(self) -> Overrides:
        """As the round knows them; `InvalidId` or `RoundRefused`."""
        swaps = [((user_id(a), user_id(b)), (user_id(c), user_id(d))) for (a, b), (c, d) in self.swaps]
        return Overrides.of(_users(self.pins), _users(self.forbids), [user_id(each) for each in self.left_out], swaps)


def _users(pairs: list[tuple[str, str]]) -> list[tuple[UserId, UserId]]:
    return [(user_id(one), user_id(other)) for one, other in pairs]


@router.get("")
async def list_weeks(
    actor: SignedIn, ygs: Ygs, after: AfterWeek = None, limit: PageLimit = MOST_PAGE
) -> Page[WeekView]:
    """List the match weeks, newest first."""
    return page(await ygs.weeks.latest(actor, after=after, limit=limit), limit, lambda each: each.id)


@router.post("", status_code=201, response_model=WeekView, responses=refuses(409))
async def create_week(
    request: Annotated[CreateWeek, Body(default_factory=CreateWeek)],
    actor: SignedIn,
    ygs: Ygs,
    idempotent: Idempotent,
) -> Response:
    """Create a match week, open for changes."""
    return await idempotent.run(lambda: ygs.weeks.create(actor, request), below="/admin/match-weeks")


@router.get("/{id}", responses=refuses(404))
async def get_week(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> WeekView:
    """Return one match week with the counts of its introductions."""
    return await ygs.weeks.show(actor, id)


@router.post("/{id}/lock", response_model=WeekView, responses=refuses(404, 409))
async def lock_week(id: WeekInPath, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Lock a week: take a snapshot of all who take part."""
    return await idempotent.run(lambda: ygs.weeks.lock(actor, id), status=200)


@router.post("/{id}/plan", status_code=202, response_model=JobView, responses=refuses(404, 409))
async def plan_week(id: WeekInPath, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Queue the planning of a locked week: a job solves the matching and stores it as the proposal."""
    return await idempotent.run(lambda: ygs.week_jobs.plan(actor, id), status=202, below="/admin/jobs")


@router.get("/{id}/overrides", responses=refuses(404))
async def list_overrides(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> Page[OverrideView]:
    """List the week's overrides, each with the key that takes it back."""
    return only_page(await ygs.proposals.overrides(actor, id))


@router.post("/{id}/overrides", responses=refuses(404, 409))
async def override_week(id: WeekInPath, change: OverrideRequest, actor: SignedIn, ygs: Ygs) -> OverridePrice:
    """Pin or forbid pairs, leave people out, or let two pairs exchange partners; solve again and return the price."""
    return await ygs.proposals.override(actor, id, change.overrides())


@router.delete("/{id}/overrides/{key}", responses=refuses(404, 409))
async def take_override_back(id: WeekInPath, key: _OverrideInPath, actor: SignedIn, ygs: Ygs) -> OverridePrice:
    """Take one override back, keeping snapshot and other overrides; solve again and return what that brings."""
    return await ygs.proposals.take_back(actor, id, key)


@router.get("/{id}/proposal", responses=refuses(404, 409))
async def get_proposal(
    id: WeekInPath, actor: SignedIn, ygs: Ygs, limit: Annotated[int, Query(ge=1, le=MOST_PAGE)] = 20
) -> ProposalView:
    """Return the proposal in figures, its best pairs, and the unmatched people who waited longest, with reasons."""
    return await ygs.proposals.proposal(actor, id, limit=limit)


@router.get("/{id}/proposal/pairs", responses=refuses(404, 409))
async def list_proposed_pairs(
    id: WeekInPath,
    actor: SignedIn,
    ygs: Ygs,
    order: Annotated[PairOrder, Query(description="In what order the pairs come.")] = PairOrder.BEST,
    changed: _Changed = False,
    after: _AfterCursor = "",
    limit: PageLimit = MOST_PAGE,
) -> Page[PairView]:
    """List all proposed pairs with reasons, in an order, page by page."""
    found = await ygs.proposals.pairs(actor, id, order=order, changed=changed, after=after, limit=limit)
    return page(found, limit, lambda pair: pair.cursor)


@router.get("/{id}/proposal/unmatched", responses=refuses(404, 409))
async def list_unmatched_people(
    id: WeekInPath,
    actor: SignedIn,
    ygs: Ygs,
    changed: _Changed = False,
    after: _AfterCursor = "",
    limit: PageLimit = 20,
) -> Page[UnmatchedView]:
    """List all people without an introduction, with reasons, who waited longest first, page by page."""
    found = await ygs.proposals.unmatched(actor, id, changed=changed, after=after, limit=limit)
    return page(found, limit, lambda person: person.cursor)


@router.get("/{id}/why-not/{one}/{other}", responses=refuses(404, 409))
async def explain_why_not(id: WeekInPath, one: UserInPath, other: UserInPath, actor: SignedIn, ygs: Ygs) -> WhyNotView:
    """Explain why the plan does not introduce two members: what forbids it, or what it would cost."""
    return await ygs.explanations.why_not(actor, id, one, other)


@router.get("/{id}/questions", responses=refuses(404, 409))
async def list_questions(
    id: WeekInPath,
    actor: SignedIn,
    ygs: Ygs,
    about: Annotated[UserId | None, Query(**USER, description="Only what to ask this one.")] = None,
    limit: PageLimit = 20,
) -> QuestionList:
    """List questions to ask members before publishing, those that could open most mutual candidates first."""
    return await ygs.explanations.questions(actor, id, limit=limit, about=about)


@router.get("/{id}/compare", responses=refuses(404, 409))
async def compare_strategies(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> Page[Comparison]:
    """Compare the strategies on a locked week, in figures."""
    return only_page(await ygs.proposals.compare(actor, id))


@router.get("/{id}/advice", responses=refuses(404))
async def get_advice(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> AdviceState:
    """Return where the advice of a language model about a week stands, and what it has taken."""
    return await ygs.week_advice.state(actor, id)


@router.post("/{id}/advice", status_code=202, response_model=JobView, responses=refuses(404, 409))
async def ask_for_advice(id: WeekInPath, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Queue a job that asks for advice about a locked week, within the budget of a round."""
    return await idempotent.run(lambda: ygs.week_jobs.advise(actor, id), status=202, below="/admin/jobs")


@router.get("/{id}/advice/estimate", responses=refuses(404, 409))
async def estimate_advice(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> AdviceBill:
    """Return the most that advice about a locked week can take. Nothing is sent."""
    return await ygs.week_advice.estimate(actor, id)


@router.get("/{id}/advice/compare", responses=refuses(404, 409))
async def compare_advice(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> AdviceComparison:
    """Compare the plans with and without advice, and say whether advice predicted answers of closed weeks; audited."""
    return await ygs.week_advice.compare(actor, id)


@router.post("/{id}/publish", status_code=202, response_model=JobView, responses=refuses(404, 409))
async def publish_week(id: WeekInPath, actor: SignedIn, ygs: Ygs, idempotent: Idempotent) -> Response:
    """Queue the publishing of the proposal: a job introduces its pairs, all or none."""
    return await idempotent.run(lambda: ygs.week_jobs.publish(actor, id), status=202, below="/admin/jobs")


@router.post("/{id}/discard", responses=refuses(404, 409))
async def discard_week(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> WeekView:
    """Discard plan and overrides, and open the week again."""
    return await ygs.weeks.discard(actor, id)


@router.post("/{id}/cancel", responses=refuses(404, 409))
async def cancel_week(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> WeekView:
    """Cancel a week: no round is held in it."""
    return await ygs.weeks.cancel(actor, id)


@router.post("/{id}/close", responses=refuses(404, 409))
async def close_week(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> WeekView:
    """Close a week after its deadline: introductions still waiting expire."""
    return await ygs.weeks.close(actor, id)


@router.get("/{id}/release", responses=refuses(404))
async def get_release(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> ReleaseView:
    """Return who asked that an auditor may read the week's inputs, and whether another administrator agreed."""
    return await ygs.audit_releases.get(actor, id)


@router.put("/{id}/release", responses=refuses(404))
async def request_release(id: WeekInPath, request: ReleaseRequest, actor: SignedIn, ygs: Ygs) -> ReleaseView:
    """Ask that an auditor may read the week's inputs. Another administrator must approve it."""
    return await ygs.audit_releases.request(actor, id, request)


@router.post("/{id}/release/approve", responses=refuses(404, 409))
async def approve_release(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> ReleaseView:
    """Approve what another administrator asked for: the week's inputs can be read for seven days."""
    return await ygs.audit_releases.approve(actor, id)


@router.get("/{id}/release/inputs", responses=refuses(404, 409))
async def get_released_inputs(id: WeekInPath, actor: SignedIn, ygs: Ygs) -> AuditBundle:
    """Return the week's inputs for an auditor, who checks them with `ygs verify`. They hold every participant's facts
    and wishes."""
    return await ygs.audit_releases.bundle(actor, id)
