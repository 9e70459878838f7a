"""Every code that people meet has a Korean and an English name."""

import re
from enum import StrEnum
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

import ygs
from ygs.application.audit.log import WITHHELD
from ygs.application.facts import Gender, HowMuch
from ygs.application.labels import LABELS, codes, label
from ygs.application.members.blocks import LineVerdict
from ygs.application.members.review import APPROVING, rejecting, restoring, suspending
from ygs.domain.accounts import Provider
from ygs.domain.consultations import ConsultationState
from ygs.domain.deliveries import Channel, DeliveryState
from ygs.domain.exports import ExportedData, ExportState
from ygs.domain.files import DocumentState, FileKind, PhotoState
from ygs.domain.imports import ImportState
from ygs.domain.introductions import Choice, DeclineReason, FeedbackReason, IntroductionState
from ygs.domain.jobs import JobKind, JobState
from ygs.domain.match_weeks import WeekState
from ygs.domain.matching.attribute import Language
from ygs.domain.matching.plan import OverrideKind, PairOrder, PlanObjective
from ygs.domain.matching.policy import Objective, Strategy
from ygs.domain.meetings import DayPart, MeetingState, NextStep
from ygs.domain.memberships import PromiseUnit
from ygs.domain.read_budgets import ReadKind
from ygs.domain.refunds import Basis, RefundFault, RefundStage
from ygs.domain.reports import ReportState
from ygs.domain.timeline import TimelineEvent
from ygs.domain.users import MarkReason, Purpose, Role, Status
from ygs.domain.webhooks import DisabledBy
from ygs.domain.week_schedule import Weekday
from ygs.ports.repositories.directory import MemberOrder

PACKAGE = Path(ygs.__file__).parent
SOURCES = [
    each
    for folder in ("application", "bootstrap")
    for each in (PACKAGE / folder).rglob("*.py")
    if each.name not in ("audit_actions.py", "mapping_examples.py")
]
ACTION = re.compile(r'"([a-z_]+\.[a-z_]+)"')
# What is reported to a `Progress`, and what is passed on to be reported.
STAGE = re.compile(r"(?<!def )\bprogress\(\s*([^,()=]+(?:\(\w+\))?),")
PASSED_ON = re.compile(r'("[^"]+"), progress\)')
# Names of loggers, and of a file.
NO_ACTIONS = {"ygs.jobs", "ygs.notifications", "ygs.polling", "data.json"}

KINDS: dict[str, type[StrEnum]] = {
    "member_status": Status,
    "mark_reason": MarkReason,
    "block_verdict": LineVerdict,
    "role": Role,
    "consent_purpose": Purpose,
    "introduction_state": IntroductionState,
    "meeting_state": MeetingState,
    "meeting_step": NextStep,
    "consultation_state": ConsultationState,
    "day_part": DayPart,
    "answer": Choice,
    "decline_reason": DeclineReason,
    "feedback_reason": FeedbackReason,
    "file_kind": FileKind,
    "photo_state": PhotoState,
    "document_state": DocumentState,
    "report_state": ReportState,
    "week_state": WeekState,
    "weekday": Weekday,
    "import_state": ImportState,
    "job_state": JobState,
    "exported_data": ExportedData,
    "export_state": ExportState,
    "job_kind": JobKind,
    "delivery_state": DeliveryState,
    "channel": Channel,
    "disabled_by": DisabledBy,
    "read_kind": ReadKind,
    "timeline_event": TimelineEvent,
    "override": OverrideKind,
    "member_order": MemberOrder,
    "pair_order": PairOrder,
    "plan_objective": PlanObjective,
    "strategy": Strategy,
    "round_objective": Objective,
    "provider": Provider,
    "refund_fault": RefundFault,
    "refund_stage": RefundStage,
    "refund_basis": Basis,
    "promise_unit": PromiseUnit,
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_code_of_a_kind_is_called_something(kind: str) -> None:
    assert list(LABELS[kind]) == list(KINDS[kind])


def test_genders_and_importances_are_too() -> None:
    assert set(LABELS["gender"]) == set(get_args(Gender))
    assert list(LABELS["importance"]) == list(get_args(HowMuch))
    assert set(LABELS) == {*KINDS, "gender", "importance", "audit_action", "progress_stage"}


def test_every_action_of_the_audit_log_is_too() -> None:
    written = {name for file in SOURCES for name in ACTION.findall(file.read_text(encoding="utf-8"))}
    decided = {f"member.{each.what}" for each in (APPROVING, rejecting(""), suspending(""), restoring(ZoneInfo("UTC")))}
    assert set(LABELS["audit_action"]) == {*(written - NO_ACTIONS), *decided, WITHHELD}


def test_every_stage_of_progress_is_too() -> None:
    """All but a restored table and a sealed column, which are shown by their own names; what passes on a stage names
    it `stage`."""
    texts = [file.read_text(encoding="utf-8") for file in PACKAGE.rglob("*.py") if "entrypoints" not in file.parts]
    reported = {found for text in texts for found in STAGE.findall(text)}
    named = {found for text in texts for found in PASSED_ON.findall(text)}
    stages = {each.strip('"') for each in reported | named if each.startswith('"')}
    assert set(LABELS["progress_stage"]) == stages
    assert reported - {f'"{each}"' for each in stages} == {"stage", "table.name", "sealed_name(column)"}


def test_names_are_told_once_in_each_language() -> None:
    for each in codes():
        for names in ([value.ko for value in each.values], [value.en for value in each.values]):
            assert all(names)
            assert len(set(names)) == len(names), each.kind
    assert label("decline_reason", "distance", Language.KO) == "거리"
    assert label("decline_reason", "distance", Language.EN) == "Distance"
