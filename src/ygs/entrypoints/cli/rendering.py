"""Prints plans, comparisons, explanations and lists of questions in a terminal."""

from collections.abc import Iterator, Sequence
from typing import Any

import typer

from ygs.application.bilingual import Bilingual
from ygs.application.explanations.override_price import ObjectivePrice, OverridePrice
from ygs.application.explanations.proposal_views import (
    Comparison,
    OverrideView,
    PairView,
    ProposalView,
    UnmatchedView,
)
from ygs.application.explanations.views import CandidateView, QuestionList
from ygs.application.labels import label
from ygs.application.person_views import PersonView
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.chance import MILLION
from ygs.domain.matching.plan import Certificate, PlanObjective, PlanStatistics
from ygs.domain.matching.vocabulary import VOCABULARY
from ygs.entrypoints.cli.terminal import language, print_heading, print_item, print_table, say


def print_proposal(proposal: ProposalView) -> None:
    """Print the best pairs with reasons, some unmatched people and why, the figures, and the certificate."""
    shown = len(proposal.pairs)
    pairs = proposal.report.pairs
    print_heading(say("{week}: {shown} of {pairs:,} pairs", week=proposal.week, shown=shown, pairs=pairs))
    print_pairs(proposal.pairs)
    left = proposal.unmatched_count
    if left:
        print_heading(say("Who got no one: {shown} of {left:,}", shown=len(proposal.unmatched), left=left))
    print_unmatched(proposal.unmatched)
    if shown < pairs or len(proposal.unmatched) < left:
        typer.echo(say("Read all of them with `ygs week pairs --all` and `ygs week unmatched --all`."))
    typer.echo()
    print_figures(proposal.report)
    print_proof(proposal.certificate)
    for sentence in _sentences(proposal.no_harm.told) if proposal.no_harm else ():
        typer.echo(sentence)
    if proposal.without_chances:
        typer.echo(
            say(
                "The policy asks for chances, but nothing learned was in use when the week was locked: this plan is by "
                "scores. For chances discard it, use what was learned, and lock again."
            )
        )
    if proposal.changed:
        ids = " ".join(proposal.changed[:5])
        count = len(proposal.changed)
        typer.echo(say("Changed since the lock, {count}: {ids}", count=count, ids=ids))


def print_pairs(pairs: Sequence[PairView]) -> None:
    """Print one pair per line, with reasons and open questions below it."""
    for pair in pairs:
        both = f"{_percent(pair.a_to_b)} / {_percent(pair.b_to_a)}"
        heading = f"{_percent(pair.mutual)}  {called(pair.a)} · {called(pair.b)}  ({both}){_mark(pair.changed)}"
        print_item(heading, _sentences(pair.reasons, pair.questions, *_chance(pair)))


def print_unmatched(people: Sequence[UnmatchedView]) -> None:
    """Print one unmatched person per line, with the reasons below."""
    for each in people:
        print_item(f"{called(each.person)}  ({_waited(each.weeks_waited)}){_mark(each.changed)}", _sentences(each.why))


def print_overrides(overrides: Sequence[OverrideView]) -> None:
    """Print the overrides of a week, with the keys that take them back."""
    columns = [say("override"), say("about"), say("key")]
    rows = [
        (label("override", each.kind, Language(language())), " · ".join(map(called, each.people)), each.key)
        for each in overrides
    ]
    print_table(say("Overrides"), columns, rows)


def print_price(price: OverridePrice) -> None:
    """Print who has other partners after a change of the overrides, and what it costs."""
    for change in price.changes:
        before, after = _named(change.before), _named(change.after)
        typer.echo(say("{person}: {before} → {after}", person=called(change.person), before=before, after=after))
    if more := price.changed - len(price.changes):
        typer.echo(say("and {more} more", more=f"{more:,}"))
    if not price.changes:
        typer.echo(say("Nobody's partner has changed."))
    columns = [say("objective"), say(">before"), say(">after"), say(">change")]
    rows = [_price_row(each) for each in price.objectives]
    print_table(say("The price of the override"), columns, rows)


def _named(partners: Sequence[PersonView]) -> str:
    return ", ".join(map(called, partners)) or say("nobody")


def _price_row(each: ObjectivePrice) -> Sequence[str]:
    name = label("plan_objective", each.objective, Language(language()))
    if each.objective is PlanObjective.CHANCES:
        before, after, change = (number / MILLION for number in (each.before, each.after, each.change))
        return name, f"{before:,.2f}", f"{after:,.2f}", f"{change:+,.2f}"
    return name, f"{each.before:,}", f"{each.after:,}", f"{each.change:+,}"


def _mark(changed: bool) -> str:
    mark = say("changed since the lock")
    return f"  [{mark}]" if changed else ""


def _waited(weeks: int) -> str:
    return say("waited {weeks} weeks", weeks=weeks) if weeks else say("no wait")


def _sentences(*texts: Bilingual) -> list[str]:
    return [sentence for text in texts for sentence in text.spoken(Language(language()))]


def called(person: PersonView) -> str:
    """What tables call a person: name, year of birth and region."""
    # People who left have no birth year; the id tells them apart.
    region = VOCABULARY["region"].label(person.region, Language(language())) if person.region else ""
    return f"{person.name} {person.birth_year or person.id} {region}".rstrip()


def _percent(basis_points: float) -> str:
    return f"{basis_points / 100:.1f}%"


def print_figures(report: PlanStatistics) -> None:
    """Print a plan's fairness and totals in two lines."""
    mean = _percent(report.total_mutual / report.pairs if report.pairs else 0)
    gini = f"{report.gini / 10_000:.3f}"
    typer.echo(
        say(
            "{introduced:,} of {people:,} people introduced, mean score {mean}, blocking pairs {blocking_pairs:,}, "
            "{wait}, Gini {gini}",
            introduced=report.introduced,
            people=report.people,
            mean=mean,
            blocking_pairs=report.blocking_pairs,
            wait=_longest_wait(report.longest_wait),
            gini=gini,
        )
    )


def _longest_wait(weeks: int) -> str:
    return say("longest wait {weeks} weeks", weeks=weeks) if weeks else say("nobody waits")


def print_proof(certificate: Certificate | None) -> None:
    """Print the certificate of a plan."""
    if certificate is None:
        return
    proof = (
        say("proven: no plan is better")
        if certificate.proven
        else say("at most this far from the best possible:") + f" {certificate.gap / max(certificate.bound[-1], 1):.4%}"
    )
    work = say(
        "{pairs:,} pairs scanned in {scans} scans of the market",
        pairs=certificate.pairs_scanned,
        scans=certificate.pricing_rounds,
    )
    typer.echo(f"{proof} ({work})")


def print_comparison(compared: Sequence[Comparison]) -> None:
    """Print the strategies side by side."""
    columns = [
        say("strategy"),
        say(">introduced"),
        say(">total score"),
        say(">mean"),
        say(">blocking pairs"),
        say(">longest wait"),
        say(">Gini"),
    ]
    print_table(say("Strategies compared"), columns, [_compared_row(each) for each in compared])


def _compared_row(each: Comparison) -> Sequence[object]:
    report = each.report
    if report is None:
        return each.strategy, "-", "-", "-", "-", "-", " ".join(_sentences(each.refused) if each.refused else [])
    mean = _percent(report.total_mutual / report.pairs) if report.pairs else "-"
    return (
        each.strategy,
        f"{report.introduced:,}",
        f"{report.total_mutual / 10_000:,.2f}",
        mean,
        f"{report.blocking_pairs:,}",
        report.longest_wait,
        f"{report.gini / 10_000:.3f}",
    )


def print_text(text: Bilingual) -> None:
    """Print sentences in the reader's language, one a line."""
    for sentence in text.spoken(Language(language())):
        typer.echo(sentence)


def print_questions(questions: QuestionList) -> None:
    """Print what to ask before publishing, then the questions that could open most."""
    if questions.before_publishing:
        print_heading(say("Before publishing: musts nobody has answered"))
        for each in questions.before_publishing:
            typer.echo(_sentence(each))
    if questions.opening:
        print_heading(say("Questions whose answer could open candidates"))
        for question in questions.opening:
            typer.echo(_sentence(question))
    if not (questions.before_publishing or questions.opening):
        typer.echo(say("There is nothing to ask."))


def print_candidates(candidates: Sequence[CandidateView]) -> None:
    """Print one candidate per line, with reasons and open questions."""
    for each in candidates:
        both = f"{_percent(each.mine)} / {_percent(each.theirs)}"
        print_item(
            f"{_percent(each.mutual)}  {called(each.person)}  ({both})",
            _sentences(each.reasons, each.questions, *_chance(each)),
        )
    if not candidates:
        typer.echo(say("There is nobody to be introduced to today."))


def _chance(pair: PairView | CandidateView) -> Iterator[Bilingual]:
    """What became of introductions like this one; nothing while nothing learned is in use."""
    if pair.chance:
        yield pair.chance.told


def _sentence(item: Any) -> str:
    """The sentence of an item with the fields `ko` and `en`."""
    return str(getattr(item, language()))
