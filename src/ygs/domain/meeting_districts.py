"""Districts in which people meet, where they lie, and the district midway between two.

The table holds the 17 provinces and metropolitan cities, Seoul's 25 districts and the largest cities around Seoul, each
with the place of its city hall or district office, as of November 2026. Latitude and longitude are public knowledge,
typed by hand in hundredths of a degree (about a kilometre): near enough to choose a district, not to find a door.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ygs.domain.errors import N_, InvalidFact
from ygs.domain.matching.attribute import Language

# A degree of longitude is shorter than one of latitude: by the cosine of 36.5 degrees, the middle of Korea, in
# thousandths. With integers a distance is the same from either side, on every machine.
_EAST = 804
_NORTH = 1000

_TABLE = """
    seoul: 서울 / Seoul @ 3757 12698
    seoul_jongno: 서울 종로구 / Jongno-gu, Seoul @ 3757 12698
    seoul_jung: 서울 중구 / Jung-gu, Seoul @ 3756 12700
    seoul_yongsan: 서울 용산구 / Yongsan-gu, Seoul @ 3753 12699
    seoul_seongdong: 서울 성동구 / Seongdong-gu, Seoul @ 3756 12704
    seoul_gwangjin: 서울 광진구 / Gwangjin-gu, Seoul @ 3754 12708
    seoul_dongdaemun: 서울 동대문구 / Dongdaemun-gu, Seoul @ 3757 12704
    seoul_jungnang: 서울 중랑구 / Jungnang-gu, Seoul @ 3761 12709
    seoul_seongbuk: 서울 성북구 / Seongbuk-gu, Seoul @ 3759 12702
    seoul_gangbuk: 서울 강북구 / Gangbuk-gu, Seoul @ 3764 12703
    seoul_dobong: 서울 도봉구 / Dobong-gu, Seoul @ 3767 12705
    seoul_nowon: 서울 노원구 / Nowon-gu, Seoul @ 3765 12706
    seoul_eunpyeong: 서울 은평구 / Eunpyeong-gu, Seoul @ 3760 12693
    seoul_seodaemun: 서울 서대문구 / Seodaemun-gu, Seoul @ 3758 12694
    seoul_mapo: 서울 마포구 / Mapo-gu, Seoul @ 3757 12690
    seoul_yangcheon: 서울 양천구 / Yangcheon-gu, Seoul @ 3752 12687
    seoul_gangseo: 서울 강서구 / Gangseo-gu, Seoul @ 3755 12685
    seoul_guro: 서울 구로구 / Guro-gu, Seoul @ 3750 12689
    seoul_geumcheon: 서울 금천구 / Geumcheon-gu, Seoul @ 3746 12690
    seoul_yeongdeungpo: 서울 영등포구 / Yeongdeungpo-gu, Seoul @ 3753 12690
    seoul_dongjak: 서울 동작구 / Dongjak-gu, Seoul @ 3751 12694
    seoul_gwanak: 서울 관악구 / Gwanak-gu, Seoul @ 3748 12695
    seoul_seocho: 서울 서초구 / Seocho-gu, Seoul @ 3748 12703
    seoul_gangnam: 서울 강남구 / Gangnam-gu, Seoul @ 3752 12705
    seoul_songpa: 서울 송파구 / Songpa-gu, Seoul @ 3751 12711
    seoul_gangdong: 서울 강동구 / Gangdong-gu, Seoul @ 3753 12712
    busan: 부산 / Busan @ 3518 12908
    daegu: 대구 / Daegu @ 3587 12860
    incheon: 인천 / Incheon @ 3746 12671
    gwangju: 광주 / Gwangju @ 3516 12685
    daejeon: 대전 / Daejeon @ 3635 12738
    ulsan: 울산 / Ulsan @ 3554 12931
    sejong: 세종 / Sejong @ 3648 12729
    gyeonggi: 경기 / Gyeonggi @ 3729 12705
    gyeonggi_anyang: 경기 안양시 / Anyang, Gyeonggi @ 3739 12696
    gyeonggi_bucheon: 경기 부천시 / Bucheon, Gyeonggi @ 3750 12677
    gyeonggi_goyang: 경기 고양시 / Goyang, Gyeonggi @ 3766 12683
    gyeonggi_hwaseong: 경기 화성시 / Hwaseong, Gyeonggi @ 3720 12683
    gyeonggi_namyangju: 경기 남양주시 / Namyangju, Gyeonggi @ 3764 12722
    gyeonggi_seongnam: 경기 성남시 / Seongnam, Gyeonggi @ 3742 12713
    gyeonggi_suwon: 경기 수원시 / Suwon, Gyeonggi @ 3726 12703
    gyeonggi_uijeongbu: 경기 의정부시 / Uijeongbu, Gyeonggi @ 3774 12703
    gyeonggi_yongin: 경기 용인시 / Yongin, Gyeonggi @ 3724 12718
    gangwon: 강원 / Gangwon @ 3789 12773
    chungbuk: 충북 / North Chungcheong @ 3664 12749
    chungnam: 충남 / South Chungcheong @ 3666 12667
    jeonbuk: 전북 / North Jeolla @ 3582 12711
    jeonnam: 전남 / South Jeolla @ 3482 12646
    gyeongbuk: 경북 / North Gyeongsang @ 3658 12851
    gyeongnam: 경남 / South Gyeongsang @ 3524 12869
    jeju: 제주 / Jeju @ 3349 12650
"""


@dataclass(frozen=True, slots=True)
class District:
    """A district. `latitude` and `longitude`: of its office, in hundredths of a degree."""

    code: str
    ko: str
    en: str
    latitude: int
    longitude: int

    def name(self, language: Language) -> str:
        """Its name."""
        return self.ko if language is Language.KO else self.en

    def distance(self, other: "District") -> int:
        """How far another one is: a number that grows with the distance, not a length."""
        north = _NORTH * (self.latitude - other.latitude)
        east = _EAST * (self.longitude - other.longitude)
        return north * north + east * east


def _parsed() -> Iterator[tuple[str, District]]:
    for line in _TABLE.strip().splitlines():
        code, _, rest = line.strip().partition(": ")
        names, _, place = rest.partition(" @ ")
        ko, _, en = names.partition(" / ")
        latitude, longitude = map(int, place.split())
        yield code, District(code, ko, en, latitude, longitude)


DISTRICTS: Mapping[str, District] = dict(_parsed())
# Provinces of which districts are listed: too wide to say where two people meet.
_DIVIDED = {code.partition("_")[0] for code in DISTRICTS if "_" in code}


def district(code: str) -> District:
    """The district of that code; `InvalidFact` for another word."""
    if code not in DISTRICTS:
        raise InvalidFact("district", N_("choose one of the districts that the service lists"))
    return DISTRICTS[code]


def district_of(region: str | None, name: str) -> str | None:
    """The code of the district that a profile's region and district name, or of the region; None for neither."""
    within = [each for each in DISTRICTS.values() if region and each.code.startswith(f"{region}_")]
    named = [each.code for each in within if name and each.ko.endswith(f" {name.strip()}")]
    return next(iter(named), region if region in DISTRICTS else None)


def midway(one: str, other: str) -> str:
    """The code of the district whose way to the farther of the two is shortest; among equals, both ways together.

    The same whichever of the two is named first. A province of which districts are listed is no answer, unless both
    named it.
    """
    ends = district(one), district(other)

    def ways(between: District) -> tuple[int, int, str]:
        here, there = (between.distance(end) for end in ends)
        return max(here, there), here + there, between.code

    if one == other:
        return one
    return min((each for code, each in DISTRICTS.items() if code not in _DIVIDED), key=ways).code
