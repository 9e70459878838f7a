"""What the codes are called that people meet besides the vocabulary of facts: states, reasons, kinds, in Korean and
English."""

from collections.abc import Mapping
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict

from ygs.application.audit_actions import AUDIT_ACTIONS
from ygs.application.vocabulary import ValueView
from ygs.domain.accounts import Provider
from ygs.domain.consultations import ConsultationState
from ygs.domain.deliveries import Channel, DeliveryState
from ygs.domain.exports import ExportedData, ExportState
from ygs.domain.files import DocumentState, FileKind, PhotoState
from ygs.domain.imports import ImportState
from ygs.domain.introductions import Choice, DeclineReason, FeedbackReason, IntroductionState
from ygs.domain.jobs import JobKind, JobState
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.eligibility import Reason
from ygs.domain.matching.plan import OverrideKind, PairOrder, PlanObjective
from ygs.domain.matching.policy import Objective, Strategy
from ygs.domain.meetings import DayPart, MeetingState, NextStep
from ygs.domain.memberships import PromiseUnit
from ygs.domain.read_budgets import ReadKind
from ygs.domain.refunds import Basis, RefundFault, RefundStage
from ygs.domain.reports import ReportState
from ygs.domain.timeline import TimelineEvent
from ygs.domain.users import MarkReason, Purpose, Role, Status
from ygs.domain.webhooks import DisabledBy
from ygs.domain.week_schedule import Weekday
from ygs.ports.repositories.directory import MemberOrder

_Names: TypeAlias = Mapping[str, tuple[str, str]]

_STATUSES: _Names = {
    Status.DRAFT: ("작성 중", "Draft"),
    Status.PENDING: ("심사 대기", "Waits for review"),
    Status.ACTIVE: ("활동 중", "Active"),
    Status.PAUSED: ("쉬는 중", "Paused"),
    Status.REJECTED: ("반려", "Sent back"),
    Status.SUSPENDED: ("이용 정지", "Suspended"),
    Status.WITHDRAWN: ("탈퇴", "Left"),
}
_MARK_REASONS: _Names = {
    MarkReason.LEFT_SUSPENDED: ("이용 정지 중 탈퇴한 연락처", "Contact of somebody who left while suspended")
}
_JOB_STATES: _Names = {
    JobState.QUEUED: ("대기 중", "Queued"),
    JobState.RUNNING: ("진행 중", "Running"),
    JobState.DONE: ("완료", "Done"),
    JobState.FAILED: ("실패", "Failed"),
    JobState.CANCELLED: ("취소", "Cancelled"),
}
_IMPORT_STATES: _Names = {
    ImportState.OPEN: ("저장 전", "Not stored yet"),
    ImportState.STORED: ("저장됨", "Stored"),
    ImportState.UNDONE: ("되돌림", "Undone"),
}
_DELIVERY_STATES: _Names = {
    DeliveryState.WAITING: ("발송 대기", "Waits to be sent"),
    DeliveryState.DELIVERED: ("발송 완료", "Delivered"),
    DeliveryState.FAILED: ("발송 실패", "Failed"),
}
_CHANNELS: _Names = {
    Channel.EMAIL: ("이메일", "E-mail"),
    Channel.TEXT: ("문자", "Text message"),
    Channel.PUSH: ("푸시 알림", "Push"),
    Channel.WEBHOOK: ("웹훅", "Webhook"),
}
_DISABLED_BY: _Names = {
    DisabledBy.STAFF: ("관리자가 중지", "Disabled by staff"),
    DisabledBy.GONE: ("받는 곳이 없어져 중지(410)", "Disabled: it is gone (410)"),
    DisabledBy.FAILING: ("5일간 받지 못해 중지", "Disabled: it took nothing for five days"),
}
_READ_KINDS: _Names = {
    ReadKind.FULL: ("개인정보 열람", "People by name"),
    ReadKind.MASKED: ("목록 열람(이름 가림)", "Rows of lists, names masked"),
    ReadKind.QUEUE: ("심사 대기 회원 열람", "People who wait for review"),
    ReadKind.CONSULTATION: ("예약된 상담 회원 열람", "People who booked a consultation"),
    ReadKind.PROPOSAL: ("매칭안 검토", "A week's plan under review"),
    ReadKind.EXPORT: ("내보내기", "Rows of exported sheets"),
}
_EXPORTED_DATA: _Names = {
    ExportedData.MEMBERS: ("회원", "Members"),
    ExportedData.INTRODUCTIONS: ("소개", "Introductions"),
    ExportedData.MEMBERSHIPS: ("멤버십", "Memberships"),
    ExportedData.CONSULTATIONS: ("상담", "Consultations"),
    ExportedData.REPORTS: ("신고", "Reports"),
}
_EXPORT_STATES: _Names = {
    ExportState.REQUESTED: ("승인 대기", "Waits for approval"),
    ExportState.APPROVED: ("승인됨", "Approved"),
    ExportState.REFUSED: ("거절됨", "Refused"),
}
_WEEKDAYS: _Names = {
    Weekday.MONDAY: ("월요일", "Monday"),
    Weekday.TUESDAY: ("화요일", "Tuesday"),
    Weekday.WEDNESDAY: ("수요일", "Wednesday"),
    Weekday.THURSDAY: ("목요일", "Thursday"),
    Weekday.FRIDAY: ("금요일", "Friday"),
    Weekday.SATURDAY: ("토요일", "Saturday"),
    Weekday.SUNDAY: ("일요일", "Sunday"),
}
_JOB_KINDS: _Names = {
    JobKind.ADVISE_WEEK: ("매칭 조언 받기", "Advice for a match week"),
    JobKind.CLOSE_WEEK: ("매칭 주 종료", "Closing of a match week"),
    JobKind.DUE_MEMBERSHIPS: ("소개할 차례인 멤버십 확인", "Search for memberships that are due"),
    JobKind.EVALUATE_LEARNING: ("응답 예측 평가", "Evaluation of learning"),
    JobKind.EXPORT: ("내보내기", "Export"),
    JobKind.FIT_LEARNING: ("응답 예측 학습", "Learning from answers"),
    JobKind.IMPORT: ("회원 가져오기", "Import of members"),
    JobKind.LOCK_WEEK: ("매칭 주 모집 마감", "Locking of a match week"),
    JobKind.MEETING_NOTICES: ("만남 알림", "Notices about meetings"),
    JobKind.PLAN_WEEK: ("매칭안 만들기", "Planning of a match week"),
    JobKind.POOL_BALANCE: ("부족한 회원층 계산", "Count of whom the pool lacks"),
    JobKind.PUBLISH_WEEK: ("매칭 주 공개", "Publishing of a match week"),
    JobKind.PURGE: ("보관 기한이 지난 자료 삭제", "Daily purge"),
    JobKind.REMIND: ("답변 알림", "Reminders to answer"),
    JobKind.REMOVE_FILE: ("엑셀 파일 삭제", "Removal of a sheet"),
    JobKind.USE_LEARNING: ("응답 예측 사용 시작", "Use of what was learned"),
}
_ROLES: _Names = {
    Role.MEMBER: ("회원", "Member"),
    Role.CONSULTANT: ("상담사", "Consultant"),
    Role.ADMIN: ("관리자", "Administrator"),
}
_PURPOSES: _Names = {
    Purpose.TERMS: ("이용약관", "Terms of use"),
    Purpose.PRIVACY: ("개인정보 처리", "Personal data"),
    Purpose.SENSITIVE: ("민감정보 처리", "Sensitive data"),
    Purpose.LLM: ("AI 처리", "Processing by AI"),
    Purpose.MARKETING: ("마케팅 수신", "Marketing"),
}
_IMPORTANCES: _Names = {
    "ignore": ("상관없음", "Does not matter"),
    "slight": ("조금 중요", "Slightly"),
    "fair": ("중요", "Fairly"),
    "strong": ("매우 중요", "Strongly"),
    "must": ("필수", "A must"),
}
_INTRODUCTION_STATES: _Names = {
    IntroductionState.WAITING: ("답변 대기", "Waiting"),
    IntroductionState.MUTUAL: ("서로 수락", "Mutual"),
    IntroductionState.NOT_MUTUAL: ("성사되지 않음", "Not mutual"),
    IntroductionState.EXPIRED: ("답변 기한 지남", "Expired"),
    IntroductionState.CANCELLED: ("취소", "Cancelled"),
}
_MEETING_STATES: _Names = {
    MeetingState.ARRANGING: ("조율 중", "Being arranged"),
    MeetingState.PROPOSED: ("시간 제안됨", "A time is proposed"),
    MeetingState.FIXED: ("확정", "Fixed"),
    MeetingState.CANCELLED: ("취소", "Cancelled"),
}
_CONSULTATION_STATES: _Names = {
    ConsultationState.BOOKED: ("예약됨", "Booked"),
    ConsultationState.DONE: ("완료", "Done"),
    ConsultationState.NO_SHOW: ("오지 않음", "No-show"),
    ConsultationState.CANCELLED: ("취소", "Cancelled"),
}
_MEETING_STEPS: _Names = {
    NextStep.GIVE_TIMES: ("가능한 시간 입력", "Give times"),
    NextStep.ANSWER_PROPOSAL: ("제안된 시간에 답변", "Answer the proposal"),
    NextStep.WAIT: ("상대방 기다리기", "Wait for the other"),
    NextStep.NONE: ("할 일 없음", "Nothing to do"),
}
_DAY_PARTS: _Names = {
    DayPart.MORNING: ("오전", "Morning"),
    DayPart.AFTERNOON: ("오후", "Afternoon"),
    DayPart.EVENING: ("저녁", "Evening"),
}
_CHOICES: _Names = {Choice.ACCEPT: ("수락", "Accept"), Choice.DECLINE: ("거절", "Decline")}
_DECLINE_REASONS: _Names = {
    DeclineReason.LOOKS: ("외모", "Looks"),
    DeclineReason.AGE: ("나이", "Age"),
    DeclineReason.DISTANCE: ("거리", "Distance"),
    DeclineReason.JOB: ("직업", "Job"),
    DeclineReason.RELIGION: ("종교", "Religion"),
    DeclineReason.CHILDREN: ("자녀", "Children"),
    DeclineReason.VALUES: ("가치관", "Values"),
    DeclineReason.TIMING: ("시기", "Timing"),
    DeclineReason.KNOWS_THEM: ("아는 사람", "I know them"),
    DeclineReason.OTHER: ("기타", "Other"),
}
_FEEDBACK_REASONS: _Names = {
    FeedbackReason.CONVERSATION: ("대화", "Conversation"),
    FeedbackReason.LOOKS: ("외모", "Looks"),
    FeedbackReason.MANNERS: ("매너", "Manners"),
    FeedbackReason.VALUES: ("가치관", "Values"),
    FeedbackReason.LIFESTYLE: ("생활 방식", "Lifestyle"),
    FeedbackReason.DISTANCE: ("거리", "Distance"),
    FeedbackReason.PROFILE_DIFFERED: ("프로필과 다름", "Not as in the profile"),
    FeedbackReason.OTHER: ("기타", "Other"),
}
_FILE_KINDS: _Names = {
    FileKind.PHOTO: ("사진", "Photo"),
    FileKind.IDENTITY: ("신분증", "Identity"),
    FileKind.MARRIAGE: ("혼인관계증명서", "Marriage certificate"),
    FileKind.EMPLOYMENT: ("재직증명서", "Proof of employment"),
    FileKind.EDUCATION: ("학력증명서", "Proof of education"),
    FileKind.INCOME: ("소득증명서", "Proof of income"),
}
_PHOTO_STATES: _Names = {
    PhotoState.UPLOADED: ("검토 대기", "Waits to be looked at"),
    PhotoState.APPROVED: ("승인", "Approved"),
    PhotoState.REFUSED: ("반려", "Refused"),
}
_DOCUMENT_STATES: _Names = {
    DocumentState.SUBMITTED: ("검토 대기", "Waits to be looked at"),
    DocumentState.VERIFIED: ("확인", "Verified"),
    DocumentState.REFUSED: ("반려", "Refused"),
}
_REPORT_STATES: _Names = {ReportState.OPEN: ("접수", "Open"), ReportState.RESOLVED: ("처리됨", "Resolved")}
_WEEK_STATES: _Names = {
    WeekState.OPEN: ("모집 중", "Open"),
    WeekState.LOCKED: ("모집 마감", "Locked"),
    WeekState.PROPOSED: ("매칭안 검토", "Proposed"),
    WeekState.PUBLISHED: ("소개 진행", "Published"),
    WeekState.CLOSED: ("종료", "Closed"),
    WeekState.FAILED: ("실패", "Failed"),
    WeekState.CANCELLED: ("취소", "Cancelled"),
}
_OVERRIDES: _Names = {
    OverrideKind.PIN: ("고정", "Pinned"),
    OverrideKind.FORBID: ("금지", "Forbidden"),
    OverrideKind.LEAVE_OUT: ("제외", "Left out"),
    OverrideKind.SWAP: ("맞바꿈", "Swapped"),
}
_REFUND_FAULTS: _Names = {
    RefundFault.MEMBER: ("회원 사정", "The member's"),
    RefundFault.OPERATOR: ("회사 책임", "The operator's"),
}
_REFUND_STAGES: _Names = {
    RefundStage.JOINED: ("프로필 제공 전", "Before a profile was given"),
    RefundStage.PROFILE_GIVEN: (
        "프로필 제공 후, 만남 날짜 확정 전",
        "After a profile was given, before a date was fixed",
    ),
    RefundStage.DATE_FIXED: ("만남 날짜 확정 후, 첫 만남 전", "After a date was fixed, before the first meeting"),
    RefundStage.MET: ("첫 만남 후", "After the first meeting"),
}
_REFUND_BASES: _Names = {
    Basis.MEETINGS: ("횟수제", "A number of meetings"),
    Basis.DAYS: ("기간제", "A period"),
}
_PROMISE_UNITS: _Names = {
    PromiseUnit.MEETINGS: ("만남", "Meetings"),
    PromiseUnit.INTRODUCTIONS: ("소개", "Introductions"),
}
_MEMBER_ORDERS: _Names = {
    MemberOrder.NEWEST: ("최근 가입순", "Newest first"),
    MemberOrder.WAITING: ("심사를 오래 기다린 순", "Longest waiting first"),
    MemberOrder.NAME: ("이름순", "By name"),
    MemberOrder.BIRTH_YEAR: ("나이 많은 순", "Oldest first"),
    MemberOrder.ACTIVITY: ("최근 접속순", "Last seen first"),
}
_PAIR_ORDERS: _Names = {
    PairOrder.BEST: ("점수 높은 순", "Best first"),
    PairOrder.LOWEST: ("점수 낮은 순", "Lowest score first"),
    PairOrder.LEAST_CERTAIN: ("확실하지 않은 순", "Least certain first"),
    PairOrder.LONGEST_WAITING: ("오래 기다린 순", "Longest waiting first"),
}
_STRATEGIES: _Names = {
    Strategy.OPTIMAL: ("최적 배정", "Best plan"),
    Strategy.STABLE: ("안정 배정", "Stable plan"),
    Strategy.GREEDY: ("점수순 배정", "Highest scores first"),
}
_ROUND_OBJECTIVES: _Names = {
    Objective.TOTAL: ("만족도 합계", "The total of the scores"),
    Objective.COVERAGE: ("소개받는 회원 수, 그다음 만족도 합계", "Most members introduced, then the total"),
    Objective.CHANCE: ("서로 수락할 가능성의 합계", "The chances of a mutual yes"),
}
_PROVIDERS: _Names = {Provider.FIREBASE: ("Firebase", "Firebase"), Provider.KAKAO: ("카카오", "Kakao")}
# Why two people cannot be introduced.
REASONS: Mapping[Reason, tuple[str, str]] = {
    Reason.I_DO_NOT_SEEK: ("찾는 성별이 아님", "gender not sought"),
    Reason.THEY_DO_NOT_SEEK: ("상대가 찾는 성별이 아님", "does not seek this gender"),
    Reason.INTRODUCED_BEFORE: ("이미 소개됨", "introduced before"),
    Reason.BLOCK: ("소개 차단", "kept apart by a block"),
    Reason.MY_FLOOR: ("클럽 정책의 최저 만족도 미달", "satisfaction below the club policy's floor"),
    Reason.THEIR_FLOOR: ("클럽 정책의 최저 만족도 미달", "satisfaction below the club policy's floor"),
    Reason.I_REFUSE: ("필수 조건에 맞지 않음", "a must is not met"),
    Reason.THEY_REFUSE: ("상대의 필수 조건에 맞지 않음", "a must of the other person is not met"),
    Reason.SAME_PERSON: ("같은 사람", "the same person"),
    Reason.LEFT_OUT: ("이번 주 제외", "left out this week"),
    Reason.FORBIDDEN: ("소개 금지", "forbidden by staff"),
}
_TIMELINE_EVENTS: _Names = {
    TimelineEvent.JOINED: ("가입", "Joined"),
    TimelineEvent.EDITED: ("회원이 수정", "Changed by the member"),
    TimelineEvent.CORRECTED: ("직원이 정정", "Corrected"),
    TimelineEvent.APPROVED: ("심사 승인", "Approved"),
    TimelineEvent.REJECTED: ("심사 반려", "Sent back"),
    TimelineEvent.SUSPENDED: ("이용 정지", "Suspended"),
    TimelineEvent.RESTORED: ("이용 정지 해제", "Restored"),
    TimelineEvent.RESUMED: ("휴식 끝", "Pause over"),
    TimelineEvent.ASSIGNED: ("담당 상담사 변경", "Consultant in charge changed"),
    TimelineEvent.ROLE_CHANGED: ("역할 변경", "Role changed"),
    TimelineEvent.EMAIL_CHANGED: ("이메일 변경", "E-mail changed"),
    TimelineEvent.PHONE_CHANGED: ("전화번호 변경", "Phone changed"),
    TimelineEvent.FILE_ADDED: ("파일 올림", "File added"),
    TimelineEvent.PHOTO_APPROVED: ("사진 승인", "Photo approved"),
    TimelineEvent.PHOTO_REFUSED: ("사진 반려", "Photo refused"),
    TimelineEvent.PHOTO_DELETED: ("사진 삭제", "Photo deleted"),
    TimelineEvent.DOCUMENT_VERIFIED: ("서류 확인", "Document verified"),
    TimelineEvent.DOCUMENT_REFUSED: ("서류 반려", "Document refused"),
    TimelineEvent.DOCUMENT_EXPIRED: ("서류 유효 기간 지남", "Document expired"),
    TimelineEvent.DOCUMENT_REMOVED: ("서류 삭제", "Document removed"),
    TimelineEvent.MEMBERSHIP_STARTED: ("멤버십 시작", "Membership started"),
    TimelineEvent.MEMBERSHIP_PAID: ("멤버십 납부", "Membership paid"),
    TimelineEvent.MEMBERSHIP_GRANTED: ("약정 횟수 추가", "Promise extended"),
    TimelineEvent.MEMBERSHIP_PAUSED: ("멤버십 일시 중지", "Membership paused"),
    TimelineEvent.MEMBERSHIP_RESUMED: ("멤버십 재개", "Membership resumed"),
    TimelineEvent.MEMBERSHIP_DATE_FIXED: ("만남 날짜 확정", "Date of a meeting fixed"),
    TimelineEvent.MEMBERSHIP_ENDED: ("멤버십 종료", "Membership ended"),
    TimelineEvent.REFUND_ASSESSED: ("환급 계산", "Refund assessed"),
    TimelineEvent.CONSULTATION_BOOKED: ("상담 예약", "Consultation booked"),
    TimelineEvent.CONSULTATION_MOVED: ("상담 변경", "Consultation moved"),
    TimelineEvent.CONSULTATION_DONE: ("상담 완료", "Consultation held"),
    TimelineEvent.CONSULTATION_NO_SHOW: ("상담에 오지 않음", "Did not come to a consultation"),
    TimelineEvent.CONSULTATION_CANCELLED: ("상담 취소", "Consultation cancelled"),
    TimelineEvent.INTRODUCED: ("소개됨", "Introduced"),
    TimelineEvent.DECIDED: ("소개 결과", "Introduction decided"),
    TimelineEvent.REPORTED: ("신고받음", "Was reported"),
    TimelineEvent.REPORT_MADE: ("신고함", "Reported somebody"),
    TimelineEvent.REPORT_RESOLVED: ("신고 처리", "Report resolved"),
    TimelineEvent.BLOCK_ADDED: ("소개 차단", "Blocked somebody"),
    TimelineEvent.BLOCK_REMOVED: ("소개 차단 해제", "Ended a block"),
    TimelineEvent.DATA_EXPORTED: ("본인 자료 받음", "Took their own data"),
    TimelineEvent.SHEET_EXPORTED: ("회원 파일로 내보냄", "Exported in a sheet"),
}
_GENDERS: _Names = {"male": ("남성", "Male"), "female": ("여성", "Female")}

# What kind of code -> code -> Korean, English.
_PLAN_OBJECTIVES: _Names = {
    PlanObjective.PROMISES_DUE: ("약정된 소개를 받는 회원", "members whose promise is due"),
    PlanObjective.LONGEST_WAITS: ("오래 기다린 회원의 소개", "those who waited longest"),
    PlanObjective.INTRODUCED: ("소개받는 회원", "members introduced"),
    PlanObjective.TOTAL: ("만족도 합계", "total of the scores"),
    PlanObjective.CHANCES: ("서로 수락할 것으로 기대되는 소개", "introductions expected to become mutual"),
}

_LINE_VERDICTS: _Names = {
    "blocked": ("차단함", "Blocked"),
    "blocked_before": ("이미 차단한 연락처", "Blocked before"),
    "no_contact": ("연락처가 아님", "No contact"),
    "no_room": ("한도를 넘어 차단하지 못함", "Not blocked: too many contacts"),
}
# What a long piece of work does at the moment, as it reports its progress.
_PROGRESS_STAGES: _Names = {
    "advise": ("언어 모델의 조언 받기", "Asking for advice"),
    "asking": ("물어볼 것 찾기", "Looking for questions"),
    "check": ("저장된 내용 점검", "Checking what is stored"),
    "comparing with members": ("기존 회원과 비교", "Comparing with members"),
    "compiling once": ("첫 실행 준비(한 번만)", "Compiling, this once"),
    "complete": ("빠진 쌍 찾기", "Looking for missing pairs"),
    "decide": ("남은 선택 정하기", "Settling what is undecided"),
    "documents": ("오래된 서류 삭제", "Deleting old documents"),
    "erase": ("탈퇴한 회원의 정보 삭제", "Erasing who has left"),
    "evaluate": ("예측 평가", "Judging the predictions"),
    "expired proofs": ("기한이 지난 증명 처리", "Ending expired proofs"),
    "explaining": ("소개가 없는 이유 찾기", "Explaining who has no introduction"),
    "files": ("파일 처리", "Files"),
    "forecast": ("계약 예측", "Forecasting contracts"),
    "judging": ("행 확인", "Checking the rows"),
    "publish": ("공개할 소개 확인", "Checking what is published"),
    "reading": ("파일 읽기", "Reading the file"),
    "replay": ("지난 주 다시 계산", "Planning past weeks again"),
    "scoring": ("점수 계산", "Scoring"),
    "simulate": ("시뮬레이션", "Simulating"),
    "solve": ("쌍 고르기", "Choosing the pairs"),
    "tables": ("표 저장", "Saving the tables"),
    "uploads": ("끝나지 않은 업로드 삭제", "Deleting unfinished uploads"),
    "writing": ("파일 쓰기", "Writing the file"),
}
LABELS: Mapping[str, _Names] = {
    # First, so that a code that other kinds have too keeps their name in errors.
    "progress_stage": _PROGRESS_STAGES,
    "refund_fault": _REFUND_FAULTS,
    "refund_stage": _REFUND_STAGES,
    "refund_basis": _REFUND_BASES,
    "promise_unit": _PROMISE_UNITS,
    "gender": _GENDERS,
    "member_status": _STATUSES,
    "mark_reason": _MARK_REASONS,
    "block_verdict": _LINE_VERDICTS,
    "role": _ROLES,
    "consent_purpose": _PURPOSES,
    "importance": _IMPORTANCES,
    "introduction_state": _INTRODUCTION_STATES,
    "meeting_state": _MEETING_STATES,
    "meeting_step": _MEETING_STEPS,
    "consultation_state": _CONSULTATION_STATES,
    "day_part": _DAY_PARTS,
    "answer": _CHOICES,
    "decline_reason": _DECLINE_REASONS,
    "feedback_reason": _FEEDBACK_REASONS,
    "file_kind": _FILE_KINDS,
    "photo_state": _PHOTO_STATES,
    "document_state": _DOCUMENT_STATES,
    "report_state": _REPORT_STATES,
    "week_state": _WEEK_STATES,
    "weekday": _WEEKDAYS,
    "import_state": _IMPORT_STATES,
    "job_state": _JOB_STATES,
    "job_kind": _JOB_KINDS,
    "delivery_state": _DELIVERY_STATES,
    "channel": _CHANNELS,
    "disabled_by": _DISABLED_BY,
    "override": _OVERRIDES,
    "member_order": _MEMBER_ORDERS,
    "pair_order": _PAIR_ORDERS,
    "plan_objective": _PLAN_OBJECTIVES,
    "strategy": _STRATEGIES,
    "round_objective": _ROUND_OBJECTIVES,
    "provider": _PROVIDERS,
    "read_kind": _READ_KINDS,
    "timeline_event": _TIMELINE_EVENTS,
    "exported_data": _EXPORTED_DATA,
    "export_state": _EXPORT_STATES,
    "audit_action": AUDIT_ACTIONS,
}


# What `NotFound` calls things whose English name is also that of something else: "introduction" is a profile text too.
KOREAN_THINGS: Mapping[str, str] = {
    "introduction": "소개",
    "override": "조정",
    "participant": "이번 매칭에 참여하는 회원",
}

# What fields and things are called where an error names them; attributes of the vocabulary have their own names.
KOREAN_NAMES: Mapping[str, str] = {
    "name": "이름",
    "phone": "전화번호",
    "email": "이메일",
    "password": "비밀번호",
    "new": "새 비밀번호",
    "gender": "성별",
    "wishes": "바라는 조건",
    "reason": "사유",
    "words": "내용",
    "text": "내용",
    "rating": "평점",
    "until": "날짜",
    "content_type": "파일 형식",
    "capacity": "소개 횟수",
    "fee": "가입비",
    "months": "계약 기간",
    "promised": "약정 횟수",
    "service": "서비스 횟수",
    "agreed": "약정 조건",
    "plan": "상품",
    "membership plan": "상품",
    "membership": "멤버십",
    "refund": "환급 계산",
    "forecast": "예측",
    "amount": "금액",
    "count": "횟수",
    "starts_on": "시작일",
    "meets_on": "만나는 날",
    "meeting": "만남",
    "consultation": "상담",
    "slot": "상담 시간",
    "closed day": "휴무일",
    "calendar": "캘린더",
    "weekdays": "요일",
    "times": "시간",
    "weeks_apart": "간격",
    "last": "마지막 날",
    "hours": "근무 시간",
    "minutes": "상담 길이",
    "notes": "상담 메모",
    "half_days": "가능한 시간",
    "starts_at": "만나는 시간",
    "place": "장소",
    "on": "날짜",
    "cancelled_on": "해지일",
    "evidence": "근거",
    "paid": "납부 금액",
    "total": "총 횟수 또는 일수",
    "used": "이용한 횟수 또는 일수",
    "stage": "진행 단계",
    "rules": "환급 기준",
    "contracted_on": "계약일",
    "consents": "동의",
    "profile": "프로필",
    "lifestyle": "생활 방식",
    "user": "회원",
    "account": "계정",
    "document": "서류",
    "file": "파일",
    "link": "연결된 계정",
    "canary": "카나리아",
    "note": "메모",
    "audit entry": "감사 기록",
    "report": "신고",
    "import": "가져오기",
    "mapping": "매핑",
    "import report": "가져오기 결과",
    "proposed fact": "제안된 사실",
    "delivery": "발송 기록",
    "webhook": "웹훅",
    "saved filter": "저장한 필터",
    "job": "작업",
    "session": "로그인 기기",
    "device": "푸시를 받을 기기",
    "upload": "업로드",
    "block": "차단",
    "attribute": "항목",
    # What else than a `Reason` keeps a planned pair from being introduced.
    "not_enrolled": "이번 주에 참여하지 않음",
    "met_or_blocked": "이미 소개됐거나 차단됨",
    "over_capacity": "소개 횟수 초과",
    "match week": "매칭 주",
    "learned version": "학습 결과",
    "learning evaluation": "응답 예측 평가",
    "snapshot of match week": "매칭 주의 스냅샷",
    "plan of match week": "매칭 주의 매칭안",
    "key of match week": "매칭 주의 비밀값",
    "tree of match week": "매칭 주의 해시 목록",
    "proof": "증명서",
    "page": "화면",
    "release": "감사용 공개 요청",
    "Kakao": "카카오",
    "the store of files": "파일 저장소",
    ", or sign in otherwise": ". 다른 방법으로 로그인하셔도 됩니다",
}


class CodesView(BaseModel):
    """The codes of one kind, in the order in which people are shown them."""

    model_config = ConfigDict(frozen=True)

    kind: str
    values: list[ValueView]


def codes() -> list[CodesView]:
    """Every kind."""
    return [
        CodesView(kind=kind, values=[ValueView(code=code, ko=ko, en=en) for code, (ko, en) in labels.items()])
        for kind, labels in LABELS.items()
    ]


def label(kind: str, code: str, language: Language) -> str:
    """What one code is called."""
    return LABELS[kind][code][language is Language.EN]
