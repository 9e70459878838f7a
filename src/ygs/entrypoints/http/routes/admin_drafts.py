"""Staff: drafts that a language model writes. Each is off unless the operator switches it on."""

from ygs.application.drafts.drafter import DraftServices
from ygs.application.drafts.introduction_messages import IntroductionMessages
from ygs.application.drafts.member_summary import MemberSummary
from ygs.application.drafts.note_facts import AcceptedFact, ProposedFacts
from ygs.application.members.profile import MyselfView
from ygs.entrypoints.http.dependencies import ConsultationInPath, IntroductionInPath, SignedIn, UserInPath, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/admin", tags=["staff: drafts"], responses=refuses(*UNAUTHORISED, 503))


@router.get("/drafts")
async def get_draft_services(actor: SignedIn, ygs: Ygs) -> DraftServices:
    """Return which drafts a language model writes here, and what it has taken today."""
    return await ygs.drafter.services(actor)


@router.post("/members/{id}/summary", responses=refuses(404, 409))
async def draft_member_summary(id: UserInPath, actor: SignedIn, ygs: Ygs) -> MemberSummary:
    """Draft a paragraph about a member who consented; audited."""
    return await ygs.member_summaries.write(actor, id)


@router.post("/introductions/{id}/messages", responses=refuses(404, 409))
async def draft_introduction_messages(id: IntroductionInPath, actor: SignedIn, ygs: Ygs) -> IntroductionMessages:
    """Draft a message to each of two who are introduced, of what each may see of the other; audited. Nothing is
    sent."""
    return await ygs.message_drafts.write(actor, id)


@router.post("/consultations/{id}/facts", responses=refuses(404, 409))
async def propose_facts(id: ConsultationInPath, actor: SignedIn, ygs: Ygs) -> ProposedFacts:
    """Propose facts that the note of a consultation states; audited. Nothing is stored before it is accepted."""
    return await ygs.note_facts.propose(actor, id)


@router.post("/consultations/{id}/facts/accept", responses=refuses(404, 409))
async def accept_proposed_fact(id: ConsultationInPath, accepted: AcceptedFact, actor: SignedIn, ygs: Ygs) -> MyselfView:
    """Store one proposed fact as a correction of the member's data; audited."""
    return await ygs.note_facts.accept(actor, id, accepted)
