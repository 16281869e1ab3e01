"""Why a task does not move, and its way into steps."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, one_of

from .task import Task


class StuckReason(models.TextChoices):
    """Why a task does not move, in the person's own tap."""

    OVERWHELMING = "overwhelming", "It is too big"
    UNCLEAR = "unclear", "I don't know where to begin"
    BORING = "boring", "It is dull"
    FEARED = "feared", "I dread it"
    NO_TIME = "no_time", "I have no time"
    PERFECTIONISM = "perfectionism", "It has to be perfect"


class Strategy(models.TextChoices):
    """What fits a reason."""

    SPLIT = "split", "Split it into steps"
    FIRST_STEP = "first_step", "Name the first step"
    TIMEBOX = "timebox", "Ten minutes, then stop"
    TINY_EXPOSURE = "tiny_exposure", "Only look at it"
    RENEGOTIATE = "renegotiate", "Move it, make it smaller or let it go"
    BAD_DRAFT = "bad_draft", "A bad first draft"


class StuckReport(TimeOrderedModel):
    """One tap on "why is it stuck", what was offered, and what came of it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stuck_reports"
    )
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="stuck_reports")
    reason = models.CharField(max_length=16, choices=StuckReason)
    strategy = models.CharField(max_length=16, choices=Strategy)
    taken_up_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            one_of("reason", StuckReason, "stuck_report_reason_known"),
            one_of("strategy", Strategy, "stuck_report_strategy_known"),
        ]
        indexes = [models.Index(fields=["task", "-created_at"], name="stuck_report_newest")]

    def __str__(self) -> str:
        return f"{self.task}: {self.reason}"


class WrittenBy(models.TextChoices):
    """Who wrote a text."""

    LLM = "llm", "Language model"
    TEMPLATE = "template", "Template"


class BreakdownStatus(models.TextChoices):
    WRITING = "writing", "Being written"
    DRAFT = "draft", "Waits for an answer"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    EXPIRED = "expired", "Too old"


class Breakdown(TimeOrderedModel):
    """A draft of steps for a task. `steps` is a list of {"title", "minutes"}; nothing is made before a yes."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="task_breakdowns"
    )
    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="breakdowns")
    steps = models.JSONField(default=list)
    source = models.CharField(max_length=8, choices=WrittenBy, default=WrittenBy.TEMPLATE)
    status = models.CharField(
        max_length=8, choices=BreakdownStatus, default=BreakdownStatus.WRITING
    )
    call_id = models.CharField(max_length=64, blank=True, help_text="Of the coach's tool call")
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            one_of("source", WrittenBy, "breakdown_source_known"),
            one_of("status", BreakdownStatus, "breakdown_status_known"),
            models.UniqueConstraint(
                fields=["task"],
                condition=models.Q(status__in=["writing", "draft"]),
                name="breakdown_one_open",
            ),
            models.UniqueConstraint(
                fields=["user", "call_id"],
                condition=~models.Q(call_id=""),
                name="breakdown_call_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Steps of {self.task}"
