"""Databases at the schema's head, and people to put into them."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from ygs.adapters.sql import migrations, sqlite
from ygs.adapters.sql import postgres as postgresql
from ygs.adapters.sql.sealing import Keyring
from ygs.domain.ids import IntroductionId, UserId, WeekId
from ygs.domain.introductions import Introduction
from ygs.domain.match_weeks import IsoWeek, MatchWeek
from ygs.domain.matching.market import Genders
from ygs.domain.matching.rules import Importance, Wish
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Consent, Lifestyle, Profile, Purpose, Status, User
from ygs.entrypoints.testing.postgres import LocalPostgres

KEYRING = Keyring({1: b"the tests seal with this 32 bytes"[:32]}, 1, b"the tests index with this, 32 bytes"[:32])
NOW = datetime(2026, 11, 23, 3, 0, 0, 123456, tzinfo=UTC)


def migrated_postgres(server: LocalPostgres) -> str:
    """Make the database that every test copies, and say its name."""
    in_a_loop(_upgrade(postgresql.engine(server.create_database("template_ygs"), writes=True)))
    return "template_ygs"


def migrated_sqlite(path: Path) -> Path:
    """Make a migrated file, closed, so that nothing of it is left in a journal."""
    in_a_loop(_upgrade(sqlite.engine(path, writes=True)))
    return path


async def _upgrade(engine: AsyncEngine) -> None:
    await migrations.upgrade(engine)
    await engine.dispose()


def in_a_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run it in a thread of its own, since a fixture may or may not be inside a loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def an_id(prefix: str, number: int) -> str:
    """The `number`th id of a kind, in order."""
    return f"{prefix}_01JD8Q{number:020}"


def user_id(number: int) -> UserId:
    """The `number`th user's id."""
    return UserId(an_id("usr", number))


def a_user(number: int, **changes: Any) -> User:
    """An active user of whom everything is known, and who wishes for five things."""
    male = number % 2 == 0
    known = {
        "id": user_id(number),
        "name": f"김하늘{number}",
        "gender": Genders.MALE if male else Genders.FEMALE,
        "seeks": Genders.FEMALE if male else Genders.MALE,
        "birth_year": 1980 + number % 20,
        "phone": f"+8210{number:08}",
        "email": f"haneul{number}@example.com",
        "status": Status.ACTIVE,
        "profile": Profile(
            facts={"height_cm": 20 + number % 60, "region": 1 + number % 17, "religion": 2, "languages": 0b11},
            district="마포구",
            introduction="안녕하세요. 조용한 사람입니다.",
            verified=frozenset({"region"}),
        ),
        "lifestyle": Lifestyle(facts={"smoking": 1 + number % 3, "interests": (1 << 40) | 1 << number % 30}),
        "wishes": {wish.attribute: wish for wish in some_wishes(number)},
        "consents": {
            purpose: Consent(purpose=purpose, version="2026-01", given_at=NOW)
            for purpose in (Purpose.TERMS, Purpose.PRIVACY, Purpose.SENSITIVE)
        },
        "activated_at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return User(**{**known, **changes})


def some_wishes(number: int) -> list[Wish]:
    """A range of ages and heights, some regions, no smoke, and a shared interest."""
    born = VOCABULARY["birth_year"].code_of(1985)
    return [
        Wish(attribute="birth_year", importance=Importance.STRONG, low=born - number % 5, high=born + 10),
        Wish(attribute="height_cm", importance=Importance.FAIR, low=20, high=60),
        Wish(attribute="region", importance=Importance.SLIGHT, accepts=0b1011),
        Wish(attribute="smoking", importance=Importance.MUST, low=1, high=1),
        Wish(attribute="interests", importance=Importance.SLIGHT, accepts=1 << 40),
    ]


def a_week(number: int = 1, **changes: Any) -> MatchWeek:
    """The `number`th match week, open."""
    week = IsoWeek(2026, 48).following(number)
    known = {
        "id": WeekId(an_id("mw", number)),
        "week": week,
        "deadline": NOW + timedelta(days=7 * number),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return MatchWeek(**{**known, **changes})


def an_introduction(number: int, one: int, other: int, week: int = 1, **changes: Any) -> Introduction:
    """Two users introduced in a week."""
    a, b = sorted((user_id(one), user_id(other)))
    known = {
        "id": IntroductionId(an_id("mh", number)),
        "week_id": WeekId(an_id("mw", week)),
        "a": a,
        "b": b,
        "a_to_b": 7_000,
        "b_to_a": 8_000,
        "mutual": 7_400,
        "deadline": NOW + timedelta(days=7),
        "created_at": NOW,
    }
    return Introduction(**{**known, **changes})
