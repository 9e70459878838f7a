"""The vocabulary: every coded attribute of a member, with its values and labels.

Promise: codes are stored, in profiles, wishes and the snapshots of past rounds. Position is the code: the first value
of an attribute is 1, a set's first value is bit 0. So nothing here is ever renumbered, reordered or removed, and a
number keeps its `low`; values and attributes are only appended (and an ordinal can therefore grow only at its top).
Labels may be reworded at any time. `tests/unit/test_vocabulary.py` holds the published codes and fails on a violation.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ygs.domain.errors import UnknownValue
from ygs.domain.matching.attribute import Attribute, Group, Kind, Value


def _values(table: str) -> tuple[Value, ...]:
    """Read `code: 한국어 / English` entries, separated by semicolons."""
    return tuple(_value(entry) for entry in table.split(";"))


def _value(entry: str) -> Value:
    code, _, labels = entry.strip().partition(": ")
    ko, _, en = labels.partition(" / ")
    return Value(code=code, ko=ko, en=en)


def _near(*rows: str) -> Mapping[str, frozenset[str]]:
    """Read rows of codes; the first code of a row and each other code of it are neighbours."""
    near: dict[str, set[str]] = {}
    for row in rows:
        one, *others = row.split()
        for other in others:
            near.setdefault(one, set()).add(other)
            near.setdefault(other, set()).add(one)
    return MappingProxyType({code: frozenset(codes) for code, codes in near.items()})


def _one_letter_apart(types: tuple[Value, ...]) -> Mapping[str, frozenset[str]]:
    """Each MBTI type with the four that differ from it in a single letter."""
    codes = [value.code for value in types]
    return MappingProxyType({a: frozenset(b for b in codes if _differing(a, b) == 1) for a in codes})


def _differing(a: str, b: str) -> int:
    return sum(x != y for x, y in zip(a, b, strict=True))


def _number(group: Group, heading: str, low: int, high: int, ko: str, en: str, slack: int) -> Attribute:
    """A number from `low` to `high`, counted in `ko` and `en`."""
    it = _value(heading)
    return Attribute(
        code=it.code,
        kind=Kind.ORDINAL,
        group=group,
        ko=it.ko,
        en=it.en,
        low=low,
        high=high,
        unit_ko=ko,
        unit_en=en,
        slack=slack,
    )


def _coded(
    kind: Kind,
    group: Group,
    heading: str,
    values: tuple[Value, ...],
    *,
    slack: int = 0,
    neighbours: Mapping[str, frozenset[str]] = MappingProxyType({}),
    sensitive: bool = False,
) -> Attribute:
    """An attribute headed like a value, `code: 한국어 / English`, with its values below."""
    it = _value(heading)
    return Attribute(
        code=it.code,
        kind=kind,
        group=group,
        ko=it.ko,
        en=it.en,
        values=values,
        slack=slack,
        neighbours=neighbours,
        sensitive=sensitive,
    )


GENDERS = _values("male: 남성 / Male; female: 여성 / Female")

# The short names outlive the long ones: 강원도 and 전라북도 became 특별자치도 in 2023 and 2024, 강원 and 전북 stayed.
_REGIONS = _values("""
    seoul: 서울 / Seoul; busan: 부산 / Busan; daegu: 대구 / Daegu; incheon: 인천 / Incheon; gwangju: 광주 / Gwangju;
    daejeon: 대전 / Daejeon; ulsan: 울산 / Ulsan; sejong: 세종 / Sejong; gyeonggi: 경기 / Gyeonggi;
    gangwon: 강원 / Gangwon; chungbuk: 충북 / North Chungcheong; chungnam: 충남 / South Chungcheong;
    jeonbuk: 전북 / North Jeolla; jeonnam: 전남 / South Jeolla; gyeongbuk: 경북 / North Gyeongsang;
    gyeongnam: 경남 / South Gyeongsang; jeju: 제주 / Jeju; overseas: 해외 / Overseas
""")

# Borders on land, each written once. Jeju is left without a neighbour on purpose: the ferry to Jeonnam takes hours, and
# the flight to Gimpo would make it as near to Seoul as to Busan, so "half accepted" would be true of everywhere or of
# nowhere. A person who would fly to a date can accept Jeju.
_BORDERS = _near(
    "seoul incheon gyeonggi",
    "incheon gyeonggi",
    "gyeonggi gangwon chungbuk chungnam",
    "gangwon chungbuk gyeongbuk",
    "chungbuk chungnam sejong daejeon jeonbuk gyeongbuk",
    "chungnam sejong daejeon jeonbuk",
    "sejong daejeon",
    "jeonbuk jeonnam gyeongbuk gyeongnam",
    "jeonnam gwangju gyeongnam",
    "gyeongbuk daegu ulsan gyeongnam",
    "gyeongnam daegu ulsan busan",
    "ulsan busan",
)

_EDUCATION = _values("""
    high_school: 고등학교 졸업 / High school; associate: 전문대 졸업 / Two-year college;
    bachelor: 대학교 졸업 / Bachelor's degree; master: 석사 / Master's degree; doctorate: 박사 / Doctorate
""")

# Employer and occupation are mixed, as the trade mixes them: "대기업" and "의사" are both what people ask for.
# Where two apply, the more particular one is meant: a lawyer in a large company is `law`.
_JOBS = _values("""
    large_company: 대기업 / Large company; company: 중견·중소기업 / Small or medium company;
    public_institution: 공기업·공공기관 / Public institution; civil_servant: 공무원 / Civil servant;
    uniformed: 군인·경찰·소방 / Military, police or fire service; teaching: 교사·교육직 / Teaching;
    academia: 교수·연구직 / Academia and research; medicine: 의사·치과의사·한의사 / Physician or dentist;
    health: 약사·간호사·보건직 / Pharmacy, nursing and health; law: 법조인 / Law;
    licensed: 회계·세무·변리 등 전문직 / Accountant, tax or patent attorney; finance: 금융직 / Finance;
    technology: IT·개발·엔지니어 / Technology and engineering; arts_media: 예술·디자인·방송 / Arts, design and media;
    sales_service: 영업·서비스직 / Sales and service; skilled_trade: 기술·생산·운수직 / Skilled trade or transport;
    business_owner: 사업·자영업 / Business owner; freelance: 프리랜서 / Freelance;
    student: 학생·취업 준비 / Student or job seeker; not_working: 무직·은퇴 / Not working or retired
""")

# The same work under another employer, or work that people move between.
_CAREERS = _near(
    "company large_company technology sales_service",
    "large_company public_institution finance technology",
    "civil_servant public_institution uniformed teaching",
    "academia teaching technology",
    "medicine health",
    "licensed law finance",
    "freelance business_owner arts_media",
    "skilled_trade technology",
)

# Yearly, before tax; the codes carry the lower bound in 만원 (ten thousand won).
_INCOME = _values("""
    under_3000: 3천만원 미만 / Under 30 million won; from_3000: 3천만~4천만원 / 30-40 million won;
    from_4000: 4천만~5천만원 / 40-50 million won; from_5000: 5천만~7천만원 / 50-70 million won;
    from_7000: 7천만~1억원 / 70-100 million won; from_10000: 1억~1억 5천만원 / 100-150 million won;
    from_15000: 1억 5천만~3억원 / 150-300 million won; from_30000: 3억원 이상 / 300 million won or more
""")

_RELIGIONS = _values("""
    none: 무교 / None; protestant: 기독교(개신교) / Protestant; catholic: 천주교 / Catholic; buddhist: 불교 / Buddhist;
    won_buddhist: 원불교 / Won Buddhist; islam: 이슬람교 / Muslim; hindu: 힌두교 / Hindu; jewish: 유대교 / Jewish;
    other: 기타 종교 / Another religion
""")

_MARITAL = _values("""
    never_married: 초혼 / Never married; divorced: 이혼 / Divorced; widowed: 사별 / Widowed
""")

_CHILDREN = _values("""
    none: 자녀 없음 / No children; lives_with_me: 자녀 양육 중 / Children living with me;
    lives_apart: 자녀 비양육 / Children living elsewhere
""")

_CHILD_PLANS = _values("""
    no: 원하지 않음 / Does not want any; maybe: 상의 후 결정 / Open to either; yes: 원함 / Wants children
""")

_BODY_TYPES = _values("""
    slim: 마른 편 / Slim; average: 보통 / Average; fit: 탄탄한 편 / Fit; muscular: 근육질 / Muscular;
    full: 통통한 편 / Full-figured; large: 체격이 큰 편 / Large
""")

_MBTI = _values("""
    istj: ISTJ / ISTJ; isfj: ISFJ / ISFJ; infj: INFJ / INFJ; intj: INTJ / INTJ;
    istp: ISTP / ISTP; isfp: ISFP / ISFP; infp: INFP / INFP; intp: INTP / INTP;
    estp: ESTP / ESTP; esfp: ESFP / ESFP; enfp: ENFP / ENFP; entp: ENTP / ENTP;
    estj: ESTJ / ESTJ; esfj: ESFJ / ESFJ; enfj: ENFJ / ENFJ; entj: ENTJ / ENTJ
""")

_NATIONALITIES = _values("""
    korea: 대한민국 / South Korea; china: 중국 / China; japan: 일본 / Japan; vietnam: 베트남 / Vietnam;
    united_states: 미국 / United States; canada: 캐나다 / Canada; other: 기타 국적 / Another nationality
""")

_TIMINGS = _values("""
    within_6_months: 6개월 이내 / Within six months; within_1_year: 1년 이내 / Within a year;
    within_2_years: 2년 이내 / Within two years; within_3_years: 3년 이내 / Within three years;
    no_hurry: 천천히 / In no hurry
""")

_WORK = _values("""
    both: 맞벌이 희망 / Both work; one: 외벌이 희망 / One works; open: 상의 후 결정 / Open to either
""")

# No children here: they are a sensitive fact, and have their own attribute.
_LIVING = _values("""
    alone: 혼자 거주 / Alone; with_parents: 부모님과 거주 / With parents;
    with_family: 형제자매·친척과 거주 / With siblings or relatives;
    shared: 룸메이트와 거주 / With flatmates; company_housing: 사택·기숙사 / Company housing
""")

_LANGUAGES = _values("""
    korean: 한국어 / Korean; english: 영어 / English; chinese: 중국어 / Chinese; japanese: 일본어 / Japanese;
    vietnamese: 베트남어 / Vietnamese; spanish: 스페인어 / Spanish; french: 프랑스어 / French; german: 독일어 / German;
    russian: 러시아어 / Russian; thai: 태국어 / Thai; indonesian: 인도네시아어 / Indonesian; arabic: 아랍어 / Arabic;
    sign_language: 수어 / Sign language; other: 기타 언어 / Another language
""")

_SMOKING = _values("""
    no: 비흡연 / Does not smoke; quitting: 금연 중 / Is quitting; sometimes: 가끔 흡연 / Sometimes;
    vaping: 전자담배 / E-cigarettes; daily: 매일 흡연 / Daily
""")

_DRINKING = _values("""
    none: 전혀 안 마심 / Never; rarely: 거의 안 마심 / Rarely; socially: 모임에서 가끔 / Socially;
    often: 주 1~2회 / Once or twice a week; very_often: 주 3회 이상 / Three times a week or more
""")

_EXERCISE = _values("""
    none: 거의 안 함 / Hardly ever; monthly: 월 1~3회 / A few times a month;
    weekly: 주 1~2회 / Once or twice a week; often: 주 3~4회 / Three or four times a week;
    daily: 거의 매일 / Nearly every day
""")

# No halal, kosher or illness: each would tell a sensitive fact without the consent for it. They are all `other`.
_DIET = _values("""
    anything: 가리지 않음 / Anything; pescatarian: 해산물까지 먹는 채식 / Pescatarian;
    vegetarian: 채식 / Vegetarian; vegan: 비건 / Vegan; other: 기타 / Something else
""")

# No allergies either: health is sensitive. A person with one answers "avoids", and need not say why.
_PETS = _values("""
    none: 키우지 않음 / None; likes: 없지만 좋아함 / None, but likes them; dog: 강아지 / Dog; cat: 고양이 / Cat;
    both: 강아지와 고양이 / Dog and cat; other: 다른 동물 / Another animal;
    avoids: 동물과 지내기 어려움 / Avoids animals
""")

# No worship: it would tell a faith without the consent for it.
_WEEKENDS = _values("""
    home: 집에서 휴식 / Resting at home; outdoors: 나들이·야외 활동 / Outdoors; sports: 운동 / Sports;
    culture: 문화생활 / Culture; friends: 친구·모임 / Friends; family: 가족과 함께 / Family;
    study: 자기 계발 / Learning; work: 주말 근무 / Working
""")

_SLEEP = _values("""
    early: 아침형 / Early bird; between: 중간형 / In between; late: 저녁형 / Night owl;
    irregular: 교대·불규칙 / Shifts or irregular
""")

_CONTACT = _values("""
    when_needed: 필요할 때만 / When there is a reason; daily: 하루 한두 번 / Once or twice a day;
    often: 틈날 때마다 / Whenever there is time; always: 수시로 / All day long
""")

_SPENDING = _values("""
    thrifty: 절약형 / Thrifty; planned: 계획형 / Planned; balanced: 균형형 / Balanced;
    generous: 즐기는 편 / Spends gladly; free: 아끼지 않는 편 / Spends freely
""")

_INTERESTS = _values("""
    travel: 여행 / Travel; walking: 산책 / Walking; hiking: 등산 / Hiking; camping: 캠핑 / Camping;
    fishing: 낚시 / Fishing; driving: 드라이브 / Driving; cycling: 자전거 / Cycling; running: 러닝 / Running;
    gym: 헬스 / Gym; yoga: 요가·필라테스 / Yoga and Pilates; swimming: 수영 / Swimming; golf: 골프 / Golf;
    tennis: 테니스 / Tennis; badminton: 배드민턴 / Badminton; climbing: 클라이밍 / Climbing;
    football: 축구·풋살 / Football; basketball: 농구 / Basketball; baseball: 야구 / Baseball; bowling: 볼링 / Bowling;
    martial_arts: 무술·격투기 / Martial arts; snow_sports: 스키·스노보드 / Skiing and snowboarding;
    water_sports: 서핑·수상 스포츠 / Surfing and water sports; dance: 댄스 / Dance; movies: 영화 / Movies;
    dramas: 드라마 / TV dramas; animation: 애니메이션 / Animation; webtoons: 웹툰·만화 / Webtoons and comics;
    video_games: 게임 / Video games; board_games: 보드게임 / Board games; escape_rooms: 방탈출 / Escape rooms;
    exhibitions: 전시회 / Exhibitions; theatre: 뮤지컬·연극 / Musicals and theatre; concerts: 콘서트 / Concerts;
    music: 음악 감상 / Listening to music; classical_music: 클래식 / Classical music; singing: 노래 / Singing;
    instruments: 악기 연주 / Playing an instrument; reading: 독서 / Reading; writing: 글쓰기 / Writing;
    history: 역사 / History; science: 과학 / Science; language_study: 외국어 공부 / Learning languages;
    investing: 재테크 / Investing; volunteering: 봉사 활동 / Volunteering; cooking: 요리 / Cooking;
    baking: 베이킹 / Baking; dining_out: 맛집 탐방 / Eating out; cafes: 카페 탐방 / Cafés; wine: 와인 / Wine;
    photography: 사진 / Photography; drawing: 그림 / Drawing; crafts: 공예 / Crafts; gardening: 식물 가꾸기 / Gardening;
    interiors: 인테리어 / Interior design; fashion: 패션 / Fashion; beauty: 뷰티 / Beauty;
    gadgets: 전자기기 / Gadgets; animals: 반려동물 / Animals; meditation: 명상 / Meditation;
    sports: 운동·스포츠 / Sports; shopping: 쇼핑 / Shopping; nightlife: 펍·클럽 / Nightlife
""")

_PERSONALITY = _values("""
    kind: 다정한 / Kind; warm: 따뜻한 / Warm; honest: 솔직한 / Honest; calm: 차분한 / Calm; cheerful: 밝은 / Cheerful;
    humorous: 유머 있는 / Humorous; considerate: 배려심 많은 / Considerate; responsible: 책임감 강한 / Responsible;
    diligent: 성실한 / Diligent; positive: 긍정적인 / Positive; polite: 예의 바른 / Polite; serious: 진중한 / Serious;
    romantic: 로맨틱한 / Romantic; rational: 이성적인 / Rational; sensitive: 감성적인 / Sensitive;
    organised: 계획적인 / Organised; spontaneous: 즉흥적인 / Spontaneous; adventurous: 모험을 즐기는 / Adventurous;
    ambitious: 목표가 뚜렷한 / Ambitious; independent: 독립적인 / Independent; family_minded: 가정적인 / Family-minded;
    sociable: 사교적인 / Sociable; quiet: 조용한 / Quiet; talkative: 말이 많은 / Talkative;
    good_listener: 잘 들어주는 / Good listener; patient: 참을성 있는 / Patient; decisive: 결단력 있는 / Decisive;
    flexible: 융통성 있는 / Flexible; curious: 호기심 많은 / Curious; creative: 창의적인 / Creative;
    frugal: 검소한 / Frugal; attentive: 섬세한 / Attentive; easygoing: 느긋한 / Easygoing;
    confident: 자신감 있는 / Confident; modest: 겸손한 / Modest; loyal: 한결같은 / Loyal
""")

# What is near decides more than it seems to, because a near answer passes even a wish that must be met:
# - Near are answers whose border is chance: the next province, the same work under another employer, an MBTI letter
#   that turns when the test is taken again. A slack of 2 half accepts the adjacent level, just as a neighbour is.
# - Never near are answers over which people part. A must of a Protestant does not accept a Catholic, and a widow is
#   not a kind of divorcee. So nothing sensitive has neighbours, and smoking and wants_children have no slack.
_ALL = (
    _number(Group.IDENTITY, "birth_year: 출생 연도 / Year of birth", 1940, 2010, "년생", "", slack=3),
    _number(Group.PROFILE, "height_cm: 키 / Height", 130, 220, "cm", "cm", slack=5),
    _coded(Kind.CATEGORY, Group.PROFILE, "region: 거주 지역 / Region", _REGIONS, neighbours=_BORDERS),
    _coded(Kind.ORDINAL, Group.PROFILE, "education: 최종 학력 / Education", _EDUCATION, slack=2),
    _coded(Kind.CATEGORY, Group.PROFILE, "job_group: 직업군 / Occupation", _JOBS, neighbours=_CAREERS),
    _coded(Kind.ORDINAL, Group.PROFILE, "income_band: 연소득 / Yearly income", _INCOME, slack=2),
    _coded(Kind.CATEGORY, Group.PROFILE, "religion: 종교 / Religion", _RELIGIONS, sensitive=True),
    _coded(Kind.CATEGORY, Group.PROFILE, "marital_history: 혼인 이력 / Marital history", _MARITAL, sensitive=True),
    _coded(Kind.CATEGORY, Group.PROFILE, "children: 자녀 / Children", _CHILDREN, sensitive=True),
    _coded(Kind.ORDINAL, Group.PROFILE, "wants_children: 자녀 계획 / Wants children", _CHILD_PLANS),
    _coded(
        Kind.CATEGORY,
        Group.PROFILE,
        "body_type: 체형 / Body type",
        _BODY_TYPES,
        neighbours=_near("average slim fit full", "fit slim muscular", "large full muscular"),
    ),
    _coded(Kind.CATEGORY, Group.PROFILE, "mbti: MBTI / MBTI", _MBTI, neighbours=_one_letter_apart(_MBTI)),
    _coded(Kind.CATEGORY, Group.PROFILE, "nationality: 국적 / Nationality", _NATIONALITIES),
    _coded(Kind.ORDINAL, Group.PROFILE, "marriage_timing: 희망 결혼 시기 / Hopes to marry", _TIMINGS, slack=2),
    _coded(
        Kind.CATEGORY,
        Group.PROFILE,
        "work_after_marriage: 결혼 후 맞벌이 / Work after marriage",
        _WORK,
        neighbours=_near("open both one"),
    ),
    _coded(
        Kind.CATEGORY,
        Group.PROFILE,
        "living: 주거 형태 / Living arrangement",
        _LIVING,
        neighbours=_near("alone shared company_housing"),
    ),
    _coded(Kind.SET, Group.PROFILE, "languages: 구사 언어 / Languages", _LANGUAGES),
    _coded(Kind.ORDINAL, Group.LIFESTYLE, "smoking: 흡연 / Smoking", _SMOKING),
    _coded(Kind.ORDINAL, Group.LIFESTYLE, "drinking: 음주 / Drinking", _DRINKING, slack=2),
    _coded(Kind.ORDINAL, Group.LIFESTYLE, "exercise: 운동 / Exercise", _EXERCISE, slack=2),
    _coded(
        Kind.CATEGORY,
        Group.LIFESTYLE,
        "diet: 식습관 / Diet",
        _DIET,
        neighbours=_near("pescatarian anything vegetarian", "vegetarian vegan"),
    ),
    _coded(
        Kind.CATEGORY,
        Group.LIFESTYLE,
        "pets: 반려동물 / Pets",
        _PETS,
        neighbours=_near("none likes avoids", "both dog cat"),
    ),
    _coded(
        Kind.CATEGORY,
        Group.LIFESTYLE,
        "weekend: 주말 / Weekends",
        _WEEKENDS,
        neighbours=_near("outdoors sports culture", "friends culture sports", "home family study"),
    ),
    _coded(Kind.CATEGORY, Group.LIFESTYLE, "sleep: 생활 리듬 / Sleep", _SLEEP, neighbours=_near("between early late")),
    _coded(Kind.ORDINAL, Group.LIFESTYLE, "contact_style: 연락 스타일 / Keeping in touch", _CONTACT, slack=2),
    _coded(Kind.ORDINAL, Group.LIFESTYLE, "spending_style: 소비 성향 / Spending", _SPENDING, slack=2),
    _coded(Kind.SET, Group.LIFESTYLE, "interests: 관심사 / Interests", _INTERESTS),
    _coded(Kind.SET, Group.LIFESTYLE, "personality: 성격 / Personality", _PERSONALITY),
)

# The order is part of the promise above: snapshots hold facts by position.
VOCABULARY: Mapping[str, Attribute] = MappingProxyType({attribute.code: attribute for attribute in _ALL})
FACTS = tuple(attribute for attribute in _ALL if attribute.kind is not Kind.SET)
SETS = tuple(attribute for attribute in _ALL if attribute.kind is Kind.SET)


def known_attribute(code: str) -> Attribute:
    """The attribute of that code, or `UnknownValue`."""
    if code not in VOCABULARY:
        raise UnknownValue("attribute", code)
    return VOCABULARY[code]
