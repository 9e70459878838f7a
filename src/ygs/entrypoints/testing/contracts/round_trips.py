"""A property test: a generated user is the same after it was stored and read.

``test_everybody_comes_back = everybody_comes_back(an_empty_storage)`` (an inherited ``@given`` fails Hypothesis' own
checks).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ygs.domain.errors import InvalidText
from ygs.domain.ids import UserId
from ygs.domain.matching.attribute import Attribute, Group, Kind
from ygs.domain.matching.market import Genders
from ygs.domain.matching.policy import MOST_CAPACITY
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.matching.wishes import Importance, Wish
from ygs.domain.text import LINE_LENGTH, NAME_LENGTH, checked_text, required_name
from ygs.domain.users import PROFILE_TEXTS, Consent, Lifestyle, Profile, Purpose, Role, Status, User
from ygs.entrypoints.testing.ids import numbered
from ygs.ports.storage import Storage

_MOMENTS = st.datetimes(
    min_value=datetime(2026, 1, 1),  # noqa: DTZ001 - Hypothesis wants the zone apart
    max_value=datetime(2099, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def _texts(at_most: int, at_least: int = 0) -> st.SearchStrategy[str]:
    """Texts that the domain accepts unchanged."""
    characters = st.characters(exclude_categories=["Cs", "Cc"])
    return (
        st.text(characters, min_size=at_least, max_size=min(at_most, 40))
        .map(str.strip)
        .filter(lambda text: len(text) >= at_least and _passes(text, at_most))
    )


def _passes(text: str, at_most: int) -> bool:
    try:
        return checked_text("text", text, at_most=at_most) == text
    except InvalidText:
        return False


def _names() -> st.SearchStrategy[str]:
    """Names that the domain accepts unchanged."""
    return _texts(NAME_LENGTH, 1).filter(_is_name)


def _is_name(text: str) -> bool:
    try:
        return required_name("name", text, at_most=NAME_LENGTH) == text
    except InvalidText:
        return False


def _code(attribute: Attribute) -> st.SearchStrategy[int]:
    most = (1 << attribute.size) - 1 if attribute.kind is Kind.SET else attribute.size
    return st.integers(0, most)


def _facts(group: Group) -> st.SearchStrategy[Mapping[str, int]]:
    of_group = [attribute for attribute in VOCABULARY.values() if attribute.group is group]
    return st.fixed_dictionaries({}, optional={each.code: _code(each) for each in of_group})


@st.composite
def _profiles(draw: st.DrawFn) -> Profile:
    facts = {code: value for code, value in draw(_facts(Group.PROFILE)).items() if value}
    return Profile(
        facts=facts,
        verified=frozenset(draw(st.lists(st.sampled_from(sorted(facts))))) if facts else frozenset(),
        **{name: draw(_texts(text.at_most)) for name, text in PROFILE_TEXTS.items()},
    )


@st.composite
def _wishes(draw: st.DrawFn, attribute: Attribute) -> Wish:
    importance = draw(st.sampled_from(Importance))
    if attribute.kind is Kind.ORDINAL:
        low, high = sorted((draw(st.integers(1, attribute.size)), draw(st.integers(1, attribute.size))))
        return Wish(attribute=attribute.code, importance=importance, low=low, high=high)
    accepts = draw(st.integers(1, (1 << attribute.size) - 1))
    return Wish(attribute=attribute.code, importance=importance, accepts=accepts)


@st.composite
def _consents(draw: st.DrawFn) -> Mapping[Purpose, Consent]:
    purposes = draw(st.sets(st.sampled_from(Purpose)))
    given = {
        purpose: Consent(
            purpose=purpose,
            version=draw(st.sampled_from(["2026-01", "2026-02-개정"])),
            given_at=draw(_MOMENTS),
            withdrawn_at=draw(st.none() | _MOMENTS),
        )
        for purpose in purposes
    }
    # The consent that sensitive facts need.
    sensitive = Consent(purpose=Purpose.SENSITIVE, version="2026-01", given_at=draw(_MOMENTS))
    return {**given, Purpose.SENSITIVE: sensitive}


@st.composite
def users(draw: st.DrawFn, number: int) -> User:
    """Any possible user, with the id and phone of that number."""
    return User(
        id=UserId(numbered("usr", number)),
        name=draw(_names()),
        gender=draw(st.sampled_from([Genders.MALE, Genders.FEMALE])),
        seeks=draw(st.sampled_from([Genders.MALE, Genders.FEMALE, Genders.MALE | Genders.FEMALE])),
        birth_year=draw(st.integers(1940, 2005)),
        phone=draw(st.none() | st.just(f"+8210{number:08d}")),
        phone_proven_at=draw(st.none() | _MOMENTS),
        email=draw(st.none() | st.just(f"member{number}@example.com")),
        email_proven_at=draw(st.none() | _MOMENTS),
        role=draw(st.sampled_from(Role)),
        status=draw(st.sampled_from(Status)),
        status_reason=draw(_texts(LINE_LENGTH)),
        profile=draw(_profiles()),
        lifestyle=Lifestyle(facts=draw(_facts(Group.LIFESTYLE))),
        wishes=draw(st.fixed_dictionaries({}, optional={each.code: _wishes(each) for each in VOCABULARY.values()})),
        consents=draw(_consents()),
        capacity=draw(st.none() | st.integers(1, MOST_CAPACITY)),
        paused_until=draw(st.none() | st.dates()),
        suspended_from=draw(st.none() | st.sampled_from(Status)),
        submitted_at=draw(st.none() | _MOMENTS),
        activated_at=draw(st.none() | _MOMENTS),
        created_at=draw(_MOMENTS),
        updated_at=draw(_MOMENTS),
    )


_CROWDS = st.integers(1, 5).flatmap(lambda count: st.tuples(*(users(number) for number in range(count))))


def everybody_comes_back(
    an_empty_storage: Callable[[], AbstractAsyncContextManager[Storage]], *, examples: int = 20
) -> Callable[..., None]:
    """A test that users are read back as stored, can be changed to any others, and are enrolled unchanged."""

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(_CROWDS)
    async def test(crowd: Sequence[User]) -> None:
        async with an_empty_storage() as storage:
            async with storage.write() as tx:
                await tx.users.add_all(crowd)
            stored = [replace(user, version=1) for user in crowd]
            async with storage.read() as tx:
                assert await tx.users.page() == stored
            # Everybody gets the data of the first, but their own id and phone.
            changed = [
                replace(crowd[0], id=user.id, phone=user.phone, status=Status.ACTIVE, version=1) for user in crowd
            ]
            async with storage.write() as tx:
                await tx.users.save_all(changed)
            async with storage.read() as tx:
                assert await tx.users.page() == [replace(user, version=2) for user in changed]
                market = await tx.market.enrolled(capacity=2)
            assert [market.person(place) for place in range(len(crowd))] == [
                user.candidate(capacity=2) for user in changed
            ]

    return test
