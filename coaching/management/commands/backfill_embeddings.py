"""Vectors that are missing, and the change to another embedding model without a pause."""

import time
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coaching.llm.embeddings import (
    EmbeddingUnavailable,
    UnsuitableEmbeddingModel,
    active_model,
    changing,
    filling_model,
)
from coaching.memory import filling
from coaching.models import EmbeddingModel, EmbeddingModelState

PROGRESS_SECONDS = 2.0


class Command(BaseCommand):
    help = (
        "Make missing vectors of memories, articles, summaries and messages. With --model NAME another model "
        "is filled beside the one in use: from then on everything new gets both. --switch, once nothing is "
        "missing, searches with the new one; --prune removes the vectors of models no longer in use. "
        "May be stopped and started again: only what is missing is made."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", help="fill this model beside the one in use")
        parser.add_argument(
            "--switch", action="store_true", help="then search with the model that was filled"
        )
        parser.add_argument(
            "--prune", action="store_true", help="remove the vectors of models that are not used"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what is missing")
        parser.add_argument(
            "--resume", action="store_true", help="go on where it stopped, as it always does"
        )
        parser.add_argument("--batch-size", type=int, default=filling.BATCH)

    def handle(
        self,
        *args: Any,
        model: str | None,
        switch: bool,
        prune: bool,
        dry_run: bool,
        batch_size: int,
        **options: Any,
    ) -> None:
        if batch_size < 1:
            raise CommandError("--batch-size is at least 1.")
        try:
            active = active_model()
            target = self._target(active, model, dry_run)
            for each in filter(None, (active, target)):
                self._fill(each, active, batch_size, dry_run=dry_run)
            if switch and not dry_run:
                self._switch(target)
            if prune:
                self._prune(dry_run)
        except (EmbeddingUnavailable, UnsuitableEmbeddingModel) as error:
            raise CommandError(str(error)) from error

    def _target(
        self, active: EmbeddingModel, name: str | None, dry_run: bool
    ) -> EmbeddingModel | None:
        current = filling_model()
        if name is None or (current is not None and current.name == name):
            return current
        if name == active.name:
            return None
        if dry_run:
            self.stdout.write(f"{name} would be filled beside {active}.")
            return None
        return changing.begin_filling(name)

    def _fill(
        self, model: EmbeddingModel, active: EmbeddingModel, batch_size: int, *, dry_run: bool
    ) -> None:
        missing = filling.count_lacking(model) + changing.count_lacking(model)
        self.stdout.write(f"{model}: {missing:,} vectors are missing.")
        if dry_run or not missing:
            return
        self._progress(self._made(model, active, batch_size), missing)

    def _made(
        self, model: EmbeddingModel, active: EmbeddingModel, batch_size: int
    ) -> Iterator[int]:
        yield from filling.fill_lacking(model, batch_size=batch_size)
        yield from changing.fill_lacking(model, active=active, batch_size=batch_size)

    def _progress(self, batches: Iterator[int], missing: int) -> None:
        began = spoken = time.monotonic()
        made = 0
        for count in batches:
            made += count
            if time.monotonic() - spoken >= PROGRESS_SECONDS:
                spoken = time.monotonic()
                rate = made / (spoken - began)
                self.stdout.write(f"  {made:,} of {missing:,}, {rate:,.0f} a second")
        self.stdout.write(f"  {made:,} made in {time.monotonic() - began:,.1f} s")

    def _switch(self, target: EmbeddingModel | None) -> None:
        if target is None:
            raise CommandError("There is no model to switch to: name it with --model.")
        missing = filling.count_lacking(target) + changing.count_lacking(target)
        if missing:
            raise CommandError(f"{missing:,} vectors of {target} are still missing: run it again.")
        before = changing.switch(target)
        self.stdout.write(
            f"Memories and articles are now searched with {target}. The vectors of {before} stay until "
            f"--prune. Set EMBEDDING_MODEL={target.name} for new installations."
        )

    def _prune(self, dry_run: bool) -> None:
        for model in EmbeddingModel.objects.filter(state=EmbeddingModelState.RETIRED):
            if dry_run:
                self.stdout.write(f"The vectors of {model} would be removed.")
                continue
            removed = filling.remove_vectors(model) + changing.remove_vectors(model)
            model.delete()
            self.stdout.write(f"{removed:,} vectors of {model.name} were removed.")
