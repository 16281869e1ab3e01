"""`manage.py evaluate_motivation`: how often the reading of motivation is right, with its confusion matrix."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from coaching.llm.errors import ModelUnavailable
from momentum.motivation import by_model, evaluation
from momentum.motivation.lexicon import read_words


class Command(BaseCommand):
    help = "Reads labelled sentences and prints precision, recall and the confusion matrix."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--model", action="store_true", help="Ask the configured model instead of the word list"
        )
        parser.add_argument("--wrong", action="store_true", help="List what was read wrongly")
        parser.add_argument("--part", choices=("all", "known", "held"), default="all")

    def handle(self, *args: Any, **options: Any) -> None:
        labelled = [
            one
            for one in evaluation.sentences()
            if options["part"] == "all" or one.is_held == (options["part"] == "held")
        ]
        read = by_model.read_by_model if options["model"] else read_words
        try:
            result = evaluation.evaluate(read, labelled)
        except ModelUnavailable as error:
            raise CommandError(f"There is no model to ask: {error}") from None
        self.stdout.write(
            f"{result.sentences} sentences, spoke on {result.spoke}, right {result.right}: "
            f"precision {result.precision:.3f}, recall {result.recall:.3f} of {result.clear}"
        )
        for line in evaluation.table(result):
            self.stdout.write(line)
        if options["wrong"]:
            for one, told in result.wrong:
                kinds = ",".join(sorted(one.kinds))
                self.stdout.write(f"{told.kind} instead of {kinds}: {one.text}")
