"""The month itself: a simulated clock that runs the periodic work while people live."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db import connection

from accounts.models import User
from coaching.models import (
    MessageCause,
    MessageTemplate,
    NudgeDecision,
)
from coaching.outreach import briefs, nudging, outbox, patterns, reminders
from coaching.outreach.outcomes import PATIENCE
from coaching.outreach.policy.points import point_reached
from coaching.toolkit import BriefLines, BriefPart, Occasion, brief_parts, need_sources
from coaching.toolkit.rehearsing import Lived, Scene, rehearsed_parts

from .apart import counted_log, empty_tables, forget_what_waits_for_a_commit, refresh_statistics
from .breaches import Life, breaches
from .carriers import Carriers, Clock, ProcessDied
from .happenings import answer, before_the_month, live_through, plan_day, plan_month
from .people import by_id, made_up_id, make_people
from .stage import DAY, Stage
from .truth import NEED, need_source

# How often the periodic work runs: as in the schedules of the house, but for decisions and briefs, for which
# every second round is enough: each moment is met once either way.
RECONCILE = timedelta(minutes=5)
ROUND = timedelta(minutes=20)
HOUR = timedelta(hours=1)
LEARNS_AT = timedelta(hours=3, minutes=50)
MINUTE = timedelta(minutes=1)
# Nobody waits so long within one moment: a delivery that keeps dying is a mistake, not bad luck.
MOST_TRIES = 50
TEMPLATES = {
    (NEED, "plain", MessageCause.NUDGE): "Ten minutes of practice are still open today, {name}.",
    (NEED, "tiny_step", MessageCause.NUDGE): "Two minutes are a start: open it and read one line.",
    (NEED, "why", MessageCause.NUDGE): "You said that practice makes your week lighter.",
    (nudging.CHECK_IN, "plain", MessageCause.CHECK_IN): "How are things? A word is enough.",
}


Result = TypeVar("Result")


@dataclass
class Played:
    """A month that was played. Rows of the product are still there while `play` has not returned."""

    stage: Stage
    seed: int
    lives: dict[UUID, Life]
    warnings: Counter[str] = field(default_factory=Counter)
    jobs: dict[str, float] = field(default_factory=dict)
    parts: list[Lived] = field(default_factory=list)


def play(
    people: int,
    days: int,
    *,
    seed: int,
    start: datetime,
    read: Callable[[Played], Result],
    say: Callable[[str], None] = lambda line: None,
) -> Result:
    """Plays a month from `start` (aware), lets `read` make of it what it wants, and leaves nothing behind.

    Every part of outreach is the product's own; people, their channels, needs and briefs are simulated. The
    same arguments give the same month.
    """
    with empty_tables(), counted_log("coaching") as warnings:
        stage = set_stage(people, days, seed, start)
        played = Played(stage, seed, {pk: each.life for pk, each in stage.people.items()}, warnings)
        played.lives[stage.staff.pk] = Life(stage.staff.tz)
        with ExitStack() as plugged:
            plugged.enter_context(stage.carriers.in_place())
            sources = {"rehearsal__practice": need_source(stage.people)} | {
                key.replace(".", "__", 1): need_sources.get(key)
                for part in rehearsed_parts
                for key in part.needs
            }
            plugged.enter_context(need_sources.instead(**sources))
            plugged.enter_context(brief_parts.instead(**_brief_parts(seed)))
            played.parts = [part.play(_scene(stage, seed)) for part in rehearsed_parts]
            _run(stage, played, random.Random(seed + 1), say)
            return read(played)


def _scene(stage: Stage, seed: int) -> Scene:
    return Scene(
        users=[person.user for person in stage.people.values()],
        start=stage.start,
        days=stage.days,
        rng=random.Random(seed + 4),
        clock=lambda: stage.now,
        at=stage.at,
    )


def set_stage(people: int, days: int, seed: int, start: datetime) -> Stage:
    """Adds everybody to the (empty) tables, with the weeks before `start` and the words of nudges."""
    rng = random.Random(seed)
    clock = Clock(start)
    persons = by_id(make_people(people, start, days, rng))
    staff = User.objects.create(
        id=made_up_id(rng), email="coach@rehearsal.invalid", name="Coach", is_staff=True
    )
    MessageTemplate.objects.bulk_create(
        MessageTemplate(key=f"{purpose}.{kind}", purpose=purpose, kind=kind, cause=cause, text=text)
        for (purpose, kind, cause), text in TEMPLATES.items()
    )
    stage = Stage(
        start=start,
        days=days,
        rng=rng,
        clock=clock,
        staff=staff,
        people=persons,
        carriers=Carriers(clock, persons, random.Random(seed + 2)),
    )
    before_the_month(stage)
    return stage


def _brief_parts(seed: int) -> dict[str, BriefPart]:
    """Mornings are worth telling of about every other day, weeks always."""

    def morning(user: User, now: datetime) -> BriefLines:
        drawn = sha256(f"{seed}{user.pk}{now.date()}".encode()).digest()[0] / 256
        return BriefLines(["Your score is steady. A calm day makes sense."], worth=drawn)

    def week(user: User, now: datetime) -> BriefLines:
        return BriefLines(["Four of seven days done, one more than the week before."], worth=0.8)

    return {
        "rehearsal__morning": BriefPart("rehearsal.morning", Occasion.MORNING, "Today", 1, morning),
        "rehearsal__week": BriefPart("rehearsal.week", Occasion.WEEKLY, "Your week", 1, week),
    }


def _run(
    stage: Stage, played: Played, policy_rng: random.Random, say: Callable[[str], None]
) -> None:
    jobs = Jobs(stage, policy_rng, played.jobs)
    began = time.monotonic()
    plan_month(stage)
    something_happened = False
    while stage.now < stage.end:
        if (stage.now - stage.start) % DAY == timedelta(0):
            plan_day(stage)
            for part in played.parts:
                part.day()
            forget_what_waits_for_a_commit()
            if stage.day() % 7 in (0, 2):
                refresh_statistics()
            carried = stage.carriers.delivered
            say(
                f"day {stage.day() + 1} of {stage.days}: {len(carried)} messages came so far,"
                f" {len(breaches(carried, played.lives))} breaches, {time.monotonic() - began:.0f} s"
            )
        something_happened |= stage.let_happen()
        stage.write_ledger()
        if not _is_out(stage):
            jobs.run(something_happened=something_happened)
            something_happened = False
        stage.clock.now = jobs.next_moment()
    stage.clock.now = stage.end


def _is_out(stage: Stage) -> bool:
    """Once in the month nothing runs for some hours, as if the workers were down."""
    since = stage.start + stage.chances.outage_day * DAY + timedelta(hours=9)
    return since <= stage.now < since + timedelta(hours=stage.chances.outage_hours)


@dataclass
class Jobs:
    """The periodic work, and how long each part of it took. What has nothing to do is not started."""

    stage: Stage
    rng: random.Random
    seconds: dict[str, float]
    answered: int = 0
    waiting: "Waiting" = field(init=False)

    def __post_init__(self) -> None:
        self.waiting = _waiting(self.stage.now)

    def run(self, *, something_happened: bool) -> None:
        """Everything that is due at this moment, as often as the schedules of the house say."""
        stage, now = self.stage, self.stage.now
        since_start = now - stage.start
        if not since_start % ROUND:
            something_happened = True
            if self._somebody_is_at_a_point():
                self._do("decide", lambda: nudging.decide_round(now=now, rng=self.rng))
                for decision in NudgeDecision.objects.filter(at=now).order_by("user_id"):
                    live_through(stage, decision)
            self._do("briefs", lambda: briefs.send_morning_briefs(now=now))
            self._do("digests", lambda: briefs.send_weekly_digests(now=now))
        if not since_start % HOUR:
            self._do("rewards", lambda: nudging.resolve_rewards(now=now))
            asleep = patterns.due_for_learning(now=now)
            self._do("patterns", lambda: patterns.analyze(asleep, now=now))
        if not (since_start - LEARNS_AT) % DAY:
            self._do("learn", lambda: nudging.update_posteriors(now=now))
        if something_happened:
            self.waiting = _waiting(now)
        self._deliver()

    def _somebody_is_at_a_point(self) -> bool:
        people = self.stage.people.values()
        return any(point_reached(each.user, self.stage.now) for each in people if each.tracked)

    def _deliver(self) -> None:
        now = self.stage.now
        if self.waiting.is_unfinished and not (now - self.stage.start) % RECONCILE:
            self._do("reconcile", lambda: outbox.reconcile(now=now))
            self.waiting = _waiting(now)
        if self.waiting.has_reminder(now):
            self._do("reminders", lambda: reminders.deliver_due(now=now))
            self.waiting = _waiting(now)
        for _ in range(MOST_TRIES):
            if not self.waiting.has_message(now):
                break
            dealt_with = self._do("deliver", lambda: outbox.deliver_due(now=now))
            self.waiting = _waiting(now)
            if dealt_with == 0:
                break
        carried = self.stage.carriers.fresh
        for message in carried[self.answered :]:
            answer(self.stage, message)
        self.answered = len(carried)

    def _do(self, name: str, work: Callable[[], int]) -> int | None:
        """Runs one job; a process that dies in it is replaced by the next round."""
        began = time.perf_counter()
        try:
            return work()
        except ProcessDied:
            return None
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - began

    def next_moment(self) -> datetime:
        """When something is to be done next: a step of the clock, somebody's deed, or a due message."""
        stage = self.stage
        step = stage.now + RECONCILE - (stage.now - stage.start) % RECONCILE
        soonest = min(step, max(stage.next_happening(), stage.now + MINUTE))
        due = self.waiting.message_at
        if due is not None and due > stage.now:
            soonest = min(soonest, due + (stage.start - due) % MINUTE)
        return min(soonest, stage.end)


class Waiting(NamedTuple):
    """The first moments at which something is due, and whether there is something to reconcile."""

    message_at: datetime | None
    reminder_at: datetime | None
    is_unfinished: bool

    def has_message(self, now: datetime) -> bool:
        return self.message_at is not None and self.message_at <= now

    def has_reminder(self, now: datetime) -> bool:
        return self.reminder_at is not None and self.reminder_at <= now


def _waiting(now: datetime) -> Waiting:
    """One query, since it is asked at every step."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT min(not_before) FROM coaching_coachmessage WHERE state = 'queued'),
                   (SELECT min(remind_at) FROM coaching_reminder WHERE status = 'waiting'),
                   EXISTS (SELECT FROM coaching_coachmessage
                           WHERE state = 'sending'
                              OR state = 'unknown' AND claimed_at > %s
                              OR state = 'pending_approval' AND expires_at <= %s)
            """,
            [now - PATIENCE.asks_for, now],
        )
        return Waiting(*cursor.fetchone())
