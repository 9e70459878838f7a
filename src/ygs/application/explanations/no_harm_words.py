"""The no-harm rule in words: that a plan by chances keeps it, or who would have been harmed."""

from collections.abc import Iterator

from ygs.domain.matching.attribute import Language
from ygs.domain.matching.descriptions import pick
from ygs.domain.matching.no_harm import WEEKS, YEARS, GroupOutcome, NoHarm


def no_harm_words(compared: NoHarm, language: Language) -> Iterator[str]:
    """The result of the comparison in sentences."""
    if compared.kept:
        yield pick(
            language,
            ko="확률을 기준으로 한 매칭안입니다. 점수를 기준으로 할 때보다 뚜렷이 손해를 보는 회원 집단이 없습니다.",
            en="This plan is by chances. No group of members is clearly worse off than by scores.",
        )
        yield from (_bonus_words(group, language) for group in compared.groups if group.bonus)
        return
    yield pick(
        language,
        ko="확률을 기준으로 하면 손해를 보는 회원이 있어, 점수를 기준으로 한 매칭안을 제안합니다.",
        en="By chances some members would be worse off, so this is the plan by scores.",
    )
    for group in compared.harmed:
        yield _group_words(group, language)
    if compared.overlooked:
        yield pick(
            language,
            ko=f"{WEEKS}주 이상 소개를 받지 못하게 되는 회원이 {compared.overlooked:,}명 있습니다.",
            en=f"Members who would be without an introduction for {WEEKS} weeks or longer: {compared.overlooked:,}.",
        )


def _bonus_words(group: GroupOutcome, language: Language) -> str:
    points = f"{group.bonus / 10_000:,.0f}"
    return pick(
        language,
        ko=f"{_people(group, language)}: 소개가 줄지 않도록 소개 한 건마다 {points}%p를 더해 계산했습니다.",
        en=f"{_people(group, language)}: each introduction counts {points} percentage points more.",
    )


def _group_words(group: GroupOutcome, language: Language) -> str:
    before = f"{group.expected_by_score / 1e6:,.1f}"
    after = f"{group.expected_by_chance / 1e6:,.1f}"
    return pick(
        language,
        ko=(
            f"{_people(group, language)}: 소개 {group.introduced_by_score:,}명 → {group.introduced_by_chance:,}명, "
            f"서로 수락할 것으로 기대되는 소개 {before}건 → {after}건"
        ),
        en=(
            f"{_people(group, language)}: {group.introduced_by_score:,} → {group.introduced_by_chance:,} introduced, "
            f"{before} → {after} expected to become mutual"
        ),
    )


def _people(group: GroupOutcome, language: Language) -> str:
    ko_gender = {"male": "남성", "female": "여성"}[group.gender]
    en_gender = {"male": "men", "female": "women"}[group.gender]
    ko_born = f"{group.born}~{group.born + YEARS - 1}년생" if group.born else "그 밖의 해에 태어난"
    en_born = f"born {group.born}-{group.born + YEARS - 1}" if group.born else "born in other years"
    return pick(language, ko=f"{ko_born} {ko_gender}", en=f"{en_gender} {en_born}")
