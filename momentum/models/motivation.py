"""What people say of how they are: check-ins, a journal, and what kind of motivation it tells of."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, between, one_of


class MotivationType(models.TextChoices):
    """Kinds of motivation of self-determination theory, from none to one's own."""

    AMOTIVATION = "amotivation", "None to be seen"
    EXTERNAL = "external", "From outside"
    INTROJECTED = "introjected", "From pressure on oneself"
    IDENTIFIED = "identified", "Because it matters"
    INTEGRATED = "integrated", "Because it is who one is"
    INTRINSIC = "intrinsic", "For its own sake"
    UNCLEAR = "unclear", "Unclear"


class ReadingMethod(models.TextChoices):
    MODEL = "model", "Language model"
    LEXICON = "lexicon", "Word list"


class CheckIn(TimeOrderedModel):
    """A micro-check-in: how much energy is perceived, how motivated, in what mood."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="check_ins"
    )
    energy = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Perceived, 1-5")
    motivation = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1-10")
    mood = models.CharField(max_length=24, blank=True)
    note = models.CharField(max_length=500, blank=True)
    is_crisis = models.BooleanField(default=False, help_text="Feeds no score")
    at = models.DateTimeField(default=timezone.now)
    local_date = models.DateField(help_text="The person's own day")
    source = models.CharField(max_length=16)
    client_id = models.CharField(max_length=64, null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            between("energy", 1, 5, "check_in_energy_1_5"),
            between("motivation", 1, 10, "check_in_motivation_1_10"),
            models.UniqueConstraint(fields=["user", "client_id"], name="check_in_client_id_unique"),
        ]
        indexes = [
            models.Index(fields=["user", "-at"], name="check_in_newest"),
            models.Index(fields=["user", "updated_at"], name="check_in_changed"),
        ]

    def __str__(self) -> str:
        return f"check-in {self.local_date}"


class JournalEntry(TimeOrderedModel):
    """An entry of the motivation journal, with what kind of motivation it tells of."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="journal_entries"
    )
    text = models.TextField(max_length=8000)
    at = models.DateTimeField(default=timezone.now)
    local_date = models.DateField(help_text="The person's own day")
    source = models.CharField(max_length=16)
    client_id = models.CharField(max_length=64, null=True, blank=True)
    is_crisis = models.BooleanField(default=False, help_text="Feeds no score")
    motivation_type = models.CharField(max_length=12, choices=MotivationType, blank=True)
    internalization_score = models.FloatField(null=True, blank=True, help_text="0 to 100")
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "journal entries"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(motivation_type__in=[*MotivationType.values, ""]),
                name="journal_entry_type_known",
            ),
            between("internalization_score", 0, 100, "journal_entry_score_0_100"),
            models.UniqueConstraint(
                fields=["user", "client_id"], name="journal_entry_client_id_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-at"], name="journal_entry_newest"),
            models.Index(fields=["user", "updated_at"], name="journal_entry_changed"),
        ]

    def __str__(self) -> str:
        return f"journal {self.local_date}"


class ReadingSource(models.TextChoices):
    MESSAGE = "message", "Message"
    JOURNAL = "journal", "Journal"
    CHECK_IN = "check_in", "Check-in note"


class MotivationReading(TimeOrderedModel):
    """What one text tells of motivation: a distribution over the kinds, with the quoted words.

    `distribution` maps kinds to shares that add up to 1; `quotes` kinds to words of the text itself. `tone` is
    how it sounds (-1 to 1; empty: plain) with the words that show it.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="motivation_readings"
    )
    source = models.CharField(max_length=8, choices=ReadingSource)
    source_id = models.UUIDField()
    motivation_type = models.CharField(max_length=12, choices=MotivationType)
    distribution = models.JSONField(default=dict)
    quotes = models.JSONField(default=dict)
    confidence = models.FloatField(help_text="0 to 1")
    internalization = models.FloatField(null=True, blank=True, help_text="0 to 100")
    tone = models.FloatField(null=True, blank=True, help_text="-1 to 1")
    tone_quote = models.CharField(max_length=200, blank=True)
    method = models.CharField(max_length=8, choices=ReadingMethod)
    model = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(help_text="When it was said")
    local_date = models.DateField(help_text="The person's own day")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            one_of("source", ReadingSource, "motivation_reading_source_known"),
            one_of("motivation_type", MotivationType, "motivation_reading_type_known"),
            one_of("method", ReadingMethod, "motivation_reading_method_known"),
            between("confidence", 0, 1, "motivation_reading_confidence_0_1"),
            between("internalization", 0, 100, "motivation_reading_score_0_100"),
            between("tone", -1, 1, "motivation_reading_tone_bounded"),
            models.UniqueConstraint(
                fields=["source", "source_id"], name="motivation_reading_source_unique"
            ),
        ]
        indexes = [models.Index(fields=["user", "local_date"], name="motivation_reading_day")]

    def __str__(self) -> str:
        return f"{self.motivation_type} {self.local_date}"


class MotivationScoreKind(models.TextChoices):
    MOTIVATION = "motivation", "Motivation"
    INTERNALIZATION = "internalization", "Own motivation"


class MotivationScore(TimeOrderedModel):
    """A day's score (0-100), with how much it rests on."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="motivation_scores"
    )
    date = models.DateField(help_text="The person's own day")
    kind = models.CharField(
        max_length=16, choices=MotivationScoreKind, default=MotivationScoreKind.MOTIVATION
    )
    score = models.FloatField(help_text="0 to 100")
    evidence_count = models.PositiveIntegerField()
    method = models.CharField(max_length=8, choices=ReadingMethod, blank=True)
    version = models.CharField(max_length=32)
    scored_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            one_of("kind", MotivationScoreKind, "motivation_score_kind_known"),
            between("score", 0, 100, "motivation_score_0_100"),
            models.UniqueConstraint(
                fields=["user", "date", "kind", "version"], name="motivation_score_day_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.date}: {self.score:.0f}"
