"""One example of each thing that is sent or answered, for people who read the documentation and for generated clients.

Nobody in here exists.
"""

from collections.abc import Mapping
from typing import Any

from ygs.entrypoints.http.openapi.explanation_examples import EXPLANATIONS

_USER = "usr_01JD8Q4W0M8Q5V7X0C9T1R2E3S"
_OTHER = "usr_01JD8Q5B7ZK3N4T6V8X9Y0A1B2"
_WEEK = "mw_01JD8Q4W0M8Q5V7X0C9T1R2E3S"
_NOTICE = "ntc_01JD8Q4W0M8Q5V7X0C9T1R2E3S"
_INTRODUCTION = "mh_01JD8Q4W0M8Q5V7X0C9T1R2E3S"
_UPLOAD = "upl_01JD8Q4W0M8Q5V7X0C9T1R2E3S"
_PHOTO = "pho_01JD8Q4W0M8Q5V7X0C9T1R2E3S"
_ADDRESS = "/api/v1/files/eyJ0eXAiOiJleGFtcGxlIn0.mB0Vq3m0pYkqvJ8sXH1r7tLw2nBz5cDf6gKa9eRuTiO"
_ONE_TIME = "Vq3m0pYkqvJ8sXH1r7tLw2nBz5cDf6gKa9eRuTiOySM"
_THEN = "2026-11-23T03:00:00Z"
_LATER = "2026-11-27T09:00:00Z"
_CODE = "123456"

_NEWCOMER = {
    "name": "김하늘",
    "gender": "female",
    "seeks": ["male"],
    "birth_year": 1993,
    "consents": {"terms": "2026-01", "privacy": "2026-01", "sensitive": "2026-01"},
}
_TOKENS = {
    "user_id": _USER,
    "role": "member",
    "access_token": "eyJhbGciOiJIUzI1NiIsImtpZCI6IjEifQ.eyJ...",
    "token_type": "Bearer",
    "expires_in": 600,
    "refresh_token": "ses_01JD8Q4W0M8Q5V7X0C9T1R2E3S.1.8mB0...",
    "enrol_second_factor": False,
}
_FACTS = {"height_cm": 168, "region": "seoul", "education": "bachelor", "job_group": "teaching"}
_WISHES = {
    "birth_year": {"importance": "strong", "low": 1986, "high": 1996, "any_of": None},
    "smoking": {"importance": "must", "low": "no", "high": "no", "any_of": None},
}
_COMMITMENT = {
    "week": "2026-W48",
    "round": _WEEK,
    "number": 1,
    "locked_at": _THEN,
    "code_version": "0.1.0",
    "input_root": "9f86d081884c7d65" * 4,
    "plan_input": "60303ae22b998861" * 4,
    "result_root": None,
    "published_at": None,
}
_ROUND_PROOF = {
    "format": "ygs-proof/1",
    "commitment": _COMMITMENT,
    "input": {
        "content": {
            "format": "ygs-input/1",
            "week": "2026-W48",
            "round": _WEEK,
            "member": _USER,
            "gender": ["female"],
            "seeks": ["male"],
            "facts": _FACTS,
            "wishes": _WISHES,
            "weeks_waited": 2,
            "introduced": 3,
            "due": False,
            "capacity": 1,
        },
        "salt": "d7a8fbb307d78094" * 4,
        "path": [{"hash": "2c26b46b68ffc68f" * 4, "left": False}],
    },
    "results": [],
    "withheld": 0,
}
_CONSENT = {"version": "2026-01", "given_at": _THEN, "withdrawn_at": None}
_MYSELF = {
    "id": _USER,
    "name": "김하늘",
    "gender": "female",
    "seeks": ["male"],
    "birth_year": 1993,
    "phone": "+821012345678",
    "phone_proven_at": _THEN,
    "email": None,
    "email_proven_at": None,
    "status": "draft",
    "status_reason": "",
    "profile": _FACTS,
    "district": "마포구",
    "school": "",
    "job_title": "",
    "introduction": "주말이면 북한산에 오릅니다.",
    "ideal_partner": "서로의 하루를 궁금해하는 사람",
    "verified": [],
    "lifestyle": {"smoking": "no"},
    "wishes": _WISHES,
    "consents": {"terms": _CONSENT, "privacy": _CONSENT},
    "paused_until": None,
    "completeness": {"missing": [], "percent": 35},
    "created_at": _THEN,
    "updated_at": _THEN,
    "version": 4,
}
_LINE = {"id": _USER, "name": "김○늘", "birth_year": 1993}
_WEEK_VIEW = {
    "id": _WEEK,
    "week": "2026-W48",
    "state": "published",
    "deadline": _LATER,
    "policy_version": "1",
    "seed": 0,
    "input_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "failure": {"ko": [], "en": []},
    "published_at": _THEN,
    "created_at": _THEN,
    "updated_at": _THEN,
    "version": 5,
    "introductions": {"waiting": 120, "mutual": 34, "not_mutual": 41, "expired": 0, "cancelled": 1, "met": 0},
}
_POLICY = {
    "version": "2026.2",
    "unknown_fit": 5000,
    "strict_unknown": False,
    "floor": 3500,
    "wait_bonus": 50,
    "longest_wait": 3,
    "capacity": 1,
    "objective": "coverage",
    "strategy": "optimal",
    "affinities": [
        {"attribute": "birth_year", "nearness": "near", "weight": 3, "span": 10},
        {"attribute": "interests", "nearness": "shared", "weight": 3, "span": 3},
    ],
}
_REPORT = {
    "people": 600,
    "introduced": 540,
    "pairs": 270,
    "total_mutual": 2_030_400,
    "distribution": [0, 0, 0, 0, 3, 20, 61, 96, 74, 16],
    "blocking_pairs": 12,
    "longest_wait": 1,
    "gini": 2100,
    "due": 4,
    "due_introduced": 4,
    "overdue": 0,
    "overdue_introduced": 0,
}
_CERTIFICATE = {
    "value": [2_030_400],
    "bound": [2_030_400],
    "pricing_rounds": 3,
    "pairs_scanned": 270_000,
    "pairs_held": 5_200,
}
_PERSON = {"id": _USER, "name": "김하늘", "birth_year": 1993, "region": "서울", "withdrawn": False}
_OTHER_PERSON = {"id": _OTHER, "name": "이도윤", "birth_year": 1990, "region": "경기", "withdrawn": False}
_PAIR = {
    "a": _PERSON,
    "b": _OTHER_PERSON,
    "a_to_b": 8200,
    "b_to_a": 7100,
    "mutual": 7630,
    "uncertainty": 1200,
    "weeks_waited": 2,
    "changed": False,
    "reasons": {
        "ko": ["관심사: 두 사람 모두 등산을 꼽았습니다."],
        "en": ["Interests: both say hiking."],
    },
    "questions": {
        "ko": ["흡연: 이도윤 님의 희망은 비흡연인데, 김하늘 님의 답을 아직 모릅니다."],
        "en": ["Smoking: 이도윤 wishes for no; 김하늘 has not said yet."],
    },
    "cursor": f"-7630.{_USER}.{_OTHER}",
}
_UNMATCHED = {
    "person": _PERSON,
    "weeks_waited": 3,
    "changed": False,
    "why": {"ko": ["서로 맞는 사람이 없습니다."], "en": ["There is no mutual candidate."]},
    "cursor": f"-3.{_USER}",
}
_AUDIT = {
    "number": 17,
    "at": _THEN,
    "actor": _USER,
    "role": "consultant",
    "action": "member.read",
    "subject": _OTHER,
    "what": "",
    "reason": "",
    "address": "5c1f0a",
}
_SCHEDULE = {
    "enabled": True,
    "weekday": "sunday",
    "hour": 22,
    "deadline_weekday": "sunday",
    "deadline_hour": 21,
}
_JOB = {
    "id": "job_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
    "requested_by": _USER,
    "kind": "plan_week",
    "state": "running",
    "stage": "solve",
    "done": 3,
    "total": 7,
    "attempts": 1,
    "cancel_requested": False,
    "result": {},
    "error": "",
    "error_words": {"ko": [], "en": []},
    "created_at": _THEN,
    "run_at": _THEN,
    "finished_at": None,
}
_INTRODUCED = {
    "id": _INTRODUCTION,
    "week": "2026-W48",
    "with_user": _OTHER,
    "partner": {"name": "이○○", "age_from": 35, "age_to": 39, "region": "gyeonggi", "thumbnail_url": _ADDRESS},
    "state": "waiting",
    "deadline": _LATER,
    "decided_at": None,
    "my_answer": {"choice": "accept", "reason": None, "words": "", "at": _THEN},
    "my_satisfaction": 8200,
    "reasons": [{"attribute": "smoking", "ko": "흡연이 바라시는 조건에 맞습니다.", "en": "Smoking: as you wish."}],
    "feedback": "none",
    "met": None,
}

_DOCUMENT = {
    "id": "doc_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
    "user_id": _USER,
    "kind": "education",
    "state": "submitted",
    "reason": "",
    "facts": [],
    "could_prove": ["education"],
    "created_at": _THEN,
    "decided_at": None,
    "expires_at": None,
    "removed_at": None,
}
_REPORTED = {
    "id": "rep_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
    "category": "false_profile",
    "state": "open",
    "created_at": _THEN,
}
_REPORT_LINE = {
    **_REPORTED,
    "reporter": _USER,
    "reporter_name": "김○수",
    "subject": _OTHER,
    "subject_name": "이○연",
    "resolution": None,
}
_NOTE = {
    "id": "note_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
    "subject": _OTHER,
    "author": _USER,
    "text": "전화 상담: 주말에만 만날 수 있다고 합니다.",
    "created_at": _THEN,
    "corrected_at": None,
    "version": 1,
}
_MEMBERSHIP = "mb_01JD8Q4W0M8Q5V7X0C9T1R2E3S"
_TERMS = {
    "fee": 3_600_000,
    "months": 12,
    "promised": 12,
    "service": 1,
    "unit": "meetings",
    "basis": "meetings",
    "agreed": ["birth_year"],
}
_MEMBERSHIP_PLAN = {
    "id": "mp_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
    "name": "정회원 12회",
    "terms": _TERMS,
    "offered": True,
    "created_at": _THEN,
    "version": 1,
}
_DELIVERY = {
    "introduction_id": _INTRODUCTION,
    "published_on": "2026-09-07",
    "met_on": "2026-09-19",
    "counts": True,
}
_PROOF = {
    "attribute": "birth_year",
    "wished": {"ko": ["1986~1996년생"], "en": ["1986-1996"]},
    "told": {"ko": ["1990년생"], "en": ["1990"]},
    "fit": 10_000,
    "agreed": True,
}
_CONTRACT = {
    "id": _MEMBERSHIP,
    "plan": "정회원 12회",
    "terms": _TERMS,
    "rules": "",
    "contracted_on": "2026-08-24",
    "starts_on": "2026-08-24",
    "ends_on": "2027-09-03",
    "ended_on": None,
    "paused": False,
    "paid": 3_600_000,
    "on": "2026-11-23",
    "total": 13,
    "owed": 2,
    "delivered": 1,
    "late": 1,
    "payments": [{"on": "2026-08-24", "amount": 3_600_000}],
    "grants": [],
    "pauses": [{"since": "2026-10-01", "until": "2026-10-11"}],
}
_LEDGER = {
    **_CONTRACT,
    "user_id": _USER,
    "due": True,
    "outside": 0,
    "meetings": 1,
    "meeting_by": "2026-12-29",
    "warned": False,
    "at_fault": False,
    "introductions": [{**_DELIVERY, "cancelled": False, "outside": [], "conditions": [_PROOF]}],
    "version": 3,
}
_REFUND = {
    "rules": "2021",
    "rules_since": "2021-10-17",
    "contracted_on": "2026-08-24",
    "fault": "member",
    "stage": "met",
    "basis": "meetings",
    "fee": 3_600_000,
    "total": 13,
    "used": 1,
    "left": 12,
    "amount": 2_658_461,
    "to_pay": 2_658_461,
    "owed": 0,
    "steps": [
        {
            "kind": "share_after",
            "ko": "가입비 3,600,000원 × 80% × 12 / 13",
            "en": "Fee 3,600,000 × 80 % × 12 / 13",
            "exact": "34560000/13",
            "won": 2_658_461,
        }
    ],
    "notice": {
        "ko": ["위 수치로 계산한 결과일 뿐 법률 자문이 아닙니다."],
        "en": ["This is a calculation from the figures above, no legal advice."],
    },
}
_ASSESSED = {
    "id": "rf_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
    "membership_id": _MEMBERSHIP,
    "cancelled_on": "2026-11-23",
    "evidence": "회원이 이사로 활동이 어렵다고 11월 20일에 전화로 알림",
    "assessed_by": _OTHER,
    "created_at": _THEN,
    "refund": _REFUND,
}
EXAMPLES: Mapping[str, Any] = {
    **EXPLANATIONS,
    "Health": {"status": "alive"},
    "ReadyHealth": {"status": "ready", "schema_version": "0001_initial"},
    "get_metrics": 'ygs_http_requests_total{method="GET",route="/api/v1/users/me",status="200"} 42.0\n',
    "get_consents": {"terms": _CONSENT, "privacy": _CONSENT},
    "ContactBlock": {"phone": "010-9876-5432"},
    "BlockView": {"id": _OTHER, "name": "이○○", "since": "2026-11-23T03:00:00Z"},
    "ContactBlockView": {"since": "2026-11-23T03:00:00Z"},
    "PhoneToProve": {"phone": "010-1234-5678"},
    "SignUpStarted": {"one_time_token": _ONE_TIME},
    "PasswordSignUp": {
        **_NEWCOMER,
        "phone": "010-1234-5678",
        "password": "노란 우산 아래 고양이 세 마리",
        "one_time_token": _ONE_TIME,
        "code": "12345678",
    },
    "OneTimeTokenSignUp": {**_NEWCOMER, "one_time_token": _ONE_TIME},
    "PasswordSignIn": {"phone": "010-1234-5678", "password": "노란 우산 아래 고양이 세 마리"},
    "CodeSignIn": {"one_time_token": _ONE_TIME, "code": _CODE},
    "FirebaseProof": {"id_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJ..."},
    "KakaoProof": {"one_time_token": _ONE_TIME, "state": "4f9c2e", "code": "XjR1..."},
    "RefreshRequest": {"refresh_token": _TOKENS["refresh_token"]},
    "PasswordForgotten": {"phone": "010-1234-5678"},
    "PasswordReset": {"one_time_token": _ONE_TIME, "code": "12345678", "new": "여섯 강 옆의 초록 등불 하나"},
    "PasswordChange": {"current": "노란 우산 아래 고양이 세 마리", "new": "여섯 강 옆의 초록 등불 하나"},
    "NewPhone": {"phone": "010-9876-5432"},
    "PhoneChangeStarted": {"one_time_token": _ONE_TIME},
    "PhoneProof": {"one_time_token": _ONE_TIME, "code": "12345678", "phone": "010-9876-5432"},
    "PhoneView": {"phone": "+821098765432", "version": 5},
    "NewEmail": {"email": "haneul@example.com"},
    "EmailChangeStarted": {"one_time_token": _ONE_TIME},
    "EmailProof": {"one_time_token": _ONE_TIME, "code": "12345678"},
    "EmailView": {"email": "haneul@example.com", "version": 6},
    "PersonalDataEdit": {"name": "김하늘", "seeks": ["male"]},
    "Correction": {"birth_year": 1992, "reason": "신분증과 대조해 출생연도를 바로잡음"},
    "EnrolmentProof": {"code": _CODE},
    "ProfileEdit": {"facts": _FACTS, "introduction": "주말이면 북한산에 오릅니다."},
    "LifestyleEdit": {"facts": {"smoking": "no", "drinking": None}},
    "Preferences": {"wishes": _WISHES},
    "ConsentEdit": {"consents": {"sensitive": "2026-01", "marketing": None}},
    "Pause": {"until": "2027-01-04"},
    "ReadNotices": {"up_to": _NOTICE},
    "NoticePreferences": {"language": "ko"},
    "AnswerRequest": {"choice": "decline", "reason": "distance", "words": ""},
    "FeedbackRequest": {"met": True, "again": True, "rating": 5, "reasons": ["conversation"], "words": ""},
    "Decision": {"reason": "사진이 본인과 다릅니다. 다시 올려 주세요."},
    "RoleChange": {"role": "consultant", "reason": "새로 온 상담사"},
    "CreateWeek": {"week": "2026-W48", "deadline": _LATER, "policy": _POLICY, "seed": 0},
    "OverrideRequest": {"pins": [[_USER, _OTHER]], "forbids": [], "left_out": []},
    "TokenView": _TOKENS,
    "SignInResult": {"state": "signed_in", "tokens": _TOKENS},
    "KakaoStart": {
        "authorize_url": "https://kauth.kakao.com/oauth/authorize?client_id=...",
        "one_time_token": _ONE_TIME,
    },
    "ResetStarted": {"one_time_token": _ONE_TIME},
    "SessionView": {
        "id": "ses_01JD8Q4W0M8Q5V7X0C9T1R2E3S",
        "device": "Firefox on Linux",
        "started_at": _THEN,
        "refreshed_at": _THEN,
        "expires_at": _LATER,
        "current": True,
    },
    "LinkedIdentitiesView": {
        "password": True,
        "second_factor": False,
        "links": [{"provider": "kakao", "linked_at": _THEN}],
    },
    "EnrolmentView": {"secret": "JBSWY3DPEHPK3PXP", "uri": "otpauth://totp/ygs:...?secret=JBSWY3DPEHPK3PXP&issuer=ygs"},
    "MyselfView": _MYSELF,
    "CompletenessView": {
        "percent": 61,
        "missing": [{"code": "wishes", "ko": "바라는 조건", "en": "What you wish for"}],
        "unknown": [
            {
                "attribute": "drinking",
                "group": "lifestyle",
                "needs_consent": False,
                "people": 120,
                "must": None,
                "ko": "소개받을 수 있는 사람 중 음주를 보고 고르는 사람: 120명 이상, 그중 몇 명에게는 꼭 필요한 조건.",
                "en": "Drinking: 120 or more of those you could be introduced to choose by it; "
                "for a few of them it is a must.",
            }
        ],
    },
    "IntroductionView": _INTRODUCED,
    "CurrentMatch": {
        "introductions": [_INTRODUCED],
        "last_round": {"week": "2026-W48", "published_at": _THEN, "deadline": _LATER, "introduced": True},
        "next_round": {"week": "2026-W49", "starts_on": "2026-11-30"},
    },
    "PartnerView": {
        "id": _OTHER,
        "name": "이○○",
        "birth_year": 1990,
        "facts": {"region": "gyeonggi", "education": "bachelor"},
        "introduction": "요리를 좋아합니다.",
        "phone": None,
        "photos": [{"id": _PHOTO, "width": 1536, "height": 2048, "url": _ADDRESS, "thumbnail_url": _ADDRESS}],
    },
    "QueuedView": {**_LINE, "waiting_since": _THEN, "marks": [{"reason": "left_suspended", "at": _THEN}]},
    "MemberLine": {**_LINE, "role": "member", "status": "active", "updated_at": _THEN},
    "WaitingPhotoView": {"id": _PHOTO, "user_id": _USER, "url": _ADDRESS},
    "ReportRequest": {"category": "false_profile", "words": "사진과 다른 사람이 나왔습니다.", "keep_apart": True},
    "ReportedView": {**_REPORTED, "kept_apart": True},
    "ReportResolution": {"resolution": "warned", "words": "본인과 통화했고, 사진을 바꾸기로 했습니다."},
    "ReportView": {
        **_REPORT_LINE,
        "words": "사진과 다른 사람이 나왔습니다.",
        "staff_words": "",
        "resolved_by": None,
        "resolved_at": None,
    },
    "ReportLine": _REPORT_LINE,
    "PlanRequest": {"name": "정회원 12회", **_TERMS},
    "MembershipPlanView": _MEMBERSHIP_PLAN,
    "MembershipRequest": {"plan_id": _MEMBERSHIP_PLAN["id"], "contracted_on": "2026-11-23", "rules": ""},
    "PaymentRequest": {"amount": 1_200_000, "on": "2026-11-02"},
    "GrantRequest": {"count": 1},
    "ClockPauseRequest": {"since": "2026-12-01", "until": "2026-12-21"},
    "ClockResumeRequest": {"on": "2026-12-14"},
    "FixedDateRequest": {"introduction_id": _INTRODUCTION, "meets_on": "2026-12-05"},
    "EndRequest": {"reason": "회원이 결혼하여 계약을 마침"},
    "LedgerView": _LEDGER,
    "MembershipView": {**_CONTRACT, "introductions": [_DELIVERY]},
    "MembershipLine": {
        **{name: _LEDGER[name] for name in ("id", "user_id", "plan", "ends_on", "paused", "total", "owed")},
        **{name: _LEDGER[name] for name in ("delivered", "late", "due", "meeting_by", "warned", "at_fault")},
        "name": "김○늘",
    },
    "RefundDecision": {"fault": "member", "evidence": _ASSESSED["evidence"]},
    "RefundView": _REFUND,
    "RefundAssessmentView": _ASSESSED,
    "NoteRequest": {"text": _NOTE["text"]},
    "NoteView": _NOTE,
    "CodesView": {
        "kind": "decline_reason",
        "values": [{"code": "distance", "ko": "거리", "en": "Distance"}],
    },
    "ReportVocabulary": {
        "categories": [
            {"code": "false_profile", "ko": "프로필이 사실과 다름", "en": "The profile is not true"},
        ],
        "resolutions": [{"code": "warned", "ko": "경고", "en": "Warned"}],
    },
    "UploadRequest": {"kind": "photo", "content_type": "image/jpeg"},
    "UploadView": {
        "id": _UPLOAD,
        "url": _ADDRESS,
        "fields": {"Content-Type": "image/jpeg"},
        "most_bytes": 10_485_760,
        "expires_at": _THEN,
    },
    "ConfirmedView": {"id": _PHOTO, "kind": "photo"},
    "PhotoView": {
        "id": _PHOTO,
        "state": "uploaded",
        "reason": "",
        "cover": True,
        "width": 1536,
        "height": 2048,
        "url": _ADDRESS,
        "thumbnail_url": _ADDRESS,
    },
    "PhotoEdit": {"position": 0, "cover": True},
    "DocumentView": _DOCUMENT,
    "OpenedDocument": {"document": _DOCUMENT, "url": _ADDRESS, "member_version": 3},
    "Verification": {"member_version": 1, "expires_at": None},
    "AuditFaults": {"faults": []},
    "AuditView": _AUDIT,
    "WeekView": _WEEK_VIEW,
    "DashboardView": {
        "at": _THEN,
        "members": {"total": 412, "this_month": 31, "this_week": 9, "today": 2},
        "by_status": [{"code": "active", "count": 330}, {"code": "pending", "count": 12}],
        "active_by_gender": [{"code": "female", "count": 170}, {"code": "male", "count": 160}],
        "active_by_age": [{"from_age": 30, "to_age": 34, "count": 148}],
        "active_by_region": [{"code": "seoul", "count": 201}, {"code": None, "count": 3}],
        "review": {"count": 12, "since": "2026-11-22T09:10:00Z"},
        "due_memberships": {"count": 4, "counted_at": _THEN},
        "weeks": [
            {
                "id": _WEEK,
                "week": "2026-W48",
                "state": "published",
                "introduced": 146,
                "answered": 90,
                "mutual": 41,
                "met": 0,
            }
        ],
    },
    "PolicySettings": _POLICY,
    "PolicyView": {"version": 3, "since": _THEN, "policy": _POLICY},
    "ExportRequest": {"data": "members", "reason": "감사 자료 제출", "contacts": False, "format": "xlsx"},
    "OpenedExport": {"url": _ADDRESS, "rows": 330, "removed_at": _THEN},
    "WeekScheduleSettings": _SCHEDULE,
    "WeekScheduleView": {"version": 1, "since": _THEN, "schedule": _SCHEDULE},
    "NoticeList": {
        "items": [
            {
                "id": _NOTICE,
                "type": "introduction.proposed",
                "title": "새로운 소개가 있습니다.",
                "text": "두 분을 소개해 드린 이유를 읽어 보시고 기한 안에 답변해 주세요.",
                "created_at": _LATER,
                "read_at": None,
                "introduction_id": _INTRODUCTION,
                "week_id": _WEEK,
                "report_id": None,
                "membership_id": None,
                "member_id": None,
            }
        ],
        "next": None,
        "unread": 1,
    },
    "JobView": _JOB,
    "ProposalView": {
        "week": "2026-W48",
        "strategy": "optimal",
        "certificate": _CERTIFICATE,
        "report": _REPORT,
        "pairs": [_PAIR],
        "unmatched": [_UNMATCHED],
        "unmatched_count": 60,
        "changed": [],
    },
    "OverridePrice": {
        "objectives": [{"objective": "total", "before": 2_030_400, "after": 2_029_100, "change": -1_300}]
    },
    "OverrideView": {
        "key": f"pin.{_USER}.{_OTHER}",
        "kind": "pin",
        "people": [_PERSON, _OTHER_PERSON],
    },
    "PairView": _PAIR,
    "UnmatchedView": _UNMATCHED,
    "Comparison": {"strategy": "optimal", "report": _REPORT, "certificate": _CERTIFICATE, "refused": None},
    "CommitmentView": _COMMITMENT,
    "RoundProof": _ROUND_PROOF,
    "ReleaseRequest": {"reason": "2026년 외부 감사"},
    "ReleaseView": {
        "requested_by": _USER,
        "reason": "2026년 외부 감사",
        "requested_at": _THEN,
        "approved_by": None,
        "approved_at": None,
    },
    "AuditBundle": {
        "format": "ygs-audit/1",
        "commitment": _COMMITMENT,
        "key": "d7a8fbb307d78094" * 4,
        "policy": _POLICY,
        "seed": 0,
        "overrides": {"pins": [], "forbids": [], "left_out": [_OTHER]},
        "snapshot": "WUdTTQE=",
        "plan": "{}",
    },
    "AttributeView": {
        "code": "smoking",
        "kind": "ordinal",
        "group": "lifestyle",
        "ko": "흡연",
        "en": "Smoking",
        "sensitive": False,
        "low": None,
        "high": None,
        "slack": 1,
        "values": [{"code": "no", "ko": "비흡연", "en": "No"}],
        "neighbours": {},
    },
}
