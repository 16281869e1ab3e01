"""Makes the demo people, once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from config.demo.seed import SignIn, seed


class Command(BaseCommand):
    """Prints the sign-in of each person it makes; the passwords are random and shown this once."""

    help = (
        "Make a demo person with two months of history, a demo coach and an admin, if they are not there yet. "
        "Their passwords are random and printed once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="make nothing, say what would be made"
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="the history follows from it (default: 1)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        dry_run = options["dry_run"]
        with transaction.atomic():
            made = seed(random_seed=options["seed"])
            if dry_run:
                transaction.set_rollback(True)
        if not made:
            self.stderr.write("The demo people are there already.")
        for sign_in in made:
            self.stdout.write(_line(sign_in, dry_run=dry_run))


def _line(sign_in: SignIn, *, dry_run: bool) -> str:
    shown = "(would be made)" if dry_run else sign_in.password
    return f"{sign_in.role:<12}  {sign_in.email:<22}  {shown}"
