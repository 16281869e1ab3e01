"""The consultation, and the personal prompt that grows out of it, version by version."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, one_of

from .conversation import Conversation, Message


class ConsultationStatus(models.TextChoices):
    ACTIVE = "active", "Active"
    COMPLETED = "completed", "Completed"
    ABANDONED = "abandoned", "Abandoned"


class Consultation(TimeOrderedModel):
    """The talk in which a person tells the coach who they are. One is open at a time.

    `extracted` holds what was understood, by topic (training, meals, goals, challenges, past_failures,
    preferences): items with the value, the quote and the message it comes from.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consultations"
    )
    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, related_name="consultation"
    )
    status = models.CharField(
        max_length=12, choices=ConsultationStatus, default=ConsultationStatus.ACTIVE
    )
    extracted = models.JSONField(default=dict, blank=True)
    interview = models.JSONField(
        default=dict,
        blank=True,
        help_text="Where the talk stands: the open question, what was asked, declined or left out",
    )
    started_at = models.DateTimeField(default=timezone.now)
    last_message_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)
    abandoned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(status="active"), name="consultation_one_active"
            ),
            one_of("status", ConsultationStatus, "consultation_status_known"),
        ]

    def __str__(self) -> str:
        return f"Consultation ({self.status})"


class ConsultationKey(TimeOrderedModel):
    """A key from before the gate: it opens the consultation for one person, once. Only its digest is kept."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    label = models.CharField(max_length=120, help_text="For whom or which group it was made")
    expires_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.label


class RevisionReason(models.TextChoices):
    CONSULTATION = "consultation", "Consultation"
    WEEKLY = "weekly", "Weekly change"
    EVENT = "event", "Something happened"
    MANUAL = "manual", "Asked for"
    EDIT = "edit", "Edited"
    ROLLBACK = "rollback", "Rolled back"


class RevisionStatus(models.TextChoices):
    CANDIDATE = "candidate", "Being tried"
    LIVE = "live", "Live"
    REPLACED = "replaced", "Replaced"
    REJECTED = "rejected", "Rejected"
    ROLLED_BACK = "rolled_back", "Rolled back"


class PromptRevision(TimeOrderedModel):
    """One version of a person's prompt: what it said, from what, why it changed, what it cost."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prompt_revisions"
    )
    version = models.PositiveIntegerField()
    status = models.CharField(
        max_length=12, choices=RevisionStatus, default=RevisionStatus.CANDIDATE
    )
    reason = models.CharField(max_length=16, choices=RevisionReason)
    template = models.CharField(max_length=16, help_text="beginner, advanced or athlete")
    prompt = models.TextField()
    conversational_profile = models.TextField(blank=True)
    behavioral_data = models.JSONField(default=dict, blank=True)
    what_changed = models.JSONField(default=list, blank=True, help_text="Plain sentences")
    replay = models.JSONField(
        default=dict, blank=True, help_text="How it did on golden conversations"
    )
    note = models.CharField(max_length=300, blank=True)
    model = models.CharField(max_length=100, blank=True)
    cost_microdollars = models.PositiveBigIntegerField(default=0)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The staff member, when it was one",
    )
    created_at = models.DateTimeField(default=timezone.now)
    live_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["user", "version"], name="prompt_revision_unique"),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(status="live"),
                name="prompt_revision_one_live",
            ),
            one_of("status", RevisionStatus, "prompt_revision_status_known"),
            one_of("reason", RevisionReason, "prompt_revision_reason_known"),
        ]

    def __str__(self) -> str:
        return f"Version {self.version}"


class Confidence(models.TextChoices):
    LOW = "low", "Low"
    MEDIUM = "medium", "Medium"
    HIGH = "high", "High"


class PromptSentence(TimeOrderedModel):
    """A sentence of a version, with what it rests on. `fact_key` names the fact across versions."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey(PromptRevision, on_delete=models.CASCADE, related_name="sentences")
    ordinal = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=32)
    text = models.TextField()
    fact_key = models.CharField(max_length=120, blank=True)
    evidence = models.JSONField(
        default=list, blank=True, help_text="Items: kind (metric or quote), text, at, ref"
    )
    confidence = models.CharField(max_length=8, choices=Confidence)
    is_observation = models.BooleanField(
        default=False, help_text="May change within six months, so it expires"
    )
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "ordinal"], name="prompt_sentence_unique"),
            one_of("confidence", Confidence, "prompt_sentence_confidence_known"),
        ]

    def __str__(self) -> str:
        return self.text


class DisputedFact(TimeOrderedModel):
    """A sentence the person called wrong, or put in their own words: no later version says the old one again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="disputed_facts"
    )
    fact_key = models.CharField(max_length=120)
    text = models.TextField(help_text="What the coach had said")
    own_words = models.TextField(blank=True, help_text="What the person says instead")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "fact_key"], name="disputed_fact_unique")
        ]

    def __str__(self) -> str:
        return self.fact_key


class ReviewDecision(models.TextChoices):
    BEGUN = "begun", "Being written"
    REGENERATED = "regenerated", "Written anew"
    SKIPPED = "skipped", "Left as it is"
    REJECTED = "rejected", "New version did worse"
    FAILED = "failed", "Failed"
    NOT_DUE = "not_due", "Too early"


class PromptReview(TimeOrderedModel):
    """A weekly look at whether a person's prompt still fits: what was seen, decided, spent and saved."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prompt_reviews"
    )
    local_date = models.DateField()
    decision = models.CharField(max_length=12, choices=ReviewDecision)
    reasons = models.JSONField(default=list, blank=True, help_text="Codes with their figures")
    metrics = models.JSONField(default=dict, blank=True)
    cost_microdollars = models.PositiveBigIntegerField(default=0)
    saved_microdollars = models.PositiveBigIntegerField(default=0)
    revision = models.ForeignKey(
        PromptRevision, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField(
        null=True, blank=True, help_text="When a worker took on the writing"
    )

    class Meta:
        indexes = [
            models.Index(fields=["-at"], name="prompt_review_newest"),
            models.Index(
                fields=["at"],
                condition=models.Q(decision="begun"),
                name="prompt_review_unfinished",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "local_date"], name="prompt_review_unique"),
            one_of("decision", ReviewDecision, "prompt_review_decision_known"),
        ]

    def __str__(self) -> str:
        return f"{self.local_date}: {self.decision}"


class GoldenConversation(TimeOrderedModel):
    """An exchange the person liked: every new version is tried on it before it goes live."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="golden_conversations"
    )
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="golden")
    request = models.TextField()
    answer = models.TextField()
    expectations = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.request[:60]
