"""What publishing a week costs the database: statements whose number does not grow with each introduction."""

from tests.support.big_weeks import OPERATOR, proposed_week
from tests.support.databases import statements
from ygs.adapters.sql.statements.bulk import LOT
from ygs.adapters.sql.storage import SqlStorage
from ygs.bootstrap import build
from ygs.ports.storage import Storage

FEW = 10
MORE = 160
MEMBERS = 60


async def test_a_week_of_sixteen_times_as_many_introductions_is_published_by_as_many_statements(
    storage: SqlStorage,
) -> None:
    assert 2 * MORE < LOT  # whose two participants, and two events, are one lot
    sent: dict[int, list[str]] = {}
    async with build(overrides={Storage: storage}) as ygs:
        for pairs in (FEW, MORE):
            week = await proposed_week(ygs, pairs, members=MEMBERS, first=pairs)
            with statements(storage) as seen:
                published = await ygs.planning.publish(OPERATOR, week)
            assert published.introductions.waiting == pairs
            sent[pairs] = seen
    # The savepoints have names of their own.
    assert len(sent[FEW]) == len(sent[MORE]), set(sent[MORE]) - set(sent[FEW])
    writes = [each.split()[2] for each in sent[MORE] if each.startswith("INSERT")]
    assert {"introductions", "participants", "outbox", "jobs"} <= set(writes)
