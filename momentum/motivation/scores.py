"""How motivated a person was on a day, and how much of it was their own: two scores from 0 to 100.

Both are made of all that is known of the day, so a day can be scored again at any time and in any order. A
score that changed is told to the ledger, where the later of two for one day counts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import fsum
from uuid import UUID, uuid4

from django.db import connection, transaction

from accounts.day import day_bounds
from accounts.models import User
from coaching import ledger
from coaching.language import tone
from coaching.learning_permission import has_agreed
from momentum.models import (
    CheckIn,
    JournalEntry,
    MotivationReading,
    MotivationScore,
    MotivationScoreKind,
    ReadingMethod,
)

from .checking_in import ENERGY, MOTIVATION

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class ScoreConstants:
    """How a day's evidence is weighed (all ours).

    Attributes:
        motivation, energy: shares of the two figures of a check-in; one alone counts whole.
        journal: weight of the journal's tone beside that of the check-ins, which are 1.
        prior: weight of the person's usual level in the internalization of a day; a sure reading has 1.
        usual_days: days before over which that level is taken (also how far a late reading reaches).
        neutral: the level of somebody of whom nothing is known.
    """

    motivation: float = 0.7
    energy: float = 0.3
    journal: float = 0.3
    prior: float = 1.0
    usual_days: int = 28
    neutral: float = 50.0


CONSTANTS = ScoreConstants()
TYPES = {
    MotivationScoreKind.MOTIVATION: "motivation.score",
    MotivationScoreKind.INTERNALIZATION: "motivation.internalization",
}


@dataclass(frozen=True)
class DayScore:
    """A score of a day (0-100), how many things it rests on, and how they were read."""

    score: float
    evidence: int
    method: str = ""


def motivation_of(
    energies: Sequence[int], motivations: Sequence[int], tones: Sequence[float], said: int
) -> DayScore | None:
    """How motivated a day was; `None` without evidence.

    Args:
        energies: of the day's check-ins, 1 to 5. motivations: 1 to 10.
        tones: of the day's journal entries, -1 to 1.
        said: how many check-ins gave a figure.
    """
    shares = []
    if motivations:
        shares.append((CONSTANTS.motivation, _on_scale(motivations, MOTIVATION)))
    if energies:
        shares.append((CONSTANTS.energy, _on_scale(energies, ENERGY)))
    parts = []
    if shares:
        parts.append((1.0, _mean(shares)))
    if tones:
        parts.append((CONSTANTS.journal, 50.0 + 50.0 * fsum(tones) / len(tones)))
    if not parts:
        return None
    method = ReadingMethod.LEXICON.value if tones else ""
    return DayScore(_bounded(_mean(parts)), said + len(tones), method)


def internalization_of(
    readings: Sequence[tuple[float, float]], before: Sequence[tuple[float, float]]
) -> float | None:
    """How much of a day's motivation was one's own; `None` without a reading.

    `readings` are those of the day as (internalization 0-100, confidence 0-1), `before` those of the days
    before. One weak reading moves the score little: it is drawn to the person's usual level.
    """
    certain = fsum(confidence for _, confidence in readings)
    if certain <= 0:
        return None
    known = fsum(confidence for _, confidence in before)
    usual = (
        fsum(value * confidence for value, confidence in before) / known
        if known > 0
        else CONSTANTS.neutral
    )
    told = fsum(value * confidence for value, confidence in readings)
    return _bounded((told + CONSTANTS.prior * usual) / (certain + CONSTANTS.prior))


def score_day(user_id: UUID, day: date, *, now: datetime) -> int:
    """Scores a person's day anew, and the days after it whose usual level it belongs to.

    Returns how many scores changed. Of people who do not agree to tracking nothing is scored.
    """
    user = User.objects.filter(pk=user_id, is_active=True, deleted_at__isnull=True).first()
    if user is None or not has_agreed(user):
        return 0
    with transaction.atomic():
        _wait_for_others(user_id)
        changed = _keep(user, day, MotivationScoreKind.MOTIVATION, _motivation(user, day), now)
        reach = timedelta(days=CONSTANTS.usual_days)
        readings = _readings(user, day - reach, day + reach)
        later = {each for each, _, _, _ in readings if each > day}
        for each in (day, *sorted(later)):
            score = _internalization(readings, each)
            changed += _keep(user, each, MotivationScoreKind.INTERNALIZATION, score, now)
    return changed


def _motivation(user: User, day: date) -> DayScore | None:
    told = {"user": user, "local_date": day, "deleted_at__isnull": True, "is_crisis": False}
    check_ins = list(CheckIn.objects.filter(**told).values_list("energy", "motivation"))
    texts = JournalEntry.objects.filter(**told).values_list("text", flat=True)
    heard = [tone(text) for text in texts]
    return motivation_of(
        [energy for energy, _ in check_ins if energy is not None],
        [motivation for _, motivation in check_ins if motivation is not None],
        # Plain words are no evidence of a middling day.
        [each.score for each in heard if each.words],
        sum(1 for figures in check_ins if any(figure is not None for figure in figures)),
    )


_Reading = tuple[date, float, float, str]


def _readings(user: User, first: date, last: date) -> list[_Reading]:
    rows = MotivationReading.objects.filter(
        user=user, local_date__range=(first, last), internalization__isnull=False
    ).order_by("local_date", "pk")
    told = rows.values_list("local_date", "internalization", "confidence", "method")
    return [(day, value, sure, method) for day, value, sure, method in told if value is not None]


def _internalization(readings: Iterable[_Reading], day: date) -> DayScore | None:
    since = day - timedelta(days=CONSTANTS.usual_days)
    here = [each for each in readings if each[0] == day]
    before = [(value, sure) for at, value, sure, _ in readings if since <= at < day]
    score = internalization_of([(value, sure) for _, value, sure, _ in here], before)
    if score is None:
        return None
    by_model = any(method == ReadingMethod.MODEL for *_, method in here)
    method = ReadingMethod.MODEL if by_model else ReadingMethod.LEXICON
    return DayScore(score, len(here), method.value)


def _keep(
    user: User, day: date, kind: MotivationScoreKind, score: DayScore | None, now: datetime
) -> int:
    """Keeps a score and tells the ledger, when it changed; a day without evidence has none."""
    known = MotivationScore.objects.filter(user=user, date=day, kind=kind, version=VERSION).first()
    if score is None:
        if known is None:
            return 0
        known.delete()
        _tell(user, f"{TYPES[kind]}_withdrawn", day, {}, now)
        return 1
    value = round(score.score, 2)
    if known is not None and (known.score, known.evidence_count, known.method) == (
        value,
        score.evidence,
        score.method,
    ):
        return 0
    MotivationScore.objects.update_or_create(
        user=user,
        date=day,
        kind=kind,
        version=VERSION,
        defaults={
            "score": value,
            "evidence_count": score.evidence,
            "method": score.method,
            "scored_at": now,
        },
    )
    _tell(user, TYPES[kind], day, {"score": value, "evidence": score.evidence}, now)
    return 1


def _tell(user: User, what: str, day: date, more: dict[str, float], now: datetime) -> None:
    begin, _ = day_bounds(user, day)
    ledger.record(
        user,
        what,
        raw_data={"local_date": day.isoformat(), ledger.TIME_KNOWN: False} | more,
        source="system",
        # Every change is told, also one back to what was before; that nothing is told twice the lock sees to.
        idempotency_key=f"{what}:{day.isoformat()}:{uuid4()}",
        occurred_at=min(now, begin + timedelta(hours=12)),
    )


def _wait_for_others(user_id: UUID) -> None:
    """One at a time for each person: the later one sees all that the earlier one saw."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"motivation:{user_id}"]
        )


def _on_scale(figures: Sequence[int], scale: tuple[int, int]) -> float:
    low, high = scale
    return 100.0 * (sum(figures) / len(figures) - low) / (high - low)


def _mean(parts: Sequence[tuple[float, float]]) -> float:
    return fsum(weight * value for weight, value in parts) / fsum(weight for weight, _ in parts)


def _bounded(value: float) -> float:
    return min(100.0, max(0.0, value))
