"""Drafts for staff by the real SDK against a scripted server: bounded, marked, consented to, and harmless."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.integration.test_week_advice import INJECTIONS
from tests.support.gemini_server import GeminiServer, Script, Scripted, data_of, replied, serving
from ygs.adapters.advisors.gemini import GeminiAdvisor
from ygs.adapters.advisors.recorded import RecordedAdvisor
from ygs.application.actors import Actor
from ygs.application.drafts.column_drafts import kind_of_values
from ygs.application.drafts.note_facts import AcceptedFact, is_quoted
from ygs.application.importing.mapping import parse_mapping
from ygs.application.importing.suggestion import open_columns, suggested_mapping
from ygs.application.members.profile import ConsentEdit
from ygs.application.simulation.demo_weeks import StoryClock
from ygs.bootstrap import Application, build
from ygs.domain.advice import TOLD_BY_MEMBERS, AdviceUsage, DraftKind, PromptItem
from ygs.domain.errors import (
    ConsentMissing,
    Forbidden,
    LimitReached,
    NotFound,
    NotSetUp,
    Unavailable,
    UnusableReply,
    WrongStatus,
)
from ygs.domain.ids import UserId
from ygs.domain.introductions import IntroductionState
from ygs.domain.matching.attribute import Language
from ygs.domain.users import Consent, Lifestyle, Profile, Purpose, Role, Status, User
from ygs.entrypoints.testing.builders import a_consultation, a_slot, a_user, a_week, an_introduction
from ygs.entrypoints.testing.clock import NOON
from ygs.ports.clock_and_ids import Clock
from ygs.ports.match_advisor import MatchAdvisor
from ygs.ports.spreadsheets import Row, SheetTable
from ygs.settings import AdvisorKind, Settings

STAFF = Actor.operator()
SAID = "주말마다 산에 오르고 조용한 대화를 좋아합니다."
NOTE = "김민준 님은 작년에 담배를 끊었다고 함. 키는 178이라고 함. 어머니는 천주교."
SETTINGS: dict[str, Any] = {
    "database_url": SecretStr("memory:"),
    "language": Language.KO,
    "advisor": AdvisorKind.GEMINI,
    "advisor_key": SecretStr("a-key"),
    "advisor_model": "gemini-test",
    "advisor_consent_versions": frozenset({"2026-01"}),
    "advisor_items": frozenset(PromptItem),
    "advisor_drafts": frozenset(DraftKind),
    "advisor_input_price": Decimal(1),
    "advisor_output_price": Decimal(10),
}


def a_member(number: int, name: str, **changes: Any) -> User:
    consents = {
        purpose: Consent(purpose=purpose, version="2026-01", given_at=NOON)
        for purpose in (Purpose.TERMS, Purpose.PRIVACY, Purpose.SENSITIVE, Purpose.LLM)
    }
    profile = Profile(
        introduction=f"{name}입니다. 한빛대학교를 나왔고 산을 좋아해요.",
        ideal_partner="비밀스러운 이상형: 차분한 분",
        school="한빛대학교",
    )
    told: dict[str, Any] = {"consents": consents, "profile": profile, "lifestyle": Lifestyle()}
    return a_user(number, name=name, status=Status.ACTIVE, **told, **changes)


MINJUN = a_member(1, "김민준", phone="+821012345678")
SEOYEON = a_member(2, "이서연")


@dataclass(frozen=True)
class Drafting:
    """An application whose model is the SDK against a local server."""

    app: Application
    server: GeminiServer
    clock: StoryClock

    async def usage(self) -> AdviceUsage:
        async with self.app.storage.read() as reading:
            return await reading.advice.drafting(NOON.date())


def says(**reply: Any) -> Script:
    return lambda _: replied(json.dumps(reply, ensure_ascii=False))


_SUMMARY = says(summary=SAID)


@asynccontextmanager
async def drafting(
    script: Script = _SUMMARY, note: str = NOTE, seconds: float = 20, **settings: Any
) -> AsyncIterator[Drafting]:
    async with serving(script) as server:
        gemini = GeminiAdvisor("a-key", "gemini-test", url=server.url, seconds=seconds, backoff=0.01)
        clock = StoryClock(NOON)
        ports = {Clock: clock, MatchAdvisor: gemini}
        async with build(Settings(**{**SETTINGS, "advisor_url": server.url, **settings}), ports) as app:
            week = a_week()
            async with app.storage.write() as tx:
                await tx.users.add_all([MINJUN, SEOYEON, a_user(90, role=Role.CONSULTANT)])
                await tx.weeks.add(week)
                await tx.introductions.add_all([an_introduction(MINJUN, SEOYEON, week)], {MINJUN.id: 1, SEOYEON.id: 1})
                await tx.consultations.add_slots([a_slot()])
                await tx.consultations.add(a_consultation(a_slot(), MINJUN.id, notes=note))
            try:
                yield Drafting(app, server, clock)
            finally:
                await gemini.close()


async def summarised(ygs: Drafting) -> str:
    return (await ygs.app.member_summaries.write(STAFF, MINJUN.id)).summary


async def messages(ygs: Drafting) -> Any:
    return await ygs.app.message_drafts.write(STAFF, an_introduction(MINJUN, SEOYEON, a_week()).id)


async def proposed(ygs: Drafting) -> Any:
    return await ygs.app.note_facts.propose(STAFF, a_consultation(a_slot(), MINJUN.id).id)


def sent(ygs: Drafting) -> str:
    return json.dumps(ygs.server.calls, ensure_ascii=False)


async def test_a_summary_is_marked_scrubbed_paid_once_and_on_record_without_its_words() -> None:
    async with drafting() as ygs:
        first = await ygs.app.member_summaries.write(STAFF, MINJUN.id)
        again = await ygs.app.member_summaries.write(STAFF, MINJUN.id)
        async with ygs.app.storage.read() as reading:
            entries = [each.entry for each in await reading.audit.about(MINJUN.id)]
        usage = await ygs.usage()
    assert first == again
    assert first.summary == SAID
    assert "기계" in first.marked.ko[0]
    assert len(ygs.server.calls) == 1
    for word in ("민준", "한빛", "1234", MINJUN.id):
        assert word not in sent(ygs)
    asked = [each for each in entries if each.action == "draft.asked"]
    assert [(each.what, each.subject) for each in asked] == [("summary", MINJUN.id)] * 2
    assert "산" not in json.dumps([[each.what, each.reason] for each in entries], ensure_ascii=False)
    assert usage == AdviceUsage(calls=1, input_tokens=100, output_tokens=20, answered=1)


HOSTILE: dict[str, Script] = {
    "no document": lambda _: replied("요약을 쓸 수 없습니다."),
    "another key": says(text=SAID),
    "a number": says(summary=7),
    "too long": says(summary="가" * 601),
    "100 kB": says(summary="가" * 100_000),
    "another language": says(summary="週末は山に登ります。静かな会話が好きです。"),
    "english": says(summary="Climbs mountains every weekend."),
    "resident number": says(summary="주민번호는 900101-1234567 입니다."),
    "empty": says(summary=""),
    "nan": lambda _: replied('{"summary": NaN}'),
    "cut": lambda _: replied('{"summary": "산을', finish="MAX_TOKENS"),
    "safety": lambda _: Scripted(body=b'{"promptFeedback": {"blockReason": "SAFETY"}}'),
    "broken": lambda _: Scripted(status=500),
    "hanging": lambda _: Scripted(hang=True),
}


async def test_whatever_else_is_answered_is_refused_counted_and_not_kept() -> None:
    async with drafting(seconds=2) as ygs:
        for name, script in HOSTILE.items():
            ygs.server.script = script
            with pytest.raises(Unavailable) as refused:
                await summarised(ygs)
            assert refused.type is (Unavailable if name in ("broken", "hanging") else UnusableReply), name
        usage = await ygs.usage()
        assert (usage.calls, usage.answered) == (len(HOSTILE), 0)
        assert usage.input_tokens > 0
        ygs.server.script = says(summary=SAID)
        assert await summarised(ygs) == SAID


async def test_what_a_draft_tells_of_the_member_is_scrubbed_again() -> None:
    async with drafting(says(summary="김민준 님(010-1234-5678)은 산을 좋아합니다. <b>1</b>")) as ygs:
        text = await summarised(ygs)
    assert "민준" not in text
    assert "5678" not in text


async def test_every_draft_needs_the_consent_of_everybody_in_it_and_goes_when_one_withdraws_it() -> None:
    async with drafting(says(to_a=SAID, to_b=SAID)) as ygs:
        await messages(ygs)
        actor = Actor.signed_in(SEOYEON.id, Role.MEMBER, status=Status.ACTIVE)
        await ygs.app.members.set_consents(actor, ConsentEdit(consents={Purpose.LLM: None}))
        async with ygs.app.storage.read() as reading:
            stored = reading.advice._tx  # type: ignore[attr-defined]
            assert not (await stored.step()).drafts
        with pytest.raises(ConsentMissing):
            await messages(ygs)
        assert len(ygs.server.calls) == 1
    async with drafting(advisor_consent_versions=frozenset({"2027-01"})) as ygs:
        for ask in (summarised, messages, proposed):
            with pytest.raises(ConsentMissing):
                await ask(ygs)
        assert ygs.server.calls == []


async def test_a_consent_that_is_withdrawn_while_the_model_answers_leaves_no_draft() -> None:
    async with drafting() as ygs:
        actor = Actor.signed_in(MINJUN.id, Role.MEMBER, status=Status.ACTIVE)
        ask = ygs.app.drafter.advisor.ask

        class Slow:
            model = "gemini-test"

            async def ask(self, prompt: Any) -> Any:
                reply = await ask(prompt)
                await ygs.app.members.set_consents(actor, ConsentEdit(consents={Purpose.LLM: None}))
                return reply

            async def close(self) -> None: ...

        drafter = replace(ygs.app.drafter, advisor=Slow())
        with pytest.raises(ConsentMissing):
            await replace(ygs.app.member_summaries, drafter=drafter).write(STAFF, MINJUN.id)
        async with ygs.app.storage.read() as reading:
            assert not (await reading.advice._tx.step()).drafts  # type: ignore[attr-defined]


async def test_the_budget_of_a_day_is_kept_also_by_calls_at_once_and_begins_anew() -> None:
    async with drafting(advisor_draft_calls=2) as ygs:
        ygs.server.script = says(no=1)
        with pytest.raises(Unavailable):
            await summarised(ygs)
        ygs.server.script = says(summary=SAID)
        assert await summarised(ygs) == SAID
        with pytest.raises(LimitReached):
            await messages(ygs)
        assert await summarised(ygs) == SAID, "what is stored costs nothing"
        ygs.clock.moment = NOON + timedelta(days=1)
        ygs.server.script = says(to_a=SAID, to_b=SAID)
        await messages(ygs)
    async with drafting(advisor_draft_cost=Decimal("0.001")) as ygs:
        with pytest.raises(LimitReached):
            await summarised(ygs)
        assert (ygs.server.calls, await ygs.usage()) == ([], AdviceUsage())


async def test_each_kind_is_off_unless_it_is_named() -> None:
    asking: dict[DraftKind, Callable[[Drafting], Awaitable[Any]]] = {
        DraftKind.SUMMARY: summarised,
        DraftKind.MESSAGES: messages,
        DraftKind.FACTS: proposed,
    }
    async with drafting(advisor_drafts=frozenset({DraftKind.COLUMNS})) as ygs:
        for ask in asking.values():
            with pytest.raises(NotSetUp):
                await ask(ygs)
        assert ygs.server.calls == []
    async with drafting(advisor_drafts=frozenset(asking)) as ygs:
        with pytest.raises(NotSetUp):
            await ygs.app.column_drafts.propose(STAFF, open_columns(a_sheet()))
        assert ygs.server.calls == []
    assert Settings(database_url=SecretStr("memory:")).advisor_drafts == frozenset()
    assert Settings(database_url=SecretStr("memory:")).advisor_items == TOLD_BY_MEMBERS
    async with drafting(advisor_items=TOLD_BY_MEMBERS) as ygs:
        with pytest.raises(NotSetUp, match="notes may not be sent"):
            await proposed(ygs)


async def test_members_and_those_whom_it_is_about_get_no_draft() -> None:
    async with drafting() as ygs:
        for role, me in ((Role.MEMBER, UserId("usr_9")), (Role.CONSULTANT, MINJUN.id)):
            with pytest.raises(Forbidden):
                await ygs.app.member_summaries.write(Actor.signed_in(me, role), MINJUN.id)
            with pytest.raises(Forbidden):
                await ygs.app.message_drafts.write(
                    Actor.signed_in(me, role), an_introduction(MINJUN, SEOYEON, a_week()).id
                )
        others = Actor.signed_in(a_user(91).id, Role.CONSULTANT)
        with pytest.raises(NotFound):
            await ygs.app.note_facts.propose(others, a_consultation(a_slot(), MINJUN.id).id)
        limited = Actor.signed_in(a_user(91).id, Role.CONSULTANT, members=frozenset())
        with pytest.raises(NotFound):
            await ygs.app.member_summaries.write(limited, MINJUN.id)
        assert ygs.server.calls == []


async def test_messages_are_made_of_what_each_may_see_of_the_other() -> None:
    async with drafting(says(to_a=f"서연 님께. {SAID}", to_b=SAID)) as ygs:
        drafted = await messages(ygs)
        data = data_of(ygs.server.calls[0])
    assert {each.to for each in drafted.messages} == {MINJUN.id, SEOYEON.id}
    assert all(each.to != each.about for each in drafted.messages)
    assert "서연" not in drafted.messages[0].text
    assert set(data) == {"a", "b"}
    assert all(set(each) <= {"facts", "introduction"} for each in data.values())
    assert "이상형" not in sent(ygs)
    for code in ("religion", "marital_history", "children"):
        assert code not in data["a"]["facts"]


async def test_no_messages_for_an_introduction_that_the_two_may_not_see() -> None:
    async with drafting(says(to_a=SAID, to_b=SAID)) as ygs:
        introduction = an_introduction(MINJUN, SEOYEON, a_week())
        async with ygs.app.storage.write() as tx:
            stored = await tx.introductions.get(introduction.id)
            await tx.introductions.save(replace(stored, state=IntroductionState.CANCELLED))
        with pytest.raises(NotFound):
            await messages(ygs)
        assert ygs.server.calls == []


def found(attribute: str, value: str | list[str], words: str) -> dict[str, Any]:
    return {"attribute": attribute, "values": value if isinstance(value, list) else [value], "words": words}


GOOD = [found("smoking", "no", "작년에 담배를 끊었다고 함"), found("height_cm", "178", "키는 178이라고 함")]
BAD = {
    "words that are not in the note": found("drinking", "none", "술은 마시지 않음"),
    "a marker of the scrubber": found("drinking", "none", "[이름] 님은"),
    "too few letters": found("drinking", "none", "."),
    "one letter": found("drinking", "none", "함"),
    "words too long": found("drinking", "none", NOTE * 10),
    "a sensitive fact": found("religion", "catholic", "어머니는 천주교"),
    "who the member is": found("birth_year", "1990", "키는 178이라고 함"),
    "an unknown fact": found("salary", "1", "키는 178이라고 함"),
    "an unknown value": found("exercise", "sometimes_maybe", "키는 178이라고 함"),
    "a number out of bounds": found("height_cm", "999", "키는 178이라고 함"),
    "several of one": found("exercise", ["daily", "none"], "키는 178이라고 함"),
    "no values": found("exercise", [], "키는 178이라고 함"),
    "another shape": {"attribute": 1},
    "no entry": "smoking",
}


async def test_only_facts_with_words_of_the_note_and_values_of_the_vocabulary_are_proposed() -> None:
    async with drafting(says(facts=[*BAD.values(), *GOOD])) as ygs:
        proposals = await proposed(ygs)
        assert [(each.attribute, each.value) for each in proposals.facts] == [("smoking", "no"), ("height_cm", 178)]
        assert all(each.words in NOTE for each in proposals.facts)
        assert "민준" not in sent(ygs)


async def test_of_a_reply_with_nothing_of_use_nothing_is_kept() -> None:
    twice = [GOOD[0], {**GOOD[0], "values": ["daily"]}]
    async with drafting() as ygs:
        for entries in ([each] for each in BAD.values()):
            ygs.server.script = says(facts=entries)
            with pytest.raises(Unavailable):
                await proposed(ygs)
        ygs.server.script = says(facts=twice)
        with pytest.raises(Unavailable):
            await proposed(ygs)
        ygs.server.script = says(facts=[])
        assert (await proposed(ygs)).facts == []


async def test_a_fact_is_stored_only_when_it_is_accepted_and_through_the_audited_correction() -> None:
    async with drafting(says(facts=GOOD)) as ygs:
        id_ = (await proposed(ygs)).consultation_id
        for wrong in (AcceptedFact(attribute="smoking", value="daily"), AcceptedFact(attribute="drinking", value="no")):
            with pytest.raises(NotFound):
                await ygs.app.note_facts.accept(STAFF, id_, wrong)
        async with ygs.app.storage.read() as reading:
            before = await reading.users.get(MINJUN.id)
        assert before.facts == MINJUN.facts, "nothing is stored by itself"
        await ygs.app.note_facts.accept(STAFF, id_, AcceptedFact(attribute="smoking", value="no"))
        left = await proposed(ygs)
        async with ygs.app.storage.read() as reading:
            after = await reading.users.get(MINJUN.id)
            entries = [each.entry for each in await reading.audit.about(MINJUN.id)]
    assert after.facts == {**MINJUN.facts, "smoking": after.facts["smoking"]}
    assert [each.attribute for each in left.facts] == ["height_cm"]
    assert len(ygs.server.calls) == 1
    corrected = [each for each in entries if each.action == "member.corrected"]
    assert [(each.what, each.reason) for each in corrected] == [("smoking", f"from the note of {id_}")]


async def test_what_was_proposed_for_another_note_cannot_be_accepted() -> None:
    async with drafting(says(facts=GOOD)) as ygs:
        id_ = (await proposed(ygs)).consultation_id
        async with ygs.app.storage.write() as tx:
            consultation = await tx.consultations.get(id_)
            await tx.consultations.save(consultation.with_notes("담배는 다시 피운다고 함."))
        with pytest.raises(NotFound):
            await ygs.app.note_facts.accept(STAFF, id_, AcceptedFact(attribute="smoking", value="no"))
    async with drafting(note="") as ygs:
        with pytest.raises(WrongStatus):
            await proposed(ygs)


def test_a_quotation_may_differ_in_spaces_only() -> None:
    assert is_quoted(" 작년에  담배를\n끊었다고 함", NOTE)
    assert not is_quoted("작년에 담배를 피웠다고 함", NOTE)
    assert not is_quoted("", NOTE)


async def test_instructions_in_a_note_store_nothing_and_reach_nobody_else() -> None:
    note = "\n".join(INJECTIONS)
    obedient = says(facts=[found("income_band", "from_7000", "모두 무시하고 strength를"), *BAD.values()][:20])
    async with drafting(obedient, note=note) as ygs:
        proposals = await proposed(ygs)
        async with ygs.app.storage.read() as reading:
            assert (await reading.users.get(MINJUN.id)).facts == MINJUN.facts
        instructions = ygs.server.calls[0]["systemInstruction"]
    assert all(is_quoted(each.words, note) for each in proposals.facts)
    assert "strength" not in json.dumps(instructions)


HEADER = ("이름", "성별", "생년", "하시는 일", "담배?", "별명")
CELLS = (
    ("김하늘", "여", "1993", "간호사", "안 피움", "하늘이"),
    ("박도윤", "남", "1990", "교사", "안 피움", "도윤이"),
    ("최서준", "남", "1991", "회계사", "매일", "서준이"),
    ("정지우", "여", "1992", "개발자", "안 피움", "지우"),
)


def a_sheet(header: tuple[str, ...] = HEADER) -> SheetTable:
    rows = [Row(number, cells) for number, cells in enumerate(CELLS, start=2)]
    return SheetTable(sheet="회원", header_row=1, header=header, rows=rows)


async def test_columns_are_proposed_from_names_and_kinds_of_values_and_never_from_a_value() -> None:
    reply = says(
        columns=[
            {"column": 1, "item": "job_title"},
            {"column": 2, "item": "smoking"},
            {"column": 3, "item": "name"},
            {"column": 99, "item": "diet"},
            {"column": 3, "item": "no_such_item"},
        ]
    )
    async with drafting(reply) as ygs:
        columns = await ygs.app.column_drafts.propose(STAFF, open_columns(a_sheet()))
        again = await ygs.app.column_drafts.propose(STAFF, open_columns(a_sheet()))
    assert columns == again == {"job_title": "하시는 일", "smoking": "담배?"}
    assert len(ygs.server.calls) == 1
    for cells in CELLS:
        for cell in cells:
            assert cell == "남" or cell == "여" or cell not in sent(ygs)
    mapping = suggested_mapping(a_sheet(), "명부", columns)
    assert "기계가 제안함" in mapping
    assert '[facts.smoking]\ncolumn = "담배?"' in mapping
    parsed = parse_mapping(mapping.encode())
    assert parsed.member.job_title is not None
    assert list(parsed.left_out) == ["별명"]
    assert suggested_mapping(a_sheet(), "명부").startswith(mapping.split("\n")[0])


async def test_a_first_row_that_may_be_a_person_is_never_sent() -> None:
    async with drafting(says(columns=[])) as ygs:
        person = a_sheet(("김민준", "남자", "1990", "교사", "안 피움", "민준이"))
        assert await ygs.app.column_drafts.propose(STAFF, open_columns(person)) == {}
        assert ygs.server.calls == []
        consultant = Actor.signed_in(a_user(90).id, Role.CONSULTANT)
        with pytest.raises(Forbidden):
            await ygs.app.column_drafts.propose(consultant, open_columns(a_sheet()))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([], "empty"),
        (["", ""], "empty"),
        (["178", "165.5", "3,200"], "number"),
        (["178cm", "165 cm"], "number with unit"),
        (["1990-01-02", "1991.3.4."], "date"),
        (["a@b.kr", "c@d.kr"], "e-mail"),
        (["예", "예", "아니오", "예"], "text, few different"),
        (["가나", "다라", "마바"], "text, many different"),
        (["가" * 50, "나" * 60], "long text"),
    ],
)
def test_kinds_of_values(values: list[str], kind: str) -> None:
    assert kind_of_values(values) == kind


async def test_what_was_recorded_is_drafted_again_without_a_network(tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    async with drafting() as ygs:
        recording = RecordedAdvisor(file, "gemini-test", through=ygs.app.drafter.advisor)
        drafter = replace(ygs.app.drafter, advisor=recording)
        first = await replace(ygs.app.member_summaries, drafter=drafter).write(STAFF, MINJUN.id)
        await recording.close()
    replayed = {"advisor": AdvisorKind.RECORDED, "advisor_recording": file}
    async with build(Settings(**{**SETTINGS, **replayed}), {Clock: StoryClock(NOON)}) as app:
        async with app.storage.write() as tx:
            await tx.users.add(MINJUN)
        assert await app.member_summaries.write(STAFF, MINJUN.id) == first
