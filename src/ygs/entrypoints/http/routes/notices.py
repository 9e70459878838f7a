"""My notices, and how I want to be notified."""

from ygs.application.notifications.notices import NoticeList, NoticePreferences, ReadNotices
from ygs.entrypoints.http.dependencies import AfterNotice, PageLimit, SignedIn, Ygs
from ygs.entrypoints.http.openapi.refusals import UNAUTHORISED, refuses
from ygs.entrypoints.http.router import PrefixRouter

router = PrefixRouter(prefix="/users/me/notices", tags=["me"], responses=refuses(*UNAUTHORISED, 503))


@router.get("")
async def list_notices(actor: SignedIn, ygs: Ygs, after: AfterNotice = None, limit: PageLimit = 20) -> NoticeList:
    """List my notices, the newest first, page by page, in the language I chose."""
    return await ygs.notices.list(actor, after=after, limit=limit)


@router.post("/read", status_code=204)
async def read_notices(read: ReadNotices, actor: SignedIn, ygs: Ygs) -> None:
    """Mark my notices as read, up to and including one."""
    await ygs.notices.mark_read(actor, read)


@router.get("/preferences")
async def get_notice_preferences(actor: SignedIn, ygs: Ygs) -> NoticePreferences:
    """Return how I want to be notified."""
    return await ygs.notices.get_preferences(actor)


@router.put("/preferences")
async def set_notice_preferences(preferences: NoticePreferences, actor: SignedIn, ygs: Ygs) -> NoticePreferences:
    """Choose how I want to be notified."""
    return await ygs.notices.set_preferences(actor, preferences)
