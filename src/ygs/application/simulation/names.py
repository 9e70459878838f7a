"""Korean names that are usual for a birth cohort and gender.

Surnames: shares of the 2015 census (Statistics Korea), approximate, the first fifty or so. Given names: the commonest
of the birth years (Supreme Court's register of names) for most people; for the rest two syllables usual in the cohort.
All names are made up; a name of a real person is a coincidence.
"""

from random import Random

from ygs.application.simulation.seeded_random import Shares

_SURNAMES = Shares.read("""
    김 21.5, 이 14.7, 박 8.4, 최 4.7, 정 4.3, 강 2.4, 조 2.1, 윤 2.1, 장 2.0, 임 1.7, 한 1.5, 오 1.5, 서 1.5, 신 1.5,
    권 1.4, 황 1.4, 안 1.4, 송 1.4, 유 1.3, 홍 1.1, 전 1.1, 고 .9, 문 .9, 양 .9, 손 .9, 배 .8, 백 .8, 허 .7, 남 .6,
    심 .5, 노 .5, 하 .5, 곽 .4, 성 .4, 차 .4, 주 .4, 우 .4, 구 .4, 민 .35, 나 .3, 진 .3, 지 .3, 엄 .3, 원 .25, 천 .25,
    방 .2, 현 .2, 변 .2, 염 .15, 여 .15, 도 .1, 소 .1, 선우 .02, 남궁 .04, 황보 .02, 제갈 .01
""")

# Up to the birth year: men's names, women's names, first syllables and last syllables of each.
_COHORTS = (
    (
        1975,
        "성호 영수 영호 정호 진호 성수 재호 상훈 성민 영진 성훈 정훈 용호 승호 동수 종현 경호 기훈 병철 상철",
        "미경 은주 은경 미영 현주 은정 정희 경희 미정 영미 현정 수정 지영 선영 혜경 정숙 윤정 명희 경아 희정",
        ("성 영 재 상 정 동 용 종 기 승 경", "호 수 훈 진 철 식 환 민 석 태"),
        ("미 은 경 현 정 영 선 혜 명 윤 수", "경 주 희 정 영 숙 미 아 란 선"),
    ),
    (
        1985,
        "지훈 성민 정훈 성훈 상훈 현우 준호 동현 민수 진우 성진 재훈 승현 정우 상현 영준 태훈 형준 경민 주호",
        "지영 은정 지혜 현정 은영 수진 혜진 미영 선영 지은 지연 은주 수정 현주 민정 유진 정은 보람 아영 주희",
        ("성 지 정 상 민 준 재 승 태 동 형", "훈 민 우 현 호 진 수 준 석 욱"),
        ("지 은 혜 현 수 민 선 유 정 주 소", "영 정 혜 진 은 연 희 주 경 아"),
    ),
    (
        1993,
        "지훈 동현 현우 성민 준영 민수 준호 진우 재현 승현 민호 상현 정민 성현 태현 지환 우진 석현 도현 종민",
        "지혜 지은 수진 혜진 은지 지영 아름 지현 지연 보람 유진 민지 예지 소영 슬기 다혜 수연 한나 가영 미래",
        ("지 현 민 준 재 승 태 상 성 동 우", "훈 우 현 호 진 영 민 수 혁 석"),
        ("지 은 수 혜 민 유 소 예 다 아 가", "은 진 지 영 현 연 혜 희 아 름"),
    ),
    (
        2010,
        "동현 민석 지훈 현우 준혁 민재 승민 준서 우진 지호 도윤 건우 성준 시우 태윤 재원 예준 민규 윤호 찬영",
        "유진 민지 수빈 지원 예진 서연 서현 예은 하은 지우 채원 다은 소연 윤서 가은 나연 혜원 시은 아린 유나",
        ("민 준 지 현 승 도 건 시 윤 재 태", "석 혁 서 우 재 민 윤 호 준 원"),
        ("수 예 서 지 하 채 다 유 민 가 나", "빈 진 연 현 은 원 서 윤 린 지"),
    ),
)


def name(rng: Random, *, male: bool, born: int) -> str:
    """A full name, surname first, without a space, as Koreans write it."""
    return _SURNAMES.draw(rng) + _given(rng, male, born)


def _given(rng: Random, male: bool, born: int) -> str:
    # A cohort's names do not change on one New Year's Day.
    year = min(born + rng.randrange(-3, 4), 2010)
    _, mens, womens, mens_syllables, womens_syllables = next(row for row in _COHORTS if year <= row[0])
    if rng.random() < 0.6:
        return rng.choice((mens if male else womens).split())
    first, last = (rng.choice(part.split()) for part in (mens_syllables if male else womens_syllables))
    return first + last if first != last else first + ("우" if male else "인")
