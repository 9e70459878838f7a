"""What Korean law asks after a leak of personal data: dated data, to be checked by a lawyer, and no legal advice."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachRules:
    """Deadlines and thresholds as one law had them on a day.

    `notify_within` and `report_within`: from the moment at which the leak is known; `report_from`: from how many people
    on the authority must hear; fewer are enough when data is sensitive or somebody intruded from outside.
    """

    law: str
    in_force_since: date
    checked_on: date
    sources: tuple[str, ...]
    notify_within: timedelta
    report_within: timedelta
    report_from: int

    def must_report(self, people: int, *, sensitive: bool, intrusion: bool) -> bool:
        """Whether the authority must hear of a leak about so many people."""
        return people > 0 and (people >= self.report_from or sensitive or intrusion)

    def notify_by(self, known_at: datetime) -> datetime:
        """Until when the people must be notified."""
        return known_at + self.notify_within

    def report_by(self, known_at: datetime) -> datetime:
        """Until when the authority must hear."""
        return known_at + self.report_within


# An amendment of March 2026 is described as asking for two things more: notice already of a possible leak, and what the
# people may claim. The drafts name both; what it changes besides must be looked up.
KOREA = BreachRules(
    law="Personal Information Protection Act, article 34; Enforcement Decree, articles 39 and 40",
    in_force_since=date(2023, 9, 15),
    checked_on=date(2026, 11, 28),
    sources=(
        "https://prighter.com/resources/laws/korean-pipa/main/articles/article-34",
        "https://bifrostindex.ai/guides/south-korea/breach-notification",
        "https://chambers.com/articles/korea-s-data-privacy-regulator-issues-draft-rules-to-flesh-out-impending-changes-to-data-protection-2",
    ),
    notify_within=timedelta(hours=72),
    report_within=timedelta(hours=72),
    report_from=1_000,
)
