"""Says how good the measures of tasks are."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from productivity.features import evaluation, looking_back
from productivity.features.numbers import GROUPS
from productivity.features.population import generate

TOO_FEW = 2


class Command(BaseCommand):
    help = (
        "How good the measures of tasks are. With --generated against made-up people whose traits are known; "
        "without it against what became overdue last week among people who agreed to tracking. "
        "Exit code 2: too few people to say."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--generated", type=int, metavar="N", help="of N made-up people")
        parser.add_argument("--seed", type=int, default=1, help="of their traits and chances")
        parser.add_argument("--weeks", type=int, default=12, help="of their histories")

    def handle(
        self, *args: Any, generated: int | None, seed: int, weeks: int, **options: Any
    ) -> None:
        if generated is None:
            self._real()
            return
        if generated < GROUPS.fewest_people or weeks < 4:
            raise CommandError(
                f"At least {GROUPS.fewest_people} people and 4 weeks.", returncode=TOO_FEW
            )
        self._generated(generated, seed, weeks)

    def _generated(self, many: int, seed: int, weeks: int) -> None:
        began = time.monotonic()
        population = generate(many, seed, weeks)
        tasks = sum(len(who.tasks) for who in population.people)
        self._say(began, f"{many:,} made-up people with {tasks:,} tasks in {weeks} weeks.")
        found = evaluation.measures_of(population.people, population.ends_at)
        self._say(began, f"Measured {len(found):,} of them.")
        self.stdout.write(
            f"Score and true trait (rank): {evaluation.trait_agreement(population, found)}"
        )
        self.stdout.write(
            f"Impulsiveness and the true one (rank): {evaluation.impulsiveness_agreement(population, found)}"
        )
        self.stdout.write(
            f"Score of odd and of even weeks (rank): {evaluation.stability(population)}"
        )
        self._say(began, "Halves compared.")
        held = evaluation.coverage(population)
        self.stdout.write(f"Intervals that hold the long run (wanted 0.90): {held:.3f}")
        recovered = evaluation.group_recovery(population, found)
        self.stdout.write(
            f"Groups: {recovered['groups']} ({', '.join(recovered['labels'])}), "
            f"adjusted Rand index with the true styles {recovered['adjusted_rand']:.3f}"
        )
        cut = population.ends_at - evaluation.WEEK
        before = evaluation.measures_of(population.people, cut)
        self._overdue(evaluation.open_tasks(population, cut), before)
        self._say(began, "Done.")

    def _real(self) -> None:
        tasks, found = looking_back.last_week()
        self.stdout.write(f"{len(tasks):,} tasks of {len(found):,} people were due last week.")
        if not self._overdue(tasks, found):
            raise CommandError("Too few to say anything that holds.", returncode=TOO_FEW)

    def _overdue(self, tasks: Any, found: Any) -> bool:
        guesses = evaluation.guesses(tasks, found) if len(tasks) >= GROUPS.fewest_people else []
        if guesses:
            self.stdout.write(f"Overdue within a week, of {len(tasks):,} open tasks:")
        for guess in guesses:
            self.stdout.write(
                f"  {guess.name}: AUC {guess.auc}, Brier {guess.brier:.4f}, "
                f"calibration error {guess.calibration_error:.4f}"
            )
        return bool(guesses)

    def _say(self, began: float, words: str) -> None:
        self.stdout.write(f"[{time.monotonic() - began:6.1f} s] {words}")
