"""Education, occupation and income of simulated members, which depend on each other.

Sources, all approximate: tertiary shares by cohort (OECD, Education at a Glance, Korea), tilted up as an agency's
members are; employment by occupation and gender (Statistics Korea); yearly pay by occupation and age (Ministry of
Employment and Labor, wage structure survey).
"""

from math import exp
from random import Random

from ygs.application.simulation.persona import Sketch
from ygs.application.simulation.seeded_random import weighted

# job: men, women, how it grows with standing, least education, yearly pay at 36 in 만원, titles
_JOBS: dict[str, tuple[float, float, float, int, int, str]] = {
    "large_company": (16, 11, 0.5, 1, 6200, "대기업 사원 대기업 대리 대기업 과장 연구개발팀 책임"),
    "company": (18, 18, -0.3, 0, 4200, "중소기업 대리 중견기업 과장 경영지원팀 주임 구매팀 사원"),
    "public_institution": (7, 7, 0.3, 1, 5000, "공기업 대리 공공기관 과장 공단 주임"),
    "civil_servant": (7, 10, 0.1, 0, 4400, "지방직 공무원 국가직 공무원 교육청 주무관 구청 주무관"),
    "uniformed": (5, 1, -0.1, 0, 4800, "경찰서 경위 소방서 소방위 육군 대위"),
    "teaching": (3, 10, 0.2, 2, 4600, "초등 교사 중등 교사 학원 강사 유치원 교사"),
    "academia": (2.5, 2.5, 0.9, 3, 6000, "국책 연구원 대학 조교수 박사후 연구원"),
    "medicine": (2.5, 2, 1.2, 2, 13000, "내과 전문의 치과 의사 한의사 원장"),
    "health": (2, 12, 0.1, 1, 4700, "종합병원 간호사 병원 약사 물리 치료사 임상 병리사"),
    "law": (1.2, 0.9, 1.3, 2, 11000, "로펌 변호사 사내 변호사 법무법인 변호사"),
    "licensed": (2.5, 2, 1.0, 2, 8500, "회계법인 회계사 개업 세무사 특허 변리사 감정 평가사"),
    "finance": (5, 6, 0.5, 2, 6800, "은행 대리 증권사 과장 보험사 대리"),
    "technology": (12, 4, 0.2, 1, 5600, "백엔드 개발자 설비 엔지니어 데이터 분석가 반도체 엔지니어"),
    "arts_media": (2.5, 6, -0.1, 0, 3800, "그래픽 디자이너 방송 작가 영상 편집자 플로리스트 대표"),
    "sales_service": (4, 6, -0.6, 0, 3700, "영업팀 대리 매장 매니저 호텔 지배인 항공 승무원"),
    "skilled_trade": (6, 0.8, -0.8, 0, 4300, "생산팀 반장 전기 기사 물류 팀장"),
    "business_owner": (6, 3, 0.1, 0, 6500, "카페 대표 무역업 대표 인테리어 대표"),
    "freelance": (2, 5, 0.0, 0, 3800, "통역 프리랜서 번역 프리랜서 필라테스 강사"),
    "student": (0.5, 0.8, 0.0, 2, 600, "대학원 석사과정 시험 준비생"),
    "not_working": (0.3, 1.0, -0.5, 0, 200, "구직 중 휴직 중"),
}
_LONG_TRAINING = ("academia", "medicine", "law", "licensed")
_EDUCATIONS = ("high_school", "associate", "bachelor", "master", "doctorate")
_EDUCATION_FROM = (-1.42, -0.92, 0.85, 1.75)
_BANDS = ("under_3000", "from_3000", "from_4000", "from_5000", "from_7000", "from_10000", "from_15000", "from_30000")
_BANDS_FROM = (3000, 4000, 5000, 7000, 10_000, 15_000, 30_000)


def education(rng: Random, who: Sketch) -> str:
    """The highest degree: rises with standing, and is a little lower for older people."""
    score = 0.75 * who.standing + 0.66 * rng.gauss(0, 1) - 0.02 * (who.age - 36)
    level = sum(score >= least for least in _EDUCATION_FROM)
    return _EDUCATIONS[level if who.age >= 28 else min(level, 3)]


def job(rng: Random, who: Sketch, degree: str) -> str:
    """An occupation that needs no higher degree."""
    level = _EDUCATIONS.index(degree)
    too_young = _LONG_TRAINING if who.age < 28 else ()
    not_now = ("student",) if who.age > 34 else too_young
    rows = (
        (code, men if who.male else women, slope, least)
        for code, (men, women, slope, least, *_) in _JOBS.items()
        if code not in not_now
    )
    return weighted(
        rng, ((code, share * exp(slope * who.standing)) for code, share, slope, least in rows if level >= least)
    )


def title(rng: Random, occupation: str) -> str:
    """A job title of that occupation."""
    words = _JOBS[occupation][5].split()
    start = 2 * rng.randrange(len(words) // 2)
    return " ".join(words[start : start + 2])


def income(rng: Random, who: Sketch, occupation: str) -> str:
    """The yearly income's band: log-normal around the occupation's pay, rising 3 % a year of age until 52."""
    spread = 0.6 if occupation in ("business_owner", "freelance") else 0.27
    growth = 0.03 * (min(who.age, 52) - 36) + 0.12 * who.standing + rng.gauss(0, spread)
    pay = _JOBS[occupation][4] * exp(growth) * (1 if who.male else 0.9)
    return _BANDS[sum(pay >= least for least in _BANDS_FROM)]
