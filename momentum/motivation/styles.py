"""What kind of motivation a person shows over some weeks, with their own words as evidence."""

from collections import Counter
from datetime import datetime, timedelta

from accounts.models import User
from coaching.toolkit import Known
from momentum.models import MotivationReading, MotivationType

from .internalization import internalization

# All ours: how far back, from how many readings on, how many quotes, and who counts as moved from within.
WINDOW = timedelta(days=90)
ENOUGH = 3
QUOTES = 3
NEWEST = 60
OWN_FROM, OUTER_TO = 65.0, 35.0
STYLE_WORDS = {
    "own reasons": "Mostly moved by reasons of their own",
    "outer reasons": "Mostly moved by having to",
    "both": "Moved by wanting to and by having to",
}
KIND_WORDS = {
    MotivationType.AMOTIVATION: "sees no reason",
    MotivationType.EXTERNAL: "for others or for a reward",
    MotivationType.INTROJECTED: "from guilt or pressure on themselves",
    MotivationType.IDENTIFIED: "because it matters to them",
    MotivationType.INTEGRATED: "because it is who they are",
    MotivationType.INTRINSIC: "for the joy of it",
}


def style_of(user: User, *, now: datetime) -> Known | None:
    """The style with its score (0-100), the leading kind and quotes; `None` below `ENOUGH` readings."""
    readings = list(
        MotivationReading.objects.filter(
            user=user, at__gt=now - WINDOW, at__lte=now, internalization__isnull=False
        ).order_by("-at", "-pk")[:NEWEST]
    )
    if len(readings) < ENOUGH:
        return None
    weights: Counter[MotivationType] = Counter()
    for reading in readings:
        for kind, share in reading.distribution.items():
            weights[MotivationType(kind)] += share * reading.confidence
    score = internalization(weights)
    if score is None:
        return None
    style = "own reasons" if score >= OWN_FROM else "outer reasons" if score <= OUTER_TO else "both"
    leading, _ = weights.most_common(1)[0]
    quotes = _quotes(readings, leading)
    certain = sum(reading.confidence for reading in readings)
    return Known(
        {
            "style": style,
            "score": round(score),
            "kind": leading.value,
            "readings": len(readings),
        },
        f"{STYLE_WORDS[style]}, first of all {KIND_WORDS[leading]} ({len(readings)} remarks).",
        quotes,
        round(certain / (certain + 10), 2),
    )


def _quotes(readings: list[MotivationReading], leading: MotivationType) -> tuple[str, ...]:
    """Their words, those of the leading kind first, each with its day."""
    found: dict[str, None] = {}
    for only_leading in (True, False):
        for reading in readings:
            for kind, quotes in reading.quotes.items():
                if (kind == leading.value) == only_leading:
                    for quote in quotes[:1]:
                        found.setdefault(f"“{quote}” ({reading.local_date:%-d %b})")
    return tuple(found)[:QUOTES]
