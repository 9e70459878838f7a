"""How a plan, a comparison, an explanation and a list of questions look in a terminal."""

from collections.abc import Sequence
from typing import Any

import typer

from ygs.application.explanations.proposal import Comparison, ProposalView
from ygs.application.explanations.views import Bilingual, CandidateView, QuestionList
from ygs.application.person_views import PersonView
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.plan import Certificate, PlanStatistics
from ygs.entrypoints.cli.terminal import language, print_heading, print_item, print_table, say


def print_proposal(proposal: ProposalView) -> None:
    """Pairs with reasons, who got no one and why, the figures and the proof."""
    shown = len(proposal.pairs)
    pairs = proposal.report.pairs
    print_heading(say("{week}: {shown} of {pairs:,} pairs", week=proposal.week, shown=shown, pairs=pairs))
    for pair in proposal.pairs:
        both = f"{_percent(pair.a_to_b)} / {_percent(pair.b_to_a)}"
        print_item(f"{_percent(pair.mutual)}  {_called(pair.a)} · {_called(pair.b)}  ({both})", pair.reasons)
    if proposal.unmatched:
        print_heading(say("Who got no one"))
    for each in proposal.unmatched:
        waited = say("waited {weeks_waited} weeks", weeks_waited=each.weeks_waited)
        print_item(f"{_called(each.person)}  ({waited})", each.why)
    typer.echo()
    print_figures(proposal.report)
    print_proof(proposal.certificate)
    if proposal.changed:
        ids = " ".join(proposal.changed[:5])
        count = len(proposal.changed)
        typer.echo(say("Changed since the lock, {count}: {ids}", count=count, ids=ids))


def _called(person: PersonView) -> str:
    return f"{person.name} {person.birth_year} {person.region}".rstrip()


def _percent(basis_points: float) -> str:
    return f"{basis_points / 100:.1f}%"


def print_figures(report: PlanStatistics) -> None:
    """A plan's fairness and totals in two lines."""
    mean = _percent(report.total_mutual / report.pairs if report.pairs else 0)
    gini = f"{report.gini / 10_000:.3f}"
    typer.echo(
        say(
            "{introduced:,} of {people:,} people introduced, mean score {mean}, blocking pairs {blocking_pairs:,}, "
            "longest wait {longest_wait} weeks, Gini {gini}",
            introduced=report.introduced,
            people=report.people,
            mean=mean,
            blocking_pairs=report.blocking_pairs,
            longest_wait=report.longest_wait,
            gini=gini,
        )
    )


def print_proof(certificate: Certificate | None) -> None:
    """What is proven about a plan."""
    if certificate is None:
        return
    proof = (
        say("proven: no plan is better")
        if certificate.proven
        else say("at most this far from the best possible:") + f" {certificate.gap / max(certificate.bound[-1], 1):.4%}"
    )
    scanned = say("pairs scanned")
    typer.echo(f"{proof} ({scanned} {certificate.pairs_scanned:,}, {certificate.pricing_rounds} pricing rounds)")


def print_comparison(compared: Sequence[Comparison]) -> None:
    """The strategies side by side."""
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
        return each.strategy, "-", "-", "-", "-", "-", each.refused
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


def print_told(told: Bilingual) -> None:
    """Sentences in the reader's language, one a line."""
    for sentence in told.spoken(Language(language())):
        typer.echo(sentence)


def print_questions(asked: QuestionList) -> None:
    """What to settle before publishing, then what would open most."""
    if asked.before_publishing:
        print_heading(say("Before publishing: musts nobody has answered"))
        for each in asked.before_publishing:
            typer.echo(_spoken(each))
    if asked.opening:
        print_heading(say("Questions whose answer could open candidates"))
        for question in asked.opening:
            typer.echo(_spoken(question))
    if not (asked.before_publishing or asked.opening):
        typer.echo(say("There is nothing to ask."))


def print_candidates(found: Sequence[CandidateView]) -> None:
    """Somebody a line, with reasons and open questions."""
    for each in found:
        both = f"{_percent(each.mine)} / {_percent(each.theirs)}"
        reasons, questions = (told.spoken(Language(language())) for told in (each.reasons, each.questions))
        print_item(f"{_percent(each.mutual)}  {_called(each.person)}  ({both})", [*reasons, *questions])
    if not found:
        typer.echo(say("There is nobody to be introduced to today."))


def _spoken(said: Any) -> str:
    """The sentence of something that is said in both languages."""
    return str(getattr(said, language()))
