"""What the coach remembers of a person: moments, preferences, promises and summaries.

A memory is three rows on one key because they change at different speeds: what was said (this row), the
vectors it is found by, and the state that moves whenever it is used, confirmed or contradicted.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from pgvector.django import HalfVectorField, SparseVectorField

from accounts.models import TimeOrderedModel, between, one_of

from .conversation import Message
from .embedding import Embedded, EmbeddingModel
from .outreach import CoachMessage, MessageChannel

TERM_SPACE = 2**20  # stems are hashed into so many places; collisions are rarer than typing errors


class MemoryType(models.TextChoices):
    VICTORY = "victory", "Victory"
    STRUGGLE = "struggle", "Struggle"
    INSIGHT = "insight", "Insight"
    PREFERENCE = "preference", "Preference"
    RELATIONSHIP = "relationship", "Relationship"
    CONTEXT = "context", "Context"


class MemorySource(models.TextChoices):
    CONVERSATION = "conversation", "Conversation"
    PHONE_CALL = "phone_call", "Phone call"
    SMS = "sms", "SMS"
    FOOD_LOG = "food_log", "Food log"
    BEHAVIOR = "behavior", "What was done"


class EpisodicMemory(TimeOrderedModel):
    """One self-contained sentence about a person, with the words and the moment it comes from.

    `subject` is whom it is about ("self", or a name or relation) and `slot` which changing fact it states
    ("gym time"): only memories of the same subject and slot can contradict each other. `source_id` is the
    message, call or entry; `source_ref` leads to the very place in it. `ordinal` orders turns of one source.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memories"
    )
    memory_type = models.CharField(max_length=16, choices=MemoryType, default=MemoryType.CONTEXT)
    memory_description = models.TextField()
    quote = models.TextField(blank=True, help_text="The person's own words")
    speaker = models.CharField(max_length=80, blank=True)
    subject = models.CharField(max_length=80, default="self")
    slot = models.CharField(max_length=80, blank=True)
    original_timestamp = models.DateTimeField()
    source_type = models.CharField(
        max_length=16, choices=MemorySource, default=MemorySource.CONVERSATION
    )
    source_id = models.UUIDField(null=True, blank=True)
    source_ref = models.CharField(max_length=200, blank=True)
    ordinal = models.PositiveIntegerField(default=0)
    emotional_valence = models.FloatField(default=0)
    tags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    is_inferred = models.BooleanField(
        default=False, help_text="Concluded, not said: waits for the person's yes"
    )
    user_edited = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "episodic memories"
        indexes = [
            models.Index(fields=["user", "-original_timestamp"], name="memory_user_newest"),
            models.Index(fields=["user", "source_id", "ordinal"], name="memory_user_source"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "source_ref"],
                condition=~models.Q(source_ref=""),
                name="memory_source_ref_unique",
            ),
            one_of("memory_type", MemoryType, "memory_type_known"),
            one_of("source_type", MemorySource, "memory_source_known"),
            between("emotional_valence", -1, 1, "memory_valence_range"),
        ]

    def __str__(self) -> str:
        return self.memory_description[:80]


class MemoryVector(models.Model):
    """What a memory is found by, narrow, so that all of a person's are read in half a millisecond.

    `emb` and `window_emb` are the vectors of the memory and of what surrounds it; `terms` and
    `window_terms` hold BM25's term part at the hash of each stem. Where the model did not answer the vectors
    are empty until they are made, and the memory is found by its words.
    """

    pk = models.CompositePrimaryKey("user", "model", "memory")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    model = models.ForeignKey(
        EmbeddingModel, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    memory = models.ForeignKey(EpisodicMemory, on_delete=models.CASCADE, related_name="vectors")
    emb = HalfVectorField(null=True)
    window_emb = HalfVectorField(null=True)
    terms = SparseVectorField(dimensions=TERM_SPACE)
    window_terms = SparseVectorField(dimensions=TERM_SPACE)
    subject = models.CharField(max_length=80, blank=True)
    word_count = models.PositiveSmallIntegerField()
    is_question = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["model", "user"],
                condition=models.Q(emb__isnull=True) | models.Q(window_emb__isnull=True),
                name="memory_vector_to_make",
            )
        ]

    def __str__(self) -> str:
        return f"Vector of {self.memory_id}"


class MemoryStatus(models.TextChoices):
    WAITING = "waiting", "Waits for your yes"
    KEPT = "kept", "Kept"
    DECLINED = "declined", "Declined"


class MemoryState(models.Model):
    """How alive a memory is. Its strength now follows from `strength`, `half_life_days` and the time since.

    `valid_until` and `superseded_by` close a memory that a later one contradicts; both stay.
    """

    pk = models.CompositePrimaryKey("user", "memory")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    memory = models.OneToOneField(EpisodicMemory, on_delete=models.CASCADE, related_name="state")
    status = models.CharField(max_length=8, choices=MemoryStatus, default=MemoryStatus.KEPT)
    strength = models.FloatField(default=0.7, help_text="As it was at the last reinforcement")
    half_life_days = models.FloatField(default=30)
    last_reinforced_at = models.DateTimeField()
    times_referenced = models.PositiveIntegerField(default=0)
    valid_until = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        EpisodicMemory, null=True, blank=True, on_delete=models.SET_NULL, related_name="supersedes"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    forget_at = models.DateTimeField(
        null=True, blank=True, help_text="Not used any more, and deleted then unless taken back"
    )

    class Meta:
        indexes = [
            models.Index(
                fields=["forget_at"],
                condition=models.Q(forget_at__isnull=False),
                name="memory_to_forget",
            )
        ]
        constraints = [
            one_of("status", MemoryStatus, "memory_status_known"),
            between("strength", 0, 1, "memory_strength_0_1"),
            models.CheckConstraint(
                condition=models.Q(half_life_days__gt=0), name="memory_half_life_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"State of {self.memory_id}"


class MemoryTerm(models.Model):
    """In how many of a person's memories a stem occurs: what makes a rare word weigh more."""

    pk = models.CompositePrimaryKey("user", "term")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    term = models.IntegerField(help_text="Hash of the stem, below TERM_SPACE")
    memories = models.PositiveIntegerField()

    def __str__(self) -> str:
        return str(self.term)


class MemoryTotal(models.Model):
    """How many memories a person has and how long they are together; who writes memories holds this row."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    memories = models.PositiveIntegerField(default=0)
    words = models.PositiveIntegerField(default=0, help_text="Words in all of them")

    def __str__(self) -> str:
        return f"{self.memories} memories"


class MemoryUse(TimeOrderedModel):
    """A memory that was given to the coach for an answer. Only used and confirmed ones grow stronger."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    memory = models.ForeignKey(EpisodicMemory, on_delete=models.CASCADE, related_name="uses")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="memory_uses")
    was_used = models.BooleanField(default=False, help_text="The answer said it")
    settled_at = models.DateTimeField(null=True, blank=True)
    was_confirmed = models.BooleanField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "memory"], name="memory_use_unique")
        ]
        indexes = [
            models.Index(
                fields=["user", "created_at"],
                condition=models.Q(settled_at__isnull=True),
                name="memory_use_unsettled",
            )
        ]

    def __str__(self) -> str:
        return f"{self.memory_id} in {self.message_id}"


class MemoryReading(TimeOrderedModel):
    """How far a conversation was read for memories, so that no turn is learned from twice."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    conversation = models.OneToOneField(
        "coaching.Conversation", on_delete=models.CASCADE, related_name="memory_reading"
    )
    read_up_to = models.UUIDField(null=True, blank=True, help_text="The last message that was read")
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    read_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Reading of {self.conversation_id}"


class LearnedPreference(TimeOrderedModel):
    """Something a person likes or wants, with how sure the coach is and why."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="learned_preferences"
    )
    preference_category = models.CharField(
        max_length=32,
        help_text="communication_style, coaching_tone, meal_types, exercise, timing, …",
    )
    preference_key = models.CharField(max_length=80)
    preference_value = models.JSONField()
    confidence = models.FloatField()
    evidence_count = models.PositiveIntegerField(default=1)
    evidence = models.JSONField(
        default=list, blank=True, help_text="Quotes and places, newest last"
    )
    learned_from = ArrayField(
        models.CharField(max_length=32), default=list, help_text="conversation, behavior_pattern, …"
    )
    last_confirmed_at = models.DateTimeField(null=True, blank=True)
    is_explicit = models.BooleanField(
        default=False, help_text="Said by the person in so many words"
    )
    declined_at = models.DateTimeField(
        null=True, blank=True, help_text="The person said it is wrong: it is not learned again"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "preference_category", "preference_key"],
                name="learned_preferences_unique",
            ),
            between("confidence", 0, 1, "learned_preference_confidence_0_1"),
        ]

    def __str__(self) -> str:
        return f"{self.preference_key}: {self.preference_value}"


class CommitmentStatus(models.TextChoices):
    OPEN = "open", "Open"
    KEPT = "kept", "Kept"
    MISSED = "missed", "Not this time"
    WITHDRAWN = "withdrawn", "Taken back"


class Commitment(TimeOrderedModel):
    """A promise a person made ("I'll walk Tuesday at 7"): one check, by the channel they chose, then its outcome."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="commitments"
    )
    memory = models.ForeignKey(
        EpisodicMemory, null=True, blank=True, on_delete=models.SET_NULL, related_name="commitments"
    )
    message = models.ForeignKey(
        Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="commitments"
    )
    what = models.CharField(max_length=200)
    quote = models.TextField()
    if_then = models.CharField(max_length=300, blank=True, help_text="When X, I will Y")
    due_at = models.DateTimeField()
    is_time_known = models.BooleanField(default=True, help_text="False: a day was named, no hour")
    check_at = models.DateTimeField(null=True, blank=True)
    check_channel = models.CharField(max_length=8, choices=MessageChannel, blank=True)
    check_message = models.OneToOneField(
        CoachMessage, null=True, blank=True, on_delete=models.SET_NULL, related_name="commitment"
    )
    status = models.CharField(
        max_length=12, choices=CommitmentStatus, default=CommitmentStatus.OPEN
    )
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_note = models.TextField(blank=True)
    source_ref = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(
                fields=["check_at"], condition=models.Q(status="open"), name="commitment_to_check"
            ),
            models.Index(fields=["user", "-due_at"], name="commitment_user_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["user", "source_ref"], name="commitment_source_unique"),
            one_of("status", CommitmentStatus, "commitment_status_known"),
        ]

    def __str__(self) -> str:
        return self.what


class SummaryPeriod(models.TextChoices):
    DAILY = "daily", "Day"
    WEEKLY = "weekly", "Week"
    MONTHLY = "monthly", "Month"


class ConversationSummary(TimeOrderedModel, Embedded):
    """What was talked about in one of the person's days, weeks or months."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="summaries"
    )
    summary_period = models.CharField(max_length=8, choices=SummaryPeriod)
    start_date = models.DateField(help_text="First of the person's own days")
    end_date = models.DateField(help_text="Last of the person's own days")
    key_topics = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    main_insights = models.TextField(blank=True)
    user_progress = models.TextField(blank=True)
    challenges_discussed = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    commitments_made = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    overall_sentiment = models.CharField(max_length=16, blank=True)
    user_motivation_level = models.PositiveSmallIntegerField(null=True, blank=True)
    ai_summary = models.TextField()
    model = models.CharField(max_length=100, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "conversation summaries"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "summary_period", "start_date"], name="summary_period_unique"
            ),
            one_of("summary_period", SummaryPeriod, "summary_period_known"),
            between("user_motivation_level", 1, 10, "summary_motivation_1_10"),
            models.CheckConstraint(
                condition=models.Q(end_date__gte=models.F("start_date")), name="summary_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_summary_period_display()} from {self.start_date}"
