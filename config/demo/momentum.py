"""What the demo person's watch measured and what they said of how they were, and what became of it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.day import local_day, local_moment
from accounts.models import User
from config.demo import story
from config.demo.knowing import costs_nothing
from momentum import outcomes, visits
from momentum.biometrics.changes import find_changes
from momentum.biometrics.ingesting import DayValue, record_days
from momentum.models import BiometricSource, MotivationReading, ReadingSource
from momentum.motivation import checking_in, journal, keeping, scores
from momentum.projecting import replay
from momentum.scoring.live import score_person

USUAL_NIGHT = 432
CHECKED_IN_AT, WROTE_AT = time(20, 40), time(21, 15)


@dataclass(frozen=True)
class Night:
    """The sleep before a day: its minutes, and how much likelier (or less likely) they made what was planned."""

    minutes: int
    lift: float


class Body:
    """The demo person's nights and days as a watch saw them; follows from `chance` alone."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.nights = {days_ago: self._night(days_ago) for days_ago in range(story.DAYS, -1, -1)}

    def _night(self, days_ago: int) -> Night:
        away = story.AWAY_TO <= days_ago <= story.AWAY_FROM
        settled = 1 - days_ago / story.DAYS
        minutes = self._chance.gauss(USUAL_NIGHT + 18 * settled - 55 * away, 42)
        minutes = round(min(560.0, max(270.0, minutes)))
        return Night(minutes, max(-0.4, min(0.25, (minutes - USUAL_NIGHT) / 150)))

    def days(self, today: date) -> Iterator[DayValue]:
        """Everything measured up to yesterday, and the last night."""
        for days_ago, night in self.nights.items():
            day = today - timedelta(days=days_ago)
            settled = 1 - days_ago / story.DAYS
            ill = story.ILL_TO <= days_ago <= story.ILL_FROM
            if self._chance.random() < 0.06:
                continue  # the watch lay at home
            yield DayValue("sleep_minutes", day, float(night.minutes))
            pulse = 63 - 5.5 * settled + 5 * ill + self._chance.gauss(0, 1.1)
            yield DayValue("resting_heart_rate", day, float(round(pulse)))
            yield DayValue("hrv", day, float(round(46 + 7 * settled + self._chance.gauss(0, 4))))
            if days_ago:
                steps = 6400 + 2600 * settled - 3500 * ill + self._chance.gauss(0, 1500)
                yield DayValue("steps", day, float(max(700, round(steps))))
                active = 24 + 16 * settled - 20 * ill + self._chance.gauss(0, 8)
                yield DayValue("active_minutes", day, float(max(0, round(active))))


def evening(user: User, day: date, days_ago: int, night: Night, chance: random.Random) -> None:
    """What the person said of the day: a check-in on most evenings, and sometimes a page of the journal."""
    if chance.random() < 0.7:
        settled = 1 - days_ago / story.DAYS
        at = local_moment(user, day, CHECKED_IN_AT) + timedelta(minutes=chance.randint(-30, 30))
        motivation = 5.2 + 2.4 * settled + 4 * night.lift + chance.gauss(0, 0.9)
        energy = 3.0 + 0.6 * settled + 4 * night.lift + chance.gauss(0, 0.5)
        checking_in.check_in(
            user,
            energy=min(5, max(1, round(energy))),
            motivation=min(10, max(1, round(motivation))),
            at=at,
            client_id=f"demo-{days_ago}",
            source="web",
            now=at,
        )
    for written, text in story.JOURNAL:
        if written == days_ago:
            at = local_moment(user, day, WROTE_AT)
            journal.write(user, text, at=at, client_id=f"demo-{days_ago}", source="web", now=at)


def look_back(user: User, body: Body) -> None:
    """Visits, what was measured, what the words tell, and the scores of all days."""
    today, now = local_day(user), timezone.now()
    _visit(user, today)
    record_days(user, body.days(today), BiometricSource.GARMIN)
    if costs_nothing():
        _read(user)
    said = user.check_ins.values_list("local_date", flat=True)
    written = user.journal_entries.values_list("local_date", flat=True)
    read = MotivationReading.objects.filter(user=user).values_list("local_date", flat=True)
    for day in sorted({*said, *written, *read}):
        scores.score_day(user.pk, day, now=_night_after(user, day))
    find_changes(now=now)
    # The plan was lived in the past: what it told of the goal has other days by now.
    user.goal_progress.all().delete()
    replay(user.pk, user.pk, None, None)
    score_person(user.pk)
    outcomes.compute_due(now=now)


def _read(user: User) -> None:
    for entry in user.journal_entries.order_by("at"):
        keeping.read(ReadingSource.JOURNAL, entry.pk, now=entry.at + timedelta(minutes=1))


def _visit(user: User, today: date) -> None:
    for days_ago, at, late in story.VISITS:
        agreed = local_moment(user, today - timedelta(days=days_ago), at)
        visit = visits.schedule(user, agreed, now=agreed - timedelta(days=7))
        visits.attend(visit.visit_id, agreed + timedelta(minutes=late), source="web")
    ahead, at = story.NEXT_VISIT
    coming = local_moment(user, today + timedelta(days=ahead), at)
    visits.schedule(user, coming, now=timezone.now())


def _night_after(user: User, day: date) -> datetime:
    return local_moment(user, day, time(23, 30))
