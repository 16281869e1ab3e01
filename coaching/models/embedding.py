"""Vectors beside their text, and which model they come from."""

from django.db import models
from pgvector.django import HalfVectorField

from accounts.models import one_of


class EmbeddingModelState(models.TextChoices):
    ACTIVE = "active", "Searched with"
    FILLING = "filling", "Being filled"
    RETIRED = "retired", "Retired"


class EmbeddingModel(models.Model):
    """A model that turns text into vectors. One is searched with; another may be filled beside it.

    While one is being filled everything new gets both vectors, so that changing the model needs no pause.
    """

    id = models.SmallAutoField(primary_key=True)
    name = models.CharField(max_length=100, unique=True)
    dimensions = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=EmbeddingModelState)

    class Meta:
        constraints = [
            one_of("state", EmbeddingModelState, "embedding_model_state_known"),
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="active"),
                name="embedding_model_one_active",
            ),
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state="filling"),
                name="embedding_model_one_filling",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Embedded(models.Model):
    """Adds a vector of the model searched with, and one of the model that is being filled."""

    embedding = HalfVectorField(null=True, blank=True, editable=False)
    embedding_model = models.ForeignKey(
        EmbeddingModel,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    next_embedding = HalfVectorField(null=True, blank=True, editable=False)
    next_embedding_model = models.ForeignKey(
        EmbeddingModel,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        abstract = True
