"""One member whole, and what staff decide about them."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, get_args

from fastapi import Form, Path, Query, Request, Response
from pydantic import BaseModel, Field

from ygs.application.actors import Actor, Permission
from ygs.application.consultations.views import MemberConsultationView
from ygs.application.directory.saved_filters import FilterToSave
from ygs.application.directory.search import DirectoryRequest, MembershipStanding
from ygs.application.directory.timeline import CURSOR
from ygs.application.facts import Gender, WishModel, coded
from ygs.application.members.profile import MyselfView
from ygs.application.members.review import Decision, MemberView
from ygs.application.memberships.plans import MembershipPlanView
from ygs.application.moderation.notes import NoteRequest
from ygs.application.rounds.weeks import WeekView
from ygs.bootstrap import Application
from ygs.domain.advice import DraftKind
from ygs.domain.ids import ULID, SavedFilterId, UserId, user_id
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.descriptions import value_words, wish_words
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.saved_filters import FILTER_NAME_LENGTH
from ygs.domain.text import LINE_LENGTH, NOTE_LENGTH
from ygs.domain.users import PROFILE_TEXTS, Role, Status
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.member_search import SearchField, members_found
from ygs.entrypoints.console.pair_bars import both_sides
from ygs.entrypoints.console.rendering import is_partial, language_of, render
from ygs.entrypoints.console.routing import filled_in, go, staff_router
from ygs.entrypoints.http.dependencies import UserInPath, Ygs
from ygs.ports.repositories.directory import MemberOrder

router = staff_router()

MEMBERS_SHOWN = 50
QUEUE_SHOWN = 100
CANDIDATES_SHOWN = 20
EVENTS_SHOWN = 50
CONSULTATIONS_SHOWN = 10
WEEKS_LOOKED_AT = 10
SAVED = f"sf_{ULID}"
# What the form of the directory offers.
CHOICES: Mapping[str, Any] = {
    "statuses": list(Status),
    "orders": list(MemberOrder),
    "genders": get_args(Gender),
    "regions": [str(each.code) for each in VOCABULARY["region"].values],
}

_Reason = Annotated[str, Form(max_length=LINE_LENGTH)]
_Next = Annotated[str, Form(max_length=200)]
_Version = Annotated[int, Form(ge=0)]


@dataclass(frozen=True, slots=True)
class WordedLine:
    """A fact or a wish in words. `verified`: whether a document proves it."""

    name: str
    words: str
    importance: str = ""
    verified: bool = False
    broad: bool = False


def facts_of(member: MyselfView, language: Language) -> list[WordedLine]:
    """The facts that are known, in the order of the vocabulary."""
    known = values_of(member, language)
    return [
        WordedLine(each.name(language), known[code], verified=code in member.verified)
        for code, each in VOCABULARY.items()
        if code in known
    ]


def values_of(member: MyselfView, language: Language) -> dict[str, str]:
    """The known facts in words, by attribute."""
    known = {**member.profile, **member.lifestyle}
    return {code: value_words(code, coded(code, value), language) for code, value in known.items()}


def wishes_of(member: MyselfView, language: Language) -> list[WordedLine]:
    """The wishes, in the order of the vocabulary."""
    return [_wish_line(code, member.wishes[code], language) for code in VOCABULARY if code in member.wishes]


def _wish_line(code: str, wish: WishModel, language: Language) -> WordedLine:
    return WordedLine(VOCABULARY[code].name(language), wish_words(wish.wish(code), language), wish.importance)


def _marked(wishes: list[WordedLine], member: MemberView, language: Language) -> list[WordedLine]:
    """The wishes, those that nearly everybody meets marked."""
    broad = {VOCABULARY[each.attribute].name(language) for each in member.broad_wishes}
    return [replace(each, broad=each.name in broad) for each in wishes]


def texts_of(member: MyselfView, language: Language) -> list[WordedLine]:
    """The texts that the member wrote."""
    return [
        WordedLine(text.ko if language is Language.KO else text.en, getattr(member, name))
        for name, text in PROFILE_TEXTS.items()
        if getattr(member, name)
    ]


async def _sheet(request: Request, ygs: Application, actor: Actor, id: UserId) -> dict[str, Any]:
    """What a page says about one member: profile, wishes, texts, photos and documents."""
    member = await ygs.member_review.get_member(actor, id)
    language = language_of(request)
    return {
        "member": member,
        "facts": facts_of(member, language),
        "wishes": _marked(wishes_of(member, language), member, language),
        "texts": texts_of(member, language),
        "photos": await ygs.photos.list_of_member(actor, id),
        "documents": await ygs.documents.list_of_member(actor, id),
    }


class MemberForm(BaseModel):
    """What is typed and chosen to search the directory, within a saved filter if one is open."""

    search: str = Field(default="", max_length=LINE_LENGTH)
    status: Status | Literal[""] = ""
    gender: Gender | Literal[""] = ""
    region: str = Field(default="", max_length=40)
    born_from: str = Field(default="", max_length=4)
    born_to: str = Field(default="", max_length=4)
    membership: MembershipStanding | Literal[""] = ""
    consultant: Literal["", "me", "none"] = ""
    sort: MemberOrder = MemberOrder.NEWEST
    saved: str = Field(default="", pattern=f"^({SAVED})?$")
    rest: bool = Field(default=False, description="Whether what else the saved filter has, no field shows, holds too.")

    @property
    def criteria(self) -> dict[str, Any]:
        """What is chosen, without the search."""
        several = {name: [value] for name in ("status", "region") if (value := getattr(self, name))}
        one = ("gender", "born_from", "born_to", "membership", "consultant")
        return several | {name: value for name in one if (value := getattr(self, name))}

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the form as they are sent again with another page, or to be saved."""
        return self.model_dump(mode="json", include=set(MemberForm.model_fields))


class MemberSearch(MemberForm):
    """A search, and after whom to go on."""

    after: str = Field(default="", max_length=40)


def _in_fields(criteria: Mapping[str, Any]) -> dict[str, Any]:
    """The criteria of a saved filter that fields of the form show: of one value each."""
    several = {name: criteria[name][0] for name in ("status", "region") if len(criteria.get(name, ())) == 1}
    one = ("gender", "born_from", "born_to", "membership")
    found = several | {name: str(criteria[name]) for name in one if criteria.get(name)}
    return found | ({"consultant": whose} if (whose := criteria.get("consultant")) in ("me", "none") else {})


class NewFilterForm(MemberForm):
    """A search whose filters are to be saved, and the name for them."""

    name: str = Field(default="", max_length=FILTER_NAME_LENGTH)


@router.get("/members")
async def list_members(
    request: Request, ygs: Ygs, saved: Annotated[str, Query(pattern=f"^({SAVED})?$")] = ""
) -> Response:
    """The directory: the newest members or those of a saved filter, and the form to search it."""
    actor = request.state.visit.actor
    if not saved:
        return await _found(request, ygs, MemberSearch())
    opened = await ygs.saved_filters.get(actor, SavedFilterId(saved))
    form = filled_in(MemberSearch, saved=saved, sort=opened.sort, rest=True, **_in_fields(opened.criteria))
    return await _found(request, ygs, form)


@router.post("/members")
async def find_members(request: Request, ygs: Ygs, form: Annotated[MemberSearch, Form()]) -> Response:
    """Members who fit. A form that is sent, because a name or a phone in an address would stay in the browser."""
    return await _found(request, ygs, form)


async def _rest(ygs: Application, actor: Actor, form: MemberForm) -> dict[str, Any]:
    """What the saved filter that is open has besides what fields of the form show."""
    if not form.saved:
        return {}
    saved = (await ygs.saved_filters.get(actor, SavedFilterId(form.saved))).criteria
    shown = _in_fields(saved)
    return {name: value for name, value in saved.items() if name not in shown}


async def _found(request: Request, ygs: Application, form: MemberSearch) -> Response:
    actor = request.state.visit.actor
    rest = await _rest(ygs, actor, form)
    wanted = filled_in(
        DirectoryRequest,
        **{"role": [Role.MEMBER]} | (rest if form.rest else {}) | form.criteria,
        search=form.search.strip() or None,
        sort=form.sort,
        after=form.after or None,
        limit=MEMBERS_SHOWN,
        total=not form.after,
    )
    page = await ygs.directory.list_members(actor, wanted)
    block = ("rows" if form.after else "found") if is_partial(request) else ""
    chosen = await ygs.saved_filters.list(actor)
    return render(
        request,
        "members.html",
        block=block,
        page=page,
        form=form,
        saved_filters=chosen,
        rest=list(rest),
        **CHOICES,
    )


@router.post("/members/saved")
async def save_filter(request: Request, ygs: Ygs, form: Annotated[NewFilterForm, Form()]) -> Response:
    """Keep the filters of the form under a name; the search is not kept."""
    actor = request.state.visit.actor
    rest = await _rest(ygs, actor, form) if form.rest else {}
    to_save = filled_in(FilterToSave, name=form.name, criteria=rest | form.criteria, sort=form.sort)
    saved = await ygs.saved_filters.save(actor, to_save)
    return go(request, f"{root(request)}/members?saved={saved.id}", "filter_saved")


@router.post("/members/saved/{id}/remove")
async def remove_filter(request: Request, id: Annotated[SavedFilterId, Path(pattern=SAVED)], ygs: Ygs) -> Response:
    """Delete one of the reader's own saved filters."""
    await ygs.saved_filters.remove(request.state.visit.actor, id)
    return go(request, f"{root(request)}/members", "filter_removed")


@router.get("/members/{id}")
async def show_member(request: Request, id: UserInPath, ygs: Ygs) -> Response:
    """One member whole."""
    actor = request.state.visit.actor
    sheet = await _sheet(request, ygs, actor, id)
    return render(
        request,
        "member.html",
        **sheet,
        notes=await ygs.notes.list_about(actor, id),
        memberships=await ygs.memberships.list_of_member(actor, id),
        plans=await _offered_plans(ygs, actor, sheet["member"].role),
        staff=await ygs.staff_list.read(actor) if Permission.ASSIGN_MEMBERS in actor.permissions else (),
        roles=list(Role),
        consultations=await _consultations(ygs, actor, id),
        ends=await ygs.consequences.of(actor, id) if Permission.REVIEW_MEMBERS in actor.permissions else None,
        summarised=ygs.drafter.writes(DraftKind.SUMMARY),
    )


async def _offered_plans(ygs: Application, actor: Actor, role: Role) -> list[MembershipPlanView]:
    """The plans on which a contract can be made; none for staff, or for who may not make one."""
    if role is not Role.MEMBER or Permission.MANAGE_MEMBERSHIPS not in actor.permissions:
        return []
    return [plan for plan in await ygs.membership_plans.list(actor) if plan.offered]


@router.get("/members/{id}/timeline")
async def show_timeline(
    request: Request,
    id: UserInPath,
    ygs: Ygs,
    before: Annotated[str | None, Query(pattern=CURSOR, max_length=500)] = None,
) -> Response:
    """What happened to a member, latest first."""
    actor = request.state.visit.actor
    member = await ygs.member_review.get_member(actor, id)
    found = await ygs.timelines.read(actor, id, before=before, limit=EVENTS_SHOWN)
    return render(request, "timeline.html", member=member, timeline=found)


async def _consultations(ygs: Application, actor: Actor, id: UserId) -> list[MemberConsultationView] | None:
    """The member's latest consultations; None for who may not see them."""
    if Permission.MANAGE_CONSULTATIONS not in actor.permissions:
        return None
    return await ygs.staff_consultations.list_of_member(actor, id, limit=CONSULTATIONS_SHOWN)


@router.get("/members/{id}/candidates")
async def show_candidates(request: Request, id: UserInPath, ygs: Ygs) -> Response:
    """Whom a member could be introduced to today, best first."""
    actor = request.state.visit.actor
    member = await ygs.member_review.get_member(actor, id)
    found = await ygs.explanations.candidates(actor, id, limit=CANDIDATES_SHOWN)
    return render(request, "candidates.html", member=member, candidates=found, weeks=await _plans_in_review(ygs, actor))


@router.get("/members/{id}/with")
async def show_comparison_search(request: Request, id: UserInPath, ygs: Ygs) -> Response:
    """The form to find whom to compare a member with."""
    member = await ygs.member_review.get_member(request.state.visit.actor, id)
    return render(request, "compare_members.html", member=member, found=None, search="")


@router.post("/members/{id}/with")
async def find_member_to_compare(request: Request, id: UserInPath, ygs: Ygs, search: SearchField = "") -> Response:
    """The members who fit. A form, so that no name stays in an address."""
    actor = request.state.visit.actor
    member = await ygs.member_review.get_member(actor, id)
    found = await members_found(ygs, actor, search)
    block = "found" if is_partial(request) else ""
    return render(request, "compare_members.html", block=block, member=member, found=found, search=search)


@router.get("/members/{id}/with/{other}")
async def compare_members(request: Request, id: UserInPath, other: UserId, ygs: Ygs) -> Response:
    """What speaks for and against introducing two members today, wish by wish, from both sides."""
    actor = request.state.visit.actor
    pair = await ygs.explanations.pair(actor, id, user_id(other))
    return render(
        request,
        "pair.html",
        week=None,
        weeks=await _plans_in_review(ygs, actor),
        pair=pair,
        why_not=None,
        bars=both_sides(pair, language_of(request)),
    )


async def _plans_in_review(ygs: Application, actor: Actor) -> list[WeekView]:
    """The weeks in whose plan this actor may pin a pair."""
    if Permission.RUN_WEEKS not in actor.permissions:
        return []
    weeks = await ygs.weeks.latest(actor, limit=WEEKS_LOOKED_AT)
    return [week for week in weeks if week.state is WeekState.PROPOSED]


@router.post("/members/{id}/notes")
async def write_note(
    request: Request, id: UserInPath, ygs: Ygs, text: Annotated[str, Form(max_length=NOTE_LENGTH)]
) -> Response:
    """Write a note on a member."""
    await ygs.notes.write(request.state.visit.actor, id, filled_in(NoteRequest, text=text))
    return go(request, f"{root(request)}/members/{id}", "note")


@router.post("/members/{id}/decide")
async def decide(
    request: Request,
    id: UserInPath,
    ygs: Ygs,
    act: Annotated[str, Form(pattern="^(approve|reject|suspend|restore)$")],
    version: _Version,
    reason: _Reason = "",
    next: _Next = "",
) -> Response:
    """Approve, return, suspend or restore a member. `version`: of the page that was read; an older one is refused."""
    actor = request.state.visit.actor
    review = ygs.member_review
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "approve": lambda: review.approve(actor, id, version),
        "reject": lambda: review.reject(actor, id, filled_in(Decision, reason=reason), version),
        "suspend": lambda: review.suspend(actor, id, filled_in(Decision, reason=reason), version),
        "restore": lambda: review.restore(actor, id, version),
    }
    await acts[act]()
    if next == "review":
        return go(request, f"{root(request)}/review", act, id)
    return go(request, f"{root(request)}/members/{id}", act)


@router.get("/review")
async def review_next(request: Request, ygs: Ygs, skip: Annotated[int, Query(ge=0, lt=QUEUE_SHOWN)] = 0) -> Response:
    """The review queue: the member who waits longest, whole, and how many wait. `skip`: how many to leave for later."""
    actor = request.state.visit.actor
    queue = await ygs.member_review.list_queue(actor, limit=QUEUE_SHOWN)
    place = min(skip, max(len(queue) - 1, 0))
    if not queue:
        return render(request, "review.html", queue=queue, place=0, member=None)
    sheet = await _sheet(request, ygs, actor, queue[place].id)
    return render(request, "review.html", queue=queue, place=place, marks=queue[place].marks, **sheet)
