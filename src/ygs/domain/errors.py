"""Every error ygs raises on purpose.

::

    YgsError
    ├── DomainError              a rule of the trade says no
    │   ├── UnknownValue         a value that is not in the vocabulary
    │   ├── InvalidFact          a value of the right kind that cannot be true or is out of range
    │   ├── InvalidText          NUL, lone surrogates, too long, or a Korean resident number
    │   ├── InvalidWish          a wish that is not written as its attribute needs
    │   │   └── ImpossibleWish   a wish that nobody can meet
    │   ├── InvalidPolicy        a policy that contradicts itself
    │   ├── InvalidId            not an id of the kind asked for
    │   ├── NotAdult             younger than the law of the service's country allows
    │   ├── ConsentMissing       a sensitive fact without the consent that lets us keep it
    │   ├── WrongStatus          the thing is not in a state that allows this
    │   │   ├── Incomplete       a profile that lacks what it cannot be sent in without
    │   │   ├── AlreadyDecided   an introduction whose answers are final
    │   │   ├── LimitReached     as many of these as a member may have
    │   │   ├── NotUploaded      an upload to whose address no file was sent yet
    │   │   └── ConsentNeeded    a consent that an account cannot be without
    │   ├── InvalidRequest       several things wrong in one request
    │   ├── DeadlinePassed       too late, by the clock of the service
    │   │   └── UploadExpired    the time to send or confirm the file is over
    │   ├── WeakPassword         too short or too easily guessed
    │   └── RoundRefused         overrides or inputs no plan can satisfy
    │       └── OverrideInTheWay an earlier override contradicts a new one
    ├── NotFound                 nothing live under that id
    │   └── NoSuchWeek           no match week of that name, or none at all yet
    ├── Conflict                 somebody was faster, or the data forbids two
    │   ├── StaleWrite           it changed since it was read
    │   ├── PhoneTaken           a live user has that phone
    │   ├── WeekTaken            that ISO week exists already
    │   ├── AlreadyIntroduced    these two met before
    │   ├── OverCapacity         a person would be in too many introductions this week
    │   ├── AlreadyGiven         this side has given its feedback
    │   ├── AlreadyReported      an earlier report of the same person still waits for staff
    │   ├── SlotTaken            somebody else booked that time
    │   ├── SlotOverlap          the consultant has a slot at that time already
    │   ├── LinkTaken            that outside account belongs to another user
    │   ├── StillRunning         the first of two equal commands has no reply yet
    │   └── LeaseLost            another worker holds the round now
    ├── KeyReused                an Idempotency-Key that stands for another request
    ├── SignInRefused            wrong phone, password, proof or code: never says which
    │   ├── WrongCode            not the code that was sent, or that the authenticator shows
    │   ├── WrongPassword        not the current password of whoever is signed in
    │   ├── InvalidToken         a token that is wrong, expired, used before or of an ended session
    │   ├── IdTokenUsed          a provider's ID token that was used before: a fresh one is needed
    │   └── OneTimeTokenSpent          a step of a use case that is used, expired or tried too often
    ├── TooManyAttempts          wait; says for how long
    ├── Forbidden                the actor may not do this
    │   ├── SignInTooOld         the session began too long ago: sign in again first
    │   ├── ReadBudgetSpent      shown as many people as one account may be in a day
    │   ├── Suspended            not while the account is suspended
    │   └── SecondFactorNeeded   staff must enrol an authenticator, or sign in with it, first
    ├── Unavailable              storage or a service did not answer in time; trying again may work
    │   ├── NotWritable          storage is full, failed or read-only; somebody has to see to it
    │   └── Misconfigured        a setting, or what it points to, is wrong; trying again will not help
    │       └── NotSetUp         what this service is not configured for
    └── BadFile                  a file that is not what it should be (names the row and column)

A class's ``code`` is stable: clients and logs may match on it. Its ``headline`` says in a sentence what kind of error
it is. An error's own ``template``, filled with its ``fields``, says what exactly is wrong and what to do next, and
holds no personal datum. Both are English; `ygs.application.messages` says them in the reader's language.
"""

from collections.abc import Sequence
from typing import ClassVar


def N_(template: str) -> str:  # noqa: N802 - the name that message extractors know
    """Mark an English template for translation, and return it as it is."""
    return template


class Thing(str):
    """The kind of thing that was not found, such as an introduction.

    It is translated apart from fields of the same name: a member's text about themselves is an introduction in English,
    and another word in Korean.
    """

    __slots__ = ()


class Listed(tuple[object, ...]):
    """Several codes, or several errors, in one field of a message; each is shown in the reader's language."""

    __slots__ = ()

    @property
    def separator(self) -> str:
        """What stands between them: errors are sentences."""
        return "; " if any(isinstance(each, YgsError) for each in self) else ", "

    def __str__(self) -> str:
        return self.separator.join(map(str, self))

    def __format__(self, spec: str) -> str:
        return str(self)


class Wait(int):
    """A number of seconds to wait, shown in the words that people use: rounded up to minutes from a minute on."""

    __slots__ = ()

    @property
    def parts(self) -> Sequence[tuple[int, str]]:
        """The hours, minutes or seconds that it lasts, each with its unit."""
        if self < _MINUTE:
            return [(int(self), "second")]
        hours, minutes = divmod(-(-self // _MINUTE), _MINUTE)
        return [(number, unit) for number, unit in ((hours, "hour"), (minutes, "minute")) if number]

    def __str__(self) -> str:
        return " and ".join(f"{number} {unit}{'' if number == 1 else 's'}" for number, unit in self.parts)

    def __format__(self, spec: str) -> str:
        return str(self)


_MINUTE = 60


class YgsError(Exception):
    """Anything ygs raises on purpose.

    `template` is English with named fields in braces, `fields` are their values: numbers, texts, or codes, which
    readers see by their labels. `about` is the code of the field or attribute that the error is about, if any.
    """

    code: ClassVar[str] = "error"
    headline: ClassVar[str] = N_("Something went wrong.")
    prefix: ClassVar[str] = "{about}: "

    def __init__(self, template: str = "", *, about: str = "", **fields: object) -> None:
        self.template = template
        self.about = about
        self.fields = fields
        start = self.prefix.format(about=about) if about else ""
        super().__init__(start + (template.format(**fields) if fields else template))


class DomainError(YgsError):
    """A rule of the domain forbids this."""

    code = "rule_broken"
    headline = N_("A rule says no.")


class UnknownValue(DomainError):
    """A value, or a whole attribute, that is not in the vocabulary.

    ``shown`` may be a foreign file's text: show it to the person who brought the file, never log it.
    """

    code = "unknown_value"
    headline = N_("That value is not in the vocabulary.")

    def __init__(self, attribute: str, shown: object) -> None:
        self.attribute = attribute
        self.shown = shown
        if attribute == "attribute":
            super().__init__(N_("there is no such attribute (see `ygs vocabulary`)"), about=attribute)
        else:
            template = N_("not a value of the vocabulary (see `ygs vocabulary {code}`)")
            super().__init__(template, about=attribute, code=attribute)


class InvalidFact(DomainError):
    """A fact of the right kind that cannot be true, or lies out of range."""

    code = "invalid_fact"
    headline = N_("That value cannot be true or is out of range.")

    def __init__(self, attribute: str, template: str, **fields: object) -> None:
        self.attribute = attribute
        super().__init__(template, about=attribute, **fields)


class InvalidText(DomainError):
    """Text that cannot be stored: NUL, lone surrogates, too long, or a resident registration number."""

    code = "invalid_text"
    headline = N_("That text cannot be stored.")

    def __init__(self, field: str, template: str, **fields: object) -> None:
        self.field = field
        super().__init__(template, about=field, **fields)


class InvalidWish(DomainError):
    """A wish that does not fit the kind of its attribute."""

    code = "invalid_wish"
    headline = N_("That wish is not written as it should be.")

    prefix = N_("wish for {about}: ")

    def __init__(self, attribute: str, template: str, **fields: object) -> None:
        self.attribute = attribute
        super().__init__(template, about=attribute, **fields)


class ImpossibleWish(InvalidWish):
    """A wish that is well formed, and that nobody can meet."""

    code = "impossible_wish"
    headline = N_("Nobody can meet that wish.")


class InvalidRequest(DomainError):
    """Several errors in one request; `errors` lists all of them."""

    code = "invalid_request"
    headline = N_("The request does not fit what is asked for.")

    def __init__(self, errors: Sequence[YgsError]) -> None:
        self.errors = tuple(errors)
        super().__init__(N_("{problems}"), problems=Listed(errors))


class InvalidPolicy(DomainError):
    """A policy that contradicts itself or lies out of range."""

    code = "invalid_policy"
    headline = N_("The policy contradicts itself.")


class InvalidId(DomainError):
    """A text that is not an id of the kind asked for."""

    code = "invalid_id"
    headline = N_("That is not an id of this kind.")

    def __init__(self, kind: str) -> None:
        # With its underscore, so that "note_" is not taken for the word that notes have in Korean.
        prefix = f"{kind}_"
        super().__init__(N_("not such an id: expected {prefix} and 26 upper-case letters and digits"), prefix=prefix)


class NotAdult(DomainError):
    """Younger than the law of the service's country allows."""

    code = "not_adult"
    headline = N_("Members must be of age.")


class ConsentMissing(DomainError):
    """A sensitive fact without the consent that lets us keep it; `attributes`: the codes of such facts."""

    code = "consent_missing"
    headline = N_("A consent is needed first.")

    def __init__(self, template: str, attributes: Sequence[str] = (), **fields: object) -> None:
        self.attributes = tuple(attributes)
        super().__init__(template, about="", **fields)


class WrongStatus(DomainError):
    """The thing is not in a state that allows this."""

    code = "wrong_status"
    headline = N_("Its state does not allow this.")


class Incomplete(WrongStatus):
    """A profile that cannot be submitted yet; `missing` lists the codes of what it lacks."""

    code = "incomplete"
    headline = N_("The profile is not complete yet.")

    def __init__(self, missing: tuple[str, ...]) -> None:
        self.missing = missing
        super().__init__(N_("not complete yet, missing: {missing}"), missing=Listed(missing))


class AlreadyDecided(WrongStatus):
    """An introduction that is decided: its answers are final."""

    code = "already_decided"
    headline = N_("This introduction is decided.")


class LimitReached(WrongStatus):
    """As many photos, documents or blocks as a member may have; says how many."""

    code = "limit_reached"
    headline = N_("There are as many of these as there may be.")


class NotUploaded(WrongStatus):
    """An upload whose file was not sent to its address yet."""

    code = "not_uploaded"
    headline = N_("The file has not arrived yet.")


class ConsentNeeded(WrongStatus):
    """A consent that an account cannot be without, and that is to be withdrawn."""

    code = "consent_needed"
    headline = N_("An account cannot be without this consent.")


class DeadlinePassed(DomainError):
    """The deadline has passed."""

    code = "deadline_passed"
    headline = N_("It is too late for this.")


class UploadExpired(DeadlinePassed):
    """The time to send the file, or to confirm it, is over: begin a new upload."""

    code = "upload_expired"
    headline = N_("This upload has expired.")

    def __init__(self) -> None:
        super().__init__(N_("begin a new upload, and send the file to its address"))


class WeakPassword(DomainError):
    """A password too short or too easily guessed; says what to do instead."""

    code = "weak_password"
    headline = N_("Use a longer password that is harder to guess.")

    def __init__(self, field: str, template: str, **fields: object) -> None:
        self.field = field
        super().__init__(template, about=field, **fields)


class RoundRefused(DomainError):
    """Overrides or inputs that no plan can satisfy; the message names the pair or person."""

    code = "round_refused"
    headline = N_("No round can satisfy this.")


class LearningRefused(DomainError):
    """What was asked of the chance model is not possible or not warranted; the message says why."""

    code = "learning_refused"
    headline = N_("This cannot be learned.")


class OverrideInTheWay(RoundRefused):
    """A new override contradicts an existing one. `key` names the existing one, `kind` is that of the new one."""

    code = "override_in_the_way"
    headline = N_("An earlier override contradicts this one.")

    def __init__(self, key: str, kind: str) -> None:
        self.key = key
        self.kind = kind
        super().__init__(N_("{override} stands in the way: take it back first"), override=key)


class NotFound(YgsError):
    """Nothing has that id, or the actor may not know of it."""

    code = "not_found"
    headline = N_("There is nothing there.")

    def __init__(self, what: str, id: str = "") -> None:
        if id:
            super().__init__(N_("no {what} {id}"), what=Thing(what), id=id)
        else:
            super().__init__(N_("no {what}"), what=Thing(what))


class NoSuchWeek(NotFound):
    """No match week of that name, or none at all yet."""

    def __init__(self) -> None:
        YgsError.__init__(self, N_("no such match week: create it first with `ygs week create`"))


class Conflict(YgsError):
    """The stored data forbids this: a value that must be unique exists already, or what it refers to does not."""

    code = "conflict"
    headline = N_("It exists already or collides with something else.")


class StaleWrite(Conflict):
    """The value was changed after the caller read it: read it again and repeat the edit.

    `version`: the stored one, where the caller named the version that they read.
    """

    code = "stale_write"
    headline = N_("It changed meanwhile: read it again and repeat the edit.")

    def __init__(self, template: str = "", *, version: int | None = None) -> None:
        self.version = version
        super().__init__(template)


class PhoneTaken(Conflict):
    """A live user has that phone."""

    code = "phone_taken"
    headline = N_("That phone is in use.")


class WeekTaken(Conflict):
    """That ISO week has a match week already."""

    code = "week_taken"
    headline = N_("That week has a match week already.")


class AlreadyIntroduced(Conflict):
    """These two were introduced before; a pair is introduced at most once ever."""

    code = "already_introduced"
    headline = N_("These two were introduced before.")


class OverCapacity(Conflict):
    """A person would be in more introductions this week than their capacity."""

    code = "over_capacity"
    headline = N_("That is more introductions than this person may have this week.")


class LeaseLost(Conflict):
    """Another worker holds the round now; nothing of this one was written."""

    code = "lease_lost"
    headline = N_("Another worker holds this round.")


class AlreadyGiven(Conflict):
    """This side of an introduction has given its feedback."""

    code = "already_given"
    headline = N_("You have told us already how it went.")


class AlreadyReported(Conflict):
    """An earlier report of the same person by the same member still waits for staff."""

    code = "already_reported"
    headline = N_("You have reported this person already, and we are looking into it.")


class SlotTaken(Conflict):
    """Somebody else booked that slot."""

    code = "slot_taken"
    headline = N_("That time was just booked. Choose another.")


class SlotOverlap(Conflict):
    """The consultant has a slot at that time already."""

    code = "slot_overlap"
    headline = N_("The consultant has something else at that time.")


class LinkTaken(Conflict):
    """That account of an identity provider signs in another user."""

    code = "link_taken"
    headline = N_("That account is linked to another user.")


class StillRunning(Conflict):
    """The first of two equal commands has no reply yet."""

    code = "still_running"
    headline = N_("The same request is still running. Ask again in a moment.")


class KeyReused(YgsError):
    """An Idempotency-Key that stands for another request already."""

    code = "key_reused"
    headline = N_("That Idempotency-Key was used for another request.")


class SignInRefused(YgsError):
    """Sign-in failed. Every cause has the same class and message, so that nobody learns who has an account."""

    code = "sign_in_refused"
    headline = N_("Signing in failed. Check what you entered; after several mistakes, wait a while.")

    def __init__(self, template: str = N_("check what you entered, or set a new password")) -> None:
        super().__init__(template)


class WrongCode(SignInRefused):
    """Not the code that was sent, or that the authenticator shows; alike whether or not anybody has that phone."""

    code = "wrong_code"
    headline = N_("That is not the code.")

    def __init__(self, template: str = N_("look at the latest message again, or ask for a new code")) -> None:
        super().__init__(template)


class WrongPassword(SignInRefused):
    """Not the current password of the user, who is signed in."""

    code = "wrong_password"
    headline = N_("That is not your current password.")

    def __init__(self) -> None:
        super().__init__(N_("enter your current password again, or set a new one by a code to your phone"))


class InvalidToken(SignInRefused):
    """A token that is wrong, expired, used before, or of a session that is over: sign in again."""

    code = "invalid_token"
    headline = N_("Sign in again.")


class OneTimeTokenSpent(SignInRefused):
    """A one-time token that is used, expired or tried too often: begin again."""

    code = "one_time_token_spent"
    headline = N_("That step is used or expired. Start again.")


class IdTokenUsed(SignInRefused):
    """A provider's ID token that was used before. Whoever lost the reply gets a fresh one from the provider's SDK."""

    code = "id_token_used"
    headline = N_("That ID token was used already.")

    def __init__(self) -> None:
        super().__init__(N_("fetch a fresh ID token, such as by getIdToken(true), and send that one"))


class TooManyAttempts(YgsError):
    """Tried too often: wait `retry_after` seconds."""

    code = "too_many_attempts"
    headline = N_("Too many attempts. Wait a while.")

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(N_("try again in {wait}"), wait=Wait(retry_after))


class Forbidden(YgsError):
    """The actor may not do this."""

    code = "forbidden"
    headline = N_("This account may not do that.")


class SignInTooOld(Forbidden):
    """The session began more than 15 minutes ago, which is too long for what gives power over accounts."""

    code = "sign_in_too_old"
    headline = N_("This needs a sign-in of the last 15 minutes.")

    def __init__(self) -> None:
        super().__init__(N_("sign in again first: this needs a session of the last 15 minutes"))


class ReadBudgetSpent(Forbidden):
    """The account was shown as many people today as one may be; another administrator can lift that."""

    code = "read_budget_spent"
    headline = N_("This account has read enough for today.")

    def __init__(self, limit: int) -> None:
        super().__init__(
            N_(
                "one account is shown at most {limit} people a day in this way: ask an administrator to lift this for "
                "today, with a reason"
            ),
            limit=limit,
        )


class Suspended(Forbidden):
    """A suspended account may not do this; it may only export its data and withdraw."""

    code = "suspended"
    headline = N_("This account is suspended.")


class SecondFactorNeeded(Forbidden):
    """Staff may do this only once they have enrolled an authenticator and signed in with it."""

    code = "second_factor_needed"
    headline = N_("Enrol an authenticator first.")


class Unavailable(YgsError):
    """Storage or an outside service did not answer in time; trying again may work."""

    code = "unavailable"
    headline = N_("No answer in time: try again shortly.")


class UnusableReply(Unavailable):
    """A language model answered in time, but nothing of its answer is of use; asking again may work."""

    code = "unusable_reply"
    headline = N_("The language model's answer cannot be used.")


class OutcomeUnknown(Unavailable):
    """The connection to the storage was lost while a change was being committed: it may be stored or not."""

    code = "outcome_unknown"
    headline = N_("This may have been stored or not: look before you repeat it.")


class NotWritable(Unavailable):
    """Storage cannot be written: the disk is full, failed or read-only. Somebody has to see to it."""

    code = "not_writable"
    headline = N_("Nothing can be stored at the moment.")


class Misconfigured(Unavailable):
    """A setting, or what it points to, is wrong; says what to set. Trying again does not help."""

    code = "misconfigured"
    headline = N_("A setting is wrong.")


class NotSetUp(Misconfigured):
    """Something that this service is not configured for; says which setting would."""

    code = "not_set_up"
    headline = N_("This service is not set up for that.")


class BadFile(YgsError):
    """A file that is not what it should be; says where and what to do."""

    code = "bad_file"
    headline = N_("That file is not what it should be.")
