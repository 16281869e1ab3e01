"""From days to figures: how consistently somebody logs, how often they are in target, how it comes apart."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from coaching.personalization.config import PersonalizedCoachingConfig, coaching_config

from .days import History, histories
from .failures import find_patterns
from .metrics import NUMBERS, BehavioralMetrics


class BehavioralTracker:
    """Measures the behaviour of people over `behavioral_analysis_days` of their own days.

    Nothing is computed per person in the database: the number of statements depends on the number of
    declared sources only.
    """

    def __init__(self, config: PersonalizedCoachingConfig | None = None) -> None:
        self.config = config or coaching_config()

    def calculate_metrics(
        self, first_id: UUID, last_id: UUID, *, now: datetime
    ) -> dict[UUID, BehavioralMetrics]:
        """The figures of everybody with an id in that range of whom the coach may learn, as of `now` (aware)."""
        found = histories(first_id, last_id, now=now)
        return {user_id: self.measure(history) for user_id, history in found.items()}

    def metrics_of(self, user: User, *, now: datetime) -> BehavioralMetrics | None:
        """The figures of one person; `None` when the coach may not learn of them."""
        return self.calculate_metrics(user.pk, user.pk, now=now).get(user.pk)

    def measure(self, history: History) -> BehavioralMetrics:
        """The figures of one person's days."""
        begin = max(history.first, history.until - self.config.behavioral_analysis_days + 1)
        return BehavioralMetrics(
            until=date.fromordinal(history.until),
            **self._calculate_logging_metrics(history, begin),
            **self._calculate_adherence_metrics(history, begin),
            failure_patterns=self._detect_failure_patterns(history),
        )

    def _calculate_logging_metrics(self, history: History, begin: int) -> dict[str, Any]:
        keep = NUMBERS.keep
        run = longest = 0
        strength = 0.0
        for day in range(history.first, history.until + 1):
            if day in history.logged:
                run += 1
                longest = max(longest, run)
                strength = strength * keep + (1 - keep)
            else:
                run = 0
                strength *= keep
        if history.until + 1 in history.logged:
            run += 1
            longest = max(longest, run)
        last = max(history.logged, default=None)
        return {
            "days": max(0, history.until - begin + 1),
            "days_logged": sum(
                1 for day in range(begin, history.until + 1) if day in history.logged
            ),
            "current_streak": run,
            "longest_streak": longest,
            "strength": strength,
            "observed_days": max(0, history.until - history.first + 1),
            "last_logged_on": None if last is None else date.fromordinal(last),
        }

    def _calculate_adherence_metrics(self, history: History, begin: int) -> dict[str, Any]:
        days = [
            history.target[day]
            for day in range(begin, history.until + 1)
            if day in history.target and history.target[day][1] > 0
        ]
        reached = [done for done, asked in days if done >= asked * NUMBERS.in_target_from - 1e-9]
        return {
            "days_asked": len(days),
            "days_in_target": len(reached),
            "asked": sum(asked for _, asked in days),
            "fulfilled": sum(done for done, _ in days),
        }

    def _detect_failure_patterns(self, history: History) -> tuple[Any, ...]:
        return find_patterns(history)
