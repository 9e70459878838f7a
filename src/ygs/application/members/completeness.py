"""Profile completeness: the facts a member has not given, and how many people choose partners by each.

The counts are rounded down to fives, and one to four people are "a few", so that they reveal nothing about any one
person: somebody who looks every day cannot see that a person met yesterday has changed a wish today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict

from ygs.application.actors import Actor, Permission
from ygs.application.members.broad_wishes import BroadWishView, broad_wishes
from ygs.application.members.profile import Completeness
from ygs.domain.matching.attribute import Attribute, Group, Language
from ygs.domain.matching.descriptions import pick
from ygs.domain.matching.korean_particles import Word
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.domain.users import Purpose, User
from ygs.ports.repositories.users import WishCounts
from ygs.ports.storage import Storage

ROUNDED_TO = 5

# What a profile can lack besides facts, in Korean and English.
_NOT_FACTS = {
    f"consent_{Purpose.TERMS}": ("이용약관 동의", "Consent to the terms"),
    f"consent_{Purpose.PRIVACY}": ("개인정보 처리 동의", "Consent to the processing of personal data"),
    "wishes": ("바라는 조건", "What you wish for"),
    "phone": ("인증한 휴대폰 번호", "A phone, proven by a code"),
}


class MissingView(BaseModel):
    """Something that the profile needs before it can be submitted for review."""

    model_config = ConfigDict(frozen=True)

    code: str
    ko: str
    en: str

    @classmethod
    def of(cls, code: str) -> Self:
        """Build the view of a code in `User.missing`."""
        ko, en = _NOT_FACTS[code] if code in _NOT_FACTS else (VOCABULARY[code].ko, VOCABULARY[code].en)
        return cls(code=code, ko=ko, en=en)


class UnknownView(BaseModel):
    """A fact that the member has not given.

    `people`: how many people who could be introduced to the member have a wish about it; `must`: for how many of them
    it is a must. Both are rounded down to fives, and null for one to four. `needs_consent`: the fact is sensitive, and
    the member has not consented to keeping sensitive facts.
    """

    model_config = ConfigDict(frozen=True)

    attribute: str
    group: Group
    needs_consent: bool
    people: int | None
    must: int | None
    ko: str
    en: str

    @classmethod
    def of(cls, attribute: Attribute, wish_counts: WishCounts, *, consents: bool) -> Self:
        """Build the view of an attribute; `consents`: whether the member consents to keeping sensitive facts."""
        people = rounded(wish_counts.people)
        must = rounded(wish_counts.must)
        return cls(
            attribute=attribute.code,
            group=attribute.group,
            needs_consent=attribute.sensitive and not consents,
            people=people,
            must=must,
            ko=_sentence(attribute, people, must, Language.KO),
            en=_sentence(attribute, people, must, Language.EN),
        )

    @property
    def rank(self) -> tuple[int, int]:
        """The sort key of the list. It uses the rounded counts, so that the order reveals no more than they do."""
        return _rank(self.people), _rank(self.must)


class CompletenessView(BaseModel):
    """The completeness of the member's profile.

    `percent`: the share of all facts that are known, 0..100. `missing`: what is needed before the profile can be
    submitted. `unknown`: the facts not given, those that most people choose by first. `broad_wishes`: wishes that
    nearly everybody meets.
    """

    model_config = ConfigDict(frozen=True)

    percent: int
    missing: list[MissingView]
    unknown: list[UnknownView]
    broad_wishes: list[BroadWishView]

    @classmethod
    def of(cls, user: User, wish_counts: Mapping[str, WishCounts], broad: Sequence[BroadWishView]) -> Self:
        """Build the view of a user; `wish_counts`: by attribute."""
        completeness = Completeness.of(user)
        consents = user.consents_to(Purpose.SENSITIVE)
        nobody = WishCounts(0, 0)
        unknown = [
            UnknownView.of(attribute, wish_counts.get(code, nobody), consents=consents)
            for code, attribute in VOCABULARY.items()
            if code not in user.facts
        ]
        return cls(
            percent=completeness.percent,
            missing=[MissingView.of(code) for code in completeness.missing],
            unknown=sorted(unknown, key=lambda each: each.rank, reverse=True),
            broad_wishes=list(broad),
        )


@dataclass(frozen=True, slots=True)
class ProfileCompleteness:
    """Shows a member which facts to add next."""

    storage: Storage

    async def get(self, actor: Actor) -> CompletenessView:
        """Return the completeness of the actor's profile, how many people choose by each unknown fact, and the wishes
        that nearly everybody meets."""
        actor.require(Permission.OWN_PROFILE)
        async with self.storage.read() as reading:
            user = await reading.users.get(actor.require_id())
            wish_counts = await reading.users.wish_counts(user)
            return CompletenessView.of(user, wish_counts, await broad_wishes(reading, user))


def rounded(count: int) -> int | None:
    """Round a count of people for showing it: down to fives, None for one to four."""
    return None if 0 < count < ROUNDED_TO else count - count % ROUNDED_TO


def _rank(count: int | None) -> int:
    """Place "a few" between none and five."""
    return 1 if count is None else count


def _sentence(attribute: Attribute, people: int | None, must: int | None, language: Language) -> str:
    if people == 0:
        return pick(
            language,
            ko=f"{Word(attribute.ko):을} 보고 고르는 사람은 아직 없습니다.",
            en=f"{attribute.en}: nobody you could be introduced to chooses by it yet.",
        )
    how_many = _how_many(people, language)
    musts = _how_many(must, language)
    also = pick(language, ko=f", 그중 {musts}에게는 꼭 필요한 조건", en=f"; for {musts} of them it is a must")
    tail = "" if must == 0 else also
    return pick(
        language,
        ko=f"소개받을 수 있는 사람 중 {Word(attribute.ko):을} 보고 고르는 사람: {how_many}{tail}.",
        en=f"{attribute.en}: {how_many} of those you could be introduced to choose by it{tail}.",
    )


def _how_many(count: int | None, language: Language) -> str:
    if count is None:
        return pick(language, ko="몇 명", en="a few")
    return pick(language, ko=f"{count:,}명 이상", en=f"{count:,} or more")
