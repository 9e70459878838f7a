"""The made-up club: valid members, the same for the same seed, and in proportion."""

import statistics
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import phonenumbers
import pytest

from ygs.application.simulation.club import club
from ygs.domain.ids import user_id
from ygs.domain.matching.attribute import Group
from ygs.domain.matching.eligibility import compatible
from ygs.domain.matching.market import Candidate, Genders
from ygs.domain.matching.policy import Policy
from ygs.domain.matching.vocabulary import FACTS, SETS, VOCABULARY
from ygs.domain.matching.wishes import Importance
from ygs.domain.users import Purpose, Status, User

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def members() -> Sequence[User]:
    return list(club(1500, seed=7, at=AT))


def mean(people: Sequence[User], attribute: str) -> float:
    return statistics.mean(person.facts[attribute] for person in people if attribute in person.facts)


def share(people: Sequence[User], attribute: str, value: str) -> float:
    code = VOCABULARY[attribute].code_of(value)
    told = [person for person in people if attribute in person.facts]
    return sum(person.facts[attribute] == code for person in told) / len(told)


def of(people: Sequence[User], gender: Genders) -> list[User]:
    return [person for person in people if person.gender is gender]


def test_a_club_follows_from_its_seed_and_another_seed_gives_another() -> None:
    assert list(club(30, seed=1, at=AT)) == list(club(30, seed=1, at=AT))
    assert list(club(30, seed=1, at=AT)) != list(club(30, seed=2, at=AT))


def test_nobody_and_only_men_are_clubs_too() -> None:
    assert list(club(0, seed=1, at=AT)) == []
    assert {person.gender for person in club(5, seed=1, at=AT, men=5)} == {Genders.MALE}


@pytest.mark.parametrize(("size", "men"), [(-1, None), (3, 4), (3, -1), (10_000_001, None)])
def test_impossible_sizes_are_refused(size: int, men: int | None) -> None:
    with pytest.raises(ValueError, match="a club has"):
        next(club(size, seed=1, at=AT, men=men))


def test_as_many_men_as_asked_for_are_spread_evenly() -> None:
    people = list(club(500, seed=1, at=AT, men=300))
    assert len(of(people, Genders.MALE)) == 300
    assert len(of(people[:50], Genders.MALE)) == 30


def test_every_member_could_have_been_sent_in_and_ids_and_phones_are_their_own(members: Sequence[User]) -> None:
    assert all(person.missing == () for person in members)
    assert len({user_id(person.id) for person in members}) == len(members) == len({p.phone for p in members})
    assert all(person.created_at <= person.updated_at <= AT for person in members)


def test_phones_are_mobiles_of_an_exchange_that_is_never_allotted(members: Sequence[User]) -> None:
    for person in members[::50]:
        number = phonenumbers.parse(person.phone or "")
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.number_type(number) is phonenumbers.PhoneNumberType.MOBILE
        assert (person.phone or "").startswith("+82100")


def test_most_are_active_and_some_wait_or_pause(members: Sequence[User]) -> None:
    states = Counter(person.status for person in members)
    assert 0.88 < states[Status.ACTIVE] / len(members) < 0.95
    assert states[Status.PENDING] > 20 < states[Status.PAUSED]
    assert all((p.paused_until is not None) is (p.status is Status.PAUSED) for p in members)
    assert {person.capacity for person in members} == {None, 2}


def test_nothing_sensitive_is_known_of_those_who_did_not_consent(members: Sequence[User]) -> None:
    silent = [person for person in members if not person.consents_to(Purpose.SENSITIVE)]
    assert silent
    assert not any(VOCABULARY[code].sensitive for person in silent for code in person.facts)


def test_heights_ages_and_regions_are_those_of_koreans_in_an_agency(members: Sequence[User]) -> None:
    men, women = of(members, Genders.MALE), of(members, Genders.FEMALE)
    assert 172.5 < mean(men, "height_cm") + 129 < 176
    assert 160 < mean(women, "height_cm") + 129 < 163
    assert 2 < mean(women, "birth_year") - mean(men, "birth_year") < 4
    assert 0.22 < share(members, "region", "seoul") < 0.31
    assert 0.43 < share(members, "religion", "none") < 0.62


def test_schooling_work_and_income_hang_together(members: Sequence[User]) -> None:
    doctors = [
        person for person in members if person.profile.facts["job_group"] == VOCABULARY["job_group"].code_of("medicine")
    ]
    assert mean(doctors, "income_band") > mean(members, "income_band") + 1
    assert mean(doctors, "education") > mean(members, "education")
    learned = [person for person in members if person.profile.facts["education"] >= 4]
    assert mean(learned, "income_band") > mean(members, "income_band")


def test_about_a_tenth_of_the_facts_are_unknown_and_none_that_a_profile_needs(members: Sequence[User]) -> None:
    attributes = [a for a in (*FACTS, *SETS) if a.group is not Group.IDENTITY]
    known = sum(a.code in person.facts for person in members for a in attributes)
    assert 0.06 < 1 - known / len(members) / len(attributes) < 0.16


def test_wishes_are_several_and_musts_at_most_two(members: Sequence[User]) -> None:
    musts = Counter(sum(w.importance is Importance.MUST for w in p.wishes.values()) for p in members)
    assert set(musts) == {0, 1, 2}
    assert 7 < statistics.mean(len(person.wishes) for person in members) < 11


def test_people_wish_for_somebody_of_about_their_age(members: Sequence[User]) -> None:
    for person in members:
        wish, own = person.wishes["birth_year"], person.facts["birth_year"]
        assert wish.low - 4 <= own <= wish.high + 4


def test_districts_belong_to_their_region_and_texts_are_korean(members: Sequence[User]) -> None:
    in_jeju = [p for p in members if p.facts["region"] == VOCABULARY["region"].code_of("jeju")]
    assert {person.profile.district for person in in_jeju} <= {"제주시", "서귀포시"}
    written = [person.profile.introduction for person in members if person.profile.introduction]
    assert len(written) > 0.85 * len(members)
    assert not any("{" in text or "이름" in text for text in written)
    assert all("가" <= person.name[0] <= "힣" for person in members)


def test_a_good_part_of_the_pairs_is_feasible_but_far_from_all(members: Sequence[User]) -> None:
    people = [person.candidate(capacity=1) for person in members[:240]]
    policy = Policy()
    men: list[Candidate] = [one for one in people if one.gender is Genders.MALE]
    women = [one for one in people if one.gender is Genders.FEMALE]
    feasible = sum(compatible(he, she, policy) for he in men for she in women)
    assert 0.25 < feasible / len(men) / len(women) < 0.65
