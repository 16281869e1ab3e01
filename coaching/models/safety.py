"""Help in a crisis: the lines a person can call, and what staff must see."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, one_of


class Helpline(TimeOrderedModel):
    """A crisis line of a country. One that nobody has verified is never shown."""

    country = models.CharField(
        max_length=2, help_text="ISO 3166; empty for international", blank=True
    )
    name = models.CharField(max_length=120)
    phone = models.CharField(max_length=32, blank=True)
    sms = models.CharField(max_length=32, blank=True)
    sms_body = models.CharField(max_length=32, blank=True)
    url = models.URLField(blank=True)
    hours = models.CharField(max_length=60, default="24/7")
    language = models.CharField(max_length=60, blank=True)
    source = models.URLField(help_text="Where this was read")
    verified_on = models.DateField(null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["country", "order"]
        constraints = [
            models.UniqueConstraint(fields=["country", "name"], name="helpline_unique"),
            models.CheckConstraint(
                condition=~models.Q(phone="") | ~models.Q(sms="") | ~models.Q(url=""),
                name="helpline_reachable",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.country or 'international'})"


class CrisisCategory(models.TextChoices):
    SUICIDE = "suicide", "Suicide"
    SELF_HARM = "self_harm", "Self-harm"
    OVERDOSE = "overdose", "Overdose"
    VIOLENCE = "violence", "Violence"


class CrisisAlert(TimeOrderedModel):
    """The crisis screen answered a message: everything unasked pauses, and staff look."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="crisis_alerts"
    )
    message_id = models.UUIDField(help_text="What the person wrote; kept when it is deleted")
    category = models.CharField(max_length=32, choices=CrisisCategory)
    raised_at = models.DateTimeField(default=timezone.now)
    paused_until = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-paused_until"], name="crisis_pause")]
        constraints = [
            models.UniqueConstraint(fields=["user", "message_id"], name="crisis_once_per_message"),
            one_of("category", CrisisCategory, "crisis_category_known"),
        ]

    def __str__(self) -> str:
        return f"{self.category} ({self.raised_at:%Y-%m-%d})"
