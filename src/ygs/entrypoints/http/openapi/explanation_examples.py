"""Examples of explanations, for `examples`. Nobody in here exists."""

from collections.abc import Mapping
from typing import Any

_USER = "usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S"
_OTHER = "usr_01JD8Q5B7ZK3N4T6V8X9Y0A1B2"
_THIRD = "usr_01JD8Q6M3N4P5Q6R7S8T9V0W1X"
_PERSON = {"id": _USER, "name": "김하늘", "birth_year": 1993, "region": "서울"}
_OTHER_PERSON = {"id": _OTHER, "name": "이도윤", "birth_year": 1990, "region": "경기"}
_BORN = {"importance": "strong", "low": 1986, "high": 1996, "any_of": None}
_NON_SMOKER = {"importance": "must", "low": "no", "high": "no", "any_of": None}
_TOLD = {
    "ko": ["흡연: 김하늘 님의 희망은 비흡연이고, 이도윤 님의 답은 비흡연입니다. 바라는 대로입니다."],
    "en": ["Smoking: 김하늘 wishes for Does not smoke; 이도윤: Does not smoke. Just as wished."],
}
PAIR_CHANCE = {
    "version": 4,
    "introductions": 299,
    "mutual": 60,
    "low": 0.159,
    "high": 0.25,
    "told": {
        "ko": [
            "이런 소개는 5번에 1번꼴로 두 사람 모두 수락했습니다(구간 16~25%).",
            "이도윤 님은 소개를 받으면 수락하는 편입니다.",
        ],
        "en": [
            "About 1 in 5 such introductions became mutual (interval 16-25 %).",
            "이도윤 says yes to introductions more often than most.",
        ],
    },
}
_EXPLAINED_PAIR = {
    "me": _PERSON,
    "them": _OTHER_PERSON,
    "mine": {
        "satisfaction": 8200,
        "terms": [
            {
                "attribute": "smoking",
                "me": _USER,
                "them": _OTHER,
                "wish": _NON_SMOKER,
                "mine": "no",
                "theirs": "no",
                "fit": 10_000,
                "weight": 9,
                "contribution": 5294,
                "possible": 5294,
                "refuses": False,
            }
        ],
    },
    "theirs": {"satisfaction": 7100, "terms": []},
    "mutual": 7630,
    "objections": [],
    "told": _TOLD,
    "chance": None,
}
_QUESTION = {
    "person": _PERSON,
    "attribute": "income_band",
    "answer": "from_7000",
    "opens": 5,
    "free": 1,
    "ko": "김하늘 님에게 연소득을 물어보세요. 답에 따라 서로 맞는 사람이 최대 5명 늘어납니다(예: 7천만~1억원).",
    "en": "Ask 김하늘: Yearly income. The answer could open 5 more (for example 70-100 million won).",
}
_FUNNEL = {"start": 240, "stages": [{"reason": "i_refuse", "attribute": "smoking", "out": 96, "left": 144}]}
_NO_MATCH = {
    "left_out": False,
    "everybody": {"start": 599, "stages": [{"reason": "i_do_not_seek", "attribute": "", "out": 359, "left": 240}]},
    "mine": _FUNNEL,
    "theirs": {"start": 240, "stages": [{"reason": "their_floor", "attribute": "", "out": 31, "left": 209}]},
    "candidates": 37,
    "forbidden": 0,
    "away": 1,
    "free": 0,
    "taken": 36,
    "best_taken": [{"candidate": _OTHER, "partners": [_THIRD], "mutual": 8010}],
    "relaxations": [
        {
            "steps": [
                {
                    "kind": "from_lower",
                    "attribute": "birth_year",
                    "before": _BORN,
                    "after": {**_BORN, "low": 1985},
                }
            ],
            "opens": 4,
            "free": 1,
            "effort": 30_000,
            "ko": "출생 연도를 1985~1996년생으로 1년 넓히면 서로 맞는 사람이 4명 늘어납니다"
            "(이번 주에 소개할 수 있는 사람 1명).",
            "en": "Widen year of birth by 1 year to 1985-1996: 4 more mutual candidates, 1 of them free this week.",
        }
    ],
    "questions": [_QUESTION],
}
EXPLANATIONS: Mapping[str, Any] = {
    "ExplainedPair": _EXPLAINED_PAIR,
    "ExplainedPerson": {
        "person": _PERSON,
        "introduced": [],
        "no_match": _NO_MATCH,
        "told": {
            "ko": ["서로 맞는 사람이 37명 있습니다: 다른 사람과 소개 36명, 이번 주 쉬는 사람 1명."],
            "en": ["37 mutual candidates: 36 introduced to others, 1 left out this week."],
        },
    },
    "CandidateView": {
        "person": _OTHER_PERSON,
        "mine": 8200,
        "theirs": 7100,
        "mutual": 7630,
        "reasons": _TOLD,
        "questions": {"ko": [], "en": []},
        "chance": PAIR_CHANCE,
    },
    "WhyNotView": {
        "a": _PERSON,
        "c": _OTHER_PERSON,
        "together": False,
        "objections": [],
        "mutual": 7630,
        "a_got": [{"id": _THIRD, "mutual": 8010}],
        "c_got": [],
        "pinned": False,
        "cost": 1835,
        "costs_a_promise": False,
        "by_chance": False,
        "told": {
            "ko": ["두 사람을 소개하면 전체 점수가 1,835점 이상 줄어듭니다(완벽한 한 쌍이 10,000점)."],
            "en": ["Introducing them would cost the plan at least 1,835 points (a perfect pair is 10,000)."],
        },
    },
    "QuestionList": {
        "before_publishing": [
            {
                "person": _PERSON,
                "because": _OTHER_PERSON,
                "attribute": "smoking",
                "wish": _NON_SMOKER,
                "ko": "김하늘 님에게 흡연을 확인하세요. 이도윤 님의 필수 조건은 비흡연입니다.",
                "en": "Ask 김하늘: Smoking. 이도윤 must have Does not smoke.",
            }
        ],
        "opening": [_QUESTION],
        "looked_at": 60,
        "unmatched": 60,
    },
}
