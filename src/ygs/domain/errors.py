"""Every error ygs raises on purpose.

::

    YgsError
    ├── DomainError              a rule of the trade says no
    │   ├── UnknownValue         a value that is not in the vocabulary
    │   ├── InvalidFact          a value of the right kind that cannot be true or is out of range
    │   ├── InvalidText          NUL, lone surrogates, too long, or a Korean resident number
    │   ├── InvalidWish          a wish that can accept nobody, or is of the wrong kind
    │   ├── InvalidPolicy        a policy that contradicts itself
    │   ├── InvalidId            not an id of the kind asked for
    │   ├── NotAdult             younger than the law of the service's country allows
    │   ├── ConsentMissing       a sensitive fact without the consent that lets us keep it
    │   ├── WrongStatus          the thing is not in a state that allows this
    │   │   └── Incomplete       a profile that lacks what it cannot be sent in without
    │   ├── DeadlinePassed       too late, by the clock of the service
    │   ├── WeakPassword         too short or too easily guessed
    │   └── RoundRefused         overrides or inputs no plan can satisfy
    ├── NotFound                 nothing live under that id
    ├── Conflict                 somebody was faster, or the data forbids two
    │   ├── StaleWrite           it changed since it was read
    │   ├── PhoneTaken           a live user has that phone
    │   ├── WeekTaken            that ISO week exists already
    │   ├── AlreadyIntroduced    these two met before
    │   ├── OverCapacity         a person would be in too many introductions this week
    │   ├── AlreadyReported      an earlier report of the same person still waits for staff
    │   ├── LinkTaken            that outside account belongs to another user
    │   ├── StillRunning         the first of two equal commands has no reply yet
    │   └── LeaseLost            another worker holds the round now
    ├── KeyReused                an Idempotency-Key that stands for another request
    ├── SignInRefused            wrong phone, password, proof or code: never says which
    │   ├── InvalidToken         a token that is wrong, expired, used before or of an ended session
    │   └── TicketSpent          a step of a use case that is used, expired or tried too often
    ├── TooManyAttempts          wait; says for how long
    ├── Forbidden                the actor may not do this
    │   ├── Suspended            not while the account is suspended
    │   └── SecondFactorNeeded   staff must enrol an authenticator, or sign in with it, first
    ├── Unavailable              storage or a service did not answer in time; trying again may work
    │   └── NotSetUp             what this service is not configured for; trying again will not help
    └── BadFile                  a file that is not what it should be (names the row and column)

A class's ``code`` is stable: clients and logs may match on it. ``ko`` and ``en`` are its headline for people; an
error's own message adds what exactly is wrong and what to do next, and holds no personal datum.
"""

from typing import ClassVar


class YgsError(Exception):
    """Anything ygs raises on purpose."""

    code: ClassVar[str] = "error"
    ko: ClassVar[str] = "문제가 생겼습니다."
    en: ClassVar[str] = "Something went wrong."


class DomainError(YgsError):
    """A rule of the trade says no."""

    code = "rule_broken"
    ko = "규칙에 맞지 않는 요청입니다."
    en = "A rule says no."


class UnknownValue(DomainError):
    """A value, or a whole attribute, that is not in the vocabulary.

    ``shown`` may be a foreign file's text: show it to the person who brought the file, never log it.
    """

    code = "unknown_value"
    ko = "목록에 없는 값입니다."
    en = "That value is not in the vocabulary."

    def __init__(self, attribute: str, shown: object) -> None:
        self.attribute, self.shown = attribute, shown
        super().__init__(f"{attribute}: not a value of the vocabulary (see `ygs vocabulary {attribute}`)")


class InvalidFact(DomainError):
    """A fact of the right kind that cannot be true, or lies out of range."""

    code = "invalid_fact"
    ko = "사실일 수 없거나 범위를 벗어난 값입니다."
    en = "That value cannot be true or is out of range."

    def __init__(self, attribute: str, why: str) -> None:
        self.attribute = attribute
        super().__init__(f"{attribute}: {why}")


class InvalidText(DomainError):
    """Text that cannot be stored: NUL, lone surrogates, too long, or a resident registration number."""

    code = "invalid_text"
    ko = "저장할 수 없는 글입니다."
    en = "That text cannot be stored."

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"{field}: {why}")


class InvalidWish(DomainError):
    """A wish that can accept nobody, or does not fit the kind of its attribute."""

    code = "invalid_wish"
    ko = "아무도 만족시킬 수 없는 희망 조건입니다."
    en = "That wish can accept nobody."

    def __init__(self, attribute: str, why: str) -> None:
        self.attribute = attribute
        super().__init__(f"wish for {attribute}: {why}")


class InvalidPolicy(DomainError):
    """A policy that contradicts itself or lies out of range."""

    code = "invalid_policy"
    ko = "매칭 정책에 모순이 있습니다."
    en = "The policy contradicts itself."


class InvalidId(DomainError):
    """A text that is not an id of the kind asked for."""

    code = "invalid_id"
    ko = "올바른 식별자가 아닙니다."
    en = "That is not an id of this kind."

    def __init__(self, kind: str) -> None:
        super().__init__(f"not a {kind} id: expected {kind}_ and 26 upper-case letters and digits")


class NotAdult(DomainError):
    """Younger than the law of the service's country allows."""

    code = "not_adult"
    ko = "성인만 이용할 수 있습니다."
    en = "Members must be of age."


class ConsentMissing(DomainError):
    """A sensitive fact without the consent that lets us keep it."""

    code = "consent_missing"
    ko = "먼저 동의가 필요합니다."
    en = "A consent is needed first."


class WrongStatus(DomainError):
    """The thing is not in a state that allows this."""

    code = "wrong_status"
    ko = "지금 상태에서는 할 수 없습니다."
    en = "Its state does not allow this."


class Incomplete(WrongStatus):
    """A profile that still lacks what it cannot be sent in without; `missing` are the codes."""

    code = "incomplete"
    ko = "아직 채우지 않은 항목이 있습니다."
    en = "The profile is not complete yet."

    def __init__(self, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(f"not complete yet, missing: {', '.join(missing)}")


class DeadlinePassed(DomainError):
    """Too late, by the clock of the service."""

    code = "deadline_passed"
    ko = "기한이 지났습니다."
    en = "It is too late for this."


class WeakPassword(DomainError):
    """A password too short or too easily guessed; says what to do instead."""

    code = "weak_password"
    ko = "더 길고 짐작하기 어려운 비밀번호를 쓰세요."
    en = "Use a longer password that is harder to guess."

    def __init__(self, field: str, why: str) -> None:
        self.field = field
        super().__init__(f"{field}: {why}")


class RoundRefused(DomainError):
    """Overrides or inputs that no plan can satisfy; the message names the pair or person."""

    code = "round_refused"
    ko = "이 조건으로는 매칭을 진행할 수 없습니다."
    en = "No round can satisfy this."


class NotFound(YgsError):
    """Nothing live under that id (or nothing this actor may know of)."""

    code = "not_found"
    ko = "찾을 수 없습니다."
    en = "There is nothing there."

    def __init__(self, what: str, id: str = "") -> None:
        super().__init__(f"no {what} {id}".rstrip())


class Conflict(YgsError):
    """Somebody was faster, or the data forbids two of these."""

    code = "conflict"
    ko = "이미 있거나 다른 작업과 겹칩니다."
    en = "It exists already or collides with something else."


class StaleWrite(Conflict):
    """It changed since it was read: read it again and repeat the edit."""

    code = "stale_write"
    ko = "그 사이에 내용이 바뀌었습니다. 다시 읽고 고쳐 주세요."
    en = "It changed meanwhile: read it again and repeat the edit."


class PhoneTaken(Conflict):
    """A live user has that phone."""

    code = "phone_taken"
    ko = "이미 쓰이고 있는 전화번호입니다."
    en = "That phone is in use."


class WeekTaken(Conflict):
    """That ISO week has a match week already."""

    code = "week_taken"
    ko = "그 주의 매칭은 이미 있습니다."
    en = "That week has a match week already."


class AlreadyIntroduced(Conflict):
    """These two were introduced before; a pair is introduced at most once ever."""

    code = "already_introduced"
    ko = "이미 소개된 두 사람입니다."
    en = "These two were introduced before."


class OverCapacity(Conflict):
    """A person would be in more introductions this week than their capacity."""

    code = "over_capacity"
    ko = "이번 주 소개 횟수를 넘습니다."
    en = "That is more introductions than this person may have this week."


class LeaseLost(Conflict):
    """Another worker holds the round now; nothing of this one was written."""

    code = "lease_lost"
    ko = "다른 작업자가 이 매칭을 진행하고 있습니다."
    en = "Another worker holds this round."


class AlreadyReported(Conflict):
    """An earlier report of the same person by the same member still waits for staff."""

    code = "already_reported"
    ko = "이미 신고하셨고, 저희가 살펴보고 있습니다."
    en = "You have reported this person already, and we are looking into it."


class LinkTaken(Conflict):
    """That outside account signs in another user."""

    code = "link_taken"
    ko = "이미 다른 회원에 연결된 계정입니다."
    en = "That account is linked to another user."


class StillRunning(Conflict):
    """The first of two equal commands has no reply yet."""

    code = "still_running"
    ko = "같은 요청을 처리하고 있습니다. 잠시 뒤 다시 시도해 주세요."
    en = "The same request is still running. Ask again in a moment."


class KeyReused(YgsError):
    """An Idempotency-Key that stands for another request already."""

    code = "key_reused"
    ko = "이미 다른 요청에 쓰인 Idempotency-Key입니다."
    en = "That Idempotency-Key was used for another request."


class SignInRefused(YgsError):
    """Who somebody says they are was not proven. One class and one message for every cause, so that nobody learns who
    has an account here."""

    code = "sign_in_refused"
    ko = "로그인할 수 없습니다. 입력한 내용을 확인하고, 여러 번 틀렸다면 잠시 뒤 다시 시도해 주세요."
    en = "Signing in failed. Check what you entered; after several mistakes, wait a while."

    def __init__(self, message: str = "check what you entered, or set a new password") -> None:
        super().__init__(message)


class InvalidToken(SignInRefused):
    """A token that is wrong, expired, used before, or of a session that is over: sign in again."""

    code = "invalid_token"
    ko = "다시 로그인해 주세요."
    en = "Sign in again."


class OneTimeTokenSpent(SignInRefused):
    """A step of a use case that is used, expired or tried too often: start the use case again."""

    code = "one_time_token_spent"
    ko = "시간이 지났거나 이미 쓴 요청입니다. 처음부터 다시 시작해 주세요."
    en = "That step is used or expired. Start again."


class TooManyAttempts(YgsError):
    """Tried too often: wait `retry_after` seconds."""

    code = "too_many_attempts"
    ko = "시도가 너무 많습니다. 잠시 뒤 다시 시도해 주세요."
    en = "Too many attempts. Wait a while."

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"try again in {retry_after} seconds")


class Forbidden(YgsError):
    """The actor may not do this."""

    code = "forbidden"
    ko = "권한이 없습니다."
    en = "This account may not do that."


class Suspended(Forbidden):
    """Not while the account is suspended: what is left is to take one's data and to leave."""

    code = "suspended"
    ko = "이용이 정지된 계정입니다."
    en = "This account is suspended."


class SecondFactorNeeded(Forbidden):
    """Staff may do this only once they have enrolled an authenticator and signed in with it."""

    code = "second_factor_needed"
    ko = "먼저 인증 앱을 등록해 주세요."
    en = "Enrol an authenticator first."


class Unavailable(YgsError):
    """Storage or an outside service did not answer in time; trying again may work."""

    code = "unavailable"
    ko = "지금은 응답이 없습니다. 잠시 뒤 다시 시도해 주세요."
    en = "No answer in time: try again shortly."


class NotSetUp(Unavailable):
    """Something that this service is not configured for; says which setting would."""

    code = "not_set_up"
    ko = "이곳에서는 쓸 수 없는 기능입니다."
    en = "This service is not set up for that."


class BadFile(YgsError):
    """A file that is not what it should be; says where and what to do."""

    code = "bad_file"
    ko = "파일을 읽을 수 없습니다."
    en = "That file is not what it should be."
