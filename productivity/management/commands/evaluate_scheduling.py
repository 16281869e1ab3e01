"""How good the odds and the ranking of slots are, on generated people whose true odds are known."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from productivity.features.population import generate
from productivity.scheduling.evaluating import evaluate, in_words


class Command(BaseCommand):
    help = "Calibration and ranking of slot odds on generated people, beside the best possible."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=200)
        parser.add_argument("--weeks", type=int, default=16)
        parser.add_argument("--seed", type=int, default=11)

    def handle(self, *args: Any, **options: Any) -> None:
        people, weeks = options["people"], options["weeks"]
        if not 2 <= people <= 10_000 or not 1 <= weeks <= 260:
            raise CommandError("From 2 to 10,000 people, and from 1 to 260 weeks.")

        def progress(done: int, of: int) -> None:
            if done % 20 == 0 or done == of:
                self.stderr.write(f"{done} of {of} people")

        population = generate(people, options["seed"], weeks)
        for line in in_words(evaluate(population, seed=options["seed"], progress=progress)):
            self.stdout.write(line)
