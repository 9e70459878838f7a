"""Match weeks and the week desk: pairs with reasons, overrides with their price, publishing."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Form, Query, Request, Response

from ygs.application.actors import Actor, Permission
from ygs.application.advisor.week_advice import AdviceState
from ygs.application.explanations.override_price import OverridePrice
from ygs.application.jobs.queue import JobView
from ygs.application.rounds.weeks import CreateWeek, WeekView
from ygs.bootstrap import Application
from ygs.domain.ids import UserId, WeekId, user_id
from ygs.domain.match_weeks import IsoWeek, WeekState
from ygs.domain.matching.plan import Override, OverrideKind, PairOrder
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.pair_bars import both_sides
from ygs.entrypoints.console.rendering import is_partial, language_of, render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import AfterWeek, WeekInPath, Ygs

router = staff_router()

# Rows are sent a page at a time: drawing hundreds takes longer than solving the week.
PAIRS_SHOWN = 25
UNMATCHED_SHOWN = 10
WEEKS_SHOWN = 20
WEEKS_AHEAD = 8
SWAPS_SHOWN = 10
# How many people an override names.
_NAMED = {OverrideKind.PIN: 2, OverrideKind.FORBID: 2, OverrideKind.LEAVE_OUT: 1, OverrideKind.SWAP: 4}
_PLANNED = {WeekState.PROPOSED, WeekState.PUBLISHED, WeekState.CLOSED}

_Cursor = Annotated[str, Query(max_length=100)]
_Order = Annotated[PairOrder, Query()]
_OrderShown = Annotated[PairOrder | None, Query()]
_Changed = Annotated[bool, Query()]
_Act = Annotated[str, Form(pattern="^(lock|advise|plan|publish|discard|cancel|close)$")]
_Person = Annotated[str, Form(max_length=40)]


@router.get("/weeks")
async def list_weeks(request: Request, ygs: Ygs, after: AfterWeek = None) -> Response:
    """All match weeks, newest first, and the form to create one."""
    weeks = await ygs.weeks.latest(request.state.visit.actor, after=after, limit=WEEKS_SHOWN)
    older = weeks[-1].id if len(weeks) == WEEKS_SHOWN else ""
    taken = {week.week for week in weeks if week.state is not WeekState.CANCELLED}
    to_create = [week for week in _coming_weeks(ygs) if week not in taken]
    return render(request, "weeks.html", weeks=weeks, older=older, to_create=to_create)


def _coming_weeks(ygs: Application) -> list[str]:
    """The week after this one, those after it, and last this one, in which little time is left."""
    this = IsoWeek.at(ygs.clock.now(), ygs.settings.time_zone)
    return [str(this.following(weeks)) for weeks in (*range(1, WEEKS_AHEAD + 1), 0)]


@router.post("/weeks")
async def create_week(
    request: Request, ygs: Ygs, week: Annotated[str, Form(pattern=r"^([0-9]{4}-W[0-9]{2})?$")] = ""
) -> Response:
    """Create a week: the one named, or the next."""
    created = await ygs.weeks.create(request.state.visit.actor, filled_in(CreateWeek, week=week or None))
    return go(request, _page(request, created.id), "week_created")


@router.get("/weeks/{id}")
async def show_week(
    request: Request, id: WeekInPath, ygs: Ygs, order: _Order = PairOrder.BEST, changed: _Changed = False
) -> Response:
    """The week desk: where the week stands, what can be done now, and the proposal."""
    actor = request.state.visit.actor
    week = await ygs.weeks.show(actor, id)
    if week.state not in _PLANNED:
        return render(
            request,
            "week.html",
            week=week,
            proposal=None,
            overrides=[],
            price=None,
            advice=await _advice(ygs, actor, id),
        )
    desk = await _desk(ygs, actor, week, order, changed)
    return render(request, "week.html", price=None, advice=await _advice(ygs, actor, id), **desk)


async def _desk(ygs: Application, actor: Actor, week: WeekView, order: PairOrder, changed: bool) -> dict[str, Any]:
    """What the desk shows of a proposal: its figures, its overrides, and the first pairs."""
    proposal = await ygs.proposals.proposal(
        actor, week.id, limit=PAIRS_SHOWN, order=order, changed=changed, unmatched=0
    )
    return {
        "week": week,
        "proposal": proposal,
        "pairs": proposal.pairs,
        "more": _next(proposal.pairs, PAIRS_SHOWN),
        "order": order,
        "orders": list(PairOrder),
        "changed": changed,
        "overrides": await ygs.proposals.overrides(actor, week.id),
        "scores": _score_bands(proposal.report.distribution),
    }


async def _advice(ygs: Application, actor: Actor, id: WeekId) -> AdviceState | None:
    """Where the advice of a week stands; None where the operator has no language model."""
    return await ygs.week_advice.state(actor, id) if ygs.week_advice.advisor.model else None


def _score_bands(distribution: tuple[int, ...]) -> list[tuple[str, int]]:
    """How many pairs have a score of 0-9 %, 10-19 % and so on."""
    return [(f"{10 * band}", count) for band, count in enumerate(distribution)]


def _next(items: list[Any], limit: int) -> str:
    return items[-1].cursor if len(items) == limit else ""


@router.get("/weeks/{id}/pairs")
async def show_more_pairs(
    request: Request,
    id: WeekInPath,
    ygs: Ygs,
    after: _Cursor = "",
    order: _Order = PairOrder.BEST,
    changed: _Changed = False,
) -> Response:
    """Further pairs, in the same order: rows for htmx, or a page of its own."""
    actor = request.state.visit.actor
    week = await ygs.weeks.show(actor, id)
    pairs = await ygs.proposals.pairs(actor, id, order=order, changed=changed, after=after, limit=PAIRS_SHOWN)
    block = "rows" if is_partial(request) else ""
    more = _next(pairs, PAIRS_SHOWN)
    return render(request, "pairs.html", block=block, week=week, pairs=pairs, more=more, order=order, changed=changed)


@router.get("/weeks/{id}/unmatched")
async def show_unmatched(request: Request, id: WeekInPath, ygs: Ygs, after: _Cursor = "") -> Response:
    """Who got no one, who waited longest first: why, and what would help most."""
    actor = request.state.visit.actor
    week = await ygs.weeks.show(actor, id)
    people = await ygs.proposals.unmatched(actor, id, after=after, limit=UNMATCHED_SHOWN)
    return render(request, "unmatched.html", week=week, people=people, more=_next(people, UNMATCHED_SHOWN))


@router.get("/weeks/{id}/compare")
async def compare_strategies(request: Request, id: WeekInPath, ygs: Ygs) -> Response:
    """What each strategy would make of this week."""
    actor = request.state.visit.actor
    week = await ygs.weeks.show(actor, id)
    return render(request, "compare.html", week=week, compared=await ygs.proposals.compare(actor, id))


@router.get("/weeks/{id}/advice/estimate")
async def estimate_advice(request: Request, id: WeekInPath, ygs: Ygs) -> Response:
    """The most that advice about a locked week can take."""
    actor = request.state.visit.actor
    week = await ygs.weeks.show(actor, id)
    return render(request, "advice_estimate.html", week=week, bill=await ygs.week_advice.estimate(actor, id))


@router.get("/weeks/{id}/advice/compare")
async def compare_advice(request: Request, id: WeekInPath, ygs: Ygs) -> Response:
    """The plans with and without advice, and whether it predicted answers of closed weeks."""
    actor = request.state.visit.actor
    week = await ygs.weeks.show(actor, id)
    compared, people = await ygs.week_advice.compare_by_name(actor, id, language_of(request))
    return render(request, "advice_compare.html", week=week, compared=compared, people=people)


@router.get("/weeks/{id}/pair/{one}/{other}")
async def explain_pair(request: Request, id: WeekInPath, one: UserId, other: UserId, ygs: Ygs) -> Response:
    """What speaks for and against one pair, wish by wish, from both sides."""
    actor = request.state.visit.actor
    week = await ygs.weeks.show(actor, id)
    pair = await ygs.explanations.pair(actor, user_id(one), user_id(other), id)
    planned = week.state in _PLANNED
    why_not = await ygs.explanations.why_not(actor, id, user_id(one), user_id(other)) if planned else None
    reviewed = week.state is WeekState.PROPOSED and Permission.RUN_WEEKS in actor.permissions
    return render(
        request,
        "pair.html",
        week=week,
        pair=pair,
        why_not=why_not if why_not and not why_not.together else None,
        bars=both_sides(pair, language_of(request)),
        swaps=await ygs.proposals.swaps(actor, id, user_id(one), user_id(other), limit=SWAPS_SHOWN) if reviewed else [],
    )


@router.get("/weeks/{id}/person/{person}")
async def explain_person(request: Request, id: WeekInPath, person: UserId, ygs: Ygs) -> Response:
    """One member in a plan: the introductions and their reasons, or why there is none and what would help."""
    actor = request.state.visit.actor
    week = await ygs.weeks.show(actor, id)
    explained = await ygs.explanations.person(actor, user_id(person), id)
    return render(request, "week_person.html", week=week, explained=explained)


@router.post("/weeks/{id}/do")
async def act_on_week(request: Request, id: WeekInPath, ygs: Ygs, act: _Act) -> Response:
    """Take the week a step on, or back. Planning and publishing are jobs, whose progress is shown."""
    actor = request.state.visit.actor
    queue: dict[str, Callable[[], Awaitable[JobView]]] = {
        "advise": lambda: ygs.week_jobs.advise(actor, id),
        "plan": lambda: ygs.week_jobs.plan(actor, id),
        "publish": lambda: ygs.week_jobs.publish(actor, id),
    }
    if act in queue:
        job = await queue[act]()
        return go(request, f"{root(request)}/jobs/{job.id}?next={_page(request, id)}")
    at_once: dict[str, Callable[[], Awaitable[object]]] = {
        "lock": lambda: ygs.weeks.lock(actor, id),
        "discard": lambda: ygs.weeks.discard(actor, id),
        "cancel": lambda: ygs.weeks.cancel(actor, id),
        "close": lambda: ygs.weeks.close(actor, id),
    }
    await at_once[act]()
    return go(request, _page(request, id), act)


@router.post("/weeks/{id}/overrides")
async def override_week(
    request: Request,
    id: WeekInPath,
    ygs: Ygs,
    kind: Annotated[OverrideKind, Form()],
    one: _Person,
    other: _Person = "",
    mine: _Person = "",
    theirs: _Person = "",
    order: _OrderShown = None,
    changed: _Changed = False,
) -> Response:
    """Pin or forbid a pair, leave somebody out, or have a pair exchange partners with `mine` and `theirs`, and show
    what that costs."""
    people = [user_id(each) for each in (one, other, mine, theirs)[: _NAMED[kind]]]
    price = await ygs.proposals.override(request.state.visit.actor, id, Override(kind, tuple(people)).alone())
    return await _priced(request, id, ygs, price, order, changed=changed)


@router.post("/weeks/{id}/overrides/{key}/take-back")
async def take_override_back(
    request: Request, id: WeekInPath, key: str, ygs: Ygs, order: _OrderShown = None, changed: _Changed = False
) -> Response:
    """Take an override back, and show what that gains."""
    price = await ygs.proposals.take_back(request.state.visit.actor, id, key)
    return await _priced(request, id, ygs, price, order, changed=changed)


async def _priced(
    request: Request, id: WeekInPath, ygs: Application, price: OverridePrice, order: PairOrder | None, *, changed: bool
) -> Response:
    """The price in place of the one before. On the desk, which tells the `order` of its rows, these and the figures
    come in the same reply; without htmx the price is a page of its own."""
    actor = request.state.visit.actor
    week = await ygs.weeks.show(actor, id)
    if is_partial(request) and order is not None:
        desk = await _desk(ygs, actor, week, order, changed)
        return render(request, "week.html", block="replanned", price=price, **desk)
    overrides = await ygs.proposals.overrides(actor, id)
    block = "price" if is_partial(request) else ""
    return render(request, "price.html", block=block, week=week, price=price, overrides=overrides)


def _page(request: Request, id: str) -> str:
    return f"{root(request)}/weeks/{WeekId(id)}"
