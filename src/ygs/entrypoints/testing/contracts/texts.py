"""The contract of texts: every storage stores the same texts unchanged, and refuses the same texts."""

import copy
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ygs.domain.errors import InvalidText, NotFound
from ygs.domain.introductions import Answer, Choice, DeclineReason, Introduction
from ygs.domain.match_weeks import BrokenPair, MatchWeek
from ygs.domain.text import NAME_LENGTH, NOTE_LENGTH
from ygs.domain.users import PROFILE_TEXTS, Consent, Profile, Purpose, User
from ygs.entrypoints.testing.builders import a_feedback, a_profile, a_user, consents
from ygs.entrypoints.testing.clock import NOON
from ygs.entrypoints.testing.contracts.fixtures import stored_introduction, stored_users
from ygs.ports.repositories.users import DuplicateKey
from ygs.ports.storage import Reading, Storage

# Three scripts, one character outside the BMP, one that is made of several, a combining mark, a right-to-left word.
HARD = "가힣 漢字 Ünïcode 😀 👩‍❤️‍👨 𠮷 e\u0301 שלום \u200b \\ ' \" % _ ; -- \n\t{}"
UNSTORABLE = ["\x00", "\ud800", "\udfff"]


def smuggled(entity: Any, **values: Any) -> Any:
    """A copy with values that the entity refuses, as a defect elsewhere could make it."""
    forged = copy.copy(entity)
    for name, value in values.items():
        object.__setattr__(forged, name, value)
    return forged


def _of_user(name: str) -> Callable[[User, str], Any]:
    return lambda user, text: smuggled(user, **{name: text})


def _of_profile(name: str) -> Callable[[User, str], Any]:
    return lambda user, text: smuggled(user, profile=smuggled(user.profile, **{name: text}))


def _of_consent(user: User, text: str) -> Any:
    given = Consent(purpose=Purpose.TERMS, version="1", given_at=NOON)
    return smuggled(user, consents={**user.consents, Purpose.TERMS: smuggled(given, version=text)})


USER_TEXTS = {
    **{name: _of_user(name) for name in ("name", "phone", "email", "status_reason")},
    **{name: _of_profile(name) for name in PROFILE_TEXTS},
    "consent": _of_consent,
}


QUESTIONS: dict[str, Callable[[Reading, Any], Awaitable[object]]] = {
    "users.get": lambda tx, text: tx.users.get(text),
    "users.find_by_phone": lambda tx, text: tx.users.find_by_phone(text),
    "users.by_ids": lambda tx, text: tx.users.by_ids([text]),
    "users.find_duplicates": lambda tx, text: tx.users.find_duplicates(
        DuplicateKey(frozenset({text}), frozenset({(text, 1, 1990)}))
    ),
    "blocks.between": lambda tx, text: tx.blocks.between([text, a_user(2).id]),
    "weeks.get": lambda tx, text: tx.weeks.get(text),
    "weeks.plan": lambda tx, text: tx.weeks.plan(text),
    "introductions.get": lambda tx, text: tx.introductions.get(text),
    "introductions.of_user": lambda tx, text: tx.introductions.of_user(text),
    "introductions.of_week": lambda tx, text: tx.introductions.of_week(text),
    "introductions.have_met": lambda tx, text: tx.introductions.have_met(text, a_user(2).id),
}


class TextContract:
    """Every text that is stored."""

    @pytest.mark.parametrize("field", USER_TEXTS)
    async def test_no_text_of_a_user_may_hold_what_cannot_be_stored(self, storage: Storage, field: str) -> None:
        (stored,) = await stored_users(storage, 1)
        for character in UNSTORABLE:
            for command in ("add", "add_all", "save", "save_all"):
                user = USER_TEXTS[field](a_user(2) if command.startswith("add") else stored, f"가{character}나")
                with pytest.raises(InvalidText):
                    async with storage.write() as tx:
                        await getattr(tx.users, command)([user] if command.endswith("all") else user)
        async with storage.read() as tx:
            assert await tx.users.page() == [stored]

    @pytest.mark.parametrize("character", UNSTORABLE, ids=ascii)
    async def test_no_other_text_may_either(self, storage: Storage, character: str) -> None:
        text = f"가{character}나"
        introduction = await stored_introduction(storage)
        async with storage.read() as tx:
            week = await tx.weeks.get(introduction.week_id)
        declined = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.OTHER)
        feedback = smuggled(a_feedback(introduction, introduction.a), words=text)
        for forged in (
            smuggled(week, failure=(BrokenPair(a="a", b="b", reason=text),)),
            smuggled(week, policy=smuggled(week.policy, version=text)),
        ):
            with pytest.raises(InvalidText):
                async with storage.write() as tx:
                    await tx.weeks.save(forged)
        with pytest.raises(InvalidText):
            async with storage.write() as tx:
                await tx.introductions.save(smuggled(introduction, answer_of_b=smuggled(declined, words=text)))
        with pytest.raises(InvalidText):
            async with storage.write() as tx:
                await tx.introductions.add_feedback(feedback)

    @pytest.mark.parametrize("question", QUESTIONS)
    async def test_nothing_is_found_under_what_cannot_be_stored(self, storage: Storage, question: str) -> None:
        await stored_introduction(storage)
        for character in UNSTORABLE:
            with suppress(NotFound, InvalidText):
                async with storage.read() as tx:
                    assert not await QUESTIONS[question](tx, f"{a_user(1).id}{character}")

    async def test_the_longest_texts_of_a_user_come_back_to_the_character(self, storage: Storage) -> None:
        longest = a_user(
            name="😀" * NAME_LENGTH,
            profile=a_profile(**{name: _filled(text.at_most) for name, text in PROFILE_TEXTS.items()}),
            consents=consents(),
        )
        async with storage.write() as tx:
            await tx.users.add(longest)
        async with storage.read() as tx:
            assert await tx.users.get(longest.id) == replace(longest, version=1)

    async def test_the_longest_words_come_back_to_the_character(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        words = _filled(NOTE_LENGTH)
        answer = Answer(choice=Choice.DECLINE, at=NOON, reason=DeclineReason.OTHER, words=words)
        feedback = a_feedback(introduction, introduction.a, words=words)
        async with storage.write() as tx:
            await tx.introductions.save(introduction.answered(introduction.a, answer))
            await tx.introductions.add_feedback(feedback)
        async with storage.read() as tx:
            assert (await tx.introductions.get(introduction.id)).answer_of_a == answer
            assert await tx.introductions.feedback_on(introduction.id) == [feedback]

    async def test_moments_come_back_to_the_microsecond_and_in_utc(self, storage: Storage) -> None:
        moments = [
            datetime(2026, 1, 1, tzinfo=UTC),
            datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
            datetime(2028, 2, 29, 12, 0, 0, 1, tzinfo=UTC),
            NOON + timedelta(microseconds=100_000),
        ]
        async with storage.write() as tx:
            for number, moment in enumerate(moments):
                await tx.users.add(a_user(number, created_at=moment, updated_at=moment, activated_at=moment))
        async with storage.read() as tx:
            users = await tx.users.page()
        for user, moment in zip(users, moments, strict=True):
            for stored in (user.created_at, user.updated_at, user.activated_at):
                assert stored == moment
                assert stored.utcoffset() == timedelta(0)

    async def test_every_moment_of_a_week_and_an_introduction_is_utc(self, storage: Storage) -> None:
        introduction = await stored_introduction(storage)
        async with storage.write() as tx:
            week = await tx.weeks.save((await tx.weeks.get(introduction.week_id)).leased(at=NOON, seconds=1))
            await tx.introductions.save(introduction.answered(introduction.a, Answer(choice=Choice.ACCEPT, at=NOON)))
        async with storage.read() as tx:
            entities = (await tx.weeks.get(week.id), await tx.introductions.get(introduction.id))
        moments = [moment for entity in entities for moment in _moments(entity)]
        assert len(moments) == 7
        assert {moment.utcoffset() for moment in moments} == {timedelta(0)}


def _filled(length: int) -> str:
    """A difficult text of exactly that length, without a space at its ends."""
    return ("가" + HARD * length)[: length - 1] + "끝"


def _moments(value: User | MatchWeek | Introduction | Answer | Profile) -> Iterator[datetime]:
    for field in fields(value):
        inner = getattr(value, field.name)
        if isinstance(inner, datetime):
            yield inner
        elif is_dataclass(inner):
            yield from _moments(inner)  # type: ignore[arg-type]
