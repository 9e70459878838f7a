"""Charts of a simulation. Labels are always English, because few machines have a font with Hangul."""

from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

from ygs.application.simulation.simulate import SimulationResult


def save_chart(outcomes: Sequence[SimulationResult], people: int, to: Path) -> None:
    """Save two panels by week: the cost against the first policy, and the people not introduced yet."""
    # The object interface: pyplot would look for a window system and keep figures alive.
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(11, 4.5), layout="constrained")
    left, right = figure.subplots(1, 2)
    weeks = range(1, len(outcomes[0].seasons[0].expected_by_week) + 1)
    for outcome in outcomes:
        intervals = [outcome.cost(outcomes[0], week) for week in weeks]
        left.plot(weeks, [each.mean for each in intervals], marker="o", label=outcome.policy)
        left.fill_between(weeks, [each.low for each in intervals], [each.high for each in intervals], alpha=0.15)
        right.plot(weeks, _waiting(outcome, people), marker="o", label=outcome.policy)
    left.set(title=f"Cost against {outcomes[0].policy}, with 95 % intervals", ylabel="expected mutual yes given up, %")
    right.set(title="People not introduced yet", ylabel="people")
    for panel in (left, right):
        panel.set_xlabel("week")
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.grid(alpha=0.3)
    right.legend()
    figure.savefig(to, dpi=150)


def _waiting(outcome: SimulationResult, people: int) -> list[float]:
    by_week = zip(*(season.introduced_by_week for season in outcome.seasons), strict=True)
    return [people - fmean(introduced) for introduced in by_week]
