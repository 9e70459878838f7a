"""One decision about many members, with a verdict for each: one who is refused does not stop the others."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ygs.application.actors import Actor, Permission
from ygs.application.bilingual import Bilingual
from ygs.application.members.review import DecidedStatus, MemberReview
from ygs.application.messages.translate import explain_error, headline
from ygs.application.request_fields import CheckedText
from ygs.domain.errors import YgsError
from ygs.domain.ids import ULID, UserId
from ygs.domain.text import LINE_LENGTH

MOST_AT_ONCE = 100
MemberIds = Annotated[
    list[Annotated[str, Field(pattern=f"^usr_{ULID}$")]],
    Field(min_length=1, max_length=MOST_AT_ONCE, description="The members, 1 to 100; each is taken once."),
]


class BulkStatusChange(BaseModel):
    """The status that members are to get, and why: the reason is required to reject and to suspend."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: MemberIds
    status: DecidedStatus = Field(description="By approving or restoring, rejecting, or suspending.")
    reason: Annotated[str, CheckedText("reason", LINE_LENGTH)] = Field(
        default="", description="Why; a member reads that of a rejection."
    )


class RowVerdict(BaseModel):
    """What became of one member."""

    model_config = ConfigDict(frozen=True)

    id: UserId = Field(description="The member's id.")
    done: bool = Field(description="Whether it was done.")
    code: str = Field(description="The code of the error; empty if it was done.")
    words: Bilingual = Field(description="What the error says, in both languages; empty if it was done.")

    @classmethod
    def of(cls, id: UserId, error: YgsError | None) -> "RowVerdict":
        """The verdict of one member, refused by an error or not."""
        if error is None:
            return cls(id=id, done=True, code="", words=Bilingual(ko=[], en=[]))
        words = Bilingual.by(lambda language: [explain_error(error, language) or headline(error, language)])
        return cls(id=id, done=False, code=error.code, words=words)


class Verdicts(BaseModel):
    """What became of each member, in the order in which they were given."""

    model_config = ConfigDict(frozen=True)

    rows: list[RowVerdict] = Field(description="One for each member.")


async def row_by_row(ids: Sequence[str], act: Callable[[UserId], Awaitable[object]]) -> Verdicts:
    """Act on each member in a transaction of its own; an error is the verdict of that member alone."""
    rows = []
    for each in map(UserId, dict.fromkeys(ids)):
        refusal = None
        try:
            await act(each)
        except YgsError as error:
            refusal = error
        rows.append(RowVerdict.of(each, refusal))
    return Verdicts(rows=rows)


@dataclass(frozen=True, slots=True)
class BulkStatus:
    """Changes the status of many members by the same decisions as of one."""

    member_review: MemberReview

    async def change(self, actor: Actor, request: BulkStatusChange) -> Verdicts:
        """Decide about each member; `Forbidden` only when the actor may decide about nobody."""
        actor.require(Permission.REVIEW_MEMBERS)

        async def decide(id: UserId) -> None:
            await self.member_review.change_status(actor, id, request.status, request.reason)

        return await row_by_row(request.ids, decide)
