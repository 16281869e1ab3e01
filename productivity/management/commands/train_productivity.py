"""Trains the models of how people go about tasks."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from productivity.features import evaluation, training
from productivity.features.numbers import GROUPS
from productivity.features.population import generate

TOO_FEW = 2


class Command(BaseCommand):
    help = (
        "Trains the groups of alike people and the cost of far due dates on the newest measures of everybody who "
        "agreed to tracking, and keeps them as new versions. Nothing uses a version before it is activated: with "
        "--activate, or in the admin. With --generated on made-up people; such a version is never activated. "
        "Exit code 2: too few people."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--generated", type=int, metavar="N", help="on N made-up people")
        parser.add_argument("--seed", type=int, default=1, help="of the made-up people")
        parser.add_argument("--dry-run", action="store_true", help="keep nothing")
        parser.add_argument("--activate", action="store_true", help="use the new versions at once")

    def handle(
        self,
        *args: Any,
        generated: int | None,
        seed: int,
        dry_run: bool,
        activate: bool,
        **options: Any,
    ) -> None:
        if activate and (generated is not None or dry_run):
            raise CommandError("Only what is trained on people and kept can be activated.")
        if generated is not None and generated < 1:
            raise CommandError("--generated is at least 1.")
        began = time.monotonic()
        people: list[Any]
        if generated is None:
            people = training.people_now()
        else:
            population = generate(generated, seed, weeks=12)
            people = list(evaluation.measures_of(population.people, population.ends_at).values())
        self.stdout.write(f"[{time.monotonic() - began:6.1f} s] {len(people):,} people.")
        trained = training.train(people)
        if not trained:
            raise CommandError(
                f"Too few people, or no groups to speak of: it takes {GROUPS.fewest_people} with "
                f"{GROUPS.fewest_tasks} tasks each.",
                returncode=TOO_FEW,
            )
        for each in trained:
            self._tell(each)
            if dry_run:
                continue
            model = training.keep(each, is_generated=generated is not None)
            self.stdout.write(f"  kept as {model}")
            if activate:
                training.activate(model)
                self.stdout.write("  in use from now on")
        self.stdout.write(f"[{time.monotonic() - began:6.1f} s] Done.")

    def _tell(self, each: training.Trained) -> None:
        self.stdout.write(f"{each.kind.label}, of {each.trained_on:,} people:")
        for number, label in sorted(each.labels.items()):
            share = each.metrics["shares"][number]
            self.stdout.write(f"  {number}: {label}, {share:.0%} of people")
        for name, value in each.metrics.items():
            if name != "shares":
                self.stdout.write(f"  {name}: {value}")
        if "log_mean" in each.parameters:
            mean, spread = each.parameters["log_mean"], each.parameters["log_sd"]
            self.stdout.write(f"  logarithm of impulsiveness per day: {mean:.3f} +- {spread:.3f}")
        for name, value in each.drift.items():
            self.stdout.write(f"  drift, {name}: {value}")
