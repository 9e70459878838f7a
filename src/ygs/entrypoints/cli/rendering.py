"""How a plan, a comparison, an explanation and a list of questions look in a terminal."""

from collections.abc import Sequence

import typer

from ygs.application.explanations.proposal import Comparison, ProposalView
from ygs.application.explanations.views import Bilingual, CandidateView, QuestionList
from ygs.application.person_views import PersonView
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.plan import Certificate, PlanStatistics
from ygs.entrypoints.cli.terminal import language, print_heading, print_item, print_table, words


def print_proposal(proposal: ProposalView) -> None:
    """Pairs with reasons, who got no one and why, the figures and the proof."""
    shown, pairs = len(proposal.pairs), proposal.report.pairs
    print_heading(
        words(f"{proposal.week}: {pairs:,}쌍 가운데 {shown}쌍", f"{proposal.week}: {shown} of {pairs:,} pairs")
    )
    for pair in proposal.pairs:
        both = f"{_percent(pair.a_to_b)} / {_percent(pair.b_to_a)}"
        print_item(f"{_percent(pair.mutual)}  {_called(pair.a)} · {_called(pair.b)}  ({both})", pair.reasons)
    if proposal.unmatched:
        print_heading(words("소개받지 못한 회원", "Who got no one"))
    for each in proposal.unmatched:
        waited = words(f"{each.weeks_waited}주 기다림", f"waited {each.weeks_waited} weeks")
        print_item(f"{_called(each.person)}  ({waited})", each.why)
    typer.echo()
    print_figures(proposal.report)
    print_proof(proposal.certificate)
    if proposal.changed:
        ids, count = " ".join(proposal.changed[:5]), len(proposal.changed)
        typer.echo(words(f"잠근 뒤 바뀐 회원 {count}명: {ids}", f"Changed since the lock, {count}: {ids}"))


def _called(person: PersonView) -> str:
    return f"{person.name} {person.birth_year} {person.region}".rstrip()


def _percent(basis_points: float) -> str:
    return f"{basis_points / 100:.1f}%"


def print_figures(report: PlanStatistics) -> None:
    """A plan's fairness and totals in two lines."""
    mean = _percent(report.total_mutual / report.pairs if report.pairs else 0)
    gini = f"{report.gini / 10_000:.3f}"
    typer.echo(
        words(
            f"{report.people:,}명 가운데 {report.introduced:,}명 소개, 평균 점수 {mean}, "
            f"서로 바꾸고 싶은 쌍 {report.blocking_pairs:,}, 가장 오래 기다린 {report.longest_wait}주, 지니 {gini}",
            f"{report.introduced:,} of {report.people:,} people introduced, mean score {mean}, "
            f"blocking pairs {report.blocking_pairs:,}, longest wait {report.longest_wait} weeks, Gini {gini}",
        )
    )


def print_proof(certificate: Certificate | None) -> None:
    """What is proven about a plan."""
    if certificate is None:
        return
    proof = (
        words("가능한 모든 계획 가운데 최선임이 증명됨", "proven: no plan is better")
        if certificate.proven
        else words("최선과의 차이는 많아야", "at most this far from the best possible:")
        + f" {certificate.gap / max(certificate.bound[-1], 1):.4%}"
    )
    scanned = words("살핀 쌍", "pairs scanned")
    typer.echo(f"{proof} ({scanned} {certificate.pairs_scanned:,}, {certificate.pricing_rounds} pricing rounds)")


def print_comparison(compared: Sequence[Comparison]) -> None:
    """The strategies side by side."""
    columns = [
        words("방식", "strategy"),
        words(">소개된 사람", ">introduced"),
        words(">점수 합", ">total score"),
        words(">평균", ">mean"),
        words(">서로 바꾸고 싶은 쌍", ">blocking pairs"),
        words(">최장 대기 주", ">longest wait"),
        words(">지니", ">Gini"),
    ]
    print_table(words("방식 비교", "Strategies compared"), columns, [_compared_row(each) for each in compared])


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
        print_heading(words("공개하기 전에 확인할 필수 조건", "Before publishing: musts nobody has answered"))
        for each in asked.before_publishing:
            typer.echo(words(each.ko, each.en))
    if asked.opening:
        print_heading(words("답에 따라 상대가 늘어나는 질문", "Questions whose answer could open candidates"))
        for question in asked.opening:
            typer.echo(words(question.ko, question.en))
    if not (asked.before_publishing or asked.opening):
        typer.echo(words("물어볼 것이 없습니다.", "There is nothing to ask."))


def print_candidates(found: Sequence[CandidateView]) -> None:
    """Somebody a line, with reasons and open questions."""
    for each in found:
        both = f"{_percent(each.mine)} / {_percent(each.theirs)}"
        reasons, questions = (told.spoken(Language(language())) for told in (each.reasons, each.questions))
        print_item(f"{_percent(each.mutual)}  {_called(each.person)}  ({both})", [*reasons, *questions])
    if not found:
        typer.echo(words("지금 소개할 수 있는 사람이 없습니다.", "There is nobody to be introduced to today."))
