"""What the coach said about a day before it began, and what then happened.

A prediction may be worked over until its day begins; from then on it stands as it was said. Its outcome
follows the person's own record: a day told late, or corrected, changes the outcome too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from accounts.day import day_bounds
from accounts.models import User
from coaching.learning_permission import learners, may_learn, who_withdrew
from coaching.models import LearningEvent, Prediction, PredictionCalibration

from . import calibration
from .calibration import Bin, Correction, reliability

# Outcomes from which a track record is spoken of (ours).
LEAST_OUTCOMES = 5
# How far back the outcomes lie from which a correction is learned (ours).
CORRECTED_FROM = timedelta(days=180)
MOST_OUTCOMES = 50_000
UNCORRECTED = Correction()
# The odds before any correction, beside the features of a prediction: corrections are learned from these.
RAW = "raw_probability"
_STATED = [
    *("probability", "confidence", "features", "explanation"),
    *("model_version", "made_at"),
]


@dataclass(frozen=True, slots=True)
class Statement:
    """Odds in [0, 1] for one of a person's own days, with what they rest on."""

    subject_type: str
    subject_id: UUID
    for_date: date
    probability: float
    confidence: float
    features: Mapping[str, Any] = field(default_factory=dict)
    explanation: Sequence[Any] = ()


def state(
    user: User,
    *,
    kind: str,
    subject_type: str,
    subject_id: UUID,
    for_date: date,
    probability: float,
    confidence: float,
    features: Mapping[str, Any],
    explanation: Sequence[Any],
    model_version: str,
    now: datetime,
) -> Prediction | None:
    """Keeps odds for the person's day `for_date`; once that day has begun, what was said stands.

    Returns the prediction that stands, or `None` when nothing may be learned of this person or nothing was
    said in time.
    """
    if not may_learn(user):
        return None
    said = Statement(
        subject_type, subject_id, for_date, probability, confidence, features, explanation
    )
    keep(user, [said], kind=kind, model_version=model_version, now=now)
    return Prediction.objects.filter(
        user=user, kind=kind, subject_id=subject_id, for_date=for_date
    ).first()


def keep(
    user: User, statements: Iterable[Statement], *, kind: str, model_version: str, now: datetime
) -> int:
    """Writes statements about days of `user` that have not begun; one statement to the database.

    The caller has asked `may_learn` or picked the person from `learners`. Returns how many were written.
    """
    rows = [
        Prediction(
            user=user,
            kind=kind,
            subject_type=said.subject_type,
            subject_id=said.subject_id,
            for_date=said.for_date,
            probability=said.probability,
            confidence=said.confidence,
            features=dict(said.features),
            explanation=list(said.explanation),
            model_version=model_version,
            made_at=now,
        )
        for said in statements
        if now < day_bounds(user, said.for_date)[0]
    ]
    Prediction.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user", "kind", "subject_id", "for_date"],
        update_fields=_STATED,
    )
    return len(rows)


def unsettled(kind: str, *, since: date, first: UUID, last: UUID) -> QuerySet[Prediction]:
    """Predictions about days from `since` on, of the learners with ids from `first` to `last`."""
    rows = Prediction.objects.filter(
        kind=kind, for_date__gte=since, user__gte=first, user__lte=last
    )
    return rows.filter(user__in=learners()).order_by("user_id", "for_date", "id")


def resolve(outcomes: Iterable[tuple[Prediction, bool | None]], *, now: datetime) -> int:
    """Writes what became of predictions; `None` says that the day did not count (skipped, paused).

    Told the same again it changes nothing. Returns how many changed.
    """
    changed = []
    for prediction, outcome in outcomes:
        if prediction.resolved_at is not None and prediction.outcome == outcome:
            continue
        prediction.outcome, prediction.resolved_at = outcome, now
        changed.append(prediction)
    Prediction.objects.bulk_update(changed, ["outcome", "resolved_at"], batch_size=1000)
    return len(changed)


# --- Correcting the odds --------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Corrected:
    """The correction in force for a kind, and its version (0: none yet)."""

    correction: Correction = UNCORRECTED
    version: int = 0


def correction_of(kind: str) -> Corrected:
    """The newest correction of a kind, when it was found better than none."""
    row = PredictionCalibration.objects.filter(kind=kind).order_by("-version").first()
    if row is None or not row.is_adopted:
        return Corrected()
    return Corrected(Correction(row.slope, row.intercept), row.version)


def recalibrate(kind: str, *, now: datetime) -> PredictionCalibration | None:
    """Learns a correction from what became of the predictions of a kind; `None` while there is nothing new.

    Learned from the odds as they were before any correction, so that corrections do not pile up.
    """
    settled = Prediction.objects.filter(
        kind=kind, outcome__isnull=False, for_date__gte=(now - CORRECTED_FROM).date()
    )
    newest = settled.filter(user__in=learners()).order_by("-for_date", "-id")[:MOST_OUTCOMES]
    pairs = [
        (float(features.get(RAW, probability)), bool(outcome))
        for probability, features, outcome in newest.values_list(
            "probability", "features", "outcome"
        )
    ]
    trial = calibration.tried(pairs[::-1])
    before = PredictionCalibration.objects.filter(kind=kind).order_by("-version").first()
    if trial is None or (before is not None and before.outcomes == trial.outcomes):
        return None
    latest = PredictionCalibration.objects.filter(kind=kind).aggregate(top=Max("version"))["top"]
    row, _ = PredictionCalibration.objects.get_or_create(
        kind=kind,
        version=(latest or 0) + 1,
        defaults={
            "slope": trial.correction.slope,
            "intercept": trial.correction.intercept,
            "outcomes": trial.outcomes,
            "brier_before": trial.before,
            "brier_after": trial.after,
            "is_adopted": trial.is_better,
            "fitted_at": now,
        },
    )
    return row


# --- The coach's own record -----------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How good the coach's guesses about somebody were: bins by what it said, and a sentence."""

    settled: int
    bins: tuple[Bin, ...]
    words: str

    @property
    def is_early(self) -> bool:
        return self.settled < LEAST_OUTCOMES


def track_record(user: User, kind: str, subject_id: UUID | None = None) -> TrackRecord:
    """The record over everything of a kind, or over one subject. One query."""
    rows = Prediction.objects.filter(user=user, kind=kind, outcome__isnull=False)
    if subject_id is not None:
        rows = rows.filter(subject_id=subject_id)
    pairs = [(odds, bool(outcome)) for odds, outcome in rows.values_list("probability", "outcome")]
    bins = tuple(reliability(pairs))
    return TrackRecord(len(pairs), bins, _in_words(len(pairs), bins))


def percent_of(probability: float) -> int:
    """Odds as people are told them: rounded to five points, since they are not more exact."""
    return round(probability * 20) * 5


def _in_words(settled: int, bins: Sequence[Bin]) -> str:
    if settled < LEAST_OUTCOMES:
        days = "day" if settled == 1 else "days"
        return (
            f"Too early to say how good my guesses are: I have seen how {settled} {days} went, "
            f"and it takes {LEAST_OUTCOMES}."
        )
    told = [one for one in bins if one.count >= LEAST_OUTCOMES]
    if not told:
        said = sum(one.said * one.count for one in bins) / settled
        kept = sum(one.kept for one in bins)
        return f"Over {settled} days I said {percent_of(said)}% on average; you did {kept} of {settled}."
    most = sorted(told, key=lambda one: -one.count)[:2]
    return " ".join(
        f"When I said about {percent_of(one.said)}%, you did {one.kept} of {one.count}."
        for one in most
    )


def forget_those_who_withdrew() -> int:
    """Deletes what was predicted and learned about people who do not agree to tracking any more."""
    gone = who_withdrew()
    predictions, _ = Prediction.objects.filter(user__in=gone).delete()
    events, _ = LearningEvent.objects.filter(user__in=gone).delete()
    return predictions + events
