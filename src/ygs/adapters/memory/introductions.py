"""Introductions and feedback in memory."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ygs.adapters.memory.blocks import contacts_of, held_pairs, names_of
from ygs.adapters.memory.snapshot_tables import SnapshotTables
from ygs.adapters.memory.transaction import MemoryTransaction
from ygs.domain.errors import N_, AlreadyGiven, AlreadyIntroduced, Conflict, NotFound, OverCapacity, StaleWrite
from ygs.domain.ids import IntroductionId, Pair, UserId, WeekId, pair_of
from ygs.domain.introductions import Feedback, Introduction
from ygs.domain.text import storable_text
from ygs.domain.users import User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.introductions import IntroductionCounts


class MemoryIntroductionReader:
    """Introductions and the feedback to them."""

    def __init__(self, tx: MemoryTransaction) -> None:
        self._tx = tx

    async def get(self, id: IntroductionId) -> Introduction:
        tables = await self._tx.step()
        if id not in tables.introductions:
            raise NotFound("introduction", id)
        return tables.introductions[id]

    async def by_ids(self, ids: Collection[IntroductionId]) -> Sequence[Introduction]:
        tables = await self._tx.step()
        return [tables.introductions[each] for each in sorted(ids) if each in tables.introductions]

    async def of_user(self, id: UserId) -> Sequence[Introduction]:
        tables = await self._tx.step()
        return [tables.introductions[each] for each in reversed(tables.of_user.get(id, ()))]

    async def of_week(
        self, id: WeekId, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Introduction]:
        tables = await self._tx.step()
        ids = tables.of_week.get(id, ())
        start = 0 if after is None else bisect_right(ids, after)
        return [tables.introductions[each] for each in ids[start : start + limit]]

    async def people_of(self, ids: Sequence[WeekId]) -> frozenset[UserId]:
        tables = await self._tx.step()
        those = (tables.introductions[each] for week in ids for each in tables.of_week.get(week, ()))
        return frozenset(side for each in those for side in (each.a, each.b))

    async def count_by_week(self, ids: Sequence[WeekId]) -> Mapping[WeekId, IntroductionCounts]:
        tables = await self._tx.step()
        return {week: _counts(tables, week) for week in ids}

    async def between(self, people: Collection[UserId]) -> frozenset[Pair]:
        tables = await self._tx.step()
        live = [tables.users[each] for each in set(people) if each in tables.users]
        return frozenset(pair_of(*pair) for pair in introduced(tables, live))

    async def have_met(self, one: UserId, other: UserId) -> bool:
        return pair_of(one, other) in (await self._tx.step()).pairs

    async def feedback_by(self, id: UserId, on: Collection[IntroductionId]) -> Sequence[Feedback]:
        tables = await self._tx.step()
        return [given for each in on for given in tables.feedback.get(each, ()) if given.by == id]

    async def feedback_on(self, id: IntroductionId) -> Sequence[Feedback]:
        return list((await self._tx.step()).feedback.get(id, ()))


def _counts(tables: SnapshotTables, week: WeekId) -> IntroductionCounts:
    those = [tables.introductions[each] for each in tables.of_week.get(week, ())]
    by_state = Counter(each.state.value for each in those)
    return IntroductionCounts(**by_state, met=sum(each.met is True for each in those))


class MemoryIntroductionRepository(MemoryIntroductionReader):
    """Introductions, to be changed."""

    async def add_all(self, introductions: Sequence[Introduction], capacity: Mapping[UserId, int]) -> None:
        tables = await self._tx.step()
        _require_new(tables, introductions)
        seats = _seats(tables, introductions, capacity)
        _require_texts(introductions)
        tables.introductions.put({each.id: replace(each, version=each.version + 1) for each in introductions})
        tables.pairs.put({_pair(each): each.id for each in introductions})
        tables.seats.put(seats)
        _index(tables, introductions)

    async def save(self, introduction: Introduction) -> Introduction:
        return _save(await self._tx.step(), [introduction])[0]

    async def save_all(self, introductions: Sequence[Introduction]) -> None:
        _save(await self._tx.step(), introductions)

    async def add_feedback(self, feedback: Feedback) -> None:
        await self.add_feedbacks([feedback])

    async def add_feedbacks(self, feedbacks: Sequence[Feedback]) -> None:
        tables = await self._tx.step()
        stored: dict[IntroductionId, list[Feedback]] = {}
        for each in feedbacks:
            storable_text("words", each.words)
            if each.introduction_id not in tables.introductions or not _is_known(tables, each.by):
                raise Conflict(N_("feedback is told by a user on an introduction: store those first"))
            so_far = stored.setdefault(each.introduction_id, [*tables.feedback.get(each.introduction_id, ())])
            if any(each.by == other.by for other in so_far):
                raise AlreadyGiven(N_("this side has told already how it went"))
            so_far.append(each)
        tables.feedback.put({about: sorted(those, key=lambda each: each.id) for about, those in stored.items()})

    async def keep_after_withdrawal(self, user: User, at: datetime) -> None:
        tables = await self._tx.step()
        contacts = contacts_of(tables, user)
        them = set(names_of(tables, user))
        around = [pair for pair in tables.met_contacts if pair & them]
        own = (tables.introductions[each] for each in tables.of_user.get(user.id, ()))
        others = {other for pair in around for other in pair - them}
        # People who left are stored under their contacts already.
        others |= {other for each in own if (other := each.other(user.id)) in tables.users}
        tables.met_contacts.drop(around)
        tables.met_contacts.put({frozenset((contact, other)): at for contact in contacts for other in others})

    async def forget_kept_pairs(self, before: datetime) -> int:
        tables = await self._tx.step()
        old = [pair for pair, at in tables.met_contacts.items() if at < before]
        tables.met_contacts.drop(old)
        return len(old)


def introduced(tables: SnapshotTables, people: Iterable[User]) -> Iterator[tuple[UserId, UserId]]:
    """Every pair among these users that was introduced, under these ids or earlier ones; perhaps more than once."""
    yield from held_pairs(tables, people, (*tables.pairs, *tables.met_contacts))


def _pair(introduction: Introduction) -> Pair:
    return introduction.a, introduction.b


def _is_known(tables: SnapshotTables, user: UserId) -> bool:
    return user in tables.users or user in tables.gone


def _require_new(tables: SnapshotTables, introductions: Sequence[Introduction]) -> None:
    new = {each.id for each in introductions}
    if len(new) < len(introductions) or not new.isdisjoint(tables.introductions):
        raise Conflict(N_("an introduction of that id is stored already: make a new id"))
    for each in introductions:
        if not all(_is_known(tables, user) for user in _pair(each)) or (each.week_id not in tables.weeks):
            raise Conflict(N_("an introduction joins two users in a match week: store those first"))
    pairs = {_pair(each) for each in introductions}
    if len(pairs) < len(introductions) or any(pair in tables.pairs for pair in pairs):
        raise AlreadyIntroduced(N_("two of these people were introduced before: plan the week again"))


def _seats(
    tables: SnapshotTables, introductions: Sequence[Introduction], capacity: Mapping[UserId, int]
) -> Mapping[tuple[WeekId, UserId], int]:
    seats: dict[tuple[WeekId, UserId], int] = {}
    for each in introductions:
        for user in _pair(each):
            seat = each.week_id, user
            seats[seat] = seats.get(seat, tables.seats.get(seat, 0)) + 1
            if seats[seat] > capacity.get(user, 1):
                raise OverCapacity(N_("a person would be in too many introductions this week: plan it again"))
    return seats


def _index(tables: SnapshotTables, introductions: Sequence[Introduction]) -> None:
    of_week: dict[WeekId, list[IntroductionId]] = defaultdict(list)
    of_user: dict[UserId, list[IntroductionId]] = defaultdict(list)
    for each in introductions:
        of_week[each.week_id].append(each.id)
        for user in _pair(each):
            of_user[user].append(each.id)
    tables.of_week.put({week: sorted([*tables.of_week.get(week, ()), *new]) for week, new in of_week.items()})
    tables.of_user.put({user: sorted([*tables.of_user.get(user, ()), *new]) for user, new in of_user.items()})


def _save(tables: SnapshotTables, introductions: Sequence[Introduction]) -> Sequence[Introduction]:
    for each in introductions:
        stored = tables.introductions.get(each.id)
        if stored is None or stored.version != each.version:
            raise StaleWrite(N_("this introduction changed since it was read: read it again and repeat the edit"))
    _require_texts(introductions)
    saved = [replace(each, version=each.version + 1) for each in introductions]
    tables.introductions.put({each.id: each for each in saved})
    return saved


def _require_texts(introductions: Sequence[Introduction]) -> None:
    for each in introductions:
        for text in (each.id, *_words(each)):
            storable_text("introduction", text)


def _words(introduction: Introduction) -> Iterator[str]:
    answers = (introduction.answer_of_a, introduction.answer_of_b)
    yield from (answer.words for answer in answers if answer is not None)
    yield from (condition.attribute for condition in (*introduction.proof_of_a, *introduction.proof_of_b))
