"""Regions, districts and universities of simulated members.

Shares: residents by 시·도 (Ministry of the Interior and Safety, 2024), approximate, tilted to the capital as an
agency's members are. Districts: the larger 시·군·구 of each. Universities by part of the country, approximate.
"""

from random import Random

from ygs.application.simulation.seeded_random import Shares

REGIONS = Shares.read("""
    seoul 26, gyeonggi 28, busan 6.1, incheon 5.8, gyeongnam 5, daegu 4.5, gyeongbuk 3.7, chungnam 3.6, daejeon 3.1,
    chungbuk 2.6, jeonbuk 2.6, jeonnam 2.5, gwangju 2.8, gangwon 2.1, ulsan 2, sejong 1, jeju 1.1, overseas .5
""")

_DISTRICTS = {
    "seoul": "강남구 강동구 강북구 강서구 관악구 광진구 구로구 금천구 노원구 도봉구 동대문구 동작구 마포구 서대문구 "
    "서초구 성동구 성북구 송파구 양천구 영등포구 용산구 은평구 종로구 중구 중랑구",
    "busan": "해운대구 부산진구 사하구 동래구 남구 북구 금정구 연제구 수영구 사상구 강서구 기장군",
    "daegu": "수성구 달서구 북구 동구 서구 남구 중구 달성군",
    "incheon": "남동구 부평구 서구 연수구 미추홀구 계양구 중구 강화군",
    "gwangju": "북구 광산구 서구 남구 동구",
    "daejeon": "유성구 서구 중구 동구 대덕구",
    "ulsan": "남구 중구 북구 동구 울주군",
    "sejong": "조치원읍 아름동 도담동 새롬동 보람동",
    "gyeonggi": "수원시 용인시 고양시 화성시 성남시 부천시 남양주시 안산시 평택시 안양시 시흥시 파주시 김포시 의정부시 "
    "광주시 하남시 광명시 군포시 이천시 오산시 구리시 의왕시",
    "gangwon": "원주시 춘천시 강릉시 동해시 속초시 홍천군",
    "chungbuk": "청주시 충주시 제천시 음성군 진천군",
    "chungnam": "천안시 아산시 서산시 당진시 공주시 논산시 홍성군",
    "jeonbuk": "전주시 익산시 군산시 정읍시 완주군 김제시",
    "jeonnam": "여수시 순천시 목포시 광양시 나주시 무안군",
    "gyeongbuk": "포항시 구미시 경산시 경주시 안동시 김천시 칠곡군",
    "gyeongnam": "창원시 김해시 진주시 양산시 거제시 통영시 사천시",
    "jeju": "제주시 서귀포시",
    "overseas": "도쿄 뉴욕 로스앤젤레스 밴쿠버 싱가포르 상하이",
}

_CAPITAL_AREA = (
    "서울대학교 연세대학교 고려대학교 서강대학교 성균관대학교 한양대학교 중앙대학교 경희대학교 한국외국어대학교 "
    "서울시립대학교 건국대학교 동국대학교 홍익대학교 국민대학교 숭실대학교 인하대학교 아주대학교 가천대학교"
)
_ELSEWHERE = {
    "부산대학교 경북대학교 영남대학교 동아대학교 계명대학교 울산대학교 경상국립대학교 부경대학교": (
        "busan daegu ulsan gyeongbuk gyeongnam"
    ),
    "전남대학교 전북대학교 조선대학교 원광대학교": "gwangju jeonbuk jeonnam",
    "충남대학교 충북대학교 한남대학교 순천향대학교 카이스트": "daejeon sejong chungbuk chungnam",
    "강원대학교 한림대학교": "gangwon",
    "제주대학교": "jeju",
}
_CAPITAL = _CAPITAL_AREA.split()
_NEAR_HOME = {region: names.split() for names, regions in _ELSEWHERE.items() for region in regions.split()}


def district(rng: Random, region: str) -> str:
    """A district of the region (a city, when it is overseas)."""
    return rng.choice(_DISTRICTS[region].split())


def school(rng: Random, region: str, education: str) -> str:
    """A university where a person who lives in `region` may have taken that degree; "" without a university degree."""
    if education in ("high_school", "associate"):
        return ""
    near = _NEAR_HOME.get(region, _CAPITAL)
    return rng.choice(near if rng.random() < 0.65 else _CAPITAL)
