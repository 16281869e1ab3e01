"""Which embedding model is searched with, and which is being filled to follow it."""

from django.conf import settings
from django.db import IntegrityError, transaction

from coaching.models import EmbeddingModel, EmbeddingModelState

from . import hosted, local
from .errors import UnsuitableEmbeddingModel

MAX_DIMENSIONS = (
    1900  # two vectors of two bytes a number and the terms beside them fit a page of 8 kB
)


def is_local(name: str) -> bool:
    """Whether the model is part of the product."""
    return name.startswith("local/")


def active_model() -> EmbeddingModel:
    """The model that is searched with; the very first use makes it EMBEDDING_MODEL.

    Raises `UnsuitableEmbeddingModel` when that one cannot be used, and `EmbeddingUnavailable` when a
    hosted one does not say how many dimensions it has.
    """
    found = EmbeddingModel.objects.filter(state=EmbeddingModelState.ACTIVE).first()
    if found is not None:
        return found
    name = settings.EMBEDDING_MODEL
    dimensions = dimensions_of(name)
    # Two processes may come here at once: one row stays, by its name and by there being one active.
    EmbeddingModel.objects.bulk_create(
        [EmbeddingModel(name=name, dimensions=dimensions, state=EmbeddingModelState.ACTIVE)],
        ignore_conflicts=True,
    )
    return EmbeddingModel.objects.get(state=EmbeddingModelState.ACTIVE)


def filling_model() -> EmbeddingModel | None:
    """The model that is being filled beside the active one, if any."""
    return EmbeddingModel.objects.filter(state=EmbeddingModelState.FILLING).first()


def models_to_write() -> list[EmbeddingModel]:
    """The models whose vectors everything new gets: the active one first."""
    active = active_model()
    following = filling_model()
    return [active] if following is None else [active, following]


def begin_filling(name: str) -> EmbeddingModel:
    """Has `name` filled from now on. One that was retired may come back; raises `UnsuitableEmbeddingModel`
    for the active one, or while another is being filled."""
    if active_model().name == name:
        raise UnsuitableEmbeddingModel(f"{name} is the model that is searched with already.")
    dimensions = dimensions_of(name)
    try:
        with transaction.atomic():
            model, _ = EmbeddingModel.objects.update_or_create(
                name=name,
                defaults={"dimensions": dimensions, "state": EmbeddingModelState.FILLING},
            )
    except IntegrityError as error:
        other = filling_model()
        raise UnsuitableEmbeddingModel(
            f"{other or 'Another model'} is being filled: switch to it or give it up first."
        ) from error
    return model


def give_up_filling() -> EmbeddingModel | None:
    """Ends the filling without a switch; the vectors made so far wait to be removed."""
    model = filling_model()
    if model is not None:
        model.state = EmbeddingModelState.RETIRED
        model.save(update_fields=["state"])
    return model


def switch(to: EmbeddingModel) -> EmbeddingModel:
    """Makes the filled model the one that is searched with and returns the one it was before.

    Call it in a transaction together with what else moves.
    """
    with transaction.atomic():
        before = EmbeddingModel.objects.select_for_update().get(state=EmbeddingModelState.ACTIVE)
        before.state = EmbeddingModelState.RETIRED
        before.save(update_fields=["state"])
        to.state = EmbeddingModelState.ACTIVE
        to.save(update_fields=["state"])
    return before


def dimensions_of(name: str) -> int:
    """How long a model's vectors are: known, set (EMBEDDING_DIMENSIONS), or asked of the model."""
    if is_local(name):
        if name != local.NAME:
            raise UnsuitableEmbeddingModel(
                f"There is no local model {name}: the one there is is called {local.NAME}."
            )
        return local.DIMENSIONS
    dimensions = settings.EMBEDDING_DIMENSIONS or len(hosted.encode(name, None, ["dimensions"])[0])
    if dimensions > MAX_DIMENSIONS:
        raise UnsuitableEmbeddingModel(
            f"{name} has {dimensions} dimensions; at most {MAX_DIMENSIONS} fit beside a memory. "
            "Many models give shorter vectors: set EMBEDDING_DIMENSIONS."
        )
    return dimensions
