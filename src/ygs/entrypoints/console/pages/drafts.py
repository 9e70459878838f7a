"""Drafts that a language model writes: shown on a page of their own, marked, and nowhere kept by the console."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, Request, Response

from ygs.application.bilingual import Bilingual
from ygs.application.drafts.note_facts import AcceptedFact, ProposedFact, ProposedFacts
from ygs.application.facts import FactValue, coded
from ygs.domain.ids import ConsultationId, IntroductionId, UserId
from ygs.domain.matching.attribute import Kind, Language
from ygs.domain.matching.descriptions import value_words
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.entrypoints.console.cookies import root
from ygs.entrypoints.console.rendering import language_of, render
from ygs.entrypoints.console.routing import filled_in, staff_router
from ygs.entrypoints.http.dependencies import ConsultationInPath, IntroductionInPath, UserInPath, Ygs

router = staff_router()

_Values = Annotated[list[Annotated[str, Form(max_length=40)]], Form(max_length=64)]


@router.post("/members/{id}/summary")
async def draft_summary(request: Request, id: UserInPath, ygs: Ygs) -> Response:
    """A paragraph about a member."""
    drafted = await ygs.member_summaries.write(request.state.visit.actor, id)
    return _texts(request, f"members/{id}", drafted.marked, [drafted.summary])


@router.post("/introductions/{introduction}/as/{id}/messages")
async def draft_messages(request: Request, introduction: IntroductionInPath, id: UserInPath, ygs: Ygs) -> Response:
    """A message to each of two who are introduced; first the one to the member from whose page it was asked."""
    drafted = await ygs.message_drafts.write(request.state.visit.actor, introduction)
    messages = sorted(drafted.messages, key=lambda each: each.to != id)
    return _texts(request, _preview(introduction, id), drafted.marked, [each.text for each in messages])


def _preview(introduction: IntroductionId, id: UserId) -> str:
    return f"introductions/{introduction}/as/{id}"


def _texts(request: Request, back: str, marked: Bilingual, texts: Sequence[str]) -> Response:
    return render(request, "draft.html", back=f"{root(request)}/{back}", marked=marked, texts=texts)


@router.post("/consultations/{id}/facts")
async def propose_facts(request: Request, id: ConsultationInPath, ygs: Ygs) -> Response:
    """Facts that the note of a consultation states, to be accepted one by one."""
    return _facts(request, id, await ygs.note_facts.propose(request.state.visit.actor, id))


@router.post("/consultations/{id}/facts/accept")
async def accept_fact(
    request: Request, id: ConsultationInPath, ygs: Ygs, attribute: Annotated[str, Form(max_length=40)], value: _Values
) -> Response:
    """Store one of them, and show the others."""
    actor = request.state.visit.actor
    accepted = filled_in(AcceptedFact, attribute=attribute, value=_value(attribute, value))
    await ygs.note_facts.accept(actor, id, accepted)
    return _facts(request, id, await ygs.note_facts.propose(actor, id))


def _value(attribute: str, values: list[str]) -> FactValue:
    """What a form sent, as the attribute has it."""
    known = VOCABULARY.get(attribute)
    if known and known.kind is Kind.SET:
        return values
    only = values[0]
    return int(only) if known and known.is_number and only.isascii() and only.isdigit() else only


def _facts(request: Request, id: ConsultationId, proposed: ProposedFacts) -> Response:
    language = language_of(request)
    return render(
        request,
        "proposed_facts.html",
        consultation=id,
        marked=proposed.marked,
        facts=[(each, _words(each, each.value, language), _words(each, each.now, language)) for each in proposed.facts],
        names={each.attribute: VOCABULARY[each.attribute].name(language) for each in proposed.facts},
    )


def _words(fact: ProposedFact, value: FactValue | None, language: Language) -> str:
    return "" if value is None else value_words(fact.attribute, coded(fact.attribute, value), language)
