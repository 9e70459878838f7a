"""Introductions, who takes part in them, and the feedback to them."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any

from sqlalchemy import case, delete, func, or_, select, union, update

from ygs.adapters.sql.repositories.contacts import contact_hashes, held_pairs, holders
from ygs.adapters.sql.statements.array_parameter import among
from ygs.adapters.sql.statements.bulk import insert_all, insert_each, update_each
from ygs.adapters.sql.statements.encryption import Keyring
from ygs.adapters.sql.statements.optimistic_locking import STALE, require_versions
from ygs.adapters.sql.statements.transaction import Found, SqlTransaction
from ygs.adapters.sql.tables.column_types import JsonText, as_json
from ygs.adapters.sql.tables.rounds import feedback, introductions, met_contacts, participants
from ygs.adapters.sql.tables.users import LIVE, users
from ygs.domain.errors import N_, NotFound, OverCapacity, StaleWrite
from ygs.domain.ids import FeedbackId, IntroductionId, Pair, UserId, WeekId, pair_of
from ygs.domain.introductions import (
    Answer,
    Choice,
    Condition,
    DeclineReason,
    Feedback,
    FeedbackReason,
    Introduction,
    IntroductionOrigin,
    IntroductionState,
)
from ygs.domain.users import User
from ygs.ports.repositories import MOST_PAGE
from ygs.ports.repositories.introductions import IntroductionCounts

MET_BY_CONTACT = (met_contacts.c.one, met_contacts.c.other)


def to_row(introduction: Introduction, keyring: Keyring) -> dict[str, Any]:
    """An introduction as a row of `introductions`."""
    return {
        "id": introduction.id,
        "week_id": introduction.week_id,
        "a": introduction.a,
        "b": introduction.b,
        "a_to_b": introduction.a_to_b,
        "b_to_a": introduction.b_to_a,
        "mutual": introduction.mutual,
        "proof_of_a": _proof_as_json(introduction.proof_of_a),
        "proof_of_b": _proof_as_json(introduction.proof_of_b),
        "origin": introduction.origin.value,
        "state": introduction.state.value,
        **_answer_row("a", introduction.id, introduction.answer_of_a, keyring),
        **_answer_row("b", introduction.id, introduction.answer_of_b, keyring),
        "decided_at": introduction.decided_at,
        "met": introduction.met,
        "deadline": introduction.deadline,
        "created_at": introduction.created_at,
        "version": introduction.version,
    }


def _answer_row(side: str, id: str, answer: Answer | None, keyring: Keyring) -> Mapping[str, Any]:
    if answer is None:
        return _NO_ANSWER[side]
    return {
        f"choice_of_{side}": answer.choice.value,
        f"answered_at_of_{side}": answer.at,
        f"reason_of_{side}": answer.reason.value if answer.reason else None,
        f"words_of_{side}": keyring.seal_if(introductions.c[f"words_of_{side}"], id, answer.words),
    }


_NO_ANSWER = {
    side: dict.fromkeys(f"{name}_of_{side}" for name in ("choice", "answered_at", "reason", "words")) for side in "ab"
}


def to_introduction(row: Found, keyring: Keyring) -> Introduction:
    """The introduction that `to_row` wrote."""
    return Introduction(
        id=IntroductionId(row.id),
        week_id=WeekId(row.week_id),
        a=UserId(row.a),
        b=UserId(row.b),
        a_to_b=row.a_to_b,
        b_to_a=row.b_to_a,
        mutual=row.mutual,
        proof_of_a=conditions_of(row.proof_of_a),
        proof_of_b=conditions_of(row.proof_of_b),
        origin=IntroductionOrigin(row.origin),
        state=IntroductionState(row.state),
        answer_of_a=_to_answer("a", row, keyring),
        answer_of_b=_to_answer("b", row, keyring),
        decided_at=row.decided_at,
        met=row.met,
        deadline=row.deadline,
        created_at=row.created_at,
        version=row.version,
    )


def _to_answer(side: str, row: Found, keyring: Keyring) -> Answer | None:
    stored = row._mapping
    if stored[f"choice_of_{side}"] is None:
        return None
    reason = stored[f"reason_of_{side}"]
    words = f"words_of_{side}"
    return Answer(
        choice=Choice(stored[f"choice_of_{side}"]),
        at=stored[f"answered_at_of_{side}"],
        reason=DeclineReason(reason) if reason else None,
        words=keyring.open_if(introductions.c[words], row.id, stored[words]) or "",
    )


def _proof_as_json(proof: tuple[Condition, ...]) -> JsonText:
    return JsonText(f"[{','.join(map(_condition_as_json, proof))}]")


# The same conditions come again and again: of a large week, most of the time went into encoding them.
_condition_as_json = lru_cache(maxsize=100_000)(as_json)


def conditions_of(stored: list[list[Any]]) -> tuple[Condition, ...]:
    """The conditions that a stored proof holds."""
    return tuple(Condition(*condition) for condition in stored)


def feedback_row(given: Feedback, keyring: Keyring) -> dict[str, Any]:
    """A feedback as a row of `feedback`."""
    return {
        "id": given.id,
        "introduction_id": given.introduction_id,
        "by_user": given.by,
        "met": given.met,
        "again": given.again,
        "rating": given.rating,
        "reasons": " ".join(sorted(given.reasons)),
        "words": keyring.seal_if(feedback.c.words, given.id, given.words),
        "created_at": given.created_at,
    }


def to_feedback(row: Found, keyring: Keyring) -> Feedback:
    """The feedback that `feedback_row` wrote."""
    return Feedback(
        id=FeedbackId(row.id),
        introduction_id=IntroductionId(row.introduction_id),
        by=UserId(row.by_user),
        met=row.met,
        again=row.again,
        rating=row.rating,
        reasons=frozenset(FeedbackReason(reason) for reason in row.reasons.split()),
        words=keyring.open_if(feedback.c.words, row.id, row.words) or "",
        created_at=row.created_at,
    )


class SqlIntroductionReader:
    """Introductions and the feedback to them."""

    def __init__(self, tx: SqlTransaction) -> None:
        self.tx = tx

    async def get(self, id: IntroductionId) -> Introduction:
        row = await self.tx.row(self.tx.for_update(select(introductions).where(introductions.c.id == id)))
        if row is None:
            raise NotFound("introduction", id)
        return to_introduction(row, self.tx.keyring)

    async def by_ids(self, ids: Collection[IntroductionId]) -> Sequence[Introduction]:
        query = select(introductions).where(among(introductions.c.id, ids)).order_by(introductions.c.id)
        return [to_introduction(row, self.tx.keyring) for row in await self.tx.rows(query)]

    async def of_user(self, id: UserId) -> Sequence[Introduction]:
        query = select(introductions).where(or_(introductions.c.a == id, introductions.c.b == id))
        # Locked in ascending order, as answers lock them, so that two transactions cannot deadlock.
        rows = await self.tx.rows(self.tx.for_update(query.order_by(introductions.c.id)))
        return [to_introduction(row, self.tx.keyring) for row in reversed(rows)]

    async def of_week(
        self, id: WeekId, *, after: IntroductionId | None = None, limit: int = MOST_PAGE
    ) -> Sequence[Introduction]:
        query = select(introductions).where(introductions.c.week_id == id, introductions.c.id > (after or ""))
        rows = await self.tx.rows(self.tx.for_update(query.order_by(introductions.c.id).limit(limit)))
        return [to_introduction(row, self.tx.keyring) for row in rows]

    async def people_of(self, ids: Sequence[WeekId]) -> frozenset[UserId]:
        those = among(introductions.c.week_id, sorted(set(ids)))
        query = union(*(select(side).where(those) for side in (introductions.c.a, introductions.c.b)))
        return frozenset(UserId(one) for (one,) in await self.tx.rows(query))

    async def count_by_week(self, ids: Sequence[WeekId]) -> Mapping[WeekId, IntroductionCounts]:
        key = introductions.c.week_id, introductions.c.state
        met = func.count().filter(introductions.c.met.is_(True))
        query = select(*key, func.count(), met).where(among(introductions.c.week_id, sorted(set(ids)))).group_by(*key)
        counts: dict[WeekId, Counter[str]] = {week: Counter() for week in ids}
        for week, state, count, have_met in await self.tx.rows(query):
            counts[week] += Counter({state: count, "met": have_met})
        return {week: IntroductionCounts(**count) for week, count in counts.items()}

    async def between(self, people: Collection[UserId]) -> frozenset[Pair]:
        known = holders(among(users.c.id, sorted(set(people))))
        rows = await self.tx.rows(held_pairs([(introductions.c.a, introductions.c.b), MET_BY_CONTACT], known))
        return frozenset(pair_of(UserId(one), UserId(other)) for one, other in rows)

    async def have_met(self, one: UserId, other: UserId) -> bool:
        a, b = sorted((one, other))
        query = select(introductions.c.id).where(introductions.c.a == a, introductions.c.b == b)
        return await self.tx.row(query) is not None

    async def feedback_by(self, id: UserId, on: Collection[IntroductionId]) -> Sequence[Feedback]:
        query = select(feedback).where(feedback.c.by_user == id, among(feedback.c.introduction_id, sorted(on)))
        return [to_feedback(row, self.tx.keyring) for row in await self.tx.rows(query)]

    async def feedback_on(self, id: IntroductionId) -> Sequence[Feedback]:
        query = select(feedback).where(feedback.c.introduction_id == id).order_by(feedback.c.id)
        return [to_feedback(row, self.tx.keyring) for row in await self.tx.rows(query)]


class SqlIntroductionRepository(SqlIntroductionReader):
    """Introductions, to be changed."""

    async def add_all(self, new: Sequence[Introduction], capacity: Mapping[UserId, int]) -> None:
        # In an order in which two workers cannot deadlock.
        ordered = await asyncio.to_thread(sorted, new, key=attrgetter("a", "b"))
        async with self.tx.savepoint():
            await insert_each(self.tx, introductions, ordered, partial(_new_row, keyring=self.tx.keyring))
            taken = await self._slots_taken(ordered)
            await insert_all(self.tx, participants, await asyncio.to_thread(_seats_in_order, ordered, taken, capacity))

    async def _slots_taken(self, new: Sequence[Introduction]) -> Counter[tuple[WeekId, UserId]]:
        """The number of slots that these people already have in those weeks."""
        key = participants.c.week_id, participants.c.user_id
        weeks = among(participants.c.week_id, sorted({each.week_id for each in new}))
        people = among(participants.c.user_id, sorted({person for each in new for person in (each.a, each.b)}))
        counts = await self.tx.rows(select(*key, func.max(participants.c.slot)).where(weeks, people).group_by(*key))
        return Counter({(week, user): taken for week, user, taken in counts})

    async def save(self, introduction: Introduction) -> Introduction:
        saved = replace(introduction, version=introduction.version + 1)
        query = update(introductions).where(
            introductions.c.id == introduction.id, introductions.c.version == introduction.version
        )
        if not await self.tx.run(query.values(to_row(saved, self.tx.keyring))):
            raise StaleWrite(STALE)
        return saved

    async def save_all(self, changed: Sequence[Introduction]) -> None:
        await require_versions(self.tx, introductions, {each.id: each.version for each in changed})
        saved = [replace(each, version=each.version + 1) for each in changed]
        async with self.tx.savepoint():
            await update_each(self.tx, introductions, saved, partial(to_row, keyring=self.tx.keyring))

    async def add_feedback(self, given: Feedback) -> None:
        await self.add_feedbacks([given])

    async def add_feedbacks(self, given: Sequence[Feedback]) -> None:
        async with self.tx.savepoint():
            await insert_each(self.tx, feedback, given, partial(feedback_row, keyring=self.tx.keyring))

    async def keep_after_withdrawal(self, user: User, at: datetime) -> None:
        """Store each pair again under every contact of the user, in place of the user's id and earlier contacts."""
        contacts = await contact_hashes(self.tx, user)
        them = {user.id, *contacts}
        around = or_(*(among(column, sorted(them)) for column in MET_BY_CONTACT))
        kept = await self.tx.rows(select(*MET_BY_CONTACT).where(around))
        others = {side for pair in kept for side in pair} | await self._introduced_to(user.id)
        pairs = {tuple(sorted((contact, other))) for contact in contacts for other in others - them}
        await self.tx.run(delete(met_contacts).where(around))
        rows = [{"one": one, "other": other, "parted_at": at} for one, other in sorted(pairs)]
        await insert_all(self.tx, met_contacts, rows)

    async def _introduced_to(self, id: UserId) -> set[str]:
        """The live users to whom a user was introduced. People who left are stored under their contacts already."""
        other = case((introductions.c.a == id, introductions.c.b), else_=introductions.c.a)
        theirs = or_(introductions.c.a == id, introductions.c.b == id)
        query = select(users.c.id).join(introductions, users.c.id == other).where(theirs, LIVE)
        return {row.id for row in await self.tx.rows(query)}

    async def forget_kept_pairs(self, before: datetime) -> int:
        return await self.tx.run(delete(met_contacts).where(met_contacts.c.parted_at < before))


def _new_row(introduction: Introduction, keyring: Keyring) -> dict[str, Any]:
    """A new introduction as a row. Copying each of a large week, to count its version, would take seconds."""
    return to_row(introduction, keyring) | {"version": introduction.version + 1}


def _seats_in_order(
    new: Sequence[Introduction], taken: Counter[tuple[WeekId, UserId]], capacity: Mapping[UserId, int]
) -> Sequence[dict[str, Any]]:
    return sorted(seats(new, taken, capacity), key=lambda row: (row["user_id"], row["slot"]))


def seats(
    new: Sequence[Introduction], taken: Counter[tuple[WeekId, UserId]], capacity: Mapping[UserId, int]
) -> Iterator[dict[str, Any]]:
    """Each person's next slot of the week, for every introduction; `OverCapacity` beyond the last.

    The database would refuse too, but only after the whole week was sent.
    """
    for each in new:
        for user in (each.a, each.b):
            taken[each.week_id, user] += 1
            slot = taken[each.week_id, user]
            most = capacity.get(user, 1)
            if slot > most:
                raise OverCapacity(
                    N_("{user} would be in more than {most} introductions this week: plan it again"),
                    user=user,
                    most=most,
                )
            yield {
                "week_id": each.week_id,
                "user_id": user,
                "slot": slot,
                "capacity": most,
                "introduction_id": each.id,
            }
