"""Whether a message would be right at all; if not, nothing is drawn and the reason is kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from coaching.outreach.backoff import BackOff

from .config import NUMBERS, PolicyNumbers


class Unavailable(StrEnum):
    """Why nothing was drawn."""

    AUTOMATION_PAUSED = "automation_paused"
    CRISIS_PAUSE = "crisis_pause"
    NUDGES_OFF = "nudges_off"
    AWAY = "away"
    QUIET_HOURS = "quiet_hours"
    OVER_BUDGET = "over_budget"
    DIGEST_ONLY = "digest_only"
    BACKING_OFF = "backing_off"
    JUST_ACTIVE = "just_active"
    NO_NEED = "no_need"
    NO_WORDS = "no_words"
    USUALLY_INACTIVE = "usually_inactive"


@dataclass(frozen=True)
class Situation:
    """One person at a decision point, as far as speaking to them is concerned."""

    now: datetime
    today: date
    is_automation_paused: bool
    in_crisis_pause: bool
    wants_nudges: bool
    away_from: date | None
    away_until: date | None
    is_quiet: bool
    is_over_budget: bool
    back_off: BackOff
    last_active_at: datetime | None
    has_need: bool
    has_words: bool
    is_usually_inactive: bool


def must_be_silent(situation: Situation) -> Unavailable | None:
    """Why nothing unasked may be said at all, be it a nudge or a check-in."""
    away = (
        situation.away_from is not None
        and situation.away_until is not None
        and situation.away_from <= situation.today <= situation.away_until
    )
    rules = (
        (Unavailable.AUTOMATION_PAUSED, situation.is_automation_paused),
        (Unavailable.CRISIS_PAUSE, situation.in_crisis_pause),
        (Unavailable.NUDGES_OFF, not situation.wants_nudges),
        (Unavailable.AWAY, away),
        (Unavailable.QUIET_HOURS, situation.is_quiet),
        (Unavailable.OVER_BUDGET, situation.is_over_budget),
    )
    return next((reason for reason, holds in rules if holds), None)


def unavailable(situation: Situation, numbers: PolicyNumbers = NUMBERS) -> Unavailable | None:
    """The first reason against a nudge, or `None`: need, opportunity and receptivity are all there."""
    silent = must_be_silent(situation)
    if silent is not None:
        return silent
    now = situation.now
    just = timedelta(minutes=numbers.just_active_minutes)
    rules = (
        (Unavailable.DIGEST_ONLY, situation.back_off.digest_only),
        (Unavailable.BACKING_OFF, situation.back_off.rests(now)),
        (
            Unavailable.JUST_ACTIVE,
            situation.last_active_at is not None and now - situation.last_active_at < just,
        ),
        (Unavailable.USUALLY_INACTIVE, situation.is_usually_inactive),
        (Unavailable.NO_NEED, not situation.has_need),
        (Unavailable.NO_WORDS, not situation.has_words),
    )
    return next((reason for reason, holds in rules if holds), None)
