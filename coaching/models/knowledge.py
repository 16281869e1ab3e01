"""What the coach knows about habits in general: sources, cut into passages that are found by meaning and words."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils import timezone

from accounts.models import TimeOrderedModel, one_of

from .embedding import Embedded


class KnowledgeCategory(models.TextChoices):
    HABIT_STRATEGIES = "habit_strategies", "Habit strategies"
    DOMAIN_GUIDES = "domain_guides", "Guides by area of life"
    OBSTACLES = "obstacles", "Obstacles"
    MOTIVATION = "motivation", "Motivation"
    SCHEDULING = "scheduling", "Scheduling"
    RESEARCH = "research", "Research findings"
    NUTRITION = "nutrition", "Nutrition basics"
    SUCCESS_STORIES = "success_stories", "Success patterns"


class KnowledgeOrigin(models.TextChoices):
    LIBRARY = "library", "Habyss library"
    STAFF = "staff", "Added by staff"


class KnowledgeSource(TimeOrderedModel):
    """An article or document. Only verified ones are used in answers."""

    slug = models.SlugField(max_length=100, unique=True)
    title = models.CharField(max_length=200)
    author = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=24, choices=KnowledgeCategory)
    licence = models.CharField(max_length=100, help_text="Under which it may be used")
    citation = models.TextField(blank=True, help_text="What the article rests on")
    url = models.URLField(max_length=500, blank=True)
    body = models.TextField(help_text="Markdown")
    file = models.FileField(upload_to="knowledge/%Y/%m/", blank=True)
    origin = models.CharField(max_length=8, choices=KnowledgeOrigin, default=KnowledgeOrigin.STAFF)
    is_verified = models.BooleanField(default=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    verified_at = models.DateTimeField(null=True, blank=True, editable=False)
    content_digest = models.CharField(max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["category", "title"]
        constraints = [
            one_of("category", KnowledgeCategory, "knowledge_category_known"),
            one_of("origin", KnowledgeOrigin, "knowledge_origin_known"),
        ]

    def __str__(self) -> str:
        return self.title


class KnowledgeChunk(TimeOrderedModel, Embedded):
    """A passage of a source, of about 200 words."""

    source = models.ForeignKey(KnowledgeSource, on_delete=models.CASCADE, related_name="chunks")
    ordinal = models.PositiveSmallIntegerField()
    heading = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    word_count = models.PositiveSmallIntegerField()
    search = SearchVectorField(null=True, editable=False)

    class Meta:
        ordering = ["source", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["source", "ordinal"], name="knowledge_chunk_unique")
        ]
        indexes = [GinIndex(fields=["search"], name="knowledge_chunk_words")]

    def __str__(self) -> str:
        return f"{self.source_id} §{self.ordinal}"
