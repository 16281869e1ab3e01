"""What a rehearsal showed, in words and as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

from coaching.models import MessageCause, Reason

from .breaches import Rule
from .findings import EVERYBODY, Findings
from .people import Kind

GROUPS = [EVERYBODY, *(kind.value for kind in Kind)]


@dataclass(frozen=True)
class Spread:
    """A few numbers that describe many."""

    mean: float
    p50: float
    p95: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        if not values:
            return cls(0, 0, 0, 0)
        ordered = sorted(values)

        def share(part: float) -> float:
            return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

        return cls(fmean(ordered), share(0.5), share(0.95), ordered[-1])


@dataclass(frozen=True)
class Report:
    """A rehearsal: what was asked for, how long it took, and what was found."""

    people: int
    days: int
    seed: int
    start: str
    seconds: float
    found: Findings

    @property
    def is_clean(self) -> bool:
        return not self.found.breaches and not self.found.promises.total()

    def as_json(self) -> dict[str, Any]:
        """Everything but how long it took comes out the same for the same seed."""
        found = dict(vars(self.found))
        for name in ("per_person_day", "minutes_waited"):
            del found[name]
        return {
            "people": self.people,
            "days": self.days,
            "seed": self.seed,
            "start": self.start,
            **found,
            "earned": asdict(self.found.earned),
            "breaches": {rule.value: self.found.breaches[rule.value] for rule in Rule},
            "per_person_day": {
                group: asdict(Spread.of(self.found.per_person_day.get(group, [])))
                for group in GROUPS
            },
            "minutes_waited": asdict(Spread.of(self.found.minutes_waited)),
            "seconds": {"all": self.seconds, **found["seconds"]},
        }

    def lines(self) -> Iterator[str]:
        """A page of plain text."""
        found = self.found
        yield (
            f"{self.people} people, {self.days} days from {self.start}, seed {self.seed}:"
            f" played in {self.seconds:.0f} s"
        )
        yield ""
        yield "Unasked messages per person and own day      mean   p50   p95   max"
        for group in GROUPS:
            if group in found.per_person_day:
                of = Spread.of(found.per_person_day[group])
                yield f"  {group:40} {of.mean:6.2f} {of.p50:5.0f} {of.p95:5.0f} {of.most:5.0f}"
        yield f"  by cause: {_listed(found.by_cause)}"
        yield f"  by channel, with reminders: {_listed(found.by_channel)}"
        yield ""
        yield f"Breaches: {found.breaches.total()}"
        for rule in Rule:
            yield f"  {found.breaches[rule.value]:5}  {rule}"
        yield from (f"  {count:5}  {name}" for name, count in sorted(found.promises.items()))
        yield from (f"  for example {example}" for example in found.examples)
        yield f"  held against what came: {_listed(found.of_apps)}"
        yield ""
        yield "Messages held back by the governor"
        yield f"  held: {_listed(found.held, Reason)}"
        yield f"  dropped: {_listed(found.dropped, Reason)}"
        yield f"  merged: {_listed(found.merged, Reason)}"
        yield ""
        waited = Spread.of(found.minutes_waited)
        yield "Deliveries"
        yield f"  messages: {_listed(found.states)}"
        yield f"  attempts: {_listed(found.attempts)}"
        yield (
            "  minutes between the moment a message might go and its coming:"
            f" mean {waited.mean:.1f}, p50 {waited.p50:.0f}, p95 {waited.p95:.0f},"
            f" max {waited.most:.0f}"
        )
        yield ""
        yield from self._policy()
        yield ""
        yield "Of the messages that came, read and followed"
        for group in GROUPS:
            if came := found.came[group]:
                yield (
                    f"  {group:20} {found.read[group] / came:5.0%} {found.followed[group] / came:5.0%}"
                )
        yield ""
        yield from self._backing_off()
        yield ""
        yield f"Logged: {_listed(found.warnings)}"
        yield f"Seconds: {', '.join(f'{job} {took:.0f}' for job, took in found.seconds.most_common())}"

    def _policy(self) -> Iterator[str]:
        found, earned = self.found, self.found.earned
        yield (
            f"Nudges: {found.decisions} decisions, {found.available} with a choice,"
            f" {found.spoken} drew a message"
        )
        yield f"  no choice: {_listed(found.unavailable)}"
        yield "  true reward per choice, and regret against the best:"
        rows = (
            ("as it was done", earned.policy),
            ("the best rule for each person, all known", earned.best),
            ("that rule within odds of 20 to 80 %", earned.best_within_bounds),
            ("always a message", earned.always),
            ("a message in one case of four", earned.quarter),
            ("never a message", earned.never),
        )
        for name, total in rows:
            regret = earned.per_point(earned.best - total)
            yield f"    {name:42} {earned.per_point(total):7.4f} {regret:8.4f}"
        yield "    (each tires people in its own way; who had a choice, and caps, are as they were)"

    def _backing_off(self) -> Iterator[str]:
        found = self.found

        def weekly(counts: Counter[str], weeks: float, cause: str | None = None) -> float:
            total = counts.total() if cause is None else counts[cause]
            return total / weeks if weeks else 0.0

        nudge = MessageCause.NUDGE
        yield (
            f"{found.lapsed} people stopped coming; messages per person and week fell from"
            f" {weekly(found.before, found.weeks_before):.1f} to"
            f" {weekly(found.after, found.weeks_after):.1f}, of which nudges from"
            f" {weekly(found.before, found.weeks_before, nudge):.1f} to"
            f" {weekly(found.after, found.weeks_after, nudge):.1f};"
            f" {found.after[MessageCause.CHECK_IN]} check-ins, {found.came_back} came back"
        )


def _listed(counts: Counter[str], known: type[Reason] | None = None) -> str:
    """Counts, the greatest first; with `known` only those that are a reason of the governor's."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name} {count}" for name, count in ordered if not known or name in known.values]
    return ", ".join(shown) or "none"
