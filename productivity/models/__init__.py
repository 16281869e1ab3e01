from .features import BehaviorModel, FeatureSnapshot, ModelKind
from .nudging import CoachingNudge, NudgeMode, NudgeTrigger, PersonaProfile, PersonaType
from .scheduling import (
    PlanningHours,
    RefusalReason,
    ScheduleRecommendation,
    SlotOdds,
    SlotTrial,
    TrialKind,
)
from .stuck import Breakdown, BreakdownStatus, Strategy, StuckReason, StuckReport, WrittenBy
from .sync import SyncedChange
from .task import (
    LONGEST_TASK_MINUTES,
    CalendarFeed,
    ChangeSource,
    Priority,
    RepeatFrom,
    Task,
    TaskEvent,
    TaskEventType,
    TaskSeries,
    TaskStatus,
)

__all__ = [
    "LONGEST_TASK_MINUTES",
    "BehaviorModel",
    "Breakdown",
    "BreakdownStatus",
    "CalendarFeed",
    "ChangeSource",
    "CoachingNudge",
    "FeatureSnapshot",
    "ModelKind",
    "NudgeMode",
    "NudgeTrigger",
    "PersonaProfile",
    "PersonaType",
    "PlanningHours",
    "Priority",
    "RefusalReason",
    "RepeatFrom",
    "ScheduleRecommendation",
    "SlotOdds",
    "SlotTrial",
    "Strategy",
    "StuckReason",
    "StuckReport",
    "SyncedChange",
    "Task",
    "TaskEvent",
    "TaskEventType",
    "TaskSeries",
    "TaskStatus",
    "TrialKind",
    "WrittenBy",
]
