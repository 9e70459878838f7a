"""The made-up members of a realistic Korean agency, generated from a seed."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from random import Random

from ygs.application.simulation import places, texts, work
from ygs.application.simulation.facts import Answer, facts_of, told_facts
from ygs.application.simulation.names import name
from ygs.application.simulation.persona import Sketch, sketch
from ygs.application.simulation.seeded_random import dice
from ygs.application.simulation.wishes import wishes_of
from ygs.domain.ids import UserId, ulid, user_id
from ygs.domain.matching.attribute import Group
from ygs.domain.matching.market import Genders
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.service_dates import date_at
from ygs.domain.users import Consent, Lifestyle, Profile, Purpose, Status, User

MOST_PEOPLE = 10_000_000
_CONSENT_VERSION = "2026-01"
# Shares of members: not everybody gives optional consents, has been reviewed, or takes part at the moment.
_CONSENTING = {
    Purpose.TERMS: 1.0,
    Purpose.PRIVACY: 1.0,
    Purpose.SENSITIVE: 0.95,
    Purpose.LLM: 0.72,
    Purpose.MARKETING: 0.45,
}
_PENDING = 0.04
_PAUSED = 0.05
_TWO_A_WEEK = 0.04
_PROVABLE = ("education", "job_group", "income_band", "marital_history")


def club(size: int, *, seed: int, at: datetime, men: int | None = None, zone: tzinfo = UTC) -> Iterator[User]:
    """Generate `size` members as of `at`, `men` of them men (default: 51 %), evenly mixed, in no order of joining.

    The same arguments give the same members; ages and dates are those of `zone`. 91 % are active, the others wait for
    review or pause. Each is valid and has their own id, phone and consents. Takes about a third of a millisecond per
    person. `ValueError` for sizes outside 0..10,000,000.
    """
    men = round(size * 0.51) if men is None else men
    if not 0 <= men <= size <= MOST_PEOPLE:
        raise ValueError(f"a club has 0..{MOST_PEOPLE} members, and no more men than members")
    today = date_at(at, zone)
    for number in range(size):
        yield _member(number, seed, at, today, male=number * men // size != (number + 1) * men // size)


def _member(number: int, seed: int, at: datetime, today: date, *, male: bool) -> User:
    rng = dice(seed, "member", number)
    who = sketch(rng, male=male)
    born = today.year - who.age
    joined = at - timedelta(days=min(rng.expovariate(1 / 150), 900), seconds=rng.randrange(86_400))
    facts: dict[str, Answer] = {"birth_year": born, **facts_of(rng, who)}
    consents = _consents(rng, joined)
    profile, lifestyle = _sheets(rng, who, facts, sensitive=Purpose.SENSITIVE in consents)
    status = _status(rng)
    reviewed = joined + (at - joined) * 0.02
    paused_until = today + timedelta(days=rng.randint(7, 60)) if status is Status.PAUSED else None
    return User(
        id=_id(rng, joined),
        name=name(rng, male=male, born=born),
        gender=Genders.MALE if male else Genders.FEMALE,
        seeks=Genders.FEMALE if male else Genders.MALE,
        birth_year=born,
        created_at=joined,
        updated_at=joined if status is Status.PENDING else reviewed,
        phone=_phone(number),
        phone_proven_at=joined,
        status=status,
        profile=profile,
        lifestyle=lifestyle,
        wishes=wishes_of(rng, who, facts),
        consents=consents,
        capacity=2 if rng.random() < _TWO_A_WEEK else None,
        paused_until=paused_until,
        submitted_at=joined,
        activated_at=None if status is Status.PENDING else reviewed,
    )


def _sheets(rng: Random, who: Sketch, facts: dict[str, Answer], *, sensitive: bool) -> tuple[Profile, Lifestyle]:
    known = told_facts(rng, facts, sensitive=sensitive)
    region = str(facts["region"])
    degree = str(facts["education"])
    proven = {code for code in _PROVABLE if code in known and rng.random() < 0.6}
    profile = Profile(
        facts={code: value for code, value in known.items() if VOCABULARY[code].group is Group.PROFILE},
        district=places.district(rng, region),
        school=places.school(rng, region, degree),
        job_title=work.title(rng, str(facts["job_group"])),
        introduction=texts.introduction(rng, who, facts) if rng.random() < 0.92 else "",
        ideal_partner=texts.ideal_partner(rng) if rng.random() < 0.75 else "",
        verified=frozenset(proven),
    )
    life = {code: value for code, value in known.items() if VOCABULARY[code].group is Group.LIFESTYLE}
    return profile, Lifestyle(facts=life)


def _status(rng: Random) -> Status:
    luck = rng.random()
    if luck < _PENDING:
        return Status.PENDING
    return Status.PAUSED if luck < _PENDING + _PAUSED else Status.ACTIVE


def _consents(rng: Random, at: datetime) -> dict[Purpose, Consent]:
    return {
        purpose: Consent(purpose=purpose, version=_CONSENT_VERSION, given_at=at)
        for purpose, share in _CONSENTING.items()
        if rng.random() < share
    }


def _id(rng: Random, at: datetime) -> UserId:
    return user_id(f"usr_{ulid(at, rng.getrandbits(80))}")


def _phone(number: int) -> str:
    # Korea sets no numbers aside for fiction. But exchanges 0000-1999 of 010 are never allotted, because dialled
    # without the 010 they would run into 112, 119 and the 0X0 prefixes. So 010-0xxx-xxxx passes every check of form
    # (length, prefix, phonenumbers' metadata), can be nobody's, and gives ten million numbers, one per member.
    return f"+82100{number:07}"
