"""Judges nudge policies by the stored decisions."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from coaching.outreach.policy import evaluation
from coaching.outreach.policy.evaluation import Estimate, Judgement

WORDS = {
    "logged": "what was done",
    "always": "a message at every chance",
    "never": "no message",
    "fixed": "one in four at random",
    "posterior": "the beliefs about each person",
}


class Command(BaseCommand):
    help = (
        "Estimate the mean reward per available decision of several nudge policies from the record of "
        "decisions: inverse propensity (IPS) and self-normalised (SNIPS), each with a 95 % interval "
        "clustered by person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", help="only decisions from this date on (UTC), YYYY-MM-DD")
        parser.add_argument(
            "--policy",
            action="append",
            choices=list(WORDS),
            help="judge this one only; may be given more than once",
        )

    def handle(
        self, *args: Any, since: str | None, policy: list[str] | None, **options: Any
    ) -> None:
        begin = _date(since)
        known = evaluation.policies(since=begin)
        names = [name for name in known if not policy or name in policy]
        found = evaluation.judged(
            evaluation.recorded(since=begin), {name: known[name]() for name in names}
        )
        if not found:
            self.stdout.write(
                "No settled decisions yet: nothing can be told. Decisions are made for people who agreed "
                "to behavioural tracking, and settled once their window is over."
            )
            return
        first = found[names[0]]
        self.stdout.write(
            f"{first.decisions} settled decisions of {first.people} people. Reward: 1 when the action "
            "was done in its window, less the burden of the message.\n"
        )
        self.stdout.write(
            f"{'policy':<10} {'IPS':>7} {'95 % interval':>18} {'SNIPS':>7} {'95 % interval':>18} "
            f"{'effective':>9}"
        )
        for name in names:
            self.stdout.write(_line(found[name]))
        self.stdout.write("")
        for name in names:
            self.stdout.write(f"{name}: {WORDS[name]}")
        self.stdout.write(
            "Each figure is about one decision at a time: what a message does to later ones, as making "
            "nudges rest, is not in it."
        )
        if "posterior" in names and begin is None:
            self.stdout.write(
                "The beliefs behind “posterior” were learned from these decisions too, so its figure "
                "flatters; with --since they are those of that day, and the figure is fair."
            )
        elif "posterior" in names:
            self.stdout.write(f"The beliefs behind “posterior” are those of {since}.")
        for name in names:
            if doubts := found[name].doubts():
                self.stdout.write(f"{name}: {doubts}")


def _date(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise CommandError(f"--since {text}: not a date like 2026-01-31.") from None


def _line(judgement: Judgement) -> str:
    ips, own = judgement.ips, judgement.self_normalised
    return (
        f"{judgement.policy:<10} {ips.value:>7.3f} {_interval(ips):>18} {own.value:>7.3f} "
        f"{_interval(own):>18} {judgement.effective:>9.0f}"
    )


def _interval(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return "unknown"
    return f"{estimate.low:.3f} to {estimate.high:.3f}"
